/* Creations are played by the functions below: the linker takes them before the library's. */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ecr_api.h"
#include "upsert.h"

enum { THREADS = 64 };

static struct upsert *upsert;
static struct registry registry = {.host = (char *)"123456789012.dkr.ecr.eu-west-1.amazonaws.com"};

/* How the n-th creation ends, the last one ever after: 0 created, 1 existed, else the refusal. */
static int script[8];
static size_t script_len;
static unsigned calls;
static unsigned call_ms;
static enum ecr_outcome describe;

int creation_make(const struct creation_context *context, const struct creation_request *request,
    struct notice *ret_notice, struct oci_error *refusal)
{
	unsigned n = __atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
	int played = script[n < script_len ? n : script_len - 1];

	usleep(call_ms * 1000);
	if (played > 1)
		return oci_error_set(refusal, (unsigned)played, "PLAYED", "played");
	if (played == 0)
		strcpy(ret_notice->text, "created");
	return 0;
}

enum ecr_outcome ecr_create_repository(const struct registry *of, const char *repository,
    const struct repository_settings *settings, int64_t deadline_ms, struct err *e)
{
	return ECR_TRANSIENT;
}

enum ecr_outcome ecr_describe_repository(const struct registry *of, const char *repository,
    int64_t deadline_ms, double *ret_created_at, struct err *e)
{
	err_set(e, 0, "played");
	return describe;
}

enum ecr_outcome ecr_get_authorization_token(const struct registry *of, int64_t deadline_ms,
    char **ret_token, int64_t *ret_expires_s, struct err *e)
{
	return ECR_TRANSIENT;
}

static void play(size_t len, const int *ends)
{
	const struct creation_context context = {};

	ck_assert_int_eq(upsert_new(&context, &upsert), 0);
	memcpy(script, ends, len * sizeof(*ends));
	script_len = len;
}
#define PLAY(...) play(sizeof((int[]){__VA_ARGS__}) / sizeof(int), (int[]){__VA_ARGS__})

static int ask(const char *name, int64_t asked_ms, int64_t within_ms, bool *ret_created,
    struct oci_error *refusal)
{
	const struct creation_request request = {
	    .registry = &registry,
	    .repository = name,
	    .deadline_ms = clock_mono_ms() + within_ms,
	};
	struct notice notice = {};
	int r;

	r = upsert_repository(upsert, &request, asked_ms, &notice, refusal);
	*ret_created = notice.text[0];
	return r;
}

static int create(const char *name, int64_t within_ms, bool *ret_created, struct oci_error *refusal)
{
	return ask(name, clock_mono_ms(), within_ms, ret_created, refusal);
}

START_TEST(creates)
{
	struct oci_error refusal = {};
	bool created = false;

	PLAY(0);
	ck_assert_int_eq(create("team/app", 1000, &created, &refusal), 0);
	ck_assert(created);
	ck_assert_uint_eq(calls, 1);
}
END_TEST

START_TEST(an_existing_one_is_success)
{
	struct oci_error refusal = {};
	bool created = true;

	PLAY(1);
	ck_assert_int_eq(create("team/app", 1000, &created, &refusal), 0);
	ck_assert(!created);
	upsert_free(upsert);
}
END_TEST

START_TEST(a_refusal_is_handed_on)
{
	struct oci_error refusal = {};
	bool created = false;

	PLAY(403);
	ck_assert_int_eq(create("team/app", 1000, &created, &refusal), -EPERM);
	ck_assert_uint_eq(refusal.status, 403);
	ck_assert_str_eq(refusal.message, "played");
	ck_assert(!created);
	upsert_free(upsert);
}
END_TEST

static unsigned created_count, success_count;

