#pragma once
/*
 * Streaming towards the registry: a pool of slots, each one curl multi with at most one connection,
 * and transfers that borrow one. A transfer is driven by its caller's thread, inside the calls
 * below: not calling is the back-pressure. Nothing here retries; no redirect is followed.
 *
 * It is the face of upstream.c and transfer.c; their inside is transfer.h.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "headers.h"
#include "registry.h"
#include "response_head.h"
#include "stop.h"
#include "tls.h"

struct upstream;
struct transfer;

/* Why a transfer ended without a whole answer. */
enum transfer_failure {
	TRANSFER_OK,
	TRANSFER_CONNECT,     /* no name, refused, unreachable, connect timeout */
	TRANSFER_CERTIFICATE, /* TLS failed or the certificate is not the registry's */
	TRANSFER_NO_BYTE,     /* closed or reset before the first octet of an answer */
	TRANSFER_CUT,         /* closed or reset in the middle */
	TRANSFER_TIMEOUT,     /* a deadline of ours passed */
	TRANSFER_MALFORMED,   /* an answer that must not be handed on */
	TRANSFER_CLIENT_LEFT, /* the client closed while we waited */
	TRANSFER_STOPPED,     /* the daemon stops */
	TRANSFER_NO_MEMORY,
};

/* Word for the access log: "upstream-connect" and the like. */
const char *transfer_failure_name(enum transfer_failure failure);

struct transfer_request {
	const struct registry *registry;
	const char *method;
	const char *target;            /* raw origin-form, sent as it is */
	const struct headers *headers; /* end-to-end, without Host, Authorization, Expect */
	const char *authorization;     /* value, or NULL */
	int64_t body_length;           /* 0 none, −1 chunked, else octets */
	int client_fd;                 /* watched while we wait for the answer; −1: not */
	bool fresh_connection;         /* not a pooled one; always so for a streamed body */
};

int upstream_new(struct tls *tls, const struct stop *stop, struct upstream **ret);
/*
 * Closes pooled connections that were idle for LIMIT_UPSTREAM_IDLE_S; every transfer does it too,
 * so that it is only needed where none may come for long.
 */
void upstream_close_idle(struct upstream *upstream, int64_t now_ms);
/* All transfers must be finished. NULL is allowed. */
void upstream_free(struct upstream *upstream);

/* 0 or −ENOMEM. Connects lazily: failures show in the calls below. */
int transfer_begin(
    struct upstream *upstream, const struct transfer_request *request, struct transfer **ret);

/*
 * Sends octets of the body; returns when all are consumed. 0; 1 when the registry answered already
 * and wants no more (discard the rest); −EIO when the transfer failed (transfer_failure()).
 * Stalls longer than LIMIT_STALL_MS fail, and waiting beyond the monotonic deadline (INT64_MAX:
 * none).
 */
int transfer_send(struct transfer *transfer, const char *bytes, size_t len, int64_t deadline_ms);

/*
 * Ends the body and waits for the final head until the monotonic deadline. 0 or −EIO. Watches the
 * client only here.
 */
int transfer_await_head(struct transfer *transfer, int64_t deadline_ms);

/* After transfer_await_head() == 0. Borrowed until transfer_finish(). */
const struct response_head *transfer_head(const struct transfer *transfer);

/*
 * Octets of the answer's body: > 0 put into buffer (as many as are there, at least one), 0 at its
 * end, −EIO when it was cut, or when octets came that belong to no answer. Fills seven eighths of
 * max before it returns, while there is progress. Waits as transfer_send() does.
 */
ssize_t transfer_read(struct transfer *transfer, char *buffer, size_t max, int64_t deadline_ms);

enum transfer_failure transfer_failure(const struct transfer *transfer);
/* One line for the log: what curl said. Never a secret. Borrowed. */
const char *transfer_error(const struct transfer *transfer);

/* Returns the connection to the pool if the answer was read to its end, else closes it. NULL ok. */
void transfer_finish(struct transfer *transfer);
DEFINE_CLEANUP(struct transfer *, transfer_finish);
