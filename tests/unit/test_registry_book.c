/* Identities are played: one for each profile. */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "log.h"
#include "registry_book.h"

#define A "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
#define B "210987654321.dkr.ecr.us-east-1.amazonaws.com"

static char apis[2];
static _Thread_local char asked_region[32];
static const struct aws_settings settings;
static struct registry_book *book;

int identities_get(
    struct identities *identities, const struct identity_choice *choice, struct aws_api **ret)
{
	if (choice->profile && !strcmp(choice->profile, "no memory"))
		return -ENOMEM;
	snprintf(asked_region, sizeof(asked_region), "%s", choice->region ? choice->region : "");
	*ret = (struct aws_api *)&apis[choice->profile != NULL];
	return 0;
}

static void setup(void)
{
	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	ck_assert_int_eq(registry_book_new(&settings, NULL, &book), 0);
}

static struct registry *get(const struct registry_choice *choice)
{
	struct registry *registry = NULL;
	struct err e = {};

	ck_assert_msg(registry_book_get(book, choice, &registry, &e) == 0, "%s", e.text);
	return registry;
}

START_TEST(the_same_for_the_same_choice)
{
	const struct registry_choice plain = {.host = A};
	const struct registry_choice other = {.host = B};
	const struct registry_choice profile = {.host = A, .profile = "team"};
	const struct registry_choice endpoint = {.host = A, .endpoint = "http://127.0.0.1:1"};
	struct registry *first;

	setup();
	first = get(&plain);
	ck_assert_str_eq(first->host, A);
	ck_assert_str_eq(asked_region, "eu-west-1");
	ck_assert_ptr_eq(first->api, (struct aws_api *)&apis[0]);
	ck_assert_ptr_eq(get(&plain), first);
	ck_assert_ptr_ne(get(&other), first);
	ck_assert_ptr_ne(get(&profile), first);
	ck_assert_ptr_eq(get(&profile)->api, (struct aws_api *)&apis[1]);
	ck_assert_ptr_ne(get(&endpoint), first);
	ck_assert_ptr_eq(get(&endpoint), get(&endpoint));
	ck_assert_uint_eq(get(&endpoint)->dial.port, 1);
	registry_book_free(book);
	registry_book_free(NULL);
}
END_TEST

START_TEST(what_cannot_be_served_has_a_reason)
{
	const struct registry_choice no_ecr = {.host = "registry.example"};
	const struct registry_choice no_memory = {.host = A, .profile = "no memory"};
	struct registry *registry = NULL;
	struct err e = {};

	setup();
	ck_assert_int_eq(registry_book_get(book, &no_ecr, &registry, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "registry.example"));
	ck_assert_int_eq(registry_book_get(book, &no_memory, &registry, &e), -ENOMEM);
	ck_assert_ptr_null(registry);
	registry_book_free(book);
}
END_TEST

START_TEST(any_other_ecr_host_and_nothing_else)
{
	const struct registry *found;

	setup();
	found = registry_book_other(book, B "/app", strlen(B));
	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->host, B);
	ck_assert_ptr_eq(registry_book_other(book, B, strlen(B)), found);
	ck_assert_ptr_null(registry_book_other(book, B ".evil.example", strlen(B ".evil.example")));
	ck_assert_ptr_null(registry_book_other(book, B "\0", strlen(B) + 1));
	ck_assert_ptr_null(registry_book_other(book, "", 0));
	registry_book_free(book);
}
END_TEST

START_TEST(is_bounded)
{
	char host[64];

	setup();
	for (unsigned i = 0; i <= LIMIT_REGISTRIES; i++) {
		const struct registry *found;

		snprintf(host, sizeof(host), "%012u.dkr.ecr.eu-west-1.amazonaws.com", i);
		found = registry_book_other(book, host, strlen(host));
		ck_assert((found != NULL) == (i < LIMIT_REGISTRIES));
	}
	/* What clients name leaves room for what a configuration lists. */
	ck_assert_str_eq(get(&(const struct registry_choice){.host = B})->host, B);
	registry_book_free(book);
}
END_TEST

static void *get_both(void *unused)
{
	for (int i = 0; i < 100; i++) {
		registry_book_other(book, A, strlen(A));
		registry_book_other(book, B, strlen(B));
	}
	return NULL;
}

START_TEST(many_threads_meet_one)
{
	const struct registry *found;
	pthread_t threads[4];

	setup();
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, get_both, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	found = registry_book_other(book, A, strlen(A));
	ck_assert_ptr_eq(registry_book_other(book, A, strlen(A)), found);
	registry_book_free(book);
}
END_TEST

UNIT(registry_book, the_same_for_the_same_choice, what_cannot_be_served_has_a_reason,
    any_other_ecr_host_and_nothing_else, is_bounded, many_threads_meet_one);
