#pragma once
/*
 * What one exchange holds, shared by the files that make up its path: exchange.c coordinates,
 * admit.c lets in, question.c puts one request to the registry, remedy.c mends what a verdict
 * demands. It belongs to its connection's thread from open to done; blob octets are borrowed and
 * never stored.
 */
#include "access.h"
#include "exchange.h"
#include "notice.h"
#include "peer.h"
#include "route.h"
#include "user_name.h"

struct exchange {
	const struct exchange_context *context;
	struct serving *serving; /* what was in force when it began */
	struct access access;
	struct live_transfer live;
	char client[PEER_TEXT_SIZE];
	char user_text[USER_NAME_SIZE];
	const char *user; /* of this machine, by name or number; NULL: cannot be told */
	int client_fd;

	char *method;
	struct gate_pass pass;
	struct route route;
	struct headers headers; /* for the registry */
	struct str held;        /* a manifest: kept, so that the request can be repeated */
	bool streamed;          /* a body that goes on as it comes: cannot be repeated */
	bool discard;           /* the rest of the client's body is not wanted */

	int64_t deadline_ms;        /* monotonic, of all waits before the answer */
	int64_t waited_ms;          /* of them, what was used before the client's body came */
	int64_t asked_ms;           /* monotonic, when the last request went out */
	int64_t pause_ms;           /* before the next repetition */
	int64_t throttled_until_ms; /* monotonic: repeating after 429 ends; 0: none came */
	bool signed_in_anew;
	bool upserted;
	struct notice notice; /* of the repository that it created */
	char *late;           /* to be told if the repository does not appear in time, or NULL */

	struct ecr_token *token;
	struct transfer *transfer;
	struct str begun; /* what was read of the answer's body before it was judged */
	size_t begun_sent;
	bool begun_whole;
	struct oci_error refusal; /* status 0: none */
};

/* Notes why it ends without the registry's answer; the text is in x->refusal. Returns −EPERM. */
int exchange_refuse(struct exchange *x, const char *reason);
