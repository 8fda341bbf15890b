#include "unit.h"

#include <string.h>

#include "arn.h"

START_TEST(tells_roles)
{
	static const char *const good[] = {"arn:aws:iam::123456789012:role/x",
	    "arn:aws-cn:iam::123456789012:role/path/of/x",
	    "arn:aws-us-gov:iam::123456789012:role/a+=,.@-_"};
	static const char *const bad[] = {"", "role", "arn:aws:iam::123456789012:role/",
	    "arn:aws:iam::12345678901:role/x", "arn:aws:iam::1234567890123:role/x",
	    "arn:aws:iam::12345678901a:role/x", "arn:aws:iam:eu-west-1:123456789012:role/x",
	    "arn:aws:sts::123456789012:assumed-role/x/y", "arn:aws:iam::123456789012:user/x",
	    "arn:aws:iam::123456789012:role/x/", "arn:aws:iam::123456789012:role/x y",
	    "arn:aws:iam::123456789012:role/\xc3\xa9", "arn:AWS:iam::123456789012:role/x",
	    "arn:azure:iam::123456789012:role/x", " arn:aws:iam::123456789012:role/x"};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(arn_is_role(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!arn_is_role(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(tells_kms_keys)
{
	static const char *const good[] = {
	    "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
	    "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab",
	    "arn:aws-cn:kms:cn-north-1:123456789012:alias/team/key_1"};
	static const char *const bad[] = {"", "alias/x", "arn:aws:kms:eu-west-1:123456789012:key/",
	    "arn:aws:kms::123456789012:key/x", "arn:aws:kms:eu-west-1:12345678901:key/x",
	    "arn:aws:kms:eu-west-1:123456789012:x", "arn:aws:kms:eu-west-1:123456789012:key/x y",
	    "arn:aws:iam::123456789012:role/x", "arn:aws:kms:EU:123456789012:key/x"};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(arn_is_kms_key(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!arn_is_kms_key(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(length_is_bounded)
{
	char text[2100] = "arn:aws:iam::123456789012:role/";

	memset(text + strlen(text), 'x', 2000);
	ck_assert(arn_is_role(text));
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "arn:aws:iam::123456789012:role/", 31);
	ck_assert(!arn_is_role(text));
}
END_TEST

static void assert_principal(const char *caller, const char *wanted)
{
	struct str out = {};

	ck_assert_int_eq(arn_write_principal(caller, &out), 0);
	ck_assert_str_eq(str_text(&out), wanted);
	str_finish(&out);
}

START_TEST(tells_whom_iam_knows)
{
	assert_principal("arn:aws:sts::123456789012:assumed-role/Dev/me@x",
	    "arn:aws:iam::123456789012:role/Dev");
	assert_principal("arn:aws-cn:sts::123456789012:assumed-role/Dev/i-1",
	    "arn:aws-cn:iam::123456789012:role/Dev");
	assert_principal(
	    "arn:aws:iam::123456789012:user/a/me", "arn:aws:iam::123456789012:user/a/me");
	assert_principal("arn:aws:sts::123456789012:federated-user/me",
	    "arn:aws:sts::123456789012:federated-user/me");
	assert_principal("", "");
}
END_TEST

UNIT(arn, tells_roles, tells_kms_keys, length_is_bounded, tells_whom_iam_knows);
