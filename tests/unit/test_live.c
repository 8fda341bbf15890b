#include "unit.h"

#include <pthread.h>
#include <string.h>

#include "json.h"
#include "live.h"

static struct live live;

static void shows(int64_t now_ms, const char *expected)
{
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(live_write(&live, now_ms, &text), 0);
	ck_assert_str_eq(str_text(&text), expected);
}

START_TEST(nothing_is_under_way)
{
	live_init(&live);
	shows(0, "[]");
	ck_assert_uint_eq(live_len(&live), 0);
	live_finish(&live);
}
END_TEST

START_TEST(shows_what_moves_and_how_far)
{
	struct live_transfer up = {}, down = {};

	live_init(&live);
	live_begin(&live, &up, "team/app", "upload", 1000, 5000);
	live_count(&up, 250);
	live_begin(&live, &down, "base", "blob", 0, 6000);
	live_expect(&down, -1);
	live_count(&down, 70000000000);
	ck_assert_uint_eq(live_len(&live), 2);
	shows(7042,
	    "[{\"repository\":\"base\",\"operation\":\"blob\",\"bytes\":70000000000,\"total\":null,"
	    "\"seconds\":1.042,\"id\":2},"
	    "{\"repository\":\"team/app\",\"operation\":\"upload\",\"bytes\":250,\"total\":1000,"
	    "\"seconds\":2.042,\"id\":1}]");
	live_end(&down);
	shows(4999, "[{\"repository\":\"team/app\",\"operation\":\"upload\",\"bytes\":250,"
		    "\"total\":1000,\"seconds\":0.000,\"id\":1}]");
	live_end(&up);
	live_finish(&live);
}
END_TEST

START_TEST(they_leave_in_any_order)
{
	struct live_transfer t[3] = {}, never = {};
	_cleanup_str_ struct str text = {};

	live_init(&live);
	live_begin(&live, &t[0], "a", "tags", 0, 0);
	live_begin(&live, &t[1], "b", "tags", 0, 0);
	live_begin(&live, &t[2], "c", "tags", 0, 0);
	live_end(&t[1]);
	live_end(&never);
	ck_assert_int_eq(live_write(&live, 0, &text), 0);
	ck_assert_ptr_nonnull(strstr(text.data, "\"a\""));
	ck_assert_ptr_null(strstr(text.data, "\"b\""));
	ck_assert_ptr_nonnull(strstr(text.data, "\"c\""));
	live_end(&t[2]);
	live_end(&t[2]);
	live_end(&t[0]);
	shows(0, "[]");
	live_finish(&live);
}
END_TEST

static void *come_and_go(void *unused)
{
	for (int i = 0; i < 2000; i++) {
		struct live_transfer t = {};

		live_begin(&live, &t, "x", "upload", 10, i);
		live_count(&t, 5);
		live_end(&t);
	}
	return NULL;
}

START_TEST(whoever_looks_sees_whole_entries)
{
	pthread_t threads[3];

	live_init(&live);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, NULL), 0);
	for (int i = 0; i < 200; i++) {
		_cleanup_(json_freep) struct json *json = NULL;
		_cleanup_str_ struct str text = {};

		ck_assert_int_eq(live_write(&live, 2000, &text), 0);
		ck_assert_int_eq(json_parse(text.data, text.len, &json, NULL), 0);
	}
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	shows(0, "[]");
	live_finish(&live);
}
END_TEST

UNIT(live, nothing_is_under_way, shows_what_moves_and_how_far, they_leave_in_any_order,
    whoever_looks_sees_whole_entries);
