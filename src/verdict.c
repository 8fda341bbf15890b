#include "verdict.h"

#include <string.h>

#include "repository_name.h"

bool verdict_may_create(const char *method, enum operation operation)
{
	return (strcmp(method, "POST") == 0 && operation == OPERATION_UPLOAD_START) ||
	       (strcmp(method, "PUT") == 0 && operation == OPERATION_MANIFEST);
}

/*
 * ECR: "The repository with name 'team/app' does not exist in the registry with id '…'". A mount
 * may fail for the repository it mounts from: the first name in quotes says which one is meant, and
 * where there is none nothing is created.
 */
static bool names_repository(const char *message, const char *repository)
{
	const char *open = strchr(message, '\''), *close = open ? strchr(open + 1, '\'') : NULL;
	size_t len = strlen(repository);

	return close && (size_t)(close - open - 1) == len && memcmp(open + 1, repository, len) == 0;
}

static enum verdict verdict_of_error(
    const struct verdict_input *input, const char *code, const char *message)
{
	if (input->status == 403 && strcmp(code, "DENIED") == 0 &&
	    strcasestr(message, "authorization token has expired"))
		return input->fresh_token || !input->repeatable ? VERDICT_REFUSED : VERDICT_SIGN_IN;
	if (input->status == 404 && strcmp(code, "NAME_UNKNOWN") == 0 && input->repeatable &&
	    verdict_may_create(input->method, input->operation) &&
	    names_repository(message, input->repository))
		return VERDICT_CREATE;
	return VERDICT_PASS;
}

enum verdict verdict_of(const struct verdict_input *input)
{
	_cleanup_(freep) char *code = NULL, *message = NULL;

	if (input->no_byte)
		return input->repeatable && strcmp(input->method, "POST") == 0 &&
			       input->operation == OPERATION_UPLOAD_START
			   ? VERDICT_ASK
			   : VERDICT_PASS;
	if (input->status == 401)
		return input->fresh_token || !input->repeatable ? VERDICT_REFUSED : VERDICT_SIGN_IN;
	if (input->status == 429)
		return VERDICT_WAIT;
	if (input->status == 405 && input->repository &&
	    !repository_name_is_valid(input->repository))
		return VERDICT_NAME;
	/* "Has expired" and a missing right look the same without a body: a fresh token tells. */
	if (input->status == 403 && strcmp(input->method, "HEAD") == 0)
		return input->fresh_token || !input->repeatable ? VERDICT_PASS : VERDICT_SIGN_IN;
	if (!input->body || oci_error_read(input->body, input->body_len, &code, &message) < 0)
		return VERDICT_PASS;
	return verdict_of_error(input, code, message);
}
