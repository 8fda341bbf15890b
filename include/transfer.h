#pragma once
/*
 * The inside of upstream.h: upstream.c sets a transfer up and gives its slot back, transfer.c
 * drives it, transfer_callbacks.c is what curl calls meanwhile. Only for these and their tests.
 */
#include "slot.h"
#include "upstream.h"

enum { TLS_RECORD = 16 * 1024 }; /* the most that one carries (RFC 8446 §5.1) */

struct upstream {
	struct tls *tls;
	const struct stop *stop;
	struct slot_pool pool;
	CURLSH *share; /* names and TLS sessions; not connections, which curl cannot share */
	pthread_mutex_t share_locks[CURL_LOCK_DATA_LAST];
	int64_t stall_ms; /* LIMIT_STALL_MS; less in a test */
};

struct transfer {
	struct upstream *upstream;
	struct slot *slot;
	struct curl_slist *fields;
	struct curl_slist *connect_to;
	const char *host; /* of the registry */

	/* The way up: octets lent by transfer_send(), and whether any more will come. */
	const char *out;
	size_t out_len;
	bool has_body; /* a streamed one */
	bool in_chunks;
	bool holds; /* keep back what fills no record: more follows at once */
	bool out_end;
	bool send_paused;

	/* The way down. What does not fit into the caller's buffer waits in spill. */
	struct response_head head;
	bool is_head;     /* the method */
	bool early;       /* a refusal came before the body was sent */
	int64_t expected; /* octets of body, −1 unknown; once the head is complete */
	int64_t received;
	char *in;
	size_t in_len;
	size_t in_max;
	bool receive_paused;

	int client_fd;
	bool done; /* curl says: whole and well */
	enum transfer_failure failure;
	struct err err;
	char curl_error[CURL_ERROR_SIZE];
	size_t held_len;
	char held[TLS_RECORD]; /* the end of one piece, which goes with the next */
	size_t spill_at;
	size_t spill_len;
	char spill[CURL_MAX_WRITE_SIZE]; /* the most that curl writes at once */
};

/* Lets curl work once without waiting. 0 or −EIO. */
int transfer_step(struct transfer *transfer);
