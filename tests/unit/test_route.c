#include "unit.h"

#include <errno.h>
#include <string.h>

#include "route.h"

#define A "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
#define B "210987654321.dkr-ecr.us-east-1.on.aws"

static struct registry a = {.host = (char *)A, .dial = {true, (char *)A, 443}};
static struct registry b = {.host = (char *)B, .dial = {true, (char *)B, 443}};
static struct registry *both[] = {&a, &b};
static const struct registries list = {.items = both, .len = 2};

struct good {
	const char *method;
	const char *from;
	const struct registry *registry;
	enum operation operation;
	const char *repository;
	const char *to;
	bool prefix;
	bool ns;
};

static const struct good good[] = {
    /* The default registry. */
    {"GET", "/v2/", &a, OPERATION_PING, NULL, "/v2/", false, false},
    {"GET", "/v2", &a, OPERATION_PING, NULL, "/v2/", false, false},
    {"GET", "/v2?", &a, OPERATION_PING, NULL, "/v2/?", false, false},
    {"GET", "/v2/?x=1", &a, OPERATION_PING, NULL, "/v2/?x=1", false, false},
    {"GET", "/v2/_catalog?n=5", &a, OPERATION_CATALOG, NULL, "/v2/_catalog?n=5", false, false},
    {"PUT", "/v2/team/app/manifests/1", &a, OPERATION_MANIFEST, "team/app",
	"/v2/team/app/manifests/1", false, false},
    {"GET", "/v2/token", &a, OPERATION_OTHER, NULL, "/v2/token", false, false},
    {"GET", "/v2/docker.io/library/alpine/manifests/3", &a, OPERATION_MANIFEST,
	"docker.io/library/alpine", "/v2/docker.io/library/alpine/manifests/3", false, false},
    {"GET", "/v2/dkr/ecr/manifests/1", &a, OPERATION_MANIFEST, "dkr/ecr", "/v2/dkr/ecr/manifests/1",
	false, false},
    {"GET", "/v2/team/" B "/manifests/1", &a, OPERATION_MANIFEST, "team/" B,
	"/v2/team/" B "/manifests/1", false, false},
    {"GET", "/v2/app/blobs/sha256%3Aabc", &a, OPERATION_BLOB, "app", "/v2/app/blobs/sha256%3Aabc",
	false, false},
    /* The query stays byte for byte. */
    {"PUT", "/v2/app/blobs/uploads/u?_state=a%2fb+c&&=&x=?&digest=sha256%3Aabc", &a,
	OPERATION_UPLOAD, "app",
	"/v2/app/blobs/uploads/u?_state=a%2fb+c&&=&x=?&digest=sha256%3Aabc", false, false},
    {"GET", "/v2/app/tags/list?&", &a, OPERATION_TAGS, "app", "/v2/app/tags/list?&", false, false},
    {"GET", "/v2/app/tags/list?nsx=1&NS=2&xns=3", &a, OPERATION_TAGS, "app",
	"/v2/app/tags/list?nsx=1&NS=2&xns=3", false, false},
    /* A registry as first component. */
    {"GET", "/v2/" A, &a, OPERATION_PING, NULL, "/v2/", true, false},
    {"GET", "/v2/" B "/", &b, OPERATION_PING, NULL, "/v2/", true, false},
    {"GET", "/v2/" B "/?x", &b, OPERATION_PING, NULL, "/v2/?x", true, false},
    {"GET", "/v2/" B "?x", &b, OPERATION_PING, NULL, "/v2/?x", true, false},
    {"POST", "/v2/" A "/app/blobs/uploads/", &a, OPERATION_UPLOAD_START, "app",
	"/v2/app/blobs/uploads/", true, false},
    {"PUT", "/v2/" B "/team/app/manifests/1?x=y", &b, OPERATION_MANIFEST, "team/app",
	"/v2/team/app/manifests/1?x=y", true, false},
    {"GET", "/v2/" B "/_catalog", &b, OPERATION_CATALOG, NULL, "/v2/_catalog", true, false},
    {"GET", "/v2/" B "/" A "/manifests/1", &b, OPERATION_MANIFEST, A, "/v2/" A "/manifests/1", true,
	false},
    /* ?ns= */
    {"HEAD", "/v2/app/manifests/1?ns=" B, &b, OPERATION_MANIFEST, "app", "/v2/app/manifests/1",
	false, true},
    {"HEAD", "/v2/app/manifests/1?ns=" A, &a, OPERATION_MANIFEST, "app", "/v2/app/manifests/1",
	false, true},
    {"PUT", "/v2/app/blobs/uploads/u?a=1&ns=" B "&b=%2f", &b, OPERATION_UPLOAD, "app",
	"/v2/app/blobs/uploads/u?a=1&b=%2f", false, true},
    {"GET", "/v2/app/tags/list?n%73=210987654321%2Edkr-ecr.us-east-1.on.aws", &b, OPERATION_TAGS,
	"app", "/v2/app/tags/list", false, true},
    {"GET", "/v2/app/tags/list?ns=" B "&ns=" B, &b, OPERATION_TAGS, "app", "/v2/app/tags/list",
	false, true},
    {"GET", "/v2/" B "/app/tags/list?ns=" B, &b, OPERATION_TAGS, "app", "/v2/app/tags/list", true,
	true},
    {"GET", "/v2/?ns=" B, &b, OPERATION_PING, NULL, "/v2/", false, true},
    /* Mounts. */
    {"POST", "/v2/app/blobs/uploads/?mount=sha256:1&from=team%2Fbase", &a, OPERATION_UPLOAD_START,
	"app", "/v2/app/blobs/uploads/?mount=sha256:1&from=team%2Fbase", false, false},
    {"POST", "/v2/app/blobs/uploads/?mount=sha256:1", &a, OPERATION_UPLOAD_START, "app",
	"/v2/app/blobs/uploads/?mount=sha256:1", false, false},
    {"POST", "/v2/" A "/app/blobs/uploads/?from=" A "%2Fteam%2Fbase&mount=sha256%3A1", &a,
	OPERATION_UPLOAD_START, "app", "/v2/app/blobs/uploads/?from=team/base&mount=sha256%3A1",
	true, false},
    {"POST", "/v2/" B "/app/blobs/uploads/?mount=sha256:1&from=" B "/base", &b,
	OPERATION_UPLOAD_START, "app", "/v2/app/blobs/uploads/?mount=sha256:1&from=base", true,
	false},
    {"POST", "/v2/app/blobs/uploads/?mount=sha256:1&from=" A "/base", &a, OPERATION_UPLOAD_START,
	"app", "/v2/app/blobs/uploads/?mount=sha256:1&from=base", false, false},
    {"POST", "/v2/app/blobs/uploads/?mount=sha256:1&from=base&ns=" B, &b, OPERATION_UPLOAD_START,
	"app", "/v2/app/blobs/uploads/?mount=sha256:1&from=base", false, true},
    {"POST", "/v2/" B "/app/blobs/uploads/?mount=sha256:1&from=base", &b, OPERATION_UPLOAD_START,
	"app", "/v2/app/blobs/uploads/?mount=sha256:1&from=base", true, false},
    /* From another registry: a plain POST. */
    {"POST", "/v2/" A "/app/blobs/uploads/?mount=sha256:1&from=" B "/base", &a,
	OPERATION_UPLOAD_START, "app", "/v2/app/blobs/uploads/", true, false},
    {"POST", "/v2/app/blobs/uploads/?x=1&mount=sha256:1&y=2&from=" B "%2Fbase&z", &a,
	OPERATION_UPLOAD_START, "app", "/v2/app/blobs/uploads/?x=1&y=2&z", false, false},
    {"POST", "/v2/app/blobs/uploads/?mount=sha256:1&from=localhost:5000/base", &a,
	OPERATION_UPLOAD_START, "app", "/v2/app/blobs/uploads/", false, false},
    {"POST", "/v2/app/blobs/uploads/?mount=sha256:1&from=" A, &a, OPERATION_UPLOAD_START, "app",
	"/v2/app/blobs/uploads/", false, false},
    {"POST", "/v2/app/blobs/uploads/?mount=sha256:1&from=base&from=" B "/base", &a,
	OPERATION_UPLOAD_START, "app", "/v2/app/blobs/uploads/", false, false},
    /* Only a POST that starts an upload mounts. */
    {"GET", "/v2/app/tags/list?mount=1&from=" B "/base", &a, OPERATION_TAGS, "app",
	"/v2/app/tags/list?mount=1&from=" B "/base", false, false},
    {"GET", "/v2/app/blobs/uploads/?mount=1&from=" B "/base", &a, OPERATION_UPLOAD_START, "app",
	"/v2/app/blobs/uploads/?mount=1&from=" B "/base", false, false},
};

