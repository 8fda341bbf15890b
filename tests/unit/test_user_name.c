#include "unit.h"

#include <pthread.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "user_name.h"

static _Atomic unsigned asked;

/* In place of the system's directory: names for the numbers below 5000 but 13. */
int getpwuid_r(uid_t uid, struct passwd *entry, char *record, size_t size, struct passwd **ret)
{
	atomic_fetch_add(&asked, 1);
	*ret = NULL;
	if (uid >= 5000 || uid == 13)
		return 0;
	snprintf(record, size, "user%u", uid);
	if (uid == 7)
		snprintf(record, size, "%0300u", uid);
	if (uid == 8)
		strcpy(record, "1000");
	*entry = (struct passwd){.pw_name = record, .pw_uid = uid};
	*ret = entry;
	return 0;
}

static void is_named(uid_t uid, const char *expected)
{
	char name[USER_NAME_SIZE];

	user_name(uid, name);
	ck_assert_str_eq(name, expected);
}

START_TEST(a_name_or_the_number)
{
	is_named(1000, "user1000");
	is_named(13, "13");
	is_named(4294967294U, "4294967294");
	is_named(7, "7");
}
END_TEST

START_TEST(the_directory_is_asked_once)
{
	is_named(2000, "user2000");
	asked = 0;
	for (int i = 0; i < 100; i++)
		is_named(2000, "user2000");
	ck_assert_uint_eq(asked, 0);
}
END_TEST

START_TEST(more_users_than_are_remembered_are_told_apart)
{
	char expected[USER_NAME_SIZE];

	for (int round = 0; round < 3; round++)
		for (uid_t uid = 100; uid < 200; uid++) {
			snprintf(expected, sizeof(expected), "user%u", uid);
			is_named(uid, expected);
		}
}
END_TEST

static void *ask_often(void *unused)
{
	char name[USER_NAME_SIZE], expected[USER_NAME_SIZE];

	for (uid_t i = 0; i < 2000; i++) {
		user_name(300 + i % 40, name);
		snprintf(expected, sizeof(expected), "user%u", 300 + i % 40);
		if (strcmp(name, expected) != 0)
			return (void *)"wrong";
	}
	return NULL;
}

START_TEST(threads_do_not_disturb_each_other)
{
	pthread_t threads[4];
	void *wrong;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, NULL), 0);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(pthread_join(threads[i], &wrong), 0);
		ck_assert_ptr_null(wrong);
	}
}
END_TEST

START_TEST(names_and_numbers_are_let_in)
{
	char user[] = "user20", number[] = "21", digits[] = "1000";
	char *names[] = {user, number, NULL}, *nobody[] = {NULL}, *thousand[] = {digits, NULL};

	ck_assert(users_allow(NULL, 99));
	ck_assert(!users_allow(nobody, 0));
	ck_assert(users_allow(names, 20));
	ck_assert(users_allow(names, 21));
	ck_assert(!users_allow(names, 22));
	ck_assert(!users_allow(names, 2));
	/* Whoever is called like a number is not the one who has it. */
	ck_assert(users_allow(thousand, 1000));
	ck_assert(!users_allow(thousand, 8));
}
END_TEST

UNIT(user_name, a_name_or_the_number, the_directory_is_asked_once,
    more_users_than_are_remembered_are_told_apart, threads_do_not_disturb_each_other,
    names_and_numbers_are_let_in);
