#pragma once
/* Long bodies of which every octet is known by its place. */
#include "fake_server.h"
#include "upstream.h"

bool octets_match(const char *buffer, size_t at, size_t len);

/* The server's side: len octets of the body from `at` on; false when the peer closed or lied. */
bool fake_write_octets(struct fake_connection *connection, size_t at, size_t len);
bool fake_expect_octets(struct fake_connection *connection, size_t at, size_t len);
/* A whole chunked body: its length, 0 when it is not as it should be. */
size_t fake_expect_chunks(struct fake_connection *connection);

/* Our side: sends a body of `total` octets in blocks of up to 256 KiB; as transfer_send(). */
int send_octets(struct transfer *transfer, size_t block, size_t total);