static void *push(void *name)
{
	struct oci_error refusal = {};
	bool created = false;

	if (create(name, 20000, &created, &refusal) == 0)
		__atomic_add_fetch(&success_count, 1, __ATOMIC_SEQ_CST);
	if (created)
		__atomic_add_fetch(&created_count, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void push_all(char names[THREADS][16])
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, push, names[i]), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

START_TEST(many_pushes_of_one_name_create_once)
{
	char names[THREADS][16];

	for (int i = 0; i < THREADS; i++)
		strcpy(names[i], "team/app");
	call_ms = 300;
	PLAY(0, 1);
	push_all(names);
	ck_assert_uint_eq(success_count, THREADS);
	ck_assert_uint_eq(calls, 1);
	ck_assert_uint_eq(created_count, 1);
}
END_TEST

START_TEST(many_names_are_created_at_once)
{
	char names[THREADS][16];
	int64_t start_ms = clock_mono_ms();

	for (int i = 0; i < THREADS; i++)
		snprintf(names[i], sizeof(names[i]), "team/app%d", i);
	call_ms = 300;
	PLAY(0);
	push_all(names);
	ck_assert_uint_eq(calls, THREADS);
	ck_assert_uint_eq(created_count, THREADS);
	/* One after the other would be 19 s. */
	ck_assert_int_lt(clock_mono_ms() - start_ms, 10000);
}
END_TEST

static void *push_hastily(void *unused)
{
	struct oci_error refusal = {};
	bool created;

	ck_assert_int_eq(create("team/app", 150, &created, &refusal), -EPERM);
	return NULL;
}

START_TEST(a_follower_with_time_left_leads_anew)
{
	struct oci_error refusal = {};
	pthread_t leader;
	bool created = false;

	call_ms = 200;
	PLAY(504, 0);
	ck_assert_int_eq(pthread_create(&leader, NULL, push_hastily, NULL), 0);
	while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) == 0)
		usleep(1000);
	ck_assert_int_eq(create("team/app", 5000, &created, &refusal), 0);
	ck_assert(created);
	pthread_join(leader, NULL);
}
END_TEST

/* Its answer was on the way when another push had the repository created. */
START_TEST(a_late_verdict_creates_nothing)
{
	struct oci_error refusal = {};
	int64_t asked_ms = clock_mono_ms();
	bool created = true;

	PLAY(0, 1);
	usleep(5000);
	ck_assert_int_eq(create("team/app", 1000, &created, &refusal), 0);
	ck_assert(created);
	ck_assert_int_eq(ask("team/app", asked_ms, 1000, &created, &refusal), 0);
	ck_assert(!created);
	ck_assert_uint_eq(calls, 1);
}
END_TEST

START_TEST(what_was_asked_later_is_created_again)
{
	struct oci_error refusal = {};
	bool created = false;

	PLAY(0, 0);
	ck_assert_int_eq(create("team/app", 1000, &created, &refusal), 0);
	/* Deleted meanwhile. */
	usleep(5000);
	ck_assert_int_eq(create("team/app", 1000, &created, &refusal), 0);
	ck_assert(created);
	ck_assert_uint_eq(calls, 2);
}
END_TEST

START_TEST(asks_whether_one_exists)
{
	struct oci_error refusal = {};
	int64_t deadline_ms = clock_mono_ms() + 1000;

	PLAY(0);
	describe = ECR_DONE;
	ck_assert_int_eq(upsert_repository_exists(&registry, "ab", deadline_ms, &refusal), 1);
	describe = ECR_NOT_FOUND;
	ck_assert_int_eq(upsert_repository_exists(&registry, "ab", deadline_ms, &refusal), 0);
	describe = ECR_ACCESS_DENIED;
	ck_assert_int_eq(upsert_repository_exists(&registry, "ab", deadline_ms, &refusal), -EPERM);
	ck_assert_uint_eq(refusal.status, 504);
}
END_TEST

UNIT(upsert, creates, an_existing_one_is_success, a_refusal_is_handed_on,
    many_pushes_of_one_name_create_once, many_names_are_created_at_once,
    a_follower_with_time_left_leads_anew, a_late_verdict_creates_nothing,
    what_was_asked_later_is_created_again, asks_whether_one_exists);
