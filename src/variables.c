#include "variables.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "nearest.h"
#include "timefmt.h"

enum variable { REPOSITORY, NAMESPACE, NAME, USER, HOST, DATE, ACCOUNT, REGION, VARIABLES };

static const char *const names[VARIABLES] = {
    "repository", "namespace", "name", "user", "host", "date", "account", "region"};

/* The known name that stands before a } here; VARIABLES: none. */
static enum variable find(const char *text)
{
	size_t len = strcspn(text, "}");
	enum variable i = 0;

	while (i < VARIABLES &&
	       (text[len] == '\0' || strlen(names[i]) != len || memcmp(names[i], text, len) != 0))
		i++;
	return i;
}

size_t variables_span(const char *text)
{
	enum variable found = strncmp(text, "${", 2) == 0 ? find(text + 2) : VARIABLES;

	return found < VARIABLES ? strlen("${}") + strlen(names[found]) : 0;
}

int variables_check(const char *text, struct err *e)
{
	for (const char *at = strstr(text, "${"); at; at = strstr(at + 2, "${")) {
		size_t len = strcspn(at + 2, "}");

		if (at[2 + len] == '\0')
			return err_set(e, -EINVAL, "a ${ that no } closes: add one");
		if (find(at + 2) == VARIABLES)
			return err_set(e, -EINVAL, "unknown variable ${%.*s}: is ${%s} meant?",
			    (int)len, at + 2, nearest(at + 2, len, names, VARIABLES));
	}
	return 0;
}

/* All before the last slash, or past it; the name alone has an empty namespace. */
static int append_part(const char *repository, bool last, struct str *ret)
{
	const char *slash = strrchr(repository, '/');

	if (last)
		return str_append_text(ret, slash ? slash + 1 : repository);
	return str_append(ret, repository, slash ? (size_t)(slash - repository) : 0);
}

static int append_date(int64_t now_s, struct str *ret)
{
	char iso[TIME_ISO_SIZE];

	time_format_iso(now_s * 1000, iso);
	return str_append(ret, iso, strlen("2026-01-02"));
}

static int append_value(const struct variables *variables, enum variable which, struct str *ret)
{
	switch (which) {
	case NAMESPACE:
		return append_part(variables->repository, false, ret);
	case NAME:
		return append_part(variables->repository, true, ret);
	case USER:
		return str_append_text(ret, variables->user ? variables->user : "");
	case HOST:
		return str_append_text(ret, variables->host);
	case DATE:
		return append_date(variables->now_s, ret);
	case ACCOUNT:
		return str_append_text(ret, variables->account);
	case REGION:
		return str_append_text(ret, variables->region);
	default:
		return str_append_text(ret, variables->repository);
	}
}

int variables_expand(const struct variables *variables, const char *text, struct str *ret)
{
	_cleanup_str_ struct str filled = {};
	int r = 0;

	while (*text && r == 0) {
		size_t span = variables_span(text);

		if (span > 0)
			r = append_value(variables, find(text + 2), &filled);
		else
			r = str_append(&filled, text, span = 1);
		text += span;
	}
	return r < 0 ? r : str_append(ret, filled.data, filled.len);
}
