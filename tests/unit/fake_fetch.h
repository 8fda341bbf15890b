#pragma once
/*
 * A test's own fetch(), in place of src/fetch.c (the linker takes what is defined first): answers
 * come from a list, and what was asked is kept.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "fetch.h"

enum { FAKE_FETCHES = 16 };

struct fake_answer {
	int result; /* −errno instead of an answer */
	unsigned status;
	const char *body;
	const char *error_type; /* x-amzn-ErrorType, or NULL */
	int64_t date_off_s;     /* of the Date field from our clock; 0: no such field */
	void (*before)(void);   /* what happens meanwhile, or NULL */
};

static struct fake_answer fake_answers[FAKE_FETCHES];
static struct fake_asked {
	char method[8], url[256];
	bool direct;
	struct headers headers;
	struct str body;
	int64_t deadline_ms;
} fake_asked[FAKE_FETCHES];
static size_t fake_answers_len, fake_fetches;

static inline void fake_answer(struct fake_answer answer)
{
	ck_assert_uint_lt(fake_answers_len, FAKE_FETCHES);
	fake_answers[fake_answers_len++] = answer;
}

static void fake_date(int64_t off_s, struct headers *headers)
{
	time_t when = (time_t)(clock_wall_s() + off_s);
	struct tm tm;
	char text[64];

	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	ck_assert_int_eq(headers_add(headers, "date", text), 0);
}

int fetch(const struct fetcher *fetcher, const struct fetch_request *request,
    struct fetch_reply *ret, struct err *e)
{
	struct fake_asked *asked = &fake_asked[fake_fetches];
	const struct fake_answer *answer = &fake_answers[fake_fetches];

	ck_assert_uint_lt(fake_fetches++, fake_answers_len);
	ck_assert_uint_ge(request->max_body, 65536);
	snprintf(asked->method, sizeof(asked->method), "%s", request->method);
	asked->direct = request->direct;
	snprintf(asked->url, sizeof(asked->url), "%s", request->url);
	for (size_t i = 0; i < request->headers->len; i++)
		ck_assert_int_eq(headers_add(&asked->headers, request->headers->items[i].name,
				     request->headers->items[i].value),
		    0);
	ck_assert_int_eq(str_append(&asked->body, request->body, request->body_len), 0);
	asked->deadline_ms = request->deadline_ms;
	if (answer->before)
		answer->before();
	if (answer->result < 0)
		return err_set(e, answer->result, "fetch's own text");
	*ret = (struct fetch_reply){.status = answer->status};
	if (answer->error_type)
		ck_assert_int_eq(
		    headers_add(&ret->headers, "x-amzn-ErrorType", answer->error_type), 0);
	if (answer->date_off_s)
		fake_date(answer->date_off_s, &ret->headers);
	ck_assert_int_eq(str_append_text(&ret->body, answer->body ? answer->body : ""), 0);
	return 0;
}

void fetch_reply_finish(struct fetch_reply *reply)
{
	headers_finish(&reply->headers);
	str_finish(&reply->body);
}

/* Forgets what was asked and what is to be answered. */
static inline void fake_fetch_reset(void)
{
	for (size_t i = 0; i < FAKE_FETCHES; i++) {
		headers_finish(&fake_asked[i].headers);
		str_finish(&fake_asked[i].body);
	}
	fake_answers_len = fake_fetches = 0;
}
