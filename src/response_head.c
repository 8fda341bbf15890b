#include "response_head.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "http_syntax.h"

static int malformed(struct err *e, const char *what)
{
	return err_set(e, -EBADMSG, "the registry's answer is malformed: %s", what);
}

static bool digits(const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!isdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* HTTP/1.x SP 3DIGIT [SP reason]; the space is often left out with the reason (RFC 9112 §4). */
static int read_status_line(struct response_head *head, const char *line, size_t len, struct err *e)
{
	unsigned status;

	if (len < 12 || (memcmp(line, "HTTP/1.1 ", 9) != 0 && memcmp(line, "HTTP/1.0 ", 9) != 0) ||
	    !digits(line + 9, 3) || (len > 12 && line[12] != ' '))
		return malformed(e, "no HTTP/1.x status line");
	status = (unsigned)((line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0');
	if (status < 100 || status > 599)
		return malformed(e, "status code out of range");
	if (status == 101)
		return malformed(e, "it switches protocols unasked");
	head->status = status;
	head->http_1_0 = line[7] == '0';
	head->content_length = -1;
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static int read_field(struct response_head *head, const char *line, size_t len, struct err *e)
{
	const char *colon = memchr(line, ':', len), *value, *end = line + len;

	if (!colon || !http_is_token(line, colon - line))
		return malformed(
		    e, "a field without a proper name (folded, or a space before the colon)");
	value = colon + 1;
	while (value < end && is_space(*value))
		value++;
	while (end > value && is_space(end[-1]))
		end--;
	return headers_add_n(&head->headers, line, colon - line, value, end - value);
}

static int read_framing(struct response_head *head, struct err *e)
{
	const char *length = headers_get(&head->headers, "Content-Length");
	const char *coding = headers_get(&head->headers, "Transfer-Encoding");

	if (headers_count(&head->headers, "Content-Length") > 1 ||
	    (length && http_parse_length(length, &head->content_length) < 0))
		return malformed(e, "not one plain Content-Length");
	if (headers_count(&head->headers, "Transfer-Encoding") > 1 ||
	    (coding && strcasecmp(coding, "chunked") != 0))
		return malformed(e, "Transfer-Encoding is not chunked");
	if (coding && length)
		return malformed(e, "Content-Length beside Transfer-Encoding");
	if (coding && head->http_1_0)
		return malformed(e, "Transfer-Encoding in HTTP/1.0");
	head->chunked = coding;
	if ((head->status < 200 || head->status == 204) &&
	    (head->chunked || head->content_length > 0))
		return malformed(e, "a body where there can be none");
	return 0;
}

static int end_block(struct response_head *head, struct err *e)
{
	int r = read_framing(head, e);

	if (r < 0)
		return r;
	if (head->status < 200) {
		headers_finish(&head->headers);
		head->status = 0;
		return 0;
	}
	head->complete = true;
	head->keep_alive = !headers_have_token(&head->headers, "Connection", "close");
	if (head->http_1_0 && !headers_have_token(&head->headers, "Connection", "keep-alive"))
		head->keep_alive = false;
	return 0;
}

int response_head_line(struct response_head *head, const char *line, size_t len, struct err *e)
{
	head->size += len;
	if (head->size > RESPONSE_HEAD_MAX)
		return malformed(e, "its head is too long");
	if (len < 2 || memcmp(line + len - 2, "\r\n", 2) != 0 ||
	    !http_is_field_value(line, len - 2))
		return malformed(e, "a control character, or a line that does not end in CRLF");
	if (head->complete)
		return 0; /* a trailer: checked, and not for the client */
	if (head->status == 0)
		return read_status_line(head, line, len - 2, e);
	if (len == 2)
		return end_block(head, e);
	return read_field(head, line, len - 2, e);
}

int64_t response_body_length(const struct response_head *head, const char *method)
{
	if (strcmp(method, "HEAD") == 0 || head->status == 204 || head->status == 304)
		return 0;
	return head->content_length;
}

void response_head_finish(struct response_head *head)
{
	if (!head)
		return;
	headers_finish(&head->headers);
	*head = (struct response_head){};
}
