/* JSON, and an error body of a registry: what is read can be written and read again. */
#include "fuzz.h"

#include <string.h>

#include "json.h"
#include "oci_error.h"
#include "utf8.h"
#include "verdict.h"

static bool is_utf8(const char *text, size_t len)
{
	while (len > 0) {
		size_t step = utf8_length(text, len);

		if (step == 0)
			return false;
		text += step;
		len -= step;
	}
	return true;
}

static void check_string(const char *text)
{
	_cleanup_(json_freep) struct json *root = NULL;
	_cleanup_str_ struct str written = {};

	MUST(json_write_string(&written, text) == 0);
	MUST(json_parse(written.data, written.len, &root, NULL) == 0);
	if (is_utf8(text, strlen(text)))
		MUST(strcmp(json_string(root), text) == 0);
}

static void check_error(const char *code, const char *message)
{
	_cleanup_(freep) char *code_again = NULL, *message_again = NULL;
	struct oci_error e = {.status = 400, .code = code};
	_cleanup_str_ struct str written = {};

	if (strlen(message) >= OCI_MESSAGE_MAX)
		return;
	strcpy(e.message, message);
	MUST(oci_error_write(&e, &written) == 0);
	MUST(oci_error_read(written.data, written.len, &code_again, &message_again) == 0);
	MUST(strcmp(code, code_again) == 0 && strcmp(message, message_again) == 0);
}

static void check_verdict(const char *body, size_t len)
{
	struct verdict_input input = {.method = "POST",
	    .operation = OPERATION_UPLOAD_START,
	    .repository = "team/app",
	    .repeatable = true,
	    .status = 404,
	    .body = body,
	    .body_len = len};
	enum verdict verdict = verdict_of(&input);

	MUST(verdict == VERDICT_CREATE || verdict == VERDICT_PASS);
	if (verdict == VERDICT_CREATE)
		MUST(memmem(body, len, "NAME_UNKNOWN", 12) || memchr(body, '\\', len));
	input.status = 403;
	verdict = verdict_of(&input);
	MUST(verdict == VERDICT_SIGN_IN || verdict == VERDICT_PASS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size), *code = NULL, *message = NULL;
	_cleanup_(json_freep) struct json *root = NULL;
	struct err e = {};

	check_string(text);
	check_verdict((const char *)data, size);
	if (json_parse((const char *)data, size, &root, &e) < 0) {
		MUST(!root && strncmp(e.text, "line ", 5) == 0);
		MUST(oci_error_read((const char *)data, size, &code, &message) < 0);
		return 0;
	}
	MUST(root && is_utf8((const char *)data, size));
	if (oci_error_read((const char *)data, size, &code, &message) == 0)
		check_error(code, message);
	return 0;
}
