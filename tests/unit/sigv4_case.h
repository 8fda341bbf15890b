#pragma once
/*
 * Requests to be signed, read from a text of "name value" lines: for the test vectors and for
 * sigv4_cli.c. A value's \xNN is one octet; an empty line ends a case; '#' begins a comment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "sigv4.h"

enum sigv4_case_text {
	CASE_NAME,
	CASE_ACCESS_KEY_ID,
	CASE_SECRET_ACCESS_KEY,
	CASE_SESSION_TOKEN,
	CASE_REGION,
	CASE_SERVICE,
	CASE_TIME,
	CASE_METHOD,
	CASE_PATH,
	CASE_QUERY,
	CASE_BODY,
	CASE_KEEP_PATH,
	CASE_SIGN_BODY,
	CASE_CANONICAL_REQUEST,
	CASE_STRING_TO_SIGN,
	CASE_SIGNATURE,
	CASE_TEXTS,
};

struct sigv4_case {
	struct str texts[CASE_TEXTS]; /* without data where the case does not name it */
	struct headers headers;
};

static inline void sigv4_case_finish(struct sigv4_case *c)
{
	for (size_t i = 0; i < CASE_TEXTS; i++)
		str_finish(&c->texts[i]);
	headers_finish(&c->headers);
}

static inline int sigv4_case_unescape(const char *text, struct str *ret)
{
	int r = str_append(ret, "", 0);

	while (*text && r >= 0) {
		size_t len = strcspn(text, "\\");
		char octet[3] = "";

		r = str_append(ret, text, len);
		text += len;
		if (r < 0 || !*text)
			continue;
		memcpy(octet, text + 2, 2);
		r = str_append(ret, &(char){(char)strtol(octet, NULL, 16)}, 1);
		text += 4;
	}
	return r;
}

static inline int sigv4_case_line(struct sigv4_case *c, const char *name, const char *value)
{
	static const char *const names[CASE_TEXTS] = {"case", "access_key_id", "secret_access_key",
	    "session_token", "region", "service", "time", "method", "path", "query", "body",
	    "keep_path", "sign_body", "canonical_request", "string_to_sign", "signature"};

	if (!strcmp(name, "header")) {
		_cleanup_str_ struct str field = {};
		const char *colon;

		if (sigv4_case_unescape(value, &field) < 0 || !(colon = strchr(field.data, ':')))
			return -1;
		return headers_add_n(&c->headers, field.data, (size_t)(colon - field.data),
		    colon + 1, strlen(colon + 1));
	}
	for (size_t i = 0; i < CASE_TEXTS; i++)
		if (!strcmp(name, names[i]))
			return sigv4_case_unescape(value, &c->texts[i]);
	return -1;
}

/* 1 for a case (which came zeroed), 0 at the end, −1 for what is none. */
static inline int sigv4_case_read(FILE *file, struct sigv4_case *c)
{
	_cleanup_(freep) char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int seen = 0;

	while ((len = getline(&line, &size, file)) > 0) {
		char *space;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		if (!line[0] && seen)
			return 1;
		if (!line[0])
			continue;
		space = strchr(line, ' ');
		if (!space)
			return -1;
		*space = '\0';
		if (sigv4_case_line(c, line, space + 1) < 0)
			return -1;
		seen = 1;
	}
	return seen;
}

static inline int sigv4_case_sign(const struct sigv4_case *c, struct sigv4_result *ret)
{
	const struct sigv4_request request = {
	    .method = str_text(&c->texts[CASE_METHOD]),
	    .path = str_text(&c->texts[CASE_PATH]),
	    .query = c->texts[CASE_QUERY].data,
	    .headers = &c->headers,
	    .body = c->texts[CASE_BODY].data,
	    .body_len = c->texts[CASE_BODY].len,
	    .keep_path = c->texts[CASE_KEEP_PATH].len,
	    .sign_body = c->texts[CASE_SIGN_BODY].len,
	};
	const struct sigv4_key key = {
	    .access_key_id = str_text(&c->texts[CASE_ACCESS_KEY_ID]),
	    .secret_access_key = str_text(&c->texts[CASE_SECRET_ACCESS_KEY]),
	    .session_token = c->texts[CASE_SESSION_TOKEN].data,
	    .region = str_text(&c->texts[CASE_REGION]),
	    .service = str_text(&c->texts[CASE_SERVICE]),
	    .time_s = atoll(str_text(&c->texts[CASE_TIME])),
	};

	return sigv4_sign(&request, &key, ret);
}
