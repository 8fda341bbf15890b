/* The API is played by the functions below: the linker takes them before the library's. */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ecr_api.h"
#include "ecr_token_cache.h"

static struct stop stop;
static struct registry registry = {.host = (char *)"123456789012.dkr.ecr.eu-west-1.amazonaws.com"};
static struct registry *items[] = {&registry};
static struct registries registries = {.items = items, .len = 1};
static struct ecr_token_cache *cache;

static unsigned calls;
static _Atomic enum ecr_outcome outcome;
static int64_t life_s = 3600;
static unsigned call_ms;

enum ecr_outcome ecr_get_authorization_token(const struct registry *of, int64_t deadline_ms,
    char **ret_token, int64_t *ret_expires_s, struct err *e)
{
	unsigned n = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
	enum ecr_outcome told;
	struct str token = {};

	usleep(call_ms * 1000);
	told = outcome;
	if (told != ECR_DONE) {
		err_set(e, 0, "played");
		return told;
	}
	str_appendf(&token, "token%u", n);
	*ret_token = token.data;
	*ret_expires_s = clock_wall_s() + life_s;
	return ECR_DONE;
}

enum ecr_outcome ecr_create_repository(const struct registry *of, const char *repository,
    const struct repository_settings *settings, int64_t deadline_ms, struct err *e)
{
	return ECR_TRANSIENT;
}

enum ecr_outcome ecr_describe_repository(const struct registry *of, const char *repository,
    int64_t deadline_ms, double *ret_created_at, struct err *e)
{
	return ECR_TRANSIENT;
}

static void start(void)
{
	ck_assert_int_eq(stop_init(&stop), 0);
	ck_assert_int_eq(ecr_token_cache_new(&stop, &cache), 0);
	ck_assert_int_eq(ecr_token_cache_list(cache, &registries), 0);
}

static void finish(void)
{
	stop_now(&stop);
	ecr_token_cache_free(cache);
	stop_finish(&stop);
}

static int get(int64_t within_ms, struct ecr_token **ret, struct oci_error *refusal)
{
	return ecr_token_get(cache, &registry, clock_mono_ms() + within_ms, ret, refusal);
}

START_TEST(fetches_once_for_all)
{
	struct oci_error refusal;

	start();
	for (int i = 0; i < 100; i++) {
		_cleanup_(ecr_token_unrefp) struct ecr_token *token = NULL;

		ck_assert_int_eq(get(2000, &token, &refusal), 0);
		ck_assert_str_eq(token->authorization, "Basic token1");
	}
	ck_assert_uint_eq(calls, 1);
	finish();
}
END_TEST

static void *get_in_thread(void *unused)
{
	_cleanup_(ecr_token_unrefp) struct ecr_token *token = NULL;
	struct oci_error refusal;

	ck_assert_int_eq(get(20000, &token, &refusal), 0);
	return NULL;
}

START_TEST(many_wait_for_one_fetch)
{
	pthread_t threads[64];

	call_ms = 200;
	start();
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, get_in_thread, NULL), 0);
	for (int i = 0; i < 64; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(calls, 1);
	finish();
}
END_TEST

START_TEST(a_refused_token_is_replaced_once)
{
	_cleanup_(ecr_token_unrefp) struct ecr_token *first = NULL;
	_cleanup_(ecr_token_unrefp) struct ecr_token *second = NULL;
	_cleanup_(ecr_token_unrefp) struct ecr_token *third = NULL;
	struct oci_error refusal;

	start();
	ck_assert_int_eq(get(2000, &first, &refusal), 0);
	ecr_token_refused(cache, &registry, first);
	ck_assert_int_eq(get(2000, &second, &refusal), 0);
	ck_assert_str_eq(second->authorization, "Basic token2");
	/* A late complaint about the old one leaves the new one alone. */
	ecr_token_refused(cache, &registry, first);
	ck_assert_int_eq(get(2000, &third, &refusal), 0);
	ck_assert_ptr_eq(third, second);
	finish();
}
END_TEST

START_TEST(is_refreshed_at_half_life_unasked)
{
	int64_t deadline_ms = clock_mono_ms() + 10000;

	life_s = 4;
	start();
	while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) < 2 && clock_left_ms(deadline_ms) > 0)
		usleep(10000);
	ck_assert_uint_ge(calls, 2);
	finish();
}
END_TEST

START_TEST(missing_credentials_are_told_at_once)
{
	struct ecr_token *token = NULL;
	struct oci_error refusal = {};
	int64_t start_ms = clock_mono_ms();

	outcome = ECR_NO_CREDENTIALS;
	start();
	ck_assert_int_eq(get(20000, &token, &refusal), -EPERM);
	ck_assert_uint_eq(refusal.status, 403);
	ck_assert_ptr_nonnull(strstr(refusal.message, "played"));
	ck_assert_int_lt(clock_mono_ms() - start_ms, 5000);
	/* They are there now: the next push does not wait for a timer. */
	outcome = ECR_DONE;
	ck_assert_int_eq(get(2000, &token, &refusal), 0);
	ecr_token_unref(token);
	finish();
}
END_TEST

