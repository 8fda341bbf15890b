#include "unit.h"

#include <string.h>

#include "notice.h"
#include "utf8.h"

#define HOST "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

static struct repository_settings settings;
static struct notice notice;

static const char *created(const char *repository, const char *rule)
{
	notice_created(repository, HOST, rule, &settings, &notice);
	return notice.text;
}

START_TEST(says_which_rule_and_which_settings)
{
	settings = (struct repository_settings){.image_tag_mutability = (char *)"IMMUTABLE",
	    .scan_on_push = SAID_YES,
	    .encryption_type = (char *)"KMS",
	    .lifecycle_policy = (char *)"{}",
	    .repository_policy = (char *)"{}"};
	ck_assert_str_eq(created("team/app", "team-a"),
	    "ecr-upsertd created repository team/app in " HOST
	    " (rule team-a, IMMUTABLE, scanned on push, "
	    "encrypted with KMS, lifecycle policy, repository policy)");
}
END_TEST

/* What is not said is ECR's own default. */
START_TEST(says_what_nobody_asked_for)
{
	settings = (struct repository_settings){};
	ck_assert_str_eq(created("app", NULL), "ecr-upsertd created repository app in " HOST
					       " (no rule, MUTABLE, not scanned on push)");
}
END_TEST

START_TEST(holds_nothing_that_needs_an_escape)
{
	settings = (struct repository_settings){};
	ck_assert_str_eq(created("app", "\"a/**\" \\ \r\n\x7f übrig"),
	    "ecr-upsertd created repository app in " HOST
	    " (rule 'a/**' '     übrig, MUTABLE, not scanned on "
	    "push)");
}
END_TEST

START_TEST(a_long_rule_is_cut_between_characters)
{
	char rule[400] = "", name[257] = "";

	settings =
	    (struct repository_settings){.image_tag_mutability = (char *)"IMMUTABLE_WITH_EXCLUSION",
		.scan_on_push = SAID_YES,
		.encryption_type = (char *)"KMS_DSSE",
		.lifecycle_policy = (char *)"{}",
		.repository_policy = (char *)"{}"};
	memset(name, 'n', 256);
	strcat(rule, "x");
	while (strlen(rule) < 390)
		strcat(rule, "ü");
	created(name, rule);
	ck_assert_ptr_nonnull(strstr(notice.text, "ü, IMMUTABLE_WITH_EXCLUSION, "));
	ck_assert_ptr_nonnull(strstr(notice.text, "repository policy)"));
	for (const char *at = notice.text; *at; at += utf8_length(at, strlen(at)))
		ck_assert_uint_ne(utf8_length(at, strlen(at)), 0);
}
END_TEST

START_TEST(any_text_is_one_line)
{
	char text[2 * NOTICE_MAX];

	notice_set(&notice, "no \"keys\":\nrenew them");
	ck_assert_str_eq(notice.text, "no 'keys': renew them");
	notice_set(&notice, "half \xc3");
	ck_assert_str_eq(notice.text, "half ");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	notice_set(&notice, text);
	ck_assert_uint_eq(strlen(notice.text), NOTICE_MAX - 1);
}
END_TEST

UNIT(notice, any_text_is_one_line, says_which_rule_and_which_settings, says_what_nobody_asked_for,
    holds_nothing_that_needs_an_escape, a_long_rule_is_cut_between_characters);
