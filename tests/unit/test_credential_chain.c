/*
 * The clock and what is read are the test's. Where several threads are meant, the reading waits
 * until the test lets it go on.
 */
#include "unit.h"

#include <errno.h>
#include <pthread.h>

#include "clock.h"
#include "credential_chain.h"
#include "fake_sources.h"
#include "file_stamps.h"

enum { THREADS = 8, ROUNDS = 200, HOUR = 3600, MINUTE = 60 };

static int64_t now;

static int64_t played_now(void)
{
	return __atomic_load_n(&now, __ATOMIC_RELAXED);
}

/* What the next reading finds. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int result;
	int64_t life_s;    /* from now on; 0: no expiry */
	int64_t expires_s; /* when life_s is −1 */
	const char *path;  /* of a file that it reads, or NULL */
	bool held;
	unsigned begun, ended;
} source = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static int read_source(
    void *userdata, struct file_stamps *seen, struct credentials **ret, struct err *e)
{
	char id[16];
	int64_t expires_s;
	int result;

	pthread_mutex_lock(&source.lock);
	snprintf(id, sizeof(id), "K%u", ++source.begun);
	pthread_cond_broadcast(&source.changed);
	while (source.held)
		pthread_cond_wait(&source.changed, &source.lock);
	result = source.result;
	expires_s = source.life_s ? played_now() + source.life_s : 0;
	if (source.life_s < 0)
		expires_s = source.expires_s;
	if (source.path)
		ck_assert_int_eq(file_stamps_add(seen, source.path), 0);
	source.ended++;
	pthread_mutex_unlock(&source.lock);
	if (result < 0)
		return err_set(e, result, "%s cannot be had", id);
	return credentials_new(id, "S", NULL, expires_s, "played", ret);
}

static struct credential_chain *make(int64_t life_s)
{
	struct credential_chain *chain = NULL;

	now = 1000 * HOUR;
	source.result = 0;
	source.life_s = life_s;
	source.begun = source.ended = 0;
	source.path = NULL;
	ck_assert_int_eq(credential_chain_new_of(read_source, NULL, played_now, &chain), 0);
	ck_assert_ptr_null(credential_chain_peek(chain));
	return chain;
}

/* NULL: an error. */
static void check(struct credential_chain *chain, const char *id)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	struct err e = {};
	int r = credential_chain_get(chain, &credentials, &e);

	ck_assert_msg(!id == (r < 0), "%d: %s", r, e.text);
	ck_assert_pstr_eq(credentials ? credentials->access_key_id : NULL, id);
	if (!id)
		ck_assert_msg(*e.text, "no reason");
}

static void check_after(struct credential_chain *chain, int64_t seconds, const char *id)
{
	__atomic_fetch_add(&now, seconds, __ATOMIC_RELAXED);
	check(chain, id);
}

START_TEST(kept_without_an_expiry)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(0);

	check(chain, "K1");
	check_after(chain, 1000000000, "K1");
	check_after(chain, -2000000000, "K1");
}
END_TEST

START_TEST(ahead_of_the_expiry)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(HOUR);

	check(chain, "K1");
	check_after(chain, HOUR - CREDENTIALS_ADVISORY_S - 1, "K1");
	check_after(chain, 1, "K2");
	check_after(chain, 44 * MINUTE, "K2");
	check_after(chain, 16 * MINUTE, "K3");
	/* Over before anybody asked. */
	check_after(chain, 10 * HOUR, "K4");
}
END_TEST

START_TEST(short_lives_are_not_read_at_each_get)
{
	static const struct {
		int64_t life_s, kept_s;
	} cases[] = {{900, 450}, {600, 300}, {60, 30}, {12, 6}, {8, 5}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(credential_chain_freep) struct credential_chain *chain =
		    make(cases[i].life_s);

		for (int64_t t = 0; t < cases[i].kept_s; t++) {
			check(chain, "K1");
			now++;
		}
		check(chain, "K2");
	}
}
END_TEST

