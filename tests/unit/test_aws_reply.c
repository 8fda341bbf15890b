#include "unit.h"

#include <errno.h>
#include <string.h>

#include "aws_reply.h"

static void read_reply(unsigned status, const char *error_type, const char *date, const char *body,
    struct aws_reply *ret)
{
	_cleanup_headers_ struct headers headers = {};
	struct str text = {};

	if (error_type)
		ck_assert_int_eq(headers_add(&headers, "x-amzn-errortype", error_type), 0);
	if (date)
		ck_assert_int_eq(headers_add(&headers, "Date", date), 0);
	ck_assert_int_eq(str_append_text(&text, body), 0);
	ck_assert_int_eq(aws_reply_read(status, &headers, &text, ret), 0);
	ck_assert_ptr_null(text.data);
}

START_TEST(code_and_message)
{
	static const struct {
		const char *error_type, *body, *code, *message;
	} cases[] = {
	    {NULL, "{\"__type\":\"A\",\"message\":\"m\"}", "A", "m"},
	    {NULL, "{\"__type\":\"com.amazonaws.ecr#A\",\"Message\":\"m\"}", "A", "m"},
	    {NULL, "{\"code\":\"A\"}", "A", NULL},
	    {"A:http://internal.amazon.com/x/", "{\"__type\":\"B\",\"message\":\"m\"}", "A", "m"},
	    {"x#A", "", "A", NULL},
	    {"", "{\"__type\":\"A\"}", "A", NULL},
	    {NULL, "{\"message\":1,\"__type\":2}", "", NULL},
	    {NULL, "[]", "", NULL},
	    {NULL, "", "", NULL},
	    {NULL, "<html>no</html>", "", NULL},
	    {NULL, "{\"__type\":\"A<script>\"}", "A", NULL},
	    {NULL, "{\"__type\":\"A\",\"message\":\"a\\r\\nb\\u0007c\"}", "A", "a  b c"},
	    {NULL, "{\"Error\":{\"Code\":\"A\",\"Message\":\"m\"},\"RequestId\":\"x\"}", "A", "m"},
	    {NULL,
		"<ErrorResponse><Error><Type>Sender</Type><Code>A</Code><Message>m\nn</Message>"
		"</Error></ErrorResponse>",
		"A", "m n"},
	    {"B", "<Code>A</Code>", "B", NULL},
	    {NULL, "<Code>A", "", NULL},
	    {NULL, "<Code>A;B</Code><Message></Message>", "A", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(aws_reply_finish) struct aws_reply reply = {};

		read_reply(400, cases[i].error_type, NULL, cases[i].body, &reply);
		ck_assert_pstr_eq(reply.code, cases[i].code);
		ck_assert_pstr_eq(reply.message, cases[i].message);
		ck_assert_str_eq(str_text(&reply.text), cases[i].body);
	}
}
END_TEST

START_TEST(success_has_no_code)
{
	_cleanup_(aws_reply_finish) struct aws_reply json = {}, text = {};

	read_reply(200, NULL, "Fri, 02 Jan 2026 03:04:05 GMT", "{\"__type\":\"A\",\"a\":1}", &json);
	ck_assert_ptr_null(json.code);
	ck_assert_ptr_null(json.message);
	ck_assert_ptr_nonnull(json_get(json.body, "a"));
	ck_assert_int_eq(json.date_s, 1767323045);
	ck_assert_int_eq(aws_reply_verdict(&json), AWS_DONE);
	read_reply(299, NULL, "soon", "<a/>", &text);
	ck_assert_ptr_null(text.code);
	ck_assert_ptr_null(text.body);
	ck_assert_int_eq(text.date_s, 0);
}
END_TEST

START_TEST(verdicts)
{
	static const struct {
		unsigned status;
		const char *code;
		enum aws_verdict verdict;
	} cases[] = {
	    {400, "ThrottlingException", AWS_TRANSIENT},
	    {400, "TooManyRequestsException", AWS_TRANSIENT},
	    {400, "RequestTimeout", AWS_TRANSIENT},
	    {500, "ServerException", AWS_TRANSIENT},
	    {429, "", AWS_TRANSIENT},
	    {500, "", AWS_TRANSIENT},
	    {503, "Unheard", AWS_TRANSIENT},
	    {403, "AccessDeniedException", AWS_ACCESS_DENIED},
	    {500, "AccessDenied", AWS_ACCESS_DENIED},
	    {400, "UnrecognizedClientException", AWS_KEYS_REFUSED},
	    {400, "ExpiredTokenException", AWS_KEYS_REFUSED},
	    {403, "InvalidClientTokenId", AWS_KEYS_REFUSED},
	    {403, "SignatureDoesNotMatch", AWS_KEYS_REFUSED},
	    {403, "InvalidSignatureException", AWS_KEYS_REFUSED},
	    {403, "MissingAuthenticationTokenException", AWS_KEYS_REFUSED},
	    {400, "IncompleteSignature", AWS_KEYS_REFUSED},
	    {400, "LimitExceededException", AWS_REFUSED},
	    {400, "RepositoryNotFoundException", AWS_REFUSED},
	    {400, "", AWS_REFUSED},
	    {302, "", AWS_REFUSED},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(aws_reply_finish) struct aws_reply reply = {};

		read_reply(cases[i].status, cases[i].code, NULL, "", &reply);
		ck_assert_msg(aws_reply_verdict(&reply) == cases[i].verdict, "%s", cases[i].code);
	}
}
END_TEST

START_TEST(clock_offset)
{
	static const struct {
		const char *code;
		int64_t date_s, signed_s, wall_s;
		bool off;
		int64_t offset_s;
	} cases[] = {
	    {"InvalidSignatureException", 10000, 9000, 9000, true, 1000},
	    {"SignatureDoesNotMatch", 9000, 10000, 10000, true, -1000},
	    {"RequestTimeTooSkewed", 10061, 10000, 10000, true, 61},
	    {"RequestTimeTooSkewed", 10060, 10000, 10000, false, 0},
	    {"RequestTimeTooSkewed", 9940, 10000, 10000, false, 0},
	    /* Signed with a correction that is wrong by now. */
	    {"RequestExpired", 10000, 9000, 10001, true, -1},
	    {"InvalidSignatureException", 0, 9000, 9000, false, 0},
	    {"ExpiredTokenException", 10000, 9000, 9000, false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct aws_reply reply = {
		    .status = 400, .code = (char *)cases[i].code, .date_s = cases[i].date_s};
		int64_t offset_s = 0;

		ck_assert_msg(aws_reply_clock_offset(&reply, cases[i].signed_s, cases[i].wall_s,
				  &offset_s) == cases[i].off,
		    "case %zu", i);
		ck_assert_int_eq(offset_s, cases[i].offset_s);
	}
	ck_assert(!aws_reply_clock_offset(
	    &(const struct aws_reply){.status = 200, .date_s = 5000}, 1, 1, &(int64_t){0}));
}
END_TEST

START_TEST(described_without_what_was_signed)
{
	static const struct {
		const char *code, *message, *text;
	} cases[] = {
	    {"A", "m", "A: m"},
	    {"A", NULL, "A"},
	    {"", "m", "HTTP 400"},
	    {NULL, NULL, "HTTP 400"},
	    {"SignatureDoesNotMatch", "should have been x-amz-security-token:SECRET",
		"SignatureDoesNotMatch"},
	    {"IncompleteSignature", "Authorization=SECRET", "IncompleteSignature"},
	    {"ExpiredTokenException", "is expired", "ExpiredTokenException: is expired"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_str_ struct str s = {};
		const struct aws_reply reply = {.status = 400,
		    .code = (char *)cases[i].code,
		    .message = (char *)cases[i].message};

		ck_assert_int_eq(aws_reply_describe(&reply, &s), 0);
		ck_assert_str_eq(str_text(&s), cases[i].text);
	}
}
END_TEST

UNIT(aws_reply, code_and_message, success_has_no_code, verdicts, clock_offset,
    described_without_what_was_signed);
