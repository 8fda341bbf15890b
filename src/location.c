#include "location.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "str.h"

enum { AUTHORITY_MAX = 300 };

static bool is_at(const char *given, const char *host, unsigned port)
{
	bool v6 = strchr(host, ':');
	char known[AUTHORITY_MAX];

	snprintf(known, sizeof(known), "%s%s%s:%u", v6 ? "[" : "", host, v6 ? "]" : "", port);
	return strcasecmp(given, known) == 0;
}

/* host[:port]: the registry's name, or the address that is dialled in its place? */
static bool is_registry(
    const struct registry *registry, bool tls, const char *authority, size_t len)
{
	const char *colon = memrchr(authority, ':', len);
	unsigned port = tls ? 443 : 80;
	char given[AUTHORITY_MAX];

	if (len >= sizeof(given) - sizeof(":443"))
		return false;
	if (colon && !memchr(colon, ']', authority + len - colon))
		snprintf(given, sizeof(given), "%.*s", (int)len, authority);
	else
		snprintf(given, sizeof(given), "%.*s:%u", (int)len, authority, port);
	return is_at(given, registry->host, port) ||
	       is_at(given, registry->host, registry->dial.port) ||
	       is_at(given, registry->dial.host, registry->dial.port);
}

/* Where the path of a URI with one of our schemes begins, or of //host/path; NULL for another. */
static const char *skip_registry(const struct registry *registry, const char *location)
{
	bool tls = registry->dial.tls;
	size_t len;

	if (strncasecmp(location, "https://", 8) == 0) {
		tls = true;
		location += 8;
	} else if (strncasecmp(location, "http://", 7) == 0) {
		tls = false;
		location += 7;
	} else if (strncmp(location, "//", 2) == 0) {
		location += 2;
	} else {
		return NULL;
	}
	len = strcspn(location, "/?#");
	return is_registry(registry, tls, location, len) ? location + len : NULL;
}

/* Without scheme, host and leading slash; "" and "#x" say nothing. */
static bool is_relative(const char *location)
{
	size_t first = strcspn(location, ":/?#");

	return location[first] != ':' && *location && !strchr("/#", *location);
}

/* RFC 3986 §5.2.3, but a reference that climbs (§5.2.4) is left to the client. */
static int merge(const char *base, const char *relative, struct str *ret)
{
	size_t path = strcspn(base, "?");

	if (*relative != '?')
		path = (const char *)memrchr(base, '/', path) + 1 - base;
	if (str_append(ret, base, path) < 0)
		return -ENOMEM;
	return str_append_text(ret, relative);
}

static bool has_dot_segment(const char *path)
{
	const char *end = path + strcspn(path, "?#");

	while (path < end) {
		size_t len = strcspn(++path, "/?#");

		if ((len == 1 || len == 2) && strncmp(path, "..", len) == 0)
			return true;
		path += len;
	}
	return false;
}

/* /v2/[prefix/]…[?query][&ns=host][#fragment] */
static int write_path(const struct client_form *form, const char *path, char **ret)
{
	size_t before_fragment = strcspn(path, "#");
	_cleanup_str_ struct str out = {};
	int r;

	r = form->prefix ? str_appendf(&out, "/v2/%s", form->prefix) : str_append(&out, path, 3);
	if (r == 0)
		r = str_append(&out, path + 3, before_fragment - 3);
	if (r == 0 && form->ns)
		r = str_appendf(
		    &out, "%cns=%s", strchr(out.data, '?') ? '&' : '?', form->registry->host);
	if (r == 0)
		r = str_append_text(&out, path + before_fragment);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(out.data);
	return 0;
}

int location_for_client(const struct client_form *form, const char *location, char **ret)
{
	const char *path = *location == '/' && location[1] != '/'
			       ? location
			       : skip_registry(form->registry, location);
	_cleanup_str_ struct str merged = {};
	char *copy;

	if (!path && is_relative(location)) {
		if (merge(form->target, location, &merged) < 0)
			return -ENOMEM;
		path = merged.data;
	}
	if (path && strncmp(path, "/v2/", 4) == 0 && !has_dot_segment(path))
		return write_path(form, path, ret);
	copy = strdup(location);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

/* Length of text up to the next "<" that no quoted string holds. */
static size_t until_reference(const char *text)
{
	bool quoted = false;
	size_t at = 0;

	for (; text[at] && (quoted || text[at] != '<'); at++) {
		if (text[at] == '"')
			quoted = !quoted;
		else if (quoted && text[at] == '\\' && text[at + 1])
			at++;
	}
	return at;
}

static int append_reference(
    const struct client_form *form, const char *text, size_t len, struct str *out)
{
	_cleanup_(freep) char *reference = str_copy(text, len), *rewritten = NULL;

	if (!reference || location_for_client(form, reference, &rewritten) < 0)
		return -ENOMEM;
	return str_append_text(out, rewritten);
}

int link_for_client(const struct client_form *form, const char *link, char **ret)
{
	_cleanup_str_ struct str out = {};
	int r = str_append_text(&out, "");

	while (r == 0 && *link) {
		size_t plain = until_reference(link), reference = 0;

		if (link[plain] == '<') {
			plain++;
			reference = strcspn(link + plain, ">");
		}
		r = str_append(&out, link, plain);
		if (r == 0)
			r = append_reference(form, link + plain, reference, &out);
		link += plain + reference;
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(out.data);
	return 0;
}
