#pragma once
/*
 * SHA-256 and HMAC-SHA-256 over OpenSSL (FIPS 180-4, RFC 2104), as signing needs them; SHA-1 only
 * because the files of `aws sso login` are named by it.
 */
#include <stddef.h>

enum { SHA256_SIZE = 32, SHA256_HEX_SIZE = 65, SHA1_HEX_SIZE = 41 };

/* 0 or −EIO when OpenSSL refuses. */
int sha256(const void *bytes, size_t len, unsigned char ret[static SHA256_SIZE]);
int sha256_hex(const void *bytes, size_t len, char ret[static SHA256_HEX_SIZE]);
int sha1_hex(const void *bytes, size_t len, char ret[static SHA1_HEX_SIZE]);
int hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
    unsigned char ret[static SHA256_SIZE]);

/* Lower-case hexadecimal; ret holds 2 × len + 1. */
void hex_encode(const unsigned char *bytes, size_t len, char *ret);
