#include "unit.h"

#include <string.h>

#include "json.h"
#include "refused_push.h"

static struct exchange_context context;
static struct exchange x;
static struct http_answer answer;

static void setup(void)
{
	ck_assert_int_eq(refusals_new(&context.refusals), 0);
	x = (struct exchange){
	    .context = &context,
	    .method = (char *)"PUT",
	    .access = {.registry = "a.test"},
	    .pass = {.target = (char *)"/v2/a.test/team/app/manifests/1?ns=a.test"},
	    .route = {.repository = (char *)"team/app"},
	};
	answer = (struct http_answer){};
}

static void expect(const char *text)
{
	_cleanup_str_ struct str listed = {};

	refused_push_note(&x, &answer);
	ck_assert_int_eq(refusals_write(context.refusals, &listed), 0);
	ck_assert_msg(strstr(listed.data, text), "%s", listed.data);
	refusals_free(context.refusals);
	str_finish(&answer.body);
}

static void answers(unsigned status, const char *body)
{
	answer.status = status;
	str_append_text(&answer.body, body);
}

START_TEST(the_registrys_own_word)
{
	setup();
	answers(400,
	    "{\"errors\":[{\"code\":\"TAG_INVALID\",\"message\":\"The image tag '1' already "
	    "exists\"}]}");
	expect("{\"registry\":\"a.test\",\"repository\":\"team/app\",\"reason\":\"the registry "
	       "refuses "
	       "it: The image tag '1' already exists\",\"rule\":null,\"time\":");
	setup();
	answers(400, "{\"errors\":[{\"code\":\"TAG_INVALID\",\"message\":\"m\"}]}");
	expect("\"remedy\":\"Push under a tag that is not taken");
	setup();
	answers(403, "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"m\"}]}");
	expect("\"remedy\":\"Have the rights to push given");
	setup();
	answers(403, "");
	x.method = (char *)"HEAD"; /* whether a layer is there: no body says why not */
	x.route.operation = OPERATION_BLOB;
	expect("\"reason\":\"the registry answers 403\",\"rule\":null");
	setup();
	answers(403, "");
	x.method = (char *)"HEAD";
	x.route.operation = OPERATION_BLOB;
	expect("\"remedy\":\"Have the rights to push given");
	setup();
	answers(502, "<html>");
	expect("\"reason\":\"the registry answers 502\",\"rule\":null");
}
END_TEST

START_TEST(our_own_word)
{
	setup();
	answers(504, "");
	oci_error_set(&x.refusal, 504, "UNAVAILABLE", "a.test does not answer");
	expect("\"reason\":\"a.test does not answer\"");
	setup();
	answers(504, "");
	oci_error_set(&x.refusal, 504, "UNAVAILABLE", "m");
	expect("\"remedy\":\"Push again;");
}
END_TEST

START_TEST(a_registry_that_is_not_served)
{
	setup();
	x.access.registry = NULL;
	x.route.repository = NULL;
	answers(404, "");
	oci_error_set(&x.refusal, 404, "NAME_UNKNOWN", "is no registry of this daemon");
	expect(
	    "[{\"registry\":null,\"repository\":\"a.test/team/app\",\"reason\":\"is no registry of "
	    "this daemon\"");
}
END_TEST

START_TEST(who_is_not_let_in)
{
	setup();
	x.access.registry = NULL;
	x.pass.target = NULL; /* so far nobody looked at what is asked for */
	x.route.repository = NULL;
	x.method = (char *)"GET";
	answers(403, "");
	oci_error_set(&x.refusal, 403, "DENIED", "user games may not use this ecr-upsertd");
	expect("[{\"registry\":null,\"repository\":\"/v2/\",\"reason\":\"user games may not use "
	       "this ecr-upsertd\"");
	setup();
	x.access.operation = "manifest";
	x.method = (char *)"GET";
	answers(403, "");
	oci_error_set(&x.refusal, 403, "DENIED", "m");
	expect("[]");
}
END_TEST

START_TEST(what_is_none_of_that)
{
	setup();
	answers(201, "");
	expect("[]");
	setup();
	answers(404, "");
	x.method = (char *)"HEAD";
	expect("[]");
	setup();
	answers(403, "");
	x.method = (char *)"HEAD"; /* a pull asks so too */
	x.route.operation = OPERATION_MANIFEST;
	expect("[]");
	setup();
	answers(403, "");
	x.access.reason = "not-created"; /* it is listed with its rule */
	expect("[]");
	setup();
	answers(403, "");
	x.pass.target = NULL; /* the gate let nothing in */
	expect("[]");
}
END_TEST

UNIT(refused_push, the_registrys_own_word, our_own_word, a_registry_that_is_not_served,
    who_is_not_let_in, what_is_none_of_that);
