#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "digest.h"

START_TEST(sha1_of_known_texts)
{
	char hex[SHA1_HEX_SIZE];

	/* RFC 3174's own example, and nothing at all. */
	ck_assert_int_eq(sha1_hex("abc", 3, hex), 0);
	ck_assert_str_eq(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
	ck_assert_int_eq(sha1_hex("", 0, hex), 0);
	ck_assert_str_eq(hex, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}
END_TEST

START_TEST(sha256_of_known_texts)
{
	static const struct {
		const char *text, *digest;
	} cases[] = {
	    /* FIPS 180-4's own examples. */
	    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	char hex[SHA256_HEX_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_int_eq(sha256_hex(cases[i].text, strlen(cases[i].text), hex), 0);
		ck_assert_str_eq(hex, cases[i].digest);
	}
	ck_assert_int_eq(sha256_hex(NULL, 0, hex), 0);
	ck_assert_str_eq(hex, cases[0].digest);
}
END_TEST

START_TEST(hmac_of_known_texts)
{
	/* RFC 4231, cases 1, 2 and 6 (a key longer than the block). */
	unsigned char mac[SHA256_SIZE], key[131];
	char hex[SHA256_HEX_SIZE];

	memset(key, 0x0b, 20);
	ck_assert_int_eq(hmac_sha256(key, 20, "Hi There", 8, mac), 0);
	hex_encode(mac, sizeof(mac), hex);
	ck_assert_str_eq(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	ck_assert_int_eq(hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac), 0);
	hex_encode(mac, sizeof(mac), hex);
	ck_assert_str_eq(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	ck_assert_int_eq(hmac_sha256(key, sizeof(key),
			     "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac),
	    0);
	hex_encode(mac, sizeof(mac), hex);
	ck_assert_str_eq(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

START_TEST(hmac_with_an_empty_key)
{
	unsigned char mac[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	ck_assert_int_eq(hmac_sha256("key", 3, "x", 1, mac), 0);
	ck_assert_int_eq(hmac_sha256(NULL, 0, NULL, 0, mac), 0);
	hex_encode(mac, sizeof(mac), hex);
	ck_assert_str_eq(hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
	ck_assert_int_eq(hmac_sha256("key", (size_t)INT_MAX + 1, "x", 1, mac), -EIO);
}
END_TEST

START_TEST(hex_is_lower_case)
{
	char hex[9];

	hex_encode((const unsigned char *)"\x00\x7f\xab\xff", 4, hex);
	ck_assert_str_eq(hex, "007fabff");
	hex_encode(NULL, 0, hex);
	ck_assert_str_eq(hex, "");
}
END_TEST

UNIT(digest, sha1_of_known_texts, sha256_of_known_texts, hmac_of_known_texts,
    hmac_with_an_empty_key, hex_is_lower_case);
