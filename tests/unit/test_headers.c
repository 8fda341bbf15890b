#include "unit.h"

#include "headers.h"
#include "str.h"

static void add(struct headers *list, const char *name, const char *value)
{
	ck_assert_int_eq(headers_add(list, name, value), 0);
}

/* "Name: value\n" for each field. */
static void assert_is(const struct headers *list, const char *expected)
{
	_cleanup_str_ struct str text = {};

	for (size_t i = 0; i < list->len; i++)
		ck_assert_int_eq(
		    str_appendf(&text, "%s: %s\n", list->items[i].name, list->items[i].value), 0);
	ck_assert_str_eq(str_text(&text), expected);
}

START_TEST(keeps_order_case_and_repetition)
{
	_cleanup_headers_ struct headers list = {};

	add(&list, "Set-Thing", "1");
	add(&list, "accept", "a");
	add(&list, "SET-THING", "2");
	ck_assert_int_eq(headers_add_n(&list, "Named", 4, "value", 3), 0);
	assert_is(&list, "Set-Thing: 1\naccept: a\nSET-THING: 2\nName: val\n");
	ck_assert_str_eq(headers_get(&list, "set-thing"), "1");
	ck_assert_uint_eq(headers_count(&list, "set-thing"), 2);
	ck_assert_ptr_null(headers_get(&list, "Other"));
	ck_assert_uint_eq(headers_count(&list, "Other"), 0);
}
END_TEST

START_TEST(grows)
{
	_cleanup_headers_ struct headers list = {};

	for (int i = 0; i < 100; i++)
		add(&list, i % 2 ? "Odd" : "Even", "x");
	ck_assert_uint_eq(list.len, 100);
	ck_assert_uint_eq(headers_count(&list, "odd"), 50);
}
END_TEST

START_TEST(removes_all_of_a_name)
{
	_cleanup_headers_ struct headers list = {};

	add(&list, "A", "1");
	add(&list, "B", "2");
	add(&list, "a", "3");
	headers_remove(&list, "none");
	headers_remove(&list, "A");
	assert_is(&list, "B: 2\n");
}
END_TEST

START_TEST(finds_a_token_in_a_list)
{
	_cleanup_headers_ struct headers list = {};

	add(&list, "Connection", " ,keep-alive ,\tUpgrade\t, x-y");
	add(&list, "Connection", "close");
	ck_assert(headers_have_token(&list, "connection", "Keep-Alive"));
	ck_assert(headers_have_token(&list, "connection", "upgrade"));
	ck_assert(headers_have_token(&list, "connection", "X-Y"));
	ck_assert(headers_have_token(&list, "connection", "close"));
	add(&list, "Accept", "a, b , ");
	ck_assert(headers_have_token(&list, "accept", "a"));
	ck_assert(headers_have_token(&list, "accept", "b"));
	ck_assert(!headers_have_token(&list, "accept", ""));
	ck_assert(!headers_have_token(&list, "connection", "alive"));
	ck_assert(!headers_have_token(&list, "connection", "keep"));
	ck_assert(!headers_have_token(&list, "connection", ""));
	ck_assert(!headers_have_token(&list, "Upgrade", "close"));
}
END_TEST

START_TEST(copies_what_is_for_the_next_hop)
{
	_cleanup_headers_ struct headers from = {}, to = {};

	add(&from, "Accept", "a");
	add(&from, "Connection", "close, X-Hop");
	add(&from, "x-hop", "1");
	add(&from, "Keep-Alive", "timeout=5");
	add(&from, "Proxy-Authorization", "Basic eA==");
	add(&from, "TE", "trailers");
	add(&from, "Trailer", "X");
	add(&from, "Transfer-Encoding", "chunked");
	add(&from, "Upgrade", "h2c");
	add(&from, "Content-Length", "3");
	add(&from, "accept", "b");
	add(&from, "Content-Range", "0-2");
	ck_assert_int_eq(headers_copy_end_to_end(&from, &to), 0);
	assert_is(&to, "Accept: a\naccept: b\nContent-Range: 0-2\n");
	ck_assert_uint_eq(from.len, 12);
	headers_finish(NULL);
}
END_TEST

UNIT(headers, keeps_order_case_and_repetition, grows, removes_all_of_a_name,
    finds_a_token_in_a_list, copies_what_is_for_the_next_hop);
