#include "digest.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

int sha256(const void *bytes, size_t len, unsigned char ret[static SHA256_SIZE])
{
	return EVP_Digest(bytes, len, ret, NULL, EVP_sha256(), NULL) == 1 ? 0 : -EIO;
}

int sha256_hex(const void *bytes, size_t len, char ret[static SHA256_HEX_SIZE])
{
	unsigned char digest[SHA256_SIZE];
	int r;

	r = sha256(bytes, len, digest);
	if (r < 0)
		return r;
	hex_encode(digest, sizeof(digest), ret);
	return 0;
}

int sha1_hex(const void *bytes, size_t len, char ret[static SHA1_HEX_SIZE])
{
	unsigned char digest[(SHA1_HEX_SIZE - 1) / 2];

	if (EVP_Digest(bytes, len, digest, NULL, EVP_sha1(), NULL) != 1)
		return -EIO;
	hex_encode(digest, sizeof(digest), ret);
	return 0;
}

int hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
    unsigned char ret[static SHA256_SIZE])
{
	if (key_len > INT_MAX)
		return -EIO;
	/* A NULL key means "the one before" to OpenSSL; an empty one has to be pointed at. */
	if (!HMAC(EVP_sha256(), key_len ? key : "", (int)key_len, bytes, len, ret, NULL))
		return -EIO;
	return 0;
}

void hex_encode(const unsigned char *bytes, size_t len, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[2 * len] = '\0';
}
