#include "profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "ini.h"
#include "str.h"

/* Far beyond any that a person keeps. */
enum { PROFILE_FILE_MAX = 1024 * 1024 };

/* What one reading of a file looks for. */
struct search {
	struct profile_section *into;
	const char *kind; /* first word of the section's head; NULL: the head is the bare name */
	const char *name;
	const char *prefix; /* put before each key */
};

/* Is `section` the words `kind` and `name`, the latter perhaps in quotes? */
static bool is_section(const char *section, const char *kind, const char *name)
{
	size_t kind_len = strlen(kind), name_len = strlen(name), len;

	if (strncmp(section, kind, kind_len) != 0)
		return false;
	section += kind_len;
	if (!strspn(section, " \t"))
		return false;
	section += strspn(section, " \t");
	len = strlen(section);
	if (len == name_len + 2 && strchr("'\"", section[0]) && section[len - 1] == section[0]) {
		section++;
		len -= 2;
	}
	return len == name_len && !strncmp(section, name, name_len);
}

static bool is_wanted(const struct search *search, const char *section)
{
	if (!search->kind)
		return !strcmp(section, search->name);
	return is_section(section, search->kind, search->name) ||
	       (!strcmp(section, "default") && !strcmp(search->name, "default"));
}

static int add_entry(
    struct profile_section *into, const char *prefix, const char *key, const char *value)
{
	struct profile_entry *entries =
	    reallocarray(into->entries, into->len + 1, sizeof(*entries));
	struct profile_entry entry = {};

	if (!entries)
		return -ENOMEM;
	into->entries = entries;
	if (asprintf(&entry.key, "%s%s", prefix, key) < 0)
		return -ENOMEM;
	entry.value = strdup(value);
	if (!entry.value) {
		free(entry.key);
		return -ENOMEM;
	}
	into->entries[into->len++] = entry;
	return 0;
}

static int on_entry(void *userdata, const char *section, const char *key, const char *value)
{
	const struct search *search = userdata;

	if (!is_wanted(search, section))
		return 0;
	search->into->exists = true;
	return key && *value ? add_entry(search->into, search->prefix, key, value) : 0;
}

/* 0 also without the file: AWS_CONFIG_FILE=/dev/null is a usual way to have none. */
static int read_section(const struct search *search, struct err *e)
{
	const char *path = search->into->path;
	_cleanup_str_ struct str text = {};
	struct err inner = {};
	int r;

	if (!path)
		return 0;
	r = file_read(path, PROFILE_FILE_MAX, &text);
	if (r == -ENOENT || r == -ENOTDIR || r == -EISDIR)
		return 0;
	if (r < 0)
		return err_set(e, r, "cannot read %s: %s", path, strerror(-r));
	r = ini_parse(str_text(&text), text.len, on_entry, (void *)search, &inner);
	return r == -EBADMSG ? err_set(e, r, "%s: %s", path, inner.text) : r;
}

static int find_path(
    const struct credential_sources *sources, const char *name, const char *otherwise, char **ret)
{
	const char *path = credential_variable(sources, name);
	int r = 0;

	if (!path)
		path = otherwise;
	if (path[0] != '~' || path[1] != '/')
		r = asprintf(ret, "%s", path);
	else if (sources->home)
		r = asprintf(ret, "%s%s", sources->home, path + 1);
	return r < 0 ? -ENOMEM : 0;
}

static int find_files(const struct credential_sources *sources, struct profile *profile)
{
	int r;

	r = find_path(sources, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials",
	    &profile->files[PROFILE_CREDENTIALS_FILE].path);
	if (r < 0)
		return r;
	return find_path(
	    sources, "AWS_CONFIG_FILE", "~/.aws/config", &profile->files[PROFILE_CONFIG_FILE].path);
}

static int read_files(struct profile *profile, struct err *e)
{
	struct profile_section *config = &profile->files[PROFILE_CONFIG_FILE];
	struct profile_section *credentials = &profile->files[PROFILE_CREDENTIALS_FILE];
	const char *services;
	int r;

	r = read_section(&(struct search){credentials, NULL, profile->name, ""}, e);
	if (r < 0)
		return r;
	r = read_section(&(struct search){config, "profile", profile->name, ""}, e);
	if (r < 0)
		return r;
	services = profile_get(profile, "services");
	if (!services)
		return 0;
	return read_section(&(struct search){config, "services", services, "services."}, e);
}

static int refuse_missing(const struct profile *profile, struct err *e)
{
	const char *credentials = profile->files[PROFILE_CREDENTIALS_FILE].path;
	const char *config = profile->files[PROFILE_CONFIG_FILE].path;

	return err_set(e, -EINVAL,
	    "profile \"%s\" (AWS_PROFILE) is neither in %s nor in %s: correct AWS_PROFILE or run "
	    "`aws configure --profile %s`",
	    profile->name, credentials ? credentials : "~/.aws/credentials",
	    config ? config : "~/.aws/config", profile->name);
}

int profile_load(const struct credential_sources *sources, struct profile *ret, struct err *e)
{
	_cleanup_(profile_finish) struct profile profile = {};
	const char *name = sources->profile;
	int r;

	if (!name)
		name = credential_variable(sources, "AWS_DEFAULT_PROFILE");
	if (!name)
		name = credential_variable(sources, "AWS_PROFILE");
	profile.name = strdup(name ? name : "default");
	if (!profile.name)
		return -ENOMEM;
	r = find_files(sources, &profile);
	if (r >= 0)
		r = read_files(&profile, e);
	if (r < 0)
		return r;
	if (name && !profile.files[PROFILE_CREDENTIALS_FILE].exists &&
	    !profile.files[PROFILE_CONFIG_FILE].exists)
		return refuse_missing(&profile, e);
	*ret = profile;
	profile = (struct profile){};
	return 0;
}

void profile_finish(struct profile *profile)
{
	for (size_t i = 0; i < PROFILE_FILES; i++) {
		struct profile_section *section = &profile->files[i];

		for (size_t j = 0; j < section->len; j++) {
			free(section->entries[j].key);
			secret_free(section->entries[j].value);
		}
		free(section->entries);
		free(section->path);
	}
	free(profile->name);
	*profile = (struct profile){};
}

const char *profile_get_from(const struct profile *profile, enum profile_file file, const char *key)
{
	const struct profile_section *section = &profile->files[file];

	/* Of a repeated key the last one counts. */
	for (size_t i = section->len; i > 0; i--)
		if (!strcmp(section->entries[i - 1].key, key))
			return section->entries[i - 1].value;
	return NULL;
}

const char *profile_get(const struct profile *profile, const char *key)
{
	const char *value = profile_get_from(profile, PROFILE_CREDENTIALS_FILE, key);

	return value ? value : profile_get_from(profile, PROFILE_CONFIG_FILE, key);
}
