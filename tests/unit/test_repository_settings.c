#include "unit.h"

#include "repository_settings.h"

START_TEST(the_request_by_default)
{
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(repository_settings_write_request(
			     &repository_settings_default, "123456789012", "team/app", &s),
	    0);
	ck_assert_str_eq(str_text(&s),
	    "{\"registryId\":\"123456789012\",\"repositoryName\":\"team/app\","
	    "\"imageTagMutability\":\"IMMUTABLE\","
	    "\"imageScanningConfiguration\":{\"scanOnPush\":true}}");
}
END_TEST

START_TEST(other_settings_and_odd_names)
{
	const struct repository_settings settings = {.image_tag_mutability = "MUTABLE"};
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(repository_settings_write_request(&settings, "1", "a\"\\b", &s), 0);
	ck_assert_str_eq(str_text(&s), "{\"registryId\":\"1\",\"repositoryName\":\"a\\\"\\\\b\","
				       "\"imageTagMutability\":\"MUTABLE\","
				       "\"imageScanningConfiguration\":{\"scanOnPush\":false}}");
}
END_TEST

UNIT(repository_settings, the_request_by_default, other_settings_and_odd_names);