static void assert_route(const struct route *route, const struct good *expected)
{
	ck_assert_ptr_eq(route->registry, expected->registry);
	ck_assert_msg(route->operation == expected->operation, "%s", expected->from);
	ck_assert_pstr_eq(route->repository, expected->repository);
	ck_assert_str_eq(route->target, expected->to);
	ck_assert_pstr_eq(route->prefix, expected->prefix ? expected->registry->host : NULL);
	ck_assert_msg(route->ns == expected->ns, "%s", expected->from);
}

START_TEST(finds_registry_repository_and_operation)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct oci_error refusal = {};
		struct route route = {};

		ck_assert_msg(
		    route_resolve(&list, good[i].method, good[i].from, &route, &refusal) == 0,
		    "%s: %s", good[i].from, refusal.message);
		assert_route(&route, &good[i]);
		route_finish(&route);
	}
}
END_TEST

struct bad {
	const char *target;
	unsigned status;
	const char *code;
};

START_TEST(refuses_what_it_does_not_serve)
{
	static const struct bad bad[] = {{"/", 404, "UNSUPPORTED"}, {"/v1/", 404, "UNSUPPORTED"},
	    {"/v2x/", 404, "UNSUPPORTED"}, {"/v22", 404, "UNSUPPORTED"},
	    {"/V2/", 404, "UNSUPPORTED"}, {"/?/v2/", 404, "UNSUPPORTED"},
	    {"/healthz", 404, "UNSUPPORTED"},
	    /* hosts that are not listed */
	    {"/v2/999999999999.dkr.ecr.eu-west-1.amazonaws.com/app/manifests/1", 404,
		"NAME_UNKNOWN"},
	    {"/v2/" A ".evil.example/app/manifests/1", 404, "NAME_UNKNOWN"},
	    {"/v2/x" A "/app/manifests/1", 404, "NAME_UNKNOWN"},
	    {"/v2/" A ":443/app/manifests/1", 404, "NAME_UNKNOWN"},
	    {"/v2/" A "./app/manifests/1", 404, "NAME_UNKNOWN"},
	    {"/v2/123456789012.DKR.ECR.eu-west-1.amazonaws.com/app/manifests/1", 404,
		"NAME_UNKNOWN"},
	    {"/v2/xdkr.ecrx/app/manifests/1", 404, "NAME_UNKNOWN"},
	    {"/v2/my-dkr-ecr/app/manifests/1", 404, "NAME_UNKNOWN"},
	    {"/v2/localhost:5000/app/manifests/1", 404, "NAME_UNKNOWN"},
	    {"/v2/App/manifests/1", 404, "NAME_UNKNOWN"},
	    {"/v2/a%20b/manifests/1", 404, "NAME_UNKNOWN"},
	    {"/v2/a@b/manifests/1", 404, "NAME_UNKNOWN"}, {"/v2/a:b", 404, "NAME_UNKNOWN"},
	    {"/v2/dkr.ecr", 404, "NAME_UNKNOWN"},
	    /* ns */
	    {"/v2/app/manifests/1?ns=docker.io", 404, "NAME_UNKNOWN"},
	    {"/v2/app/manifests/1?ns=", 404, "NAME_UNKNOWN"},
	    {"/v2/app/manifests/1?ns", 404, "NAME_UNKNOWN"},
	    {"/v2/app/manifests/1?ns=" A ":443", 404, "NAME_UNKNOWN"},
	    {"/v2/app/manifests/1?ns=" A "%20", 404, "NAME_UNKNOWN"},
	    {"/v2/app/manifests/1?ns=" A "&ns=evil.example", 404, "NAME_UNKNOWN"},
	    {"/v2/app/manifests/1?ns=" A "&ns=" B, 400, "NAME_INVALID"},
	    {"/v2/" A "/app/manifests/1?ns=" B, 400, "NAME_INVALID"}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct oci_error refusal = {};
		struct route route = {};

		ck_assert_msg(
		    route_resolve(&list, "GET", bad[i].target, &route, &refusal) == -EPERM, "%s",
		    bad[i].target);
		ck_assert_msg(refusal.status == bad[i].status, "%s", bad[i].target);
		ck_assert_str_eq(refusal.code, bad[i].code);
		ck_assert_ptr_null(route.target);
		ck_assert_ptr_null(route.registry);
	}
}
END_TEST

