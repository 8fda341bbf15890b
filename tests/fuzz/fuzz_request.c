/*
 * A request's head (method, target and version on the first line, then "Name: value" lines, then a
 * line with a Location) through gate and route. What passes has one reading: it passes again
 * unchanged, and what the client is told to follow leads back to where it came from.
 */
#include "fuzz.h"

#include <string.h>

#include "gate.h"
#include "http_syntax.h"
#include "http_target.h"
#include "query.h"
#include "route.h"

#define A "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
#define B "210987654321.dkr-ecr.us-east-1.on.aws"

static struct registry a = {.host = (char *)A, .dial = {true, (char *)A, 443}};
static struct registry b = {.host = (char *)B, .dial = {false, (char *)"::1", 8080}};
static struct registry *both[] = {&a, &b};
static const struct registries list = {.items = both, .len = 2};

static const char *const names[] = {"registry.local", NULL};
static const struct gate_hosts hosts = {.names = names, .port = 5100};

static void check_location(const struct route *route, const char *location)
{
	_cleanup_(freep) char *mapped = NULL, *link = NULL;

	MUST(route_location(route, location, &mapped) == 0);
	/* Never turned into what another host could answer. */
	if (strcmp(mapped, location) != 0)
		MUST(strncmp(mapped, "/v2/", 4) == 0);
	MUST(route_link(route, location, &link) == 0);
}

/* The target as a Location, followed: the same registry, the same target. */
static void check_way_back(const struct route *route)
{
	_cleanup_(freep) char *location = NULL;
	struct oci_error refusal = {};
	struct route again = {};

	MUST(route_location(route, route->target, &location) == 0);
	MUST(route_resolve(&list, "GET", location, &again, &refusal) == 0);
	MUST(again.registry == route->registry);
	MUST(again.operation == route->operation);
	MUST(strcmp(again.target, route->target) == 0);
	MUST(!again.prefix == !route->prefix && again.ns == route->ns);
	route_finish(&again);
}

static void check_route(const char *method, const char *target, const char *location)
{
	struct oci_error refusal = {};
	struct route route = {};
	const char *query;
	struct query_pair pair;

	if (route_resolve(&list, method, target, &route, &refusal) < 0) {
		MUST(refusal.status >= 400 && refusal.status < 500 && refusal.code);
		return;
	}
	MUST(route.registry == &a || route.registry == &b);
	MUST(strncmp(route.target, "/v2/", 4) == 0);
	query = strchr(route.target, '?');
	for (query = query ? query + 1 : NULL; query_next(&query, &pair);)
		MUST(!query_named(&pair, "ns"));
	if (route.repository)
		MUST(strncmp(route.target + 4, route.repository, strlen(route.repository)) == 0);
	check_location(&route, location);
	check_way_back(&route);
	route_finish(&route);
}

static void check_again(struct gate_request request, const struct gate_pass *pass)
{
	struct oci_error refusal = {};
	struct gate_pass again = {};

	MUST(!http_target_fault(pass->target));
	MUST(pass->body_length >= -1);
	request.target = pass->target;
	MUST(gate_check(&request, &hosts, &again, &refusal) == 0);
	MUST(strcmp(again.target, pass->target) == 0);
	MUST(again.body_length == pass->body_length);
	free(again.target);
}

static char *take_word(char **rest, const char *separators)
{
	char *word = strsep(rest, separators);

	return word ? word : (char *)"";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);
	_cleanup_headers_ struct headers headers = {};
	struct gate_request request = {.headers = &headers, .plain_head = true};
	struct oci_error refusal = {};
	struct gate_pass pass = {};
	char *rest = text, *line;

	line = take_word(&rest, "\n");
	request.method = take_word(&line, " ");
	request.target = take_word(&line, " ");
	request.version = line ? line : "";
	while ((line = strsep(&rest, "\n")) && *line) {
		const char *name = strsep(&line, ":");

		MUST(headers_add(&headers, name, line ? line + (*line == ' ') : "") == 0);
	}
	if (gate_check(&request, &hosts, &pass, &refusal) < 0) {
		MUST(refusal.status >= 400 && refusal.code && *refusal.message);
		return 0;
	}
	check_again(request, &pass);
	check_route(request.method, pass.target, rest ? rest : "");
	free(pass.target);
	return 0;
}
