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

/* Each member's value and name begin where the tree says; in order. */
static void check_places(const struct json *node, const char *text, size_t len)
{
	static const char first[] = {[JSON_STRING] = '"', [JSON_OBJECT] = '{', [JSON_ARRAY] = '['};
	enum json_kind kind = json_kind(node);
	size_t start = json_start(node);

	MUST(start < len);
	MUST(kind < JSON_STRING ? !!strchr("ntf-0123456789", text[start])
				: text[start] == first[kind]);
	MUST(!json_name(node) ||
	     (json_name_start(node) < start && text[json_name_start(node)] == '"'));
	for (size_t i = 0; i < json_len(node); i++) {
		MUST(json_start(json_at(node, i)) > start);
		start = json_start(json_at(node, i));
		check_places(json_at(node, i), text, len);
	}
}

/* What is written is read as the same, and written the same again. */
static void check_tree(const struct json *root)
{
	_cleanup_(json_freep) struct json *again = NULL;
	_cleanup_str_ struct str once = {}, twice = {};

	MUST(json_write(&once, root) == 0);
	MUST(json_parse(once.data, once.len, &again, NULL) == 0);
	MUST(json_write(&twice, again) == 0);
	MUST(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
}

static void check_commented(const char *text, size_t len, bool is_json)
{
	_cleanup_(json_freep) struct json *root = NULL;
	struct err e = {};

	if (json_parse_commented(text, len, &root, &e) < 0) {
		MUST(!root && !is_json && strstr(e.text, ": "));
		return;
	}
	MUST(is_utf8(text, len));
	check_places(root, text, len);
	check_tree(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size), *code = NULL, *message = NULL;
	_cleanup_(json_freep) struct json *root = NULL;
	struct err e = {};

	check_string(text);
	check_verdict((const char *)data, size);
	check_commented(
	    (const char *)data, size, json_parse((const char *)data, size, &root, &e) == 0);
	if (!root) {
		MUST(!root && strchr("123456789", e.text[0]) && strstr(e.text, ": "));
		MUST(oci_error_read((const char *)data, size, &code, &message) < 0);
		return 0;
	}
	MUST(root && is_utf8((const char *)data, size));
	if (oci_error_read((const char *)data, size, &code, &message) == 0)
		check_error(code, message);
	return 0;
}