/* As an instance's metadata does until five minutes before their end. */
START_TEST(the_same_ones_again)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(HOUR);
	unsigned late = 0;

	check(chain, "K1");
	source.life_s = -1;
	source.expires_s = now + HOUR;
	for (int64_t end = now + HOUR; now < end; now++) {
		_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

		ck_assert_int_eq(credential_chain_get(chain, &credentials, NULL), 0);
		if (source.begun > 1 && !late)
			late = (unsigned)(end - now);
	}
	ck_assert_uint_eq(late, CREDENTIALS_ADVISORY_S);
	ck_assert_uint_ge(source.begun, 5);
	ck_assert_uint_le(source.begun, 12);
}
END_TEST

START_TEST(the_old_ones_as_long_as_they_are_valid)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(HOUR);
	char id[16];
	unsigned tries;

	check(chain, "K1");
	source.result = -EAGAIN;
	for (now += HOUR - CREDENTIALS_ADVISORY_S; now < 1001 * HOUR; now++)
		check(chain, "K1");
	/* 5, 10, 20, 40 and then each 60 s. */
	tries = source.begun - 1;
	ck_assert_uint_ge(tries, 15);
	ck_assert_uint_le(tries, 20);
	/* Really expired. */
	check(chain, NULL);
	check(chain, NULL);
	ck_assert_uint_eq(source.begun, tries + 3);
	source.result = 0;
	snprintf(id, sizeof(id), "K%u", tries + 4);
	check(chain, id);
}
END_TEST

START_TEST(a_success_ends_the_pauses)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(HOUR);
	_cleanup_(credentials_unrefp) struct credentials *old = NULL;

	ck_assert_int_eq(credential_chain_get(chain, &old, NULL), 0);
	source.result = -EAGAIN;
	now += HOUR - CREDENTIALS_ADVISORY_S;
	for (int i = 0; i < 100; i++)
		check_after(chain, 1, "K1");
	/* They were refused within a pause of 60 s. */
	credential_chain_forget(chain, old);
	source.result = 0;
	source.life_s = 20;
	source.begun = 1;
	check(chain, "K2");
	check_after(chain, 9, "K2");
	check_after(chain, 1, "K3");
	/* The first failure of another row. */
	source.result = -EAGAIN;
	check_after(chain, 10, "K3");
	check_after(chain, CREDENTIALS_RETRY_S - 1, "K3");
	source.result = 0;
	check_after(chain, 1, "K5");
}
END_TEST

START_TEST(what_has_expired_already_is_refused)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(-1);
	struct credentials *credentials = NULL;
	struct err e = {};

	source.expires_s = now;
	ck_assert_int_eq(credential_chain_get(chain, &credentials, &e), -EACCES);
	ck_assert_msg(strstr(e.text, "credentials of played have expired"), "%s", e.text);
	ck_assert_ptr_null(credentials);
	source.expires_s = now + 1;
	check(chain, "K2");
}
END_TEST

START_TEST(a_refusal_has_them_read_again)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(HOUR);
	_cleanup_(credentials_unrefp) struct credentials *first = NULL, *second = NULL;

	ck_assert_int_eq(credential_chain_get(chain, &first, NULL), 0);
	credential_chain_forget(chain, NULL);
	check(chain, "K1");
	credential_chain_forget(chain, first);
	ck_assert_ptr_null(credential_chain_peek(chain));
	source.result = -EAGAIN;
	check(chain, NULL);
	source.result = 0;
	check(chain, "K3");
	/* The older ones were refused again: those in force stay. */
	credential_chain_forget(chain, first);
	second = credential_chain_peek(chain);
	ck_assert_str_eq(second->access_key_id, "K3");
	credential_chain_free(NULL);
}
END_TEST

