#include "route.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "location.h"
#include "query.h"

enum { HOST_SHOWN_MAX = 200 }; /* in a message */

static int not_served(struct oci_error *refusal, const char *host, size_t len)
{
	return oci_error_set(refusal, 404, "NAME_UNKNOWN",
	    "'%.*s' is neither a repository's name nor a registry of this daemon: add it to "
	    "registries of its configuration, or to its --registry options",
	    (int)(len < HOST_SHOWN_MAX ? len : HOST_SHOWN_MAX), host);
}

/* "In any case": a capital is an octet that no repository name has. */
bool route_is_host(const char *component, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!repository_name_has(component[i]))
			return true;
		if (len - i >= 7 && (strncmp(component + i, "dkr.ecr", 7) == 0 ||
					strncmp(component + i, "dkr-ecr", 7) == 0))
			return true;
	}
	return false;
}

/* Takes the prefix off *path, which is what follows /v2/. */
static int resolve_prefix(const struct registries *list, const char **path, struct route *route,
    struct oci_error *refusal)
{
	size_t len = strcspn(*path, "/?");

	if (!route_is_host(*path, len))
		return 0;
	route->registry = registries_find(list, *path, len);
	if (!route->registry)
		return not_served(refusal, *path, len);
	route->prefix = str_copy(*path, len);
	*path += len;
	*path += **path == '/';
	return route->prefix ? 0 : -ENOMEM;
}

static int resolve_ns(const struct registries *list, const char *query, struct route *route,
    struct oci_error *refusal)
{
	struct query_pair pair;

	while (query_next(&query, &pair)) {
		_cleanup_(freep) char *host = NULL;
		const struct registry *named;

		if (!query_named(&pair, "ns"))
			continue;
		if (query_value(&pair, &host) < 0)
			return -ENOMEM;
		named = registries_find(list, host, strlen(host));
		if (!named)
			return not_served(refusal, host, strlen(host));
		if (route->registry && route->registry != named)
			return oci_error_set(refusal, 400, "NAME_INVALID",
			    "the request names two registries, '%s' and '%s'",
			    route->registry->host, named->host);
		route->registry = named;
		route->ns = true;
	}
	return 0;
}

static int resolve_operation(const char *path, struct route *route)
{
	size_t name_len;

	route->operation = operation_of(path, strcspn(path, "?"), &name_len);
	if (name_len == 0)
		return 0;
	route->repository = str_copy(path, name_len);
	return route->repository ? 0 : -ENOMEM;
}

/* What the value of a mount's "from" says about the registry it means. */
enum origin { ORIGIN_UNNAMED, ORIGIN_SAME, ORIGIN_OTHER };

static enum origin origin_of(const struct route *route, const char *from)
{
	size_t len = strcspn(from, "/");

	if (!route_is_host(from, len))
		return ORIGIN_UNNAMED;
	return from[len] == '/' && strlen(route->registry->host) == len &&
		       memcmp(from, route->registry->host, len) == 0
		   ? ORIGIN_SAME
		   : ORIGIN_OTHER;
}

static int mounts_from_elsewhere(const struct route *route, const char *query)
{
	struct query_pair pair;

	while (query_next(&query, &pair)) {
		_cleanup_(freep) char *from = NULL;

		if (!query_named(&pair, "from"))
			continue;
		if (query_value(&pair, &from) < 0)
			return -ENOMEM;
		if (origin_of(route, from) == ORIGIN_OTHER)
			return 1;
	}
	return 0;
}

/* "from" as the registry is to see it: without the registry's own host. */
static int append_from(const struct route *route, const struct query_pair *pair, struct str *out)
{
	_cleanup_(freep) char *from = NULL;

	if (query_value(pair, &from) < 0)
		return -ENOMEM;
	if (origin_of(route, from) != ORIGIN_SAME)
		return str_append(out, pair->text, pair->len);
	if (str_append_text(out, "from=") < 0)
		return -ENOMEM;
	return query_encode(out, from + strlen(route->registry->host) + 1);
}

static int append_pair(const struct route *route, const struct query_pair *pair, bool mounts,
    bool elsewhere, struct str *out)
{
	bool from = mounts && query_named(pair, "from");

	if (query_named(pair, "ns") || (elsewhere && (from || query_named(pair, "mount"))))
		return 0;
	if (str_append_text(out, strchr(out->data, '?') ? "&" : "?") < 0)
		return -ENOMEM;
	return from ? append_from(route, pair, out) : str_append(out, pair->text, pair->len);
}

static int resolve_target(const char *path, const char *query, bool mounts, struct route *route)
{
	int elsewhere = mounts ? mounts_from_elsewhere(route, query) : 0;
	_cleanup_str_ struct str target = {};
	struct query_pair pair;

	if (elsewhere < 0 || str_append_text(&target, "/v2/") < 0 ||
	    str_append(&target, path, strcspn(path, "?")) < 0)
		return -ENOMEM;
	while (query_next(&query, &pair))
		if (append_pair(route, &pair, mounts, elsewhere, &target) < 0)
			return -ENOMEM;
	route->target = TAKE_PTR(target.data);
	return 0;
}

/* path: what follows /v2/; query: NULL when there is none. */
static int resolve(const struct registries *list, const char *method, const char *path,
    const char *query, struct route *route, struct oci_error *refusal)
{
	int r;

	r = resolve_prefix(list, &path, route, refusal);
	if (r == 0)
		r = resolve_ns(list, query, route, refusal);
	if (r == 0 && !route->registry)
		route->registry = list->items[0];
	if (r == 0)
		r = resolve_operation(path, route);
	if (r == 0)
		r = resolve_target(path, query,
		    strcmp(method, "POST") == 0 && route->operation == OPERATION_UPLOAD_START,
		    route);
	return r;
}

int route_resolve(const struct registries *list, const char *method, const char *target,
    struct route *ret, struct oci_error *refusal)
{
	const char *mark = strchr(target, '?');
	size_t path_len = strcspn(target, "?");
	struct route route = {};
	int r;

	if (strncmp(target, "/v2", 3) != 0 || (path_len > 3 && target[3] != '/'))
		return oci_error_set(
		    refusal, 404, "UNSUPPORTED", "a registry is found below /v2/ only");
	r = resolve(
	    list, method, target + 3 + (path_len > 3), mark ? mark + 1 : NULL, &route, refusal);
	if (r < 0) {
		route_finish(&route);
		return r;
	}
	*ret = route;
	return 0;
}

static struct client_form form_of(const struct route *route)
{
	return (struct client_form){.registry = route->registry,
	    .target = route->target,
	    .prefix = route->prefix,
	    .ns = route->ns};
}

int route_location(const struct route *route, const char *location, char **ret)
{
	struct client_form form = form_of(route);

	return location_for_client(&form, location, ret);
}

int route_link(const struct route *route, const char *link, char **ret)
{
	struct client_form form = form_of(route);

	return link_for_client(&form, link, ret);
}

int route_client_name(const struct route *route, char **ret)
{
	_cleanup_str_ struct str name = {};

	if (str_appendf(&name, "%s%s%s", route->prefix ? route->prefix : "",
		route->prefix ? "/" : "", route->repository ? route->repository : "") < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(name.data);
	return 0;
}

void route_finish(struct route *route)
{
	if (!route)
		return;
	free(route->repository);
	free(route->target);
	free(route->prefix);
	*route = (struct route){};
}
