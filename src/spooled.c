#include "spooled.h"

#include <errno.h>
#include <string.h>

#include "json.h"

static const struct {
	const char *key; /* in the file; NULL: not there */
	const char *name;
} names[FOLLOW_UPS] = {
    [FOLLOW_UP_ASK] = {NULL, "outcome of CreateRepository"},
    [FOLLOW_UP_RECORD] = {"record", "line in created.jsonl"},
    [FOLLOW_UP_LIFECYCLE] = {"lifecycle", "lifecycle policy"},
    [FOLLOW_UP_POLICY] = {"policy", "repository policy"},
};

const char *follow_up_name(enum follow_up follow_up)
{
	return names[follow_up].name;
}

/* A member of those that may be missing. */
static int write_member(const char *name, const char *value, struct str *ret)
{
	int r;

	if (!value)
		return 0;
	r = str_appendf(ret, ",\"%s\":", name);
	return r < 0 ? r : json_write_string(ret, value);
}

static int write_owed(const struct spooled *spooled, struct str *ret)
{
	const char *separator = "";
	int r = str_append_text(ret, ",\"owed\":[");

	for (size_t i = 0; i < FOLLOW_UPS && r >= 0; i++) {
		if (!names[i].key || !spooled->owed[i])
			continue;
		r = str_appendf(ret, "%s\"%s\"", separator, names[i].key);
		separator = ",";
	}
	return r < 0 ? r : str_append_text(ret, "]");
}

int spooled_write(const struct spooled *spooled, struct str *ret)
{
	int r;

	r = str_appendf(ret, "{\"time_ms\":%lld,\"aws_time_s\":%lld", (long long)spooled->time_ms,
	    (long long)spooled->aws_time_s);
	if (r >= 0)
		r = write_member("registry", spooled->registry, ret);
	if (r >= 0)
		r = write_member("repository", spooled->repository, ret);
	if (r >= 0)
		r = write_member("rule", spooled->rule, ret);
	if (r >= 0)
		r = write_member("user", spooled->user, ret);
	if (r >= 0)
		r = write_owed(spooled, ret);
	if (r >= 0)
		r = write_member("lifecycle_policy", spooled->lifecycle_policy, ret);
	if (r >= 0)
		r = write_member("repository_policy", spooled->repository_policy, ret);
	if (r >= 0)
		r = write_member("settings", spooled->settings, ret);
	return r < 0 ? r : str_append_text(ret, "}\n");
}

static int read_text(const struct json *root, const char *name, char **ret)
{
	const char *text = json_string(json_get(root, name));

	if (!text)
		return 0;
	*ret = strdup(text);
	return *ret ? 0 : -ENOMEM;
}

static int read_owed(const struct json *root, struct spooled *ret)
{
	const struct json *owed = json_get(root, "owed"), *element;

	ret->owed[FOLLOW_UP_ASK] = true;
	for (size_t i = 0; (element = json_at(owed, i)); i++) {
		const char *key = json_string(element);
		size_t j = 1;

		while (j < FOLLOW_UPS && (!key || strcmp(key, names[j].key) != 0))
			j++;
		if (j == FOLLOW_UPS)
			return -EBADMSG;
		ret->owed[j] = true;
	}
	if ((ret->owed[FOLLOW_UP_LIFECYCLE] && !ret->lifecycle_policy) ||
	    (ret->owed[FOLLOW_UP_POLICY] && !ret->repository_policy))
		return -EBADMSG;
	return 0;
}

/* 0: none. What no integer holds becomes another one on each architecture. */
static int64_t read_time(const struct json *root, const char *name)
{
	static const double max_ms = 253402300799000.0; /* the year 9999 */
	double number = json_number(json_get(root, name), 0);

	return number >= 1 && number <= max_ms ? (int64_t)number : 0;
}

static int read_members(const struct json *root, struct spooled *ret)
{
	int r;

	r = read_text(root, "registry", &ret->registry);
	if (r >= 0)
		r = read_text(root, "repository", &ret->repository);
	if (r >= 0)
		r = read_text(root, "rule", &ret->rule);
	if (r >= 0)
		r = read_text(root, "user", &ret->user);
	if (r >= 0)
		r = read_text(root, "lifecycle_policy", &ret->lifecycle_policy);
	if (r >= 0)
		r = read_text(root, "repository_policy", &ret->repository_policy);
	if (r >= 0)
		r = read_text(root, "settings", &ret->settings);
	if (r < 0)
		return r;
	ret->time_ms = read_time(root, "time_ms");
	ret->aws_time_s = read_time(root, "aws_time_s");
	if (!ret->registry || !ret->repository || ret->time_ms <= 0 || ret->aws_time_s <= 0)
		return -EBADMSG;
	return read_owed(root, ret);
}

int spooled_read(const char *text, size_t len, struct spooled *ret)
{
	_cleanup_(json_freep) struct json *root = NULL;
	_cleanup_(spooled_finish) struct spooled spooled = {};
	int r;

	r = json_parse(text, len, &root, NULL);
	if (r >= 0)
		r = read_members(root, &spooled);
	if (r < 0)
		return r;
	*ret = spooled;
	spooled = (struct spooled){};
	return 0;
}

void spooled_finish(struct spooled *spooled)
{
	free(spooled->registry);
	free(spooled->repository);
	free(spooled->rule);
	free(spooled->user);
	free(spooled->lifecycle_policy);
	free(spooled->repository_policy);
	free(spooled->settings);
	*spooled = (struct spooled){};
}