START_TEST(a_dead_service_is_waited_for_until_the_deadline)
{
	struct ecr_token *token = NULL;
	struct oci_error refusal = {};
	struct err why = {};
	int64_t start_ms = clock_mono_ms();

	outcome = ECR_TRANSIENT;
	start();
	ck_assert_int_eq(get(300, &token, &refusal), -EPERM);
	ck_assert_uint_eq(refusal.status, 504);
	ck_assert_int_lt(clock_mono_ms() - start_ms, 900);
	ck_assert(!ecr_token_cache_ready(cache, &why));
	ck_assert_ptr_nonnull(strstr(why.text, "played"));
	ck_assert_uint_le(calls, 3);
	finish();
}
END_TEST

START_TEST(is_ready_with_a_token)
{
	struct ecr_token *token = NULL;
	struct oci_error refusal = {};
	struct err why = {};

	start();
	ck_assert_int_eq(get(2000, &token, &refusal), 0);
	ck_assert(ecr_token_cache_ready(cache, &why));
	ecr_token_unref(token);
	finish();
}
END_TEST

START_TEST(the_old_token_serves_while_a_refresh_fails)
{
	struct ecr_token *first = NULL, *later = NULL;
	struct oci_error refusal = {};
	int64_t deadline_ms = clock_mono_ms() + 10000;

	life_s = 6;
	start();
	ck_assert_int_eq(get(2000, &first, &refusal), 0);
	outcome = ECR_TRANSIENT;
	while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) < 2 && clock_left_ms(deadline_ms) > 0)
		usleep(10000);
	ck_assert_int_eq(get(100, &later, &refusal), 0);
	ck_assert_ptr_eq(later, first);
	ecr_token_unref(first);
	ecr_token_unref(later);
	finish();
}
END_TEST

static int note(
    void *userdata, const struct registry *of, int64_t expires_s, const char *last_error)
{
	struct str *seen = userdata;

	return str_appendf(seen, "%s %s %s\n", of->host, expires_s > 0 ? "valid" : "none",
	    last_error ? last_error : "-");
}

START_TEST(an_unlisted_registry_is_served_but_not_waited_for)
{
	static struct registry other = {.host = (char *)"other.example"};
	_cleanup_(ecr_token_unrefp) struct ecr_token *token = NULL;
	_cleanup_str_ struct str seen = {};
	struct oci_error refusal;
	struct err why = {};

	start();
	ck_assert_int_eq(get(2000, &token, &refusal), 0);
	ecr_token_unref(TAKE_PTR(token));
	outcome = ECR_ACCESS_DENIED;
	ck_assert_int_eq(
	    ecr_token_get(cache, &other, clock_mono_ms() + 2000, &token, &refusal), -EPERM);
	ck_assert(ecr_token_cache_ready(cache, &why));
	ck_assert_int_eq(ecr_token_cache_each(cache, note, &seen), 0);
	ck_assert_str_eq(str_text(&seen),
	    "123456789012.dkr.ecr.eu-west-1.amazonaws.com valid -\nother.example none played\n");
	/* Once it is listed it is fetched without being asked for, and counts. */
	items[0] = &other;
	ck_assert_int_eq(ecr_token_cache_list(cache, &registries), 0);
	ck_assert(!ecr_token_cache_ready(cache, &why));
	items[0] = &registry;
	finish();
}
END_TEST

START_TEST(what_is_listed_no_more_is_forgotten)
{
	static struct registry other = {.host = (char *)"other.example"};
	_cleanup_(ecr_token_unrefp) struct ecr_token *token = NULL;
	_cleanup_str_ struct str seen = {};
	struct oci_error refusal;

	start();
	ck_assert_int_eq(get(2000, &token, &refusal), 0);
	ecr_token_unref(TAKE_PTR(token));
	items[0] = &other;
	ck_assert_int_eq(ecr_token_cache_list(cache, &registries), 0);
	ck_assert_int_eq(ecr_token_get(cache, &other, clock_mono_ms() + 2000, &token, &refusal), 0);
	ecr_token_unref(TAKE_PTR(token));
	ck_assert_int_eq(ecr_token_cache_each(cache, note, &seen), 0);
	ck_assert_str_eq(str_text(&seen), "other.example valid -\n");
	/* Until it is asked for: by a transfer that began before, say. */
	ck_assert_int_eq(get(2000, &token, &refusal), 0);
	ck_assert_uint_eq(__atomic_load_n(&calls, __ATOMIC_SEQ_CST), 3);
	items[0] = &registry;
	finish();
}
END_TEST

UNIT(ecr_token_cache, an_unlisted_registry_is_served_but_not_waited_for,
    what_is_listed_no_more_is_forgotten, fetches_once_for_all, many_wait_for_one_fetch,
    a_refused_token_is_replaced_once, is_refreshed_at_half_life_unasked,
    missing_credentials_are_told_at_once, a_dead_service_is_waited_for_until_the_deadline,
    is_ready_with_a_token, the_old_token_serves_while_a_refresh_fails);