START_TEST(a_changed_file)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(0);
	char path[64];

	fake_home_make();
	snprintf(path, sizeof(path), "%s/keys", fake_home);
	source.path = path;
	check(chain, "K1");
	fake_home_write("keys", "1");
	check_after(chain, CREDENTIALS_LOOK_S - 1, "K1");
	check_after(chain, 1, "K2");
	check_after(chain, HOUR, "K2");
	/* Half written: the old ones are good, and it is tried again. */
	fake_home_write("keys", "22");
	source.result = -EBADMSG;
	check_after(chain, CREDENTIALS_LOOK_S, "K2");
	check_after(chain, CREDENTIALS_RETRY_S - 1, "K2");
	ck_assert_uint_eq(source.begun, 3);
	source.result = 0;
	check_after(chain, 1, "K4");
	/* Written meanwhile: at once, whatever the pause. */
	fake_home_write("keys", "333");
	source.result = -EBADMSG;
	check_after(chain, CREDENTIALS_LOOK_S, "K4");
	fake_home_write("keys", "4444");
	source.result = 0;
	check_after(chain, CREDENTIALS_LOOK_S, "K6");
	/* A clock that was set back does not stop the looking. */
	fake_home_write("keys", "55555");
	check_after(chain, -HOUR, "K7");
	fake_home_remove();
}
END_TEST

struct getter {
	pthread_t thread;
	struct credential_chain *chain;
	struct credentials *got;
	int result;
};

static void *get(void *arg)
{
	struct getter *getter = arg;

	getter->result = credential_chain_get(getter->chain, &getter->got, NULL);
	return NULL;
}

static void start(struct getter *getters, size_t len, struct credential_chain *chain)
{
	for (size_t i = 0; i < len; i++) {
		getters[i] = (struct getter){.chain = chain};
		ck_assert_int_eq(pthread_create(&getters[i].thread, NULL, get, &getters[i]), 0);
	}
}

/* All of them got that; NULL: an error. */
static void finish(struct getter *getters, size_t len, const char *id)
{
	for (size_t i = 0; i < len; i++) {
		pthread_join(getters[i].thread, NULL);
		ck_assert_int_eq(getters[i].result < 0, !id);
		ck_assert_pstr_eq(getters[i].got ? getters[i].got->access_key_id : NULL, id);
		credentials_unref(getters[i].got);
	}
}

static void hold(bool held)
{
	pthread_mutex_lock(&source.lock);
	source.held = held;
	pthread_cond_broadcast(&source.changed);
	pthread_mutex_unlock(&source.lock);
}

static void await_begun(unsigned begun)
{
	pthread_mutex_lock(&source.lock);
	while (source.begun < begun)
		pthread_cond_wait(&source.changed, &source.lock);
	pthread_mutex_unlock(&source.lock);
}

/* Whatever is waiting in the chain by now has had the time to. */
static void let_them_wait(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
}

START_TEST(one_reads_and_all_wait_for_the_first)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(HOUR);
	struct getter getters[THREADS];

	for (int failed = 0; failed < 2; failed++) {
		hold(true);
		source.begun = 0;
		source.result = failed ? -EAGAIN : 0;
		now += 2 * HOUR;
		start(getters, THREADS, chain);
		await_begun(1);
		let_them_wait();
		hold(false);
		finish(getters, THREADS, failed ? NULL : "K1");
		/* Who came late to a failure has tried once more at most. */
		ck_assert_uint_le(source.begun, failed ? THREADS : 1);
	}
}
END_TEST

START_TEST(early_one_reads_and_the_others_go_on)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(HOUR);
	struct getter reader;

	ck_assert_int_eq(credential_chain_due_s(chain), INT64_MAX);
	check(chain, "K1");
	hold(true);
	now += HOUR - CREDENTIALS_ADVISORY_S;
	ck_assert_int_eq(credential_chain_due_s(chain), now);
	start(&reader, 1, chain);
	await_begun(2);
	check(chain, "K1");
	check(chain, "K1");
	ck_assert_int_eq(credential_chain_due_s(chain), INT64_MAX);
	hold(false);
	finish(&reader, 1, "K2");
	ck_assert_int_eq(credential_chain_due_s(chain), now + HOUR - CREDENTIALS_ADVISORY_S);
	ck_assert_uint_eq(source.begun, 2);
}
END_TEST

