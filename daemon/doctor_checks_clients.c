/* Is what `client-config X --write` would write there, for each client that is installed? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client_config.h"
#include "configure_client.h"
#include "doctor_checks.h"
#include "file.h"

enum { CLIENT_FILE_MAX = 1024 * 1024, CHECK_NAME_SIZE = 32 };

/* By which of its programs a client is known. */
static const struct installed {
	const char *client;
	const char *programs[3];
} installed[] = {
    {"docker", {"dockerd"}},
    {"podman", {"podman", "buildah", "skopeo"}},
    {"containerd", {"ctr"}},
    {"nerdctl", {"nerdctl"}},
    {"finch", {"finch"}},
    {"buildkit", {"buildkitd", "buildctl"}},
};

static bool is_in_path(const char *program)
{
	const char *path = getenv("PATH");
	char file[4096];

	while (path && *path) {
		size_t len = strcspn(path, ":");

		if (snprintf(file, sizeof(file), "%.*s/%s", (int)len, path, program) <
			(int)sizeof(file) &&
		    access(file, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

static bool is_installed(const struct installed *one)
{
	for (size_t i = 0; i < sizeof(one->programs) / sizeof(*one->programs); i++)
		if (one->programs[i] && is_in_path(one->programs[i]))
			return true;
	return false;
}

/* The classic store never reads the file; what has been asked says which there is. */
static bool needs_no_file(const struct patient *patient, const char *client)
{
	return strcmp(client, "docker") == 0 &&
	       (!(patient->facts & FACT_DOCKER) || !patient->docker.containerd_store);
}

static int judge(const struct client *client, const struct client_file *file, struct finding *f)
{
	const char *path = str_text(&file->path);
	_cleanup_str_ struct str existing = {}, wanted = {};
	struct err why = {};
	int r = file_read(path, CLIENT_FILE_MAX, &existing);

	err_set(&f->remedy, 0, "ecr-upsertd client-config %s --write", client->name);
	if (r == -ENOENT)
		return err_set(&f->what, DOCTOR_WARN, "%s is missing: %s", path,
		    client->push_unchanged
			? "the registry's own name goes past the daemon, localhost works"
			: "pushes to the daemon need an option each time");
	if (r == 0)
		r = client_file_merge(file, str_text(&existing), &wanted, &why);
	else
		err_set(&why, 0, "%s cannot be read: %s", path, strerror(-r));
	if (r == -ENOMEM)
		return DOCTOR_FAIL;
	if (r < 0)
		return err_set(&f->what, DOCTOR_WARN, "%s", why.text);
	if (strcmp(str_text(&existing), str_text(&wanted)) != 0)
		return err_set(&f->what, DOCTOR_WARN,
		    "%s does not lead to this daemon as it is configured", path);
	return DOCTOR_OK;
}

/* The first of its files that is not as it should be. */
static int check_client(struct patient *patient, const struct client *client, struct finding *f)
{
	_cleanup_(client_config_finish) struct client_config config = {};

	if (configure_client_make(client, patient->config, &config, &f->what) < 0)
		return DOCTOR_WARN;
	if (config.files_len == 0 || needs_no_file(patient, client->name))
		return DOCTOR_SILENT;
	for (size_t i = 0; i < config.files_len; i++) {
		int state = judge(client, &config.files[i], f);

		if (state != DOCTOR_OK)
			return state;
	}
	return err_set(&f->what, DOCTOR_OK, "%s", str_text(&config.files[0].path));
}

int check_clients(struct patient *patient)
{
	int r = 0;

	if (!(patient->facts & FACT_CONFIG))
		return 0;
	for (size_t i = 0; i < sizeof(installed) / sizeof(*installed) && r == 0; i++) {
		const struct client *client = client_find(installed[i].client);
		struct finding f = {.what.text = "out of memory"};
		char name[CHECK_NAME_SIZE];

		if (!is_installed(&installed[i]))
			continue;
		snprintf(name, sizeof(name), "client-%s", client->name);
		r = check_add(patient, name, check_client(patient, client, &f), &f, NULL);
	}
	return r;
}
