#include "unit.h"

#include <string.h>

#include "aws_api.h"
#include "metrics_text.h"

static struct metrics metrics;
static struct live live;
static const struct status_context context = {.metrics = &metrics, .live = &live};
static struct str text;

/* The layers below, played: the linker takes these before the library's. */
static char hosts[3][8] = {"a.test", "b.test", "a.test"};
static const struct registry registries[3] = {
    {.host = hosts[0], .api = (struct aws_api *)hosts}, {.host = hosts[1]}, {.host = hosts[2]}};
static int64_t token_expires_s[3];
static struct credentials *signs;

int ecr_token_cache_each(struct ecr_token_cache *cache, ecr_token_each each, void *userdata)
{
	for (size_t i = 0; i < 3; i++)
		each(userdata, &registries[i], token_expires_s[i], NULL);
	return 0;
}

struct credential_chain *aws_api_chain(const struct aws_api *api)
{
	return (struct credential_chain *)api;
}

struct credentials *credential_chain_peek(struct credential_chain *chain)
{
	return chain && signs ? credentials_ref(signs) : NULL;
}

size_t pending_len(struct pending *pending)
{
	return 4;
}

static void setup(void)
{
	struct registry *items[] = {
	    (struct registry *)&registries[0], (struct registry *)&registries[1]};

	metrics_init(&metrics);
	metrics_list(&metrics, &(struct registries){.items = items, .len = 2});
	live_init(&live);
	memcpy(token_expires_s, (int64_t[]){1767323045, 0, 0}, sizeof(token_expires_s));
}

static void teardown(void)
{
	str_finish(&text);
	live_finish(&live);
	metrics_finish(&metrics);
}

static void write_in(enum metrics_form form)
{
	str_finish(&text);
	ck_assert_int_eq(metrics_text_write(&context, form, &text), 0);
}

/* Is this text a part of it, at the beginning of a line? */
static void has(const char *lines)
{
	const char *found = strstr(text.data, lines);

	ck_assert_msg(
	    found && (found == text.data || found[-1] == '\n'), "no\n%sin\n%s", lines, text.data);
}

static void has_not(const char *part)
{
	ck_assert_msg(!strstr(text.data, part), "%s in\n%s", part, text.data);
}

START_TEST(requests_are_told_by_operation_and_status)
{
	setup();
	metrics_request(&metrics, OPERATION_UPLOAD_START, 202, false, 3);
	metrics_request(&metrics, OPERATION_UPLOAD_START, 202, false, 4);
	metrics_request(&metrics, METRICS_NO_OPERATION, 0, false, 0);
	write_in(METRICS_PLAIN);
	has("# HELP ecr_upsert_requests_total Requests of clients");
	has("# TYPE ecr_upsert_requests_total counter\n"
	    "ecr_upsert_requests_total{operation=\"upload-start\",status=\"202\"} 2\n"
	    "ecr_upsert_requests_total{operation=\"none\",status=\"none\"} 1\n"
	    "# HELP ");
	teardown();
}
END_TEST

START_TEST(buckets_add_up)
{
	setup();
	metrics_request(&metrics, OPERATION_BLOB, 200, false, 1);
	metrics_request(&metrics, OPERATION_BLOB, 200, false, 1000);
	metrics_request(&metrics, OPERATION_UPLOAD, 201, false, 7200000);
	metrics_request(&metrics, OPERATION_UPLOAD, 201, false, 20000000);
	write_in(METRICS_PLAIN);
	has("# TYPE ecr_upsert_request_seconds histogram\n"
	    "ecr_upsert_request_seconds_bucket{le=\"0.001\"} 1\n"
	    "ecr_upsert_request_seconds_bucket{le=\"0.005\"} 1\n");
	has("ecr_upsert_request_seconds_bucket{le=\"0.5\"} 1\n"
	    "ecr_upsert_request_seconds_bucket{le=\"1.0\"} 2\n");
	has("ecr_upsert_request_seconds_bucket{le=\"10000.0\"} 3\n"
	    "ecr_upsert_request_seconds_bucket{le=\"+Inf\"} 4\n"
	    "ecr_upsert_request_seconds_sum 27201.001\n"
	    "ecr_upsert_request_seconds_count 4\n");
	teardown();
}
END_TEST

START_TEST(what_moves_is_told)
{
	struct live_transfer transfer = {};

	setup();
	live_begin(&live, &transfer, "team/app", "upload", 7, 0);
	metrics_in(&metrics, 70000000000);
	write_in(METRICS_PLAIN);
	has("ecr_upsert_transferred_bytes_total{direction=\"in\"} 70000000000\n"
	    "ecr_upsert_transferred_bytes_total{direction=\"out\"} 0\n");
	has("# TYPE ecr_upsert_transfers gauge\necr_upsert_transfers 1\n");
	has_not("team/app");
	live_end(&transfer);
	teardown();
}
END_TEST