START_TEST(a_message_names_the_host)
{
	struct oci_error refusal = {};
	struct route route = {};
	char target[1000] = "/v2/X";

	route_resolve(&list, "GET", "/v2/quay.io:443/app/manifests/1", &route, &refusal);
	ck_assert_ptr_nonnull(strstr(refusal.message, "'quay.io:443'"));
	memset(target + 5, 'x', 900);
	route_resolve(&list, "GET", target, &route, &refusal);
	ck_assert_ptr_nonnull(strstr(refusal.message, "--registry"));
}
END_TEST

START_TEST(answers_in_the_clients_form)
{
	_cleanup_(freep) char *location = NULL, *link = NULL, *name = NULL;
	struct oci_error refusal = {};
	struct route route = {};

	ck_assert_int_eq(
	    route_resolve(&list, "POST", "/v2/" B "/app/blobs/uploads/?ns=" B, &route, &refusal),
	    0);
	ck_assert_int_eq(
	    route_location(&route, "https://" B "/v2/app/blobs/uploads/u", &location), 0);
	ck_assert_str_eq(location, "/v2/" B "/app/blobs/uploads/u?ns=" B);
	ck_assert_int_eq(route_link(&route, "<u2>", &link), 0);
	ck_assert_str_eq(link, "</v2/" B "/app/blobs/uploads/u2?ns=" B ">");
	ck_assert_int_eq(route_client_name(&route, &name), 0);
	ck_assert_str_eq(name, B "/app");
	route_finish(&route);
	route_finish(NULL);
}
END_TEST

START_TEST(a_name_without_prefix_stands_alone)
{
	_cleanup_(freep) char *name = NULL, *none = NULL;
	struct oci_error refusal = {};
	struct route route = {};

	ck_assert_int_eq(
	    route_resolve(&list, "GET", "/v2/team/app/tags/list", &route, &refusal), 0);
	ck_assert_int_eq(route_client_name(&route, &name), 0);
	ck_assert_str_eq(name, "team/app");
	route_finish(&route);
	ck_assert_int_eq(route_resolve(&list, "GET", "/v2/", &route, &refusal), 0);
	ck_assert_int_eq(route_client_name(&route, &none), 0);
	ck_assert_str_eq(none, "");
	route_finish(&route);
}
END_TEST

UNIT(route, finds_registry_repository_and_operation, refuses_what_it_does_not_serve,
    a_message_names_the_host, answers_in_the_clients_form, a_name_without_prefix_stands_alone);
