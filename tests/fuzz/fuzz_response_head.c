/* An upstream's head, line by line as curl gives it: what is complete has one framing. */
#include "fuzz.h"

#include <string.h>

#include "http_syntax.h"
#include "response_head.h"

static void check_complete(const struct response_head *head)
{
	MUST(head->status >= 200 && head->status <= 599);
	MUST(!(head->chunked && head->content_length >= 0));
	MUST(!(head->chunked && head->http_1_0));
	MUST(head->content_length >= -1);
	MUST(headers_count(&head->headers, "Content-Length") == (head->content_length >= 0));
	MUST(headers_count(&head->headers, "Transfer-Encoding") == head->chunked);
	MUST(response_body_length(head, "HEAD") == 0);
	if (head->status == 204 || head->status == 304)
		MUST(response_body_length(head, "GET") == 0);
	for (size_t i = 0; i < head->headers.len; i++) {
		const struct header *field = &head->headers.items[i];

		MUST(http_is_token(field->name, strlen(field->name)));
		MUST(http_is_field_value(field->value, strlen(field->value)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct response_head head = {};
	struct err e = {};
	int r = 0;

	while (size > 0 && r == 0) {
		const uint8_t *newline = memchr(data, '\n', size);
		size_t len = newline ? (size_t)(newline - data) + 1 : size;

		r = response_head_line(&head, (const char *)data, len, &e);
		data += len;
		size -= len;
	}
	MUST(r == 0 || *e.text);
	if (head.complete)
		check_complete(&head);
	response_head_finish(&head);
	return 0;
}
