#include "unit.h"

#include <stdatomic.h>
#include <string.h>

#include "aws_api.h"
#include "played_status.h"

static _Atomic bool stopping;
static bool unready;
static struct live live;
static struct metrics metrics;
static struct history history;
static const struct status_context context = {
    .live = &live,
    .metrics = &metrics,
    .history = &history,
    .stopping = &stopping,
    .started_ms = 1000,
};

/* In place of the module's own: two registries, one without a token. */
bool ecr_token_cache_ready(struct ecr_token_cache *cache, struct err *why)
{
	if (unready)
		err_set(why, 0, "no token");
	return !unready;
}

int ecr_token_cache_each(struct ecr_token_cache *cache, ecr_token_each each, void *userdata)
{
	static char hosts[2][8] = {"a.test", "b.test"};
	static const struct registry registries[2] = {
	    {.host = hosts[0], .api = (struct aws_api *)hosts}, {.host = hosts[1]}};
	int r;

	r = each(userdata, &registries[0], 1767323045, NULL);
	return r ? r : each(userdata, &registries[1], 0, "denied \"again\"");
}

/* Everybody signs as this one. */
static struct credentials *signs;

struct credential_chain *aws_api_chain(const struct aws_api *api)
{
	return (struct credential_chain *)api;
}

struct credentials *credential_chain_peek(struct credential_chain *chain)
{
	return chain && signs ? credentials_ref(signs) : NULL;
}

static void shows(const char *expected)
{
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(status_write(&context, 63500, 42000, &text), 0);
	ck_assert_msg(strstr(text.data, expected), "%s", text.data);
}

START_TEST(says_as_whom_it_signs)
{
	live_init(&live);
	history_init(&history, 63500);
	ck_assert_int_eq(
	    credentials_new("AKIAX", "secretsecret", NULL, 0, "shared-credentials-file", &signs),
	    0);
	shows("\"identity\":\"shared-credentials-file AKIAX\","
	      "\"token_expires\":\"2026-01-02T03:04:05.000Z\",\"credentials_expire\":null,");
	credentials_unref(signs);
	ck_assert_int_eq(
	    credentials_new("ASIAX", "secretsecret", "token", 1767323045, "assume-role", &signs),
	    0);
	ck_assert_int_eq(
	    credentials_set_owner(signs, NULL, "arn:aws:sts::123456789012:assumed-role/r/s"), 0);
	shows("\"identity\":\"arn:aws:sts::123456789012:assumed-role/r/s\","
	      "\"token_expires\":\"2026-01-02T03:04:05.000Z\","
	      "\"credentials_expire\":\"2026-01-02T03:04:05.000Z\",");
	credentials_unref(signs);
	signs = NULL;
	live_finish(&live);
}
END_TEST

START_TEST(has_the_form_that_scripts_rely_on)
{
	_cleanup_str_ struct str text = {};
	struct live_transfer transfer = {};

	live_init(&live);
	history_init(&history, 53500);
	metrics_request(&metrics, OPERATION_BLOB, 504, true, 10);
	live_begin(&live, &transfer, "app", "upload", 7, 61000);
	ck_assert_int_eq(status_write(&context, 63500, 42000, &text), 0);
	ck_assert_str_eq(text.data,
	    "{\"ready\":true,\"version\":\"" ECR_UPSERTD_VERSION "\",\"uptime_s\":62,"
	    "\"registries\":["
	    "{\"host\":\"a.test\",\"identity\":null,"
	    "\"token_expires\":\"2026-01-02T03:04:05.000Z\",\"credentials_expire\":null,"
	    "\"last_error\":null},"
	    "{\"host\":\"b.test\",\"identity\":null,\"token_expires\":null,"
	    "\"credentials_expire\":null,\"last_error\":\"denied \\\"again\\\"\"}],"
	    "\"transfers\":[{\"repository\":\"app\",\"operation\":\"upload\",\"bytes\":0,"
	    "\"total\":7,\"seconds\":2.500,\"id\":1}],"
	    "\"created\":[1],\"refused\":[2,2],\"pending\":[3],"
	    "\"budget\":{\"max_per_hour\":100,\"used\":42},"
	    "\"history\":{\"step_s\":10,\"samples\":[{\"time\":\"1970-01-01T00:00:32.000Z\","
	    "\"requests\":1,"
	    "\"errors\":1,\"bytes_in\":0,\"bytes_out\":0,\"p50_ms\":9.0,\"p95_ms\":9.9}]},"
	    "\"reason\":null}");
	live_end(&transfer);
	live_finish(&live);
}
END_TEST

START_TEST(says_why_it_is_not_ready)
{
	live_init(&live);
	history_init(&history, 63500);
	unready = true;
	shows("{\"ready\":false,");
	shows(",\"reason\":\"no token\"}");
	unready = false;
	live_finish(&live);
}
END_TEST

START_TEST(is_ready_when_pushes_can_work)
{
	struct err why = {};

	ck_assert(status_ready(&context, &why));
	unready = true;
	ck_assert(!status_ready(&context, &why));
	ck_assert_str_eq(why.text, "no token");
	stopping = true;
	ck_assert(!status_ready(&context, &why));
	ck_assert_str_eq(why.text, "stopping");
	unready = false;
	ck_assert(!status_ready(&context, NULL));
	stopping = false;
}
END_TEST

UNIT(status, says_as_whom_it_signs, has_the_form_that_scripts_rely_on, says_why_it_is_not_ready,
    is_ready_when_pushes_can_work);
