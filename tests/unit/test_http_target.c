#include "unit.h"

#include "http_target.h"

START_TEST(takes_plain_paths)
{
	static const char *const targets[] = {"/", "/v2/", "/v2", "/v2/app/blobs/uploads/",
	    "/v2/a.b/c..d/.e/f./...", "/v2/app/blobs/sha256:abc", "/v2/app/blobs/sha256%3Aabc",
	    "/v2/app/blobs/uploads/?mount=sha256%3Aabc&from=team%2Fapp", "/?", "/?//../.",
	    "/v2/app/blobs/uploads/x?digest=sha256:a&_state=a%2e%2E+/=%0a", "/v2/a@b!$&'()*+,;=~",
	    "/v2/a\"<>[]^`{|}", "/v2/%20%C3%A9"};

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		ck_assert_msg(!http_target_fault(targets[i]), "%s: %s", targets[i],
		    http_target_fault(targets[i]));
}
END_TEST

START_TEST(refuses_second_spellings)
{
	static const char *const targets[] = {"", "*", "v2/", "localhost:5100",
	    "http://localhost/v2/", "//", "//evil.example/v2/", "/v2//app", "/v2/app//",
	    "/v2/app///manifests/1", "/v2//?x", "/.", "/..", "/v2/.", "/v2/..", "/v2/./app",
	    "/v2/../app", "/v2/app/..?x", "/v2/app/.?x", "/v2/%2e/app", "/v2/%2E%2e/app",
	    "/v2/.%2e/app", "/v2/a%2Fb", "/v2/a%2fb", "/v2/a%5Cb", "/v2/a%5cb", "/v2/a\\b",
	    "/v2/a?b\\c", "/v2/a#b", "/v2/a?b#c", "/v2/a b", "/v2/a\tb", "/v2/a\rb", "/v2/a\x7f",
	    "/v2/a\x01", "/v2/\xc3\xa9", "/v2/a?\xff", "/v2/a%", "/v2/a%4", "/v2/a%4g", "/v2/a%g4",
	    "/v2/a?%", "/v2/a?b%zz", "/v2/a%00", "/v2/a?b=%00", "/v2/a%0d%0ab", "/v2/a%7F",
	    "/v2/%61pp", "/v2/a%2db", "/v2/a%7Eb", "/%76%32/app", "/v2/a%31"};

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		ck_assert_msg(http_target_fault(targets[i]), "%s", targets[i]);
}
END_TEST

UNIT(http_target, takes_plain_paths, refuses_second_spellings);
