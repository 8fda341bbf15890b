#include "proxy_settings.h"

#include <string.h>

#include "unit.h"

static const char *const *variables; /* name, value, …, NULL */

static const char *variable(const char *name)
{
	for (const char *const *at = variables; *at; at += 2)
		if (strcmp(at[0], name) == 0)
			return at[1];
	return NULL;
}

static struct proxy_settings read_from(const char *const *list)
{
	struct proxy_settings settings;

	variables = list;
	proxy_settings_read(variable, &settings);
	return settings;
}

START_TEST(test_which_variable_counts)
{
	struct proxy_settings s;

	s = read_from((const char *[]){"HTTP_PROXY", "http://a:1", NULL});
	ck_assert_ptr_null(s.variable);
	s = read_from(
	    (const char *[]){"HTTPS_PROXY", "u", "https_proxy", "l", "NO_PROXY", "x", NULL});
	ck_assert_str_eq(s.variable, "https_proxy");
	ck_assert_str_eq(s.url, "l");
	ck_assert_str_eq(s.no_proxy, "x");
	s = read_from((const char *[]){"https_proxy", "", "ALL_PROXY", "a", NULL});
	ck_assert_str_eq(s.variable, "ALL_PROXY");
	ck_assert_ptr_null(s.no_proxy);
}
END_TEST

START_TEST(test_whom_a_list_covers)
{
	ck_assert(proxy_list_has("a.com, .b.com", "x.b.com"));
	ck_assert(proxy_list_has("a.com\tb.com", "B.com"));
	ck_assert(proxy_list_has("*", "x"));
	ck_assert(proxy_list_has("amazonaws.com", "api.ecr.eu-west-1.amazonaws.com"));
	ck_assert(!proxy_list_has("a.com", "aa.com"));
	ck_assert(!proxy_list_has("x.a.com", "a.com"));
	ck_assert(!proxy_list_has(",, .", "a"));
	ck_assert(!proxy_list_has("", "a"));
	ck_assert(!proxy_list_has(NULL, "a"));
}
END_TEST

static void assert_url(const char *url, const char *shown, const char *host)
{
	_cleanup_str_ struct str out = {}, name = {};

	ck_assert_int_eq(proxy_write_url(url, &out), 0);
	ck_assert_str_eq(str_text(&out), shown);
	ck_assert_int_eq(proxy_write_host(url, &name), 0);
	ck_assert_str_eq(str_text(&name), host);
}

START_TEST(test_no_password_is_shown)
{
	assert_url("http://user:p@ss@proxy:3128/", "http://proxy:3128/", "proxy");
	assert_url("http://user:p/?#s@proxy:3128", "http://proxy:3128", "proxy");
	assert_url("user:p/s@proxy:3128", "proxy:3128", "proxy");
	assert_url("proxy:3128", "proxy:3128", "proxy");
	assert_url("user@[::1]:8080", "[::1]:8080", "::1");
	assert_url("https://proxy", "https://proxy", "proxy");
}
END_TEST

UNIT(
    proxy_settings, test_which_variable_counts, test_whom_a_list_covers, test_no_password_is_shown);
