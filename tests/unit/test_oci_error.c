#include "unit.h"

#include <errno.h>
#include <string.h>

#include "json.h"
#include "oci_error.h"

START_TEST(refuses_with_status_code_and_message)
{
	struct oci_error e = {};

	ck_assert_int_eq(oci_error_set(&e, 403, "DENIED", "rule %s", "no-prod"), -EPERM);
	ck_assert_uint_eq(e.status, 403);
	ck_assert_str_eq(e.code, "DENIED");
	ck_assert_str_eq(e.message, "rule no-prod");
	oci_error_set(&e, 403, "DENIED", "rule %s", "on\r\ntwo lines");
	ck_assert_str_eq(e.message, "rule on  two lines");
}
END_TEST

START_TEST(cuts_a_long_message)
{
	char text[2 * OCI_MESSAGE_MAX] = {};
	struct oci_error e = {};

	memset(text, 'x', sizeof(text) - 1);
	oci_error_set(&e, 400, "UNSUPPORTED", "%s", text);
	ck_assert_uint_eq(strlen(e.message), OCI_MESSAGE_MAX - 1);
}
END_TEST

START_TEST(writes_what_it_reads)
{
	_cleanup_(freep) char *code = NULL, *message = NULL;
	_cleanup_str_ struct str text = {};
	struct oci_error e = {};

	oci_error_set(&e, 404, "NAME_UNKNOWN", "no \"repo\" \\ \xff here");
	ck_assert_int_eq(oci_error_write(&e, &text), 0);
	ck_assert_str_eq(str_text(&text), "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":"
					  "\"no \\\"repo\\\" \\\\ \xef\xbf\xbd here\"}]}\n");
	ck_assert_int_eq(oci_error_read(text.data, text.len, &code, &message), 0);
	ck_assert_str_eq(code, "NAME_UNKNOWN");
	ck_assert_str_eq(message, "no \"repo\" \\ \xef\xbf\xbd here");
}
END_TEST

START_TEST(reads_the_first_error)
{
	static const char *const bodies[] = {
	    "{\"errors\":[{\"code\":\"A\",\"message\":\"m\"},{\"code\":\"B\",\"message\":\"n\"}]}",
	    "{\"errors\":[{\"code\":\"A\",\"message\":\"m\",\"detail\":{\"x\":[1]}}],\"y\":null}",
	    " {\"errors\" : [ {\"message\":\"m\", \"code\":\"A\"} ] } \n"};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		_cleanup_(freep) char *code = NULL, *message = NULL;

		ck_assert_int_eq(oci_error_read(bodies[i], strlen(bodies[i]), &code, &message), 0);
		ck_assert_str_eq(code, "A");
		ck_assert_str_eq(message, "m");
	}
}
END_TEST

START_TEST(a_message_may_be_absent)
{
	static const char body[] = "{\"errors\":[{\"code\":\"DENIED\"}]}";
	_cleanup_(freep) char *code = NULL, *message = NULL;

	ck_assert_int_eq(oci_error_read(body, strlen(body), &code, &message), 0);
	ck_assert_str_eq(code, "DENIED");
	ck_assert_str_eq(message, "");
}
END_TEST

START_TEST(refuses_another_shape)
{
	static const char *const bodies[] = {"", "Not Authorized\n", "null", "[]", "{}",
	    "{\"errors\":[]}", "{\"errors\":{}}", "{\"errors\":[\"NAME_UNKNOWN\"]}",
	    "{\"errors\":[{\"message\":\"m\"}]}", "{\"errors\":[{\"code\":5}]}",
	    "{\"errors\":[{\"code\":\"A\"}]", "{\"errors\":[{\"code\":\"A\\u0000\"}]}",
	    "<html>404</html>"};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		char *code = NULL, *message = NULL;

		ck_assert_int_eq(
		    oci_error_read(bodies[i], strlen(bodies[i]), &code, &message), -EBADMSG);
		ck_assert_ptr_null(code);
		ck_assert_ptr_null(message);
	}
}
END_TEST

UNIT(oci_error, refuses_with_status_code_and_message, cuts_a_long_message, writes_what_it_reads,
    reads_the_first_error, a_message_may_be_absent, refuses_another_shape);
