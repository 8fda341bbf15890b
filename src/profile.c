#include "profile.h"

#include <errno.h>
#include <string.h>

#include "str.h"

/* A key whose value names a section of the configuration file. */
static const struct {
	const char *key;
	const char *kind;
} linked[] = {{"services", "services"}, {"sso_session", "sso-session"}};

static bool exists(const struct profile_files *files, const char *name)
{
	return profile_files_has(files, PROFILE_CREDENTIALS_FILE, "profile", name) ||
	       profile_files_has(files, PROFILE_CONFIG_FILE, "profile", name);
}

static int refuse_missing(
    const struct profile_files *files, const char *name, const char *by, struct err *e)
{
	return err_set(e, -EINVAL,
	    "profile \"%s\" (%s) is neither in %s nor in %s: correct the name, or run "
	    "`aws configure --profile %s`",
	    name, by, profile_files_path(files, PROFILE_CREDENTIALS_FILE),
	    profile_files_path(files, PROFILE_CONFIG_FILE), name);
}

/* NULL when nobody chose one. */
static const char *chosen_name(const struct credential_sources *sources, const char **ret_by)
{
	static const char *const variables[] = {"AWS_DEFAULT_PROFILE", "AWS_PROFILE"};
	const char *name = sources->profile;

	*ret_by = "of the configuration";
	for (size_t i = 0; i < 2 && !name; i++) {
		name = credential_variable(sources, variables[i]);
		*ret_by = variables[i];
	}
	return name;
}

int profile_load(const struct credential_sources *sources, struct profile *ret, struct err *e)
{
	_cleanup_(profile_finish) struct profile profile = {.files = sources->files};
	const char *by, *name = chosen_name(sources, &by);
	int r;

	if (!profile.files) {
		r = profile_files_read(sources, &profile.own, e);
		if (r < 0)
			return r;
		profile.files = profile.own;
	}
	if (name && !exists(profile.files, name))
		return refuse_missing(profile.files, name, by, e);
	profile.name = strdup(name ? name : "default");
	if (!profile.name)
		return -ENOMEM;
	*ret = profile;
	profile = (struct profile){};
	return 0;
}

void profile_finish(struct profile *profile)
{
	profile_files_free(profile->own);
	free(profile->name);
	*profile = (struct profile){};
}

const char *profile_get_from(const struct profile *profile, enum profile_file file, const char *key)
{
	return profile_files_get(profile->files, file, "profile", profile->name, key);
}

static const char *get_own(const struct profile *profile, const char *key)
{
	const char *value = profile_get_from(profile, PROFILE_CREDENTIALS_FILE, key);

	return value ? value : profile_get_from(profile, PROFILE_CONFIG_FILE, key);
}

const char *profile_get(const struct profile *profile, const char *key)
{
	for (size_t i = 0; i < sizeof(linked) / sizeof(*linked); i++) {
		size_t len = strlen(linked[i].key);
		const char *name;

		if (strncmp(key, linked[i].key, len) != 0 || key[len] != '.')
			continue;
		name = get_own(profile, linked[i].key);
		return name ? profile_files_get(profile->files, PROFILE_CONFIG_FILE, linked[i].kind,
				  name, key + len + 1)
			    : NULL;
	}
	return get_own(profile, key);
}
