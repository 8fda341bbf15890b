#include "fake_octets.h"

#include <stdlib.h>

/* Octet i of every body; the period is no power of two, so that a shifted block shows. */
static char octet_at(size_t i)
{
	return (char)(i % 251);
}

static void fill(char *buffer, size_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buffer[i] = octet_at(at + i);
}

bool octets_match(const char *buffer, size_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (buffer[i] != octet_at(at + i))
			return false;
	return true;
}

bool fake_write_octets(struct fake_connection *connection, size_t at, size_t len)
{
	static _Thread_local char buffer[64 * 1024];

	for (size_t n; len > 0; at += n, len -= n) {
		n = len < sizeof(buffer) ? len : sizeof(buffer);
		fill(buffer, at, n);
		if (!fake_write(connection, buffer, n))
			return false;
	}
	return true;
}

bool fake_expect_octets(struct fake_connection *connection, size_t at, size_t len)
{
	static _Thread_local char buffer[64 * 1024];

	for (ssize_t n; len > 0; at += (size_t)n, len -= (size_t)n) {
		n = fake_read(connection, buffer, len < sizeof(buffer) ? len : sizeof(buffer));
		if (n <= 0 || !octets_match(buffer, at, (size_t)n))
			return false;
	}
	return true;
}

/* A chunk's size line; −1 at the peer's end. */
static long read_chunk_size(struct fake_connection *connection)
{
	char line[32] = {};

	for (size_t i = 0; i < sizeof(line) - 1; i++) {
		if (fake_read(connection, line + i, 1) <= 0)
			return -1;
		if (line[i] == '\n')
			return strtol(line, NULL, 16);
	}
	return -1;
}

size_t fake_expect_chunks(struct fake_connection *connection)
{
	size_t at = 0;
	long len;

	while ((len = read_chunk_size(connection)) > 0) {
		if (!fake_expect_octets(connection, at, (size_t)len) || !fake_skip(connection, 2))
			return 0;
		at += (size_t)len;
	}
	return len == 0 && fake_skip(connection, 2) ? at : 0;
}

int send_octets(struct transfer *transfer, size_t block, size_t total)
{
	static char buffer[256 * 1024];
	int r = 0;

	for (size_t at = 0, n; at < total && r == 0; at += n) {
		n = total - at < block ? total - at : block;
		fill(buffer, at, n);
		r = transfer_send(transfer, buffer, n, INT64_MAX);
	}
	return r;
}
