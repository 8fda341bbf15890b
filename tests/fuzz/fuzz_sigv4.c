/*
 * A request to sign: "METHOD target", then "Name: value" lines, then the body. The same request is
 * signed the same way, and a canonical query is its own canonical form.
 */
#include "fuzz.h"

#include <string.h>

#include "sigv4.h"
#include "sigv4_uri.h"

static const struct sigv4_key key = {.access_key_id = "AKIDEXAMPLE",
    .secret_access_key = "secret",
    .session_token = "token",
    .region = "us-east-1",
    .service = "ecr",
    .time_s = 1767323045};

static void check_query(const char *query)
{
	_cleanup_str_ struct str once = {}, twice = {};

	if (sigv4_canonical_query(query, &once) < 0)
		return;
	MUST(sigv4_canonical_query(str_text(&once), &twice) == 0);
	MUST(strcmp(str_text(&once), str_text(&twice)) == 0);
}

static void check_signing(const struct sigv4_request *request)
{
	struct sigv4_result first = {}, second = {};
	int r = sigv4_sign(request, &key, &first);

	MUST(sigv4_sign(request, &key, &second) == r);
	if (r == 0) {
		MUST(strlen(first.signature) == 64);
		MUST(strcmp(first.signature, second.signature) == 0);
	}
	sigv4_finish(&first);
	sigv4_finish(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);
	_cleanup_headers_ struct headers headers = {};
	char *rest = text, *line = strsep(&rest, "\n");
	struct sigv4_request request = {.headers = &headers, .sign_body = size % 2};

	request.method = strsep(&line, " ");
	request.path = line ? strsep(&line, "?") : "";
	request.query = line;
	while ((line = strsep(&rest, "\n")) && *line) {
		const char *name = strsep(&line, ":");

		MUST(headers_add(&headers, name, line ? line : "") == 0);
	}
	request.body = rest ? rest : "";
	request.body_len = strlen(request.body);
	check_signing(&request);
	if (request.query)
		check_query(request.query);
	return 0;
}
