#include "aws_path.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "str.h"

#define NAME_CHARACTERS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

/* What stands at `at`, a dollar: octets of the whole, 0 when it is no variable. */
static size_t read_variable(const char *at, const char **ret_name, size_t *ret_len)
{
	bool braced = at[1] == '{';
	const char *name = at + 1 + braced;
	size_t len = braced ? strcspn(name, "}") : strspn(name, NAME_CHARACTERS);

	if (braced ? name[len] != '}' : !len)
		return 0;
	*ret_name = name;
	*ret_len = len;
	return 1 + len + 2 * (size_t)braced;
}

static int append_variable(const struct credential_sources *sources, const char *at, size_t whole,
    const char *name, size_t name_len, struct str *out)
{
	_cleanup_(freep) char *copy = str_copy(name, name_len);
	const char *value;

	if (!copy)
		return -ENOMEM;
	/* One that is set to nothing stands for nothing. */
	value = sources->getenv(copy);
	return value ? str_append_text(out, value) : str_append(out, at, whole);
}

static int expand_variables(
    const struct credential_sources *sources, const char *path, struct str *out)
{
	while (*path) {
		size_t plain = strcspn(path, "$"), name_len, whole;
		const char *name;
		int r = str_append(out, path, plain);

		path += plain;
		if (r < 0 || !*path)
			return r;
		whole = read_variable(path, &name, &name_len);
		r = whole ? append_variable(sources, path, whole, name, name_len, out)
			  : str_append(out, path, 1);
		if (r < 0)
			return r;
		path += whole ? whole : 1;
	}
	return 0;
}

int aws_path_expand(const struct credential_sources *sources, const char *path, char **ret)
{
	_cleanup_str_ struct str expanded = {}, whole = {};
	const char *rest;
	int r;

	r = expand_variables(sources, path, &expanded);
	if (r < 0)
		return r;
	rest = str_text(&expanded);
	if (rest[0] == '~' && (!rest[1] || rest[1] == '/')) {
		if (!sources->home)
			return -ENOENT;
		r = str_append_text(&whole, sources->home);
		rest++;
	}
	if (r == 0)
		r = str_append_text(&whole, rest);
	if (r < 0)
		return r;
	*ret = strdup(str_text(&whole));
	return *ret ? 0 : -ENOMEM;
}