START_TEST(registries_begin_at_zero)
{
	setup();
	metrics_creation(&metrics, "b.test", METRICS_CREATED, 30);
	metrics_error(&metrics, "a.test", METRICS_CUT);
	write_in(METRICS_PLAIN);
	has("ecr_upsert_creations_total{registry=\"a.test\",result=\"created\"} 0\n");
	has("ecr_upsert_creations_total{registry=\"b.test\",result=\"created\"} 1\n");
	has("ecr_upsert_upstream_errors_total{registry=\"a.test\",reason=\"cut\"} 1\n");
	has("ecr_upsert_creation_seconds_bucket{le=\"25.0\"} 1\n"
	    "ecr_upsert_creation_seconds_bucket{le=\"+Inf\"} 1\n"
	    "ecr_upsert_creation_seconds_sum 0.030\n"
	    "ecr_upsert_creation_seconds_count 1\n");
	has_not("\"other\"");
	for (int i = 0; i <= METRICS_OTHERS; i++)
		metrics_error(&metrics, (char[]){'x', (char)('!' + i), '\0'}, METRICS_TIMEOUT);
	write_in(METRICS_PLAIN);
	has("ecr_upsert_upstream_errors_total{registry=\"other\",reason=\"timeout\"} 1\n");
	has_not("registry=\"other\",reason=\"cut\"");
	teardown();
}
END_TEST

START_TEST(expiries_are_told_once_for_each_name)
{
	setup();
	write_in(METRICS_PLAIN);
	has("# TYPE ecr_upsert_token_expiry_timestamp_seconds gauge\n"
	    "ecr_upsert_token_expiry_timestamp_seconds{registry=\"a.test\"} 1767323045\n"
	    "ecr_upsert_token_expiry_timestamp_seconds{registry=\"b.test\"} 0\n"
	    "# HELP ");
	has_not("ecr_upsert_credentials_expiry_timestamp_seconds{");
	memcpy(token_expires_s, (int64_t[]){0, 0, 1767323046}, sizeof(token_expires_s));
	write_in(METRICS_PLAIN);
	has("ecr_upsert_token_expiry_timestamp_seconds{registry=\"a.test\"} 1767323046\n"
	    "ecr_upsert_token_expiry_timestamp_seconds{registry=\"b.test\"} 0\n");
	teardown();
}
END_TEST

START_TEST(credentials_show_their_end_and_nothing_else)
{
	setup();
	ck_assert_int_eq(credentials_new("ASIADISTINCTIVE", "distinctivesecret", "distinctivetoken",
			     1767323047, "assume-role", &signs),
	    0);
	write_in(METRICS_PLAIN);
	has("ecr_upsert_credentials_expiry_timestamp_seconds{registry=\"a.test\"} 1767323047\n"
	    "# HELP ");
	has_not("DISTINCTIVE");
	has_not("distinctive");
	credentials_unref(signs);
	signs = NULL;
	teardown();
}
END_TEST

START_TEST(open_metrics_differ_where_they_must)
{
	setup();
	write_in(METRICS_PLAIN);
	has("# TYPE ecr_upsert_build_info gauge\n"
	    "ecr_upsert_build_info{version=\"" ECR_UPSERTD_VERSION "\"} 1\n");
	has("ecr_upsert_pending_follow_ups 4\n");
	has_not("# UNIT");
	has_not("# EOF");
	write_in(METRICS_OPEN);
	has("# TYPE ecr_upsert_requests counter\n");
	has("# TYPE ecr_upsert_request_seconds histogram\n"
	    "# UNIT ecr_upsert_request_seconds seconds\n");
	has("# UNIT ecr_upsert_transferred_bytes bytes\n"
	    "ecr_upsert_transferred_bytes_total{direction=\"in\"} 0\n");
	has("# TYPE ecr_upsert_build info\n"
	    "ecr_upsert_build_info{version=\"" ECR_UPSERTD_VERSION "\"} 1\n"
	    "# EOF\n");
	ck_assert_str_eq(text.data + text.len - 6, "# EOF\n");
	teardown();
}
END_TEST

UNIT(metrics_text, requests_are_told_by_operation_and_status, buckets_add_up, what_moves_is_told,
    registries_begin_at_zero, expiries_are_told_once_for_each_name,
    credentials_show_their_end_and_nothing_else, open_metrics_differ_where_they_must);
