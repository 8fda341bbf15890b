/*
 * Every allocation on the way from a key in a file to a signed call fails once: each function says
 * so, leaves its results alone and, under a sanitizer, leaks nothing.
 */
#include "unit.h"

#include <string.h>

#include "aws_settings.h"
#include "credential_providers.h"
#include "ecr_api.h"
#include "failing_memory.h"
#include "fake_sources.h"
#include "sigv4.h"
#include "sts_api.h"

static const struct fetcher fetcher;
static const char *answer;

/* In place of src/fetch.c; it allocates as that does. */
int fetch(const struct fetcher *unused, const struct fetch_request *request,
    struct fetch_reply *ret, struct err *e)
{
	struct fetch_reply reply = {.status = 200};
	int r = str_append_text(&reply.body, answer);

	if (r == 0)
		*ret = reply;
	return r;
}

void fetch_reply_finish(struct fetch_reply *reply)
{
	headers_finish(&reply->headers);
	str_finish(&reply->body);
}

static struct registry registry = {
    .account = (char *)"123456789012",
    .region = (char *)"eu-west-1",
    .ecr_url = (char *)"http://127.0.0.1:1",
};

static int use_sigv4(void)
{
	static struct header host = {.name = (char *)"Host", .value = (char *)"h"};
	const struct headers headers = {.items = &host, .len = 1};
	const struct sigv4_request request = {.method = "GET",
	    .path = "/a/../b",
	    .query = "b=%20&a",
	    .headers = &headers,
	    .sign_body = true};
	const struct sigv4_key key = {"A", "S", "T", "r", "s", 0};
	struct sigv4_result result = {};
	int r = sigv4_sign(&request, &key, &result);

	must(!result.headers.len == (r < 0));
	sigv4_finish(&result);
	return r;
}

static int use_settings(void)
{
	struct aws_settings settings = {};
	int r = aws_settings_read(&fake_sources, &settings, NULL);

	must(!settings.region == (r < 0));
	aws_settings_finish(&settings);
	return r;
}

static int use_registry(void)
{
	const struct aws_settings settings = {};
	struct registry *made = NULL;
	int r = registry_new(
	    "123456789012.dkr.ecr.eu-west-1.amazonaws.com", "http://h:1", &settings, &made, NULL);

	must(!made == (r < 0));
	registry_free(made);
	return r;
}

static int use_chain(void)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	struct credentials *credentials = NULL;
	int r = credential_chain_new(&fake_sources, &chain);

	if (r == 0)
		r = credential_chain_get(chain, &credentials, NULL);
	must(!credentials == (r < 0));
	credentials_unref(credentials);
	return r;
}

/* With the keys of a profile, and with a web identity. */
static int use_profile(const char *profile)
{
	struct credential_sources sources = fake_sources;
	struct credentials *credentials = NULL;
	int r;

	sources.profile = profile;
	answer = "<AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey>"
		 "<SessionToken>T</SessionToken><Expiration>2033-05-18T03:33:20Z</Expiration>"
		 "<Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn>";
	r = credential_providers_ask(&sources, &credentials, NULL);
	must(!credentials == (r < 0));
	credentials_unref(credentials);
	return r;
}

static int use_role(void)
{
	return use_profile("role");
}

static int use_web_identity(void)
{
	return use_profile("web");
}

static int use_reply(void)
{
	const struct headers none = {};
	struct aws_reply reply = {};
	struct str body = {};
	int r = str_append_text(&body, "{\"__type\":\"A\",\"message\":\"b\"}");

	if (r == 0)
		r = aws_reply_read(400, &none, &body, &reply);
	must(!reply.code == (r < 0));
	str_finish(&body);
	aws_reply_finish(&reply);
	return r;
}

static struct credential_chain *chain;

/* The calls say it by their outcome. */
static int of_outcome(enum ecr_outcome outcome)
{
	must(outcome == ECR_DONE || outcome == ECR_TRANSIENT || outcome == ECR_UNCLEAR ||
	     outcome == ECR_NO_CREDENTIALS);
	return outcome == ECR_DONE ? 0 : -ENOMEM;
}

static const struct repository_settings built_in = {
    .image_tag_mutability = (char *)"IMMUTABLE", .scan_on_push = SAID_YES};

static int use_create(void)
{
	_cleanup_(aws_api_freep) struct aws_api *api = NULL;
	int r = aws_api_new(chain, &fetcher, &api);

	registry.api = api;
	answer = "{\"repository\":{}}";
	if (r == 0)
		r = of_outcome(ecr_create_repository(&registry, "a/b", &built_in, 1000, NULL));
	return r;
}

static int use_token(void)
{
	_cleanup_(aws_api_freep) struct aws_api *api = NULL;
	char *token = NULL;
	int64_t expires_s = 0;
	int r = aws_api_new(chain, &fetcher, &api);

	registry.api = api;
	answer = "{\"authorizationData\":[{\"authorizationToken\":\"QQ==\"}]}";
	if (r == 0)
		r = of_outcome(
		    ecr_get_authorization_token(&registry, 1000, &token, &expires_s, NULL));
	must(!token == (r < 0));
	secret_free(token);
	return r;
}

START_TEST(is_said_wherever_it_happens)
{
	static int (*const uses[])(void) = {use_sigv4, use_settings, use_registry, use_chain,
	    use_role, use_web_identity, use_reply, use_create, use_token};
	struct credentials *credentials = NULL;

	fake_home_make();
	fake_home_write(".aws/config",
	    "[default]\nregion=r\nca_bundle=c\nendpoint_url=http://h\nservices=s\n"
	    "[services s]\necr=\n endpoint_url=http://e\n[profile role]\nrole_arn=r\n"
	    "source_profile=chained\nendpoint_url=http://h\n[profile chained]\nrole_arn=r\n"
	    "source_profile=default\n[profile web]\nrole_arn=r\nendpoint_url=http://h\n"
	    "web_identity_token_file=/proc/version\n");
	fake_home_write(".aws/credentials",
	    "[default]\naws_access_key_id=A\naws_secret_access_key=S\naws_session_token=T\n");
	ck_assert_int_eq(credential_chain_new(&fake_sources, &chain), 0);
	ck_assert_int_eq(credential_chain_get(chain, &credentials, NULL), 0);
	credentials_unref(credentials);
	fail_each(uses, sizeof(uses) / sizeof(*uses));
	credential_chain_free(chain);
	fake_home_remove();
}
END_TEST

UNIT(out_of_memory_keys, is_said_wherever_it_happens);
