#pragma once
/*
 * An ordered list of HTTP fields as they stand in a message (RFC 9110 §5): repeated names, their
 * order and their case are kept. Pure; names compare without case.
 */
#include <stdbool.h>
#include <stddef.h>

#include "cleanup.h"

struct header {
	char *name;
	char *value;
};

/* Zeroed means empty. Owns its texts (they are wiped: one may be a credential). */
struct headers {
	struct header *items;
	size_t len;
	size_t cap;
};

/* Copies both. 0 or −ENOMEM. */
int headers_add(struct headers *list, const char *name, const char *value);
int headers_add_n(
    struct headers *list, const char *name, size_t name_len, const char *value, size_t value_len);

/* First value of that name, or NULL. Borrowed. */
const char *headers_get(const struct headers *list, const char *name);
size_t headers_count(const struct headers *list, const char *name);

void headers_remove(struct headers *list, const char *name);

/* Does any field of that name have the token in its comma-separated list? (RFC 9110 §5.6.1) */
bool headers_have_token(const struct headers *list, const char *name, const char *token);

/*
 * Copies what is for the next hop: all but the hop-by-hop fields of RFC 9110 §7.6.1 (Connection,
 * Keep-Alive, Proxy-*, TE, Trailer, Transfer-Encoding, Upgrade), those that Connection names, and
 * Content-Length, which each hop writes itself. ret comes empty. 0 or −ENOMEM.
 */
int headers_copy_end_to_end(const struct headers *from, struct headers *ret);

void headers_finish(struct headers *list);

#define _cleanup_headers_ _cleanup_(headers_finish)
