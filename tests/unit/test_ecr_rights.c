#include "unit.h"

#include "ecr_fixture.h"
#include "ecr_rights.h"

static enum ecr_outcome ask(const char *name, struct err *e)
{
	for (const struct push_right *right = push_rights; right->name; right++)
		if (strcmp(right->name, name) == 0)
			return ecr_ask_push_right(
			    &ecr_registry, "team/none", right, ecr_deadline_ms, e);
	ck_abort_msg("no such right: %s", name);
}

START_TEST(the_answer_tells)
{
	struct err e = {};

	ecr_setup();
	fake_answer(
	    (struct fake_answer){.status = 400, .error_type = "RepositoryNotFoundException"});
	ck_assert_int_eq(ask("InitiateLayerUpload", &e), ECR_NOT_FOUND);
	ck_assert_str_eq(headers_get(&fake_asked[0].headers, "X-Amz-Target"),
	    "AmazonEC2ContainerRegistry_V20150921.InitiateLayerUpload");
	ck_assert_str_eq(str_text(&fake_asked[0].body),
	    "{\"registryId\":\"123456789012\",\"repositoryName\":\"team/none\"}");
	fake_answer((struct fake_answer){.status = 400, .error_type = "AccessDeniedException"});
	ck_assert_int_eq(ask("PutImage", &e), ECR_ACCESS_DENIED);
	ck_assert_ptr_nonnull(strstr(e.text, "lacks ecr:PutImage on arn:"));
	fake_answer((struct fake_answer){.status = 400, .error_type = "InvalidParameterException"});
	ck_assert_int_eq(ask("UploadLayerPart", &e), ECR_INVALID);
	ecr_teardown();
}
END_TEST

START_TEST(each_request_is_json)
{
	ecr_setup();
	for (const struct push_right *right = push_rights; right->name; right++) {
		_cleanup_(json_freep) struct json *body = NULL;

		fake_fetch_reset();
		fake_answer((struct fake_answer){.status = 400, .error_type = "X"});
		ask(right->name, NULL);
		ck_assert_int_eq(
		    json_parse(str_text(&fake_asked[0].body), fake_asked[0].body.len, &body, NULL),
		    0);
		ck_assert_str_eq(json_string(json_get(body, "repositoryName")), "team/none");
	}
	ecr_teardown();
}
END_TEST

static bool is_wanted(void *userdata, const char *repository)
{
	return userdata && strcmp(userdata, repository) == 0;
}

static char *find(const char *wanted)
{
	char *found = NULL;

	ck_assert_int_eq(ecr_find_repository(&ecr_registry, is_wanted, (void *)wanted,
			     ecr_deadline_ms, &found, NULL),
	    ECR_DONE);
	return found;
}

START_TEST(finds_one_that_exists)
{
	static const char two[] =
	    "{\"repositories\":[{\"repositoryName\":\"a\"},{\"repositoryName\":\"b\"}]}";
	char *found;

	ecr_setup();
	fake_answer((struct fake_answer){.status = 200, .body = two});
	found = find("b");
	ck_assert_str_eq(found, "b");
	free(found);
	fake_answer((struct fake_answer){.status = 200, .body = two});
	found = find("c");
	ck_assert_str_eq(found, "a");
	free(found);
	fake_answer((struct fake_answer){.status = 200, .body = "{\"repositories\":[]}"});
	ck_assert_ptr_null(find(NULL));
	ecr_teardown();
}
END_TEST

UNIT(ecr_rights, the_answer_tells, each_request_is_json, finds_one_that_exists);
