#include "unit.h"

#include <string.h>

#include "verdict.h"

#define ERROR(code, message) "{\"errors\":[{\"code\":\"" code "\",\"message\":\"" message "\"}]}"
#define MISSING(name)                                           \
	ERROR("NAME_UNKNOWN", "The repository with name '" name \
			      "' does not exist in the registry with id '123456789012'")
#define EXPIRED \
	ERROR("DENIED", "Your authorization token has expired. Reauthenticate and try again.")

struct answer {
	const char *method;
	enum operation operation;
	unsigned status;
	const char *body;
	enum verdict verdict;        /* of a repeatable request with an old token */
	enum verdict not_repeatable; /* the same, not repeatable */
	enum verdict fresh;          /* the same, repeatable, with a fresh token */
};

#define PASS    VERDICT_PASS
#define CREATE  VERDICT_CREATE
#define SIGN_IN VERDICT_SIGN_IN
#define REFUSED VERDICT_REFUSED
#define WAIT    VERDICT_WAIT

static const struct answer answers[] = {
    /* The two triggers. */
    {"POST", OPERATION_UPLOAD_START, 404, MISSING("team/app"), CREATE, PASS, CREATE},
    {"PUT", OPERATION_MANIFEST, 404, MISSING("team/app"), CREATE, PASS, CREATE},
    /* No other request creates. */
    {"GET", OPERATION_MANIFEST, 404, MISSING("team/app"), PASS, PASS, PASS},
    {"HEAD", OPERATION_MANIFEST, 404, MISSING("team/app"), PASS, PASS, PASS},
    {"DELETE", OPERATION_MANIFEST, 404, MISSING("team/app"), PASS, PASS, PASS},
    {"GET", OPERATION_UPLOAD_START, 404, MISSING("team/app"), PASS, PASS, PASS},
    {"PUT", OPERATION_UPLOAD_START, 404, MISSING("team/app"), PASS, PASS, PASS},
    {"POST", OPERATION_MANIFEST, 404, MISSING("team/app"), PASS, PASS, PASS},
    {"PATCH", OPERATION_UPLOAD, 404, MISSING("team/app"), PASS, PASS, PASS},
    {"PUT", OPERATION_UPLOAD, 404, MISSING("team/app"), PASS, PASS, PASS},
    {"GET", OPERATION_TAGS, 404, MISSING("team/app"), PASS, PASS, PASS},
    {"POST", OPERATION_OTHER, 404, MISSING("team/app"), PASS, PASS, PASS},
    {"post", OPERATION_UPLOAD_START, 404, MISSING("team/app"), PASS, PASS, PASS},
    /* Another status, code, name or shape creates nothing. */
    {"POST", OPERATION_UPLOAD_START, 400, MISSING("team/app"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 403, MISSING("team/app"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 202, MISSING("team/app"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 405, ERROR("UNSUPPORTED", "Invalid parameter at 'team/app'"),
	PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, ERROR("BLOB_UPLOAD_UNKNOWN", "of 'team/app'"), PASS, PASS,
	PASS},
    {"POST", OPERATION_UPLOAD_START, 404, ERROR("name_unknown", "of 'team/app'"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, MISSING("team/base"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, MISSING("team/app2"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, MISSING("team/ap"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, MISSING("app"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, MISSING("Team/App"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, MISSING(""), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404,
	ERROR("NAME_UNKNOWN", "no 'team/base', wanted by 'team/app'"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, ERROR("NAME_UNKNOWN", "team/app is unknown"), PASS, PASS,
	PASS},
    {"POST", OPERATION_UPLOAD_START, 404, ERROR("NAME_UNKNOWN", "no 'team/app"), PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, "{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}", PASS, PASS,
	PASS},
    {"POST", OPERATION_UPLOAD_START, 404, "404 page not found\n", PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, "", PASS, PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 404, NULL, PASS, PASS, PASS},
    /* The first error of several is the one that counts. */
    {"POST", OPERATION_UPLOAD_START, 404,
	"{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"no 'team/app'\"},"
	"{\"code\":\"DENIED\"}]}",
	CREATE, PASS, CREATE},
    /* The token. */
    {"GET", OPERATION_PING, 401, "Not Authorized\n", SIGN_IN, REFUSED, REFUSED},
    {"HEAD", OPERATION_BLOB, 401, NULL, SIGN_IN, REFUSED, REFUSED},
    {"PATCH", OPERATION_UPLOAD, 401, "Not Authorized\n", SIGN_IN, REFUSED, REFUSED},
    {"POST", OPERATION_UPLOAD_START, 401, MISSING("team/app"), SIGN_IN, REFUSED, REFUSED},
    {"GET", OPERATION_MANIFEST, 403, EXPIRED, SIGN_IN, REFUSED, REFUSED},
    {"GET", OPERATION_MANIFEST, 403,
	ERROR("DENIED", "Your Authorization Token has expired. Please run 'aws ecr get-login'"),
	SIGN_IN, REFUSED, REFUSED},
    {"GET", OPERATION_MANIFEST, 404, EXPIRED, PASS, PASS, PASS},
    {"GET", OPERATION_MANIFEST, 403, ERROR("UNAUTHORIZED", "authorization token has expired"), PASS,
	PASS, PASS},
    {"POST", OPERATION_UPLOAD_START, 403,
	ERROR("DENIED", "User: x is not authorized to perform: ecr:InitiateLayerUpload"), PASS,
	PASS, PASS},
    /* No body to tell an expired token from a missing right: a fresh token does. */
    {"HEAD", OPERATION_MANIFEST, 403, NULL, SIGN_IN, PASS, PASS},
    /* Throttled. */
    {"PUT", OPERATION_MANIFEST, 429, ERROR("TOOMANYREQUESTS", "Rate exceeded"), WAIT, WAIT, WAIT},
    {"HEAD", OPERATION_BLOB, 429, NULL, WAIT, WAIT, WAIT},
    /* All else goes to the client. */
    {"POST", OPERATION_UPLOAD_START, 202, NULL, PASS, PASS, PASS},
    {"GET", OPERATION_BLOB, 307, NULL, PASS, PASS, PASS},
    {"GET", OPERATION_BLOB, 500, "boom", PASS, PASS, PASS},
    {"GET", OPERATION_BLOB, 503, NULL, PASS, PASS, PASS},
    {"PATCH", OPERATION_UPLOAD, 416, ERROR("BLOB_UPLOAD_INVALID", "First byte is 0"), PASS, PASS,
	PASS},
};

static struct verdict_input input_of(const struct answer *answer)
{
	return (struct verdict_input){
	    .method = answer->method,
	    .operation = answer->operation,
	    .repository = "team/app",
	    .repeatable = true,
	    .status = answer->status,
	    .body = answer->body,
	    .body_len = answer->body ? strlen(answer->body) : 0,
	};
}

START_TEST(judges_answers)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct verdict_input input = input_of(&answers[i]);

		ck_assert_msg(verdict_of(&input) == answers[i].verdict, "%zu", i);
		input.fresh_token = true;
		ck_assert_msg(verdict_of(&input) == answers[i].fresh, "%zu fresh", i);
		input.fresh_token = false;
		input.repeatable = false;
		ck_assert_msg(verdict_of(&input) == answers[i].not_repeatable, "%zu not", i);
	}
}
END_TEST

START_TEST(a_name_that_ecr_refuses_is_told_from_other_405s)
{
	struct verdict_input input = {
	    .method = "HEAD", .operation = OPERATION_BLOB, .repository = "x", .status = 405};

	ck_assert_int_eq(verdict_of(&input), VERDICT_NAME);
	input.status = 404;
	ck_assert_int_eq(verdict_of(&input), VERDICT_PASS);
	input.status = 405;
	input.repository = NULL;
	ck_assert_int_eq(verdict_of(&input), VERDICT_PASS);
	input.repository = "team/app";
	ck_assert_int_eq(verdict_of(&input), VERDICT_PASS);
}
END_TEST

START_TEST(asks_only_after_a_post_without_an_answer)
{
	struct verdict_input input = {.method = "POST",
	    .operation = OPERATION_UPLOAD_START,
	    .repository = "team/app",
	    .repeatable = true,
	    .no_byte = true};

	ck_assert_int_eq(verdict_of(&input), VERDICT_ASK);
	input.repeatable = false;
	ck_assert_int_eq(verdict_of(&input), VERDICT_PASS);
	input.repeatable = true;
	input.method = "PUT";
	input.operation = OPERATION_MANIFEST;
	ck_assert_int_eq(verdict_of(&input), VERDICT_PASS);
	input.method = "GET";
	ck_assert_int_eq(verdict_of(&input), VERDICT_PASS);
	input.operation = OPERATION_UPLOAD_START;
	ck_assert_int_eq(verdict_of(&input), VERDICT_PASS);
}
END_TEST

UNIT(verdict, a_name_that_ecr_refuses_is_told_from_other_405s, judges_answers,
    asks_only_after_a_post_without_an_answer);
