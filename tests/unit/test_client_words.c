#include "unit.h"

#include <errno.h>
#include <string.h>

#include "client_words.h"

static void check_fill(const struct client_words *words, const char *text, const char *want)
{
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(client_words_fill(words, text, &s), 0);
	ck_assert_str_eq(str_text(&s), want);
}

START_TEST(how_the_daemon_is_reached)
{
	static const struct {
		const char *listen, *local, *url;
		bool loopback;
	} cases[] = {
	    {"127.0.0.1:5100", "localhost:5100", "127.0.0.1:5100", true},
	    {"[::1]:5100", "localhost:5100", "[::1]:5100", true},
	    {"0.0.0.0:80", "localhost:80", "127.0.0.1:80", true},
	    {"[::]:80", "localhost:80", "[::1]:80", true},
	    {"127.0.0.2:1", "127.0.0.2:1", "127.0.0.2:1", true},
	    {"10.1.2.3:5100", "10.1.2.3:5100", "10.1.2.3:5100", false},
	    {"[fd00::1]:5100", "[fd00::1]:5100", "[fd00::1]:5100", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(client_words_finish) struct client_words words = {};

		ck_assert_int_eq(client_words_daemon(&words, cases[i].listen), 0);
		ck_assert_str_eq(str_text(&words.local), cases[i].local);
		ck_assert_str_eq(str_text(&words.url), cases[i].url);
		ck_assert_str_eq(words.port, strrchr(cases[i].listen, ':') + 1);
		ck_assert_int_eq(words.loopback, cases[i].loopback);
	}
}
END_TEST

START_TEST(where_files_are_looked_for)
{
	static const struct {
		bool root;
		const char *config_home, *config, *user_config;
	} cases[] = {
	    {true, NULL, "/etc", "/etc"},
	    {true, "/x", "/etc", "/etc"},
	    {false, NULL, "/home/a/.config", "/home/a/.config"},
	    {false, "/x", "/x", "/home/a/.config"},
	    {false, "", "/home/a/.config", "/home/a/.config"},
	    {false, "x/y", "/home/a/.config", "/home/a/.config"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(client_words_finish) struct client_words words = {};

		ck_assert_int_eq(
		    client_words_folders(&words, cases[i].root, "/home/a", cases[i].config_home),
		    0);
		ck_assert_str_eq(str_text(&words.config), cases[i].config);
		ck_assert_str_eq(str_text(&words.user_config), cases[i].user_config);
	}
}
END_TEST

START_TEST(fills_in_words_and_leaves_other_braces)
{
	_cleanup_(client_words_finish) struct client_words words = {
	    .registry = "{url}", .client = "c", .image = "i"};

	ck_assert_int_eq(client_words_daemon(&words, "127.0.0.1:1"), 0);
	ck_assert_int_eq(client_words_folders(&words, true, "", NULL), 0);
	check_fill(&words, "", "");
	check_fill(&words, "{local}{url}", "localhost:1127.0.0.1:1");
	check_fill(&words, "{config}/{user_config} {port} {client} {image}.", "/etc//etc 1 c i.");
	check_fill(&words, "{{port}} {\"a\": {}} {por {port", "{1} {\"a\": {}} {por {port");
	/* A value is not looked at again. */
	check_fill(&words, "{registry}", "{url}");
}
END_TEST

UNIT(client_words, how_the_daemon_is_reached, where_files_are_looked_for,
    fills_in_words_and_leaves_other_braces);
