#include "ecr_rights.h"

#include <string.h>

#include "json.h"

#define NO_DIGEST "sha256:0000000000000000000000000000000000000000000000000000000000000000"
#define NO_UPLOAD "00000000-0000-0000-0000-000000000000"
#define UPLOAD    ",\"uploadId\":\"" NO_UPLOAD "\""
#define DIGESTS   ",\"layerDigests\":[\"" NO_DIGEST "\"]"
#define MANIFEST                                      \
	"{\\\"schemaVersion\\\":2,\\\"mediaType\\\":" \
	"\\\"application/vnd.oci.image.index.v1+json\\\",\\\"manifests\\\":[]}"

const struct push_right push_rights[] = {
    {"BatchCheckLayerAvailability", DIGESTS, false},
    {"InitiateLayerUpload", "", true},
    {"UploadLayerPart", UPLOAD ",\"partFirstByte\":0,\"partLastByte\":0,\"layerPartBlob\":\"AA==\"",
	false},
    {"CompleteLayerUpload", UPLOAD DIGESTS, false},
    {"PutImage", ",\"imageTag\":\"ecr-upsertd-doctor\",\"imageManifest\":\"" MANIFEST "\"", true},
    {},
};

/* More would not tell more. */
enum { PAGE = 100 };

/* {"registryId":…, to which the caller appends the rest. */
static int write_registry(const struct registry *registry, struct str *ret)
{
	int r = str_append_text(ret, "{\"registryId\":");

	return r < 0 ? r : json_write_string(ret, registry->account);
}

enum ecr_outcome ecr_ask_push_right(const struct registry *registry, const char *missing,
    const struct push_right *right, int64_t deadline_ms, struct err *e)
{
	struct ecr_call call = {registry, right->name, missing, NULL, deadline_ms};
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	int r = write_registry(registry, &body);

	if (r == 0)
		r = str_append_text(&body, ",\"repositoryName\":");
	if (r == 0)
		r = json_write_string(&body, missing);
	if (r == 0)
		r = str_appendf(&body, "%s}", right->extra);
	if (r < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	call.body = str_text(&body);
	return ecr_call(&call, &reply, e);
}

/* NULL when there is none. */
static const char *choose(
    const struct json *list, bool (*wanted)(void *userdata, const char *repository), void *userdata)
{
	const char *first = NULL;

	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_string(json_get(json_at(list, i), "repositoryName"));

		if (name && wanted(userdata, name))
			return name;
		if (!first)
			first = name;
	}
	return first;
}

enum ecr_outcome ecr_find_repository(const struct registry *registry,
    bool (*wanted)(void *userdata, const char *repository), void *userdata, int64_t deadline_ms,
    char **ret, struct err *e)
{
	struct ecr_call call = {registry, "DescribeRepositories", NULL, NULL, deadline_ms};
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	const struct json *list;
	enum ecr_outcome outcome;
	char *name = NULL;

	if (write_registry(registry, &body) < 0 ||
	    str_appendf(&body, ",\"maxResults\":%d}", PAGE) < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	call.body = str_text(&body);
	outcome = ecr_call(&call, &reply, e);
	if (outcome != ECR_DONE)
		return outcome;
	list = json_get(reply.body, "repositories");
	if (!list)
		return ecr_call_refuse_answer(&call, e);
	if (str_dup(choose(list, wanted, userdata), &name) < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	*ret = name;
	return ECR_DONE;
}
