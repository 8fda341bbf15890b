#include "played.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct played played;

struct transfer {
	struct played_answer answer;
	struct response_head head;
	size_t read;
	char error[64];
};

void played_reset(void)
{
	played = (struct played){};
}

/* --- transfers --- */

int transfer_begin(
    struct upstream *upstream, const struct transfer_request *request, struct transfer **ret)
{
	struct transfer *transfer = calloc(1, sizeof(*transfer));

	snprintf(played.method, sizeof(played.method), "%s", request->method);
	snprintf(played.target, sizeof(played.target), "%s", request->target);
	snprintf(played.authorization, sizeof(played.authorization), "%s", request->authorization);
	played.sent[0] = '\0';
	played.body_length = request->body_length;
	played.fresh_connection = request->fresh_connection;
	transfer->answer = played.answers[played.questions++];
	played.open++;
	*ret = transfer;
	return 0;
}

int transfer_send(struct transfer *transfer, const char *bytes, size_t len, int64_t deadline_ms)
{
	if (played.answers_early)
		return 1;
	snprintf(played.sent + strlen(played.sent), sizeof(played.sent) - strlen(played.sent),
	    "%.*s", (int)len, bytes);
	return 0;
}

static void add_line(struct transfer *transfer, const char *line)
{
	struct err e;

	response_head_line(&transfer->head, line, strlen(line), &e);
}

int transfer_await_head(struct transfer *transfer, int64_t deadline_ms)
{
	const char *field = transfer->answer.fields ? transfer->answer.fields : "";
	char line[512];

	if (transfer->answer.failure != TRANSFER_OK)
		return -EIO;
	snprintf(line, sizeof(line), "HTTP/1.1 %u Played\r\n", transfer->answer.status);
	add_line(transfer, line);
	while (*field) {
		size_t len = strcspn(field, "\n") + 1;

		snprintf(line, sizeof(line), "%.*s", (int)len, field);
		add_line(transfer, line);
		field += len;
	}
	add_line(transfer, "\r\n");
	return 0;
}

const struct response_head *transfer_head(const struct transfer *transfer)
{
	return &transfer->head;
}

ssize_t transfer_read(struct transfer *transfer, char *buffer, size_t max, int64_t deadline_ms)
{
	const char *body = transfer->answer.body ? transfer->answer.body : "";
	size_t left = strlen(body) - transfer->read;
	size_t n = left < max ? left : max;

	if (n == 0 && transfer->answer.cut) {
		transfer->answer.failure = TRANSFER_CUT;
		return -EIO;
	}
	memcpy(buffer, body + transfer->read, n);
	transfer->read += n;
	return (ssize_t)n;
}

enum transfer_failure transfer_failure(const struct transfer *transfer)
{
	return transfer->answer.failure;
}

const char *transfer_failure_name(enum transfer_failure failure)
{
	return failure == TRANSFER_NO_BYTE ? "upstream-no-byte" : "upstream-failed";
}

const char *transfer_error(const struct transfer *transfer)
{
	return "played";
}

void transfer_finish(struct transfer *transfer)
{
	if (!transfer)
		return;
	played.open--;
	response_head_finish(&transfer->head);
	free(transfer);
}

/* --- tokens --- */

int ecr_token_get(struct ecr_token_cache *cache, const struct registry *registry,
    int64_t deadline_ms, struct ecr_token **ret, struct oci_error *refusal)
{
	struct ecr_token *token;

	if (played.token_refusal)
		return oci_error_set(refusal, played.token_refusal, "DENIED", "no token: played");
	token = calloc(1, sizeof(*token));
	if (asprintf(&token->authorization, "Basic token%u", ++played.tokens) < 0)
		abort();
	token->references = 1;
	*ret = token;
	return 0;
}

void ecr_token_refused(
    struct ecr_token_cache *cache, const struct registry *registry, const struct ecr_token *token)
{
	played.tokens_refused++;
}

/* --- creations --- */

int upsert_repository(struct upsert *upsert, const struct creation_request *request,
    int64_t asked_ms, struct notice *ret_notice, struct oci_error *refusal)
{
	played.creations++;
	if (played.creation_refusal)
		return oci_error_set(
		    refusal, played.creation_refusal, "DENIED", "cannot be created: played");
	*ret_notice = (struct notice){"created it"};
	return 0;
}

int upsert_repository_exists(const struct registry *registry, const char *repository,
    int64_t deadline_ms, struct oci_error *refusal)
{
	played.existence_asked++;
	if (played.exists < 0)
		oci_error_set(refusal, 504, "UNAVAILABLE", "may not exist: played");
	return played.exists;
}
