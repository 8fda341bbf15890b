/*
 * Every allocation of the pure modules fails once: each function says −ENOMEM, leaves its results
 * alone and, under a sanitizer, leaks nothing.
 */
#include "unit.h"

#include <string.h>

#include "config.h"
#include "failing_memory.h"
#include "gate.h"
#include "json.h"
#include "oci_error.h"
#include "query.h"
#include "response_head.h"
#include "route.h"

#define A "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

static struct registry a = {.host = (char *)A, .dial = {true, (char *)A, 443}};
static struct registry *only[] = {&a};
static const struct registries list = {.items = only, .len = 1};

static int use_headers(void)
{
	_cleanup_headers_ struct headers from = {}, to = {};
	int r = headers_add(&from, "A", "1");

	if (r == 0)
		r = headers_add(&from, "B", "2");
	if (r == 0)
		r = headers_copy_end_to_end(&from, &to);
	must(r == 0 || to.len == 0);
	return r;
}

static int use_json(void)
{
	static const char text[] = "{\"a\":[1,2,3,4,5,\"x\",{\"b\":null}],\"c\":true}";
	struct json *root = NULL;
	int r = json_parse(text, strlen(text), &root, NULL);

	must(!root == (r < 0));
	json_free(root);
	return r;
}

static int use_json_write(void)
{
	_cleanup_str_ struct str out = {};
	int r = json_write_string(&out, "\"text\xff");

	must(r == 0 || out.len == 0);
	return r;
}

static int use_oci_error(void)
{
	_cleanup_(freep) char *code = NULL, *message = NULL;
	_cleanup_str_ struct str out = {};
	struct oci_error e = {};
	int r;

	oci_error_set(&e, 403, "DENIED", "no");
	r = oci_error_write(&e, &out);
	must(r == 0 || out.len == 0);
	if (r == 0)
		r = oci_error_read(out.data, out.len, &code, &message);
	must(!code == (r < 0) && !message == (r < 0));
	return r;
}

static int use_gate(void)
{
	struct gate_hosts hosts = {.port = 80};
	struct headers headers = {};
	struct gate_request request = {"GET", "/v2/", "HTTP/1.0", &headers, true};
	struct oci_error refusal = {};
	struct gate_pass pass = {};
	int r = gate_check(&request, &hosts, &pass, &refusal);

	free(pass.target);
	return r;
}

static int use_route(void)
{
	_cleanup_(freep) char *location = NULL, *link = NULL, *name = NULL;
	struct oci_error refusal = {};
	struct route route = {};
	int r = route_resolve(&list, "POST",
	    "/v2/" A "/app/blobs/uploads/?x=1&mount=sha256:1&from=" A "%2Fa+b&from=c&ns=" A, &route,
	    &refusal);

	must(!route.target == (r < 0));
	if (r == 0)
		r = route_location(&route, "relative", &location);
	if (r == 0)
		r = route_link(&route, "<https://elsewhere/>; rel=next, <x>", &link);
	if (r == 0)
		r = route_client_name(&route, &name);
	route_finish(&route);
	return r;
}

static int use_response_head(void)
{
	struct response_head head = {};
	int r = response_head_line(&head, "HTTP/1.1 200 OK\r\n", 17, NULL);

	if (r == 0)
		r = response_head_line(&head, "A: b\r\n", 6, NULL);
	response_head_finish(&head);
	return r;
}

static int use_config(void)
{
	static const char text[] =
	    "{\"listen\":[\"127.0.0.1:1\"],\"admin\":\"off\",\"registries\":[{\"host\":\"" A
	    "\",\"profile\":\"p\","
	    "\"role_arn\":\"arn:aws:iam::123456789012:role/x\",\"endpoint\":\"http://a\"}],"
	    "\"allow_users\":[\"a\",1],\"hosts\":[\"h:1\"],\"create\":{\"timeout_s\":1},"
	    "\"rules\":[{\"name\":\"n\",\"match\":\"a/{b,c}\",\"registry\":\"*\",\"reason\":\"r\","
	    "\"settings\":{\"image_tag_mutability\":\"MUTABLE_WITH_EXCLUSION\","
	    "\"image_tag_mutability_exclusion_filters\":[\"v\"],"
	    "\"encryption\":{\"type\":\"KMS\",\"kms_key\":\"k\"},\"tags\":{\"a\":\"${user}\"},"
	    "\"lifecycle_policy\":{\"a\":[1]}}}],\"state_dir\":\"/s\"}";
	_cleanup_str_ struct str problems = {};
	struct config *config = NULL;
	int r = config_parse("f", "/nonexistent", text, strlen(text), &config, &problems);

	must(!config == (r < 0));
	config_free(config);
	return r;
}

/* Something to note, and nothing to note it in. */
static int use_config_problems(void)
{
	static const char text[] =
	    "{\"x\":1,\"x\":1,\"log\":{\"level\":1},\"rules\":[{\"match\":\"{\","
	    "\"settings\":{\"lifecycle_policy_file\":\"p\"}}]}";
	_cleanup_str_ struct str problems = {};
	struct config *config = NULL;
	int r = config_parse("f", "/nonexistent", text, strlen(text), &config, &problems);

	must(!config);
	return r == -EINVAL ? 0 : r;
}

START_TEST(is_said_wherever_it_happens)
{
	static int (*const uses[])(void) = {use_headers, use_json, use_json_write, use_oci_error,
	    use_gate, use_route, use_response_head, use_config, use_config_problems};

	fail_each(uses, sizeof(uses) / sizeof(*uses));
}
END_TEST

UNIT(out_of_memory, is_said_wherever_it_happens);
