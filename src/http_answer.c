#include "http_answer.h"

#include <microhttpd.h>
#include <strings.h>
#include <sys/socket.h>

#include "limits.h"
#include "log.h"

enum { CHUNK_BLOCK = 1024 };

static ssize_t read_nothing(void *cls, uint64_t position, char *buffer, size_t max)
{
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

/*
 * Only its length goes out. 0.9.75 adds a chunk to an unknown one, except in the 1.0 way, which
 * closes the connection: for a HEAD, where clients believe the length. A 304 has none that matters
 * and gets 0 instead, beyond the letter of RFC 9110 §8.6, and the connection goes on.
 */
static struct MHD_Response *create_bodiless(const struct http_answer *answer)
{
	int64_t length =
	    answer->pull || !answer->body.len ? answer->length : (int64_t)answer->body.len;
	struct MHD_Response *response;

	if (length < 0 && answer->status == MHD_HTTP_NOT_MODIFIED)
		length = 0;
	if (answer->status == MHD_HTTP_NO_CONTENT || length == 0)
		return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	response = MHD_create_response_from_callback(
	    length < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)length, 1, read_nothing, NULL, NULL);
	if (response && length < 0)
		MHD_set_response_options(response, MHD_RF_HTTP_VERSION_1_0_ONLY, MHD_RO_END);
	return response;
}

/* The head and the body in one send. */
static struct MHD_Response *create_whole(struct http_answer *answer)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    answer->body.len, answer->body.data, MHD_RESPMEM_MUST_FREE);

	if (response)
		answer->body = (struct str){};
	return response;
}

static ssize_t read_pulled(void *cls, uint64_t position, char *buffer, size_t max)
{
	struct http_sending *sending = cls;
	ssize_t n = sending->handler->read(sending->exchange, buffer, max);

	if (n > 0) {
		sending->left -= sending->left < 0 ? 0 : n;
		return n;
	}
	if (n == 0 && sending->left <= 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	sending->cut = true;
	/* What ends with the connection looks whole after a FIN: this sends a RST. */
	if (sending->left < 0 && sending->is_http10)
		connect(sending->fd, &(struct sockaddr){.sa_family = AF_UNSPEC},
		    sizeof(struct sockaddr));
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct MHD_Response *create_pulled(
    const struct http_answer *answer, struct http_sending *sending)
{
	uint64_t size = answer->length < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)answer->length;
	size_t block = LIMIT_DOWNLOAD_BLOCK;

	/* Chunks are built in the connection's pool and not in this block. */
	if (answer->length < 0 && !sending->is_http10)
		block = CHUNK_BLOCK;
	else if (size < block)
		block = (size_t)size;
	sending->left = answer->length;
	return MHD_create_response_from_callback(size, block, read_pulled, sending, NULL);
}

/* These libmicrohttpd writes itself. */
static bool is_framing(const char *name)
{
	return !strcasecmp(name, "Connection") || !strcasecmp(name, "Content-Length") ||
	       !strcasecmp(name, "Transfer-Encoding");
}

static void add_fields(struct MHD_Response *response, const struct headers *fields, bool closes)
{
	/* First: 0.9.75 forgets that there is a Date when Connection comes after it. */
	if (closes)
		MHD_add_response_header(response, "Connection", "close");
	for (size_t i = 0; i < fields->len; i++) {
		const struct header *h = &fields->items[i];

		/* It refuses an empty value; a blank is an empty value to every reader. */
		if (!is_framing(h->name) &&
		    !MHD_add_response_header(response, h->name, *h->value ? h->value : " "))
			log_debug("libmicrohttpd refused the field %s of an answer", h->name);
	}
}

struct MHD_Response *http_answer_build(struct http_answer *answer, struct http_sending *sending)
{
	struct MHD_Response *response;

	if (sending->is_head || answer->status == MHD_HTTP_NO_CONTENT ||
	    answer->status == MHD_HTTP_NOT_MODIFIED)
		response = create_bodiless(answer);
	else if (!answer->pull || answer->length == 0)
		response = create_whole(answer);
	else
		response = create_pulled(answer, sending);
	if (response)
		add_fields(response, &answer->headers, sending->closes);
	return response;
}

void http_answer_finish(struct http_answer *answer)
{
	headers_finish(&answer->headers);
	str_finish(&answer->body);
}