START_TEST(late_all_wait)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(HOUR);
	struct getter getters[THREADS];

	for (int failed = 1; failed >= 0; failed--) {
		source.begun = 0;
		source.result = 0;
		now += 2 * HOUR;
		check(chain, "K1");
		hold(true);
		source.result = failed ? -EAGAIN : 0;
		now += HOUR - CREDENTIALS_MANDATORY_S;
		start(getters, THREADS, chain);
		await_begun(2);
		let_them_wait();
		hold(false);
		finish(getters, THREADS, failed ? "K1" : "K2");
		ck_assert_uint_eq(source.begun, 2);
	}
}
END_TEST

/* The source hangs; one whose time is up goes on without it, and what comes late still serves. */
START_TEST(nobody_waits_beyond_a_deadline)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(HOUR);
	struct credentials *credentials = NULL;
	struct err e = {};

	hold(true);
	ck_assert_int_eq(
	    credential_chain_get_by(chain, clock_mono_ms() + 20, &credentials, &e), -ETIMEDOUT);
	ck_assert_pstr_ne(strstr(e.text, "in time"), NULL);
	hold(false);
	ck_assert_int_eq(
	    credential_chain_get_by(chain, clock_mono_ms() + 10000, &credentials, &e), 0);
	ck_assert_str_eq(credentials->access_key_id, "K1");
	credentials_unref(credentials);
	hold(true);
	now += HOUR - CREDENTIALS_MANDATORY_S;
	ck_assert_int_eq(credential_chain_get_by(chain, clock_mono_ms() + 20, &credentials, &e), 0);
	ck_assert_str_eq(credentials->access_key_id, "K1");
	credentials_unref(credentials);
	hold(false);
	check(chain, "K2");
	ck_assert_uint_eq(source.begun, 2);
}
END_TEST

static void *get_and_forget(void *arg)
{
	struct credential_chain *chain = arg;

	for (int i = 0; i < ROUNDS; i++) {
		_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

		if (credential_chain_get(chain, &credentials, NULL) < 0 ||
		    credentials->access_key_id[0] != 'K')
			return chain;
		if (i % 3 == 0)
			credential_chain_forget(chain, credentials);
		if (i % 7 == 0)
			__atomic_fetch_add(&now, 20 * MINUTE, __ATOMIC_RELAXED);
		credentials_unref(credential_chain_peek(chain));
	}
	return NULL;
}

START_TEST(from_many_threads)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = make(100 * HOUR);
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, get_and_forget, chain), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
}
END_TEST

START_TEST(of_all_providers)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	struct credential_sources sources = fake_sources;

	fake_home_make();
	fake_home_write(
	    ".aws/credentials", "[default]\naws_access_key_id=P\naws_secret_access_key=S\n");
	now = 1000 * HOUR;
	sources.now_s = played_now;
	ck_assert_int_eq(credential_chain_new(&sources, &chain), 0);
	check(chain, "P");
	fake_home_write(
	    ".aws/credentials", "[default]\naws_access_key_id=Q2\naws_secret_access_key=S\n");
	check_after(chain, CREDENTIALS_LOOK_S, "Q2");
	fake_home_remove();
}
END_TEST

UNIT(credential_chain, kept_without_an_expiry, ahead_of_the_expiry,
    short_lives_are_not_read_at_each_get, the_same_ones_again,
    the_old_ones_as_long_as_they_are_valid, a_success_ends_the_pauses,
    what_has_expired_already_is_refused, a_refusal_has_them_read_again, a_changed_file,
    one_reads_and_all_wait_for_the_first, early_one_reads_and_the_others_go_on, late_all_wait,
    nobody_waits_beyond_a_deadline, from_many_threads, of_all_providers);
