#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copies "value" of the line "name: value" into out when the name fits. */
static bool header(const char *line, const char *name, char *out, size_t size)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0 || line[len] != ':')
		return false;
	line += len + 1;
	line += strspn(line, " \t");
	snprintf(out, size, "%s", line);
	return true;
}

static int parse_number(const char *text, int base, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(text, &end, base);
	return end != text && !errno ? 0 : -1;
}

static int parse_header(const char *line, struct request *q)
{
	char value[64];

	if (header(line, "Content-Length", value, sizeof(value)))
		return parse_number(value, 10, &q->length);
	if (header(line, "Transfer-Encoding", value, sizeof(value)))
		q->chunked = strcasecmp(value, "chunked") == 0;
	else if (header(line, "Expect", value, sizeof(value)))
		q->expects = strcasecmp(value, "100-continue") == 0;
	else if (header(line, "Connection", value, sizeof(value)))
		q->close = strcasecmp(value, "close") == 0;
	else if (header(line, "Authorization", value, sizeof(value)))
		q->authorized = true;
	else if (!header(line, "Host", q->host, sizeof(q->host)))
		header(line, "X-Amz-Target", q->action, sizeof(q->action));
	return 0;
}

/* The head is NUL-terminated in place of its last line end. */
static int parse_head(char *head, struct request *q)
{
	char *save, *line = strtok_r(head, "\r\n", &save);

	if (!line || sscanf(line, "%15s %2047s HTTP/1.1", q->method, q->target) != 2)
		return -1;
	while ((line = strtok_r(NULL, "\r\n", &save)))
		if (parse_header(line, q) < 0)
			return -1;
	return 0;
}

/* Waits until the window holds `mark`; returns the offset behind it, from the window's start. */
static ssize_t read_until(struct conn *c, const char *mark)
{
	size_t len = strlen(mark);

	for (;;) {
		const char *window = c->in + c->start;
		const char *at = memmem(window, c->end - c->start, mark, len);

		if (at)
			return at - window + (ssize_t)len;
		if (conn_fill(c) < 0)
			return -1;
	}
}

int request_read(struct conn *c, struct request *ret_request)
{
	struct request q = {};
	ssize_t len = read_until(c, "\r\n\r\n");

	if (len < 0)
		return -1;
	c->in[c->start + (size_t)len - 2] = '\0';
	if (parse_head(c->in + c->start, &q) < 0)
		return -1;
	c->start += (size_t)len;
	*ret_request = q;
	return 0;
}

static int read_chunk_size(struct conn *c, uint64_t *ret_size)
{
	ssize_t len = read_until(c, "\r\n");
	int r;

	if (len < 0)
		return -1;
	c->in[c->start + (size_t)len - 2] = '\0';
	r = parse_number(c->in + c->start, 16, ret_size);
	c->start += (size_t)len;
	return r;
}

/* Trailers are not expected: neither proxy sends any. */
int request_discard_body(struct conn *c, const struct request *request, uint64_t *ret_bytes)
{
	uint64_t total = 0, size;

	if (!request->chunked) {
		*ret_bytes = request->length;
		return conn_skip(c, request->length);
	}
	do {
		if (read_chunk_size(c, &size) < 0 || conn_skip(c, size + 2) < 0)
			return -1;
		total += size;
	} while (size);
	*ret_bytes = total;
	return 0;
}
