#include "unit.h"

#include <errno.h>

#include "base_url.h"

START_TEST(what_is_one)
{
	static const struct {
		const char *url;
		bool tls;
		const char *host;
		unsigned port;
		const char *field;
	} cases[] = {
	    {"https://api.ecr.eu-west-1.amazonaws.com", true, "api.ecr.eu-west-1.amazonaws.com",
		443, "api.ecr.eu-west-1.amazonaws.com"},
	    {"http://localhost:4566/", false, "localhost", 4566, "localhost:4566"},
	    {"HTTP://127.0.0.1", false, "127.0.0.1", 80, "127.0.0.1"},
	    {"http://127.0.0.1:80", false, "127.0.0.1", 80, "127.0.0.1"},
	    {"http://h:443", false, "h", 443, "h:443"},
	    {"https://h:443", true, "h", 443, "h"},
	    {"https://[::1]:1", true, "::1", 1, "[::1]:1"},
	    {"https://[fd00:ec2::254]/", true, "fd00:ec2::254", 443, "[fd00:ec2::254]"},
	    {"https://a_b-c.d:65535", true, "a_b-c.d", 65535, "a_b-c.d:65535"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_str_ struct str field = {}, whole = {};
		struct base_url url = {};

		ck_assert_msg(base_url_parse(cases[i].url, &url) == 0, "%s", cases[i].url);
		ck_assert(url.tls == cases[i].tls);
		ck_assert_str_eq(url.host, cases[i].host);
		ck_assert_uint_eq(url.port, cases[i].port);
		ck_assert_int_eq(base_url_write_host(&url, &field), 0);
		ck_assert_str_eq(str_text(&field), cases[i].field);
		ck_assert_int_eq(base_url_write(&url, &whole), 0);
		ck_assert_int_eq(
		    strncmp(str_text(&whole), url.tls ? "https://" : "http://", url.tls ? 8 : 7),
		    0);
		ck_assert_str_eq(str_text(&whole) + (url.tls ? 8 : 7), cases[i].field);
	}
}
END_TEST

START_TEST(what_is_none)
{
	static const char *const cases[] = {"", "h", "h:1", "ftp://h", "http://", "http:///",
	    "http://:1", "http://h:", "http://h:0", "http://h:65536", "http://h:123456",
	    "http://h:4294967297", "http://h:+1", "http://h:1a", "http://u@h", "http://u:p@h",
	    "http://h/p", "http://h//", "http://h?q", "http://h#f", "http://h h", "http://h\n",
	    "http://[::1", "http://[]", "http://::1", "http://[::1%25eth0]", "http://[::1]x",
	    "http://[h-x]", "https:/h", " http://h", "http://h\xc3\xa9"};
	char longest[BASE_URL_HOST_SIZE + 8] = "http://";

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct base_url url = {.port = 7};

		ck_assert_msg(base_url_parse(cases[i], &url) == -EINVAL, "%s", cases[i]);
		ck_assert_uint_eq(url.port, 7);
	}
	memset(longest + 7, 'a', BASE_URL_HOST_SIZE);
	ck_assert_int_eq(base_url_parse(longest, &(struct base_url){}), -EINVAL);
	longest[7 + BASE_URL_HOST_SIZE - 1] = '\0';
	ck_assert_int_eq(base_url_parse(longest, &(struct base_url){}), 0);
}
END_TEST

UNIT(base_url, what_is_one, what_is_none);
