#include "unit.h"

#include "location.h"
#include "str.h"

#define ECR "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

static struct registry registry = {.host = (char *)ECR, .dial = {true, (char *)ECR, 443}};
static struct registry dialled = {.host = (char *)ECR, .dial = {false, (char *)"127.0.0.1", 8080}};
static struct registry dialled_v6 = {.host = (char *)ECR, .dial = {true, (char *)"::1", 443}};

struct rewrite {
	const char *from;
	const char *to; /* NULL: as it is */
};

static void assert_rewrites(
    const struct client_form *form, const struct rewrite *rewrites, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char *to = rewrites[i].to ? rewrites[i].to : rewrites[i].from;
		_cleanup_(freep) char *location = NULL;

		ck_assert_int_eq(location_for_client(form, rewrites[i].from, &location), 0);
		ck_assert_str_eq(location, to);
	}
}

#define ASSERT_REWRITES(form, rewrites) \
	assert_rewrites(&(form), rewrites, sizeof(rewrites) / sizeof(*(rewrites)))

#define UPLOAD "/v2/app/blobs/uploads/u"

START_TEST(the_registrys_own_become_path_only)
{
	static const struct rewrite rewrites[] = {{"https://" ECR UPLOAD, UPLOAD},
	    {"https://" ECR ":443" UPLOAD "?_state=a%2Fb&x", UPLOAD "?_state=a%2Fb&x"},
	    {"HTTPS://"
	     "123456789012.DKR.ECR.eu-west-1.amazonaws.com" UPLOAD,
		UPLOAD},
	    {"http://" ECR UPLOAD, UPLOAD}, {"http://" ECR ":80" UPLOAD, UPLOAD},
	    {"//" ECR UPLOAD, UPLOAD}, {UPLOAD, UPLOAD}, {UPLOAD "#f", UPLOAD "#f"},
	    {"https://" ECR "/v2/", "/v2/"}};
	struct client_form form = {.registry = &registry, .target = "/v2/app/blobs/uploads/"};

	ASSERT_REWRITES(form, rewrites);
}
END_TEST

START_TEST(all_else_stays)
{
	static const struct rewrite rewrites[] = {{"", NULL}, {"#f", NULL}, {"/", NULL},
	    {"/v2", NULL}, {"/v3/x", NULL}, {"/v2x/y", NULL}, {"//", NULL}, {"///v2/app", NULL},
	    {"//evil.example/v2/app", NULL}, {"https://evil.example" UPLOAD, NULL},
	    {"https://" ECR ".evil.example" UPLOAD, NULL},
	    {"https://evil.example/" ECR UPLOAD, NULL}, {"https://x" ECR UPLOAD, NULL},
	    {"https://" ECR ":8443" UPLOAD, NULL}, {"https://" ECR ":80" UPLOAD, NULL},
	    {"http://" ECR ":443"
	     "x" UPLOAD,
		NULL},
	    {"https://" ECR "@evil.example" UPLOAD, NULL}, {"https://user@" ECR UPLOAD, NULL},
	    {"https://" ECR, NULL}, {"https://" ECR "?x", NULL},
	    {"https://" ECR "//evil.example/v2/", NULL}, {"https://" ECR "/other", NULL},
	    {"https:/" ECR UPLOAD, NULL}, {"https://", NULL}, {"ftp://" ECR UPLOAD, NULL},
	    {"sha256:abc", NULL}, {"/v2/../x", NULL}, {"/v2/a/./b", NULL}, {"/v2/app/..", NULL},
	    {"https://" ECR "/v2/../x", NULL}, {"../x", NULL}, {"./x", NULL}, {"..?x", NULL},
	    {"https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/"
	     "x?X-Amz-A=b",
		NULL}};
	struct client_form form = {
	    .registry = &registry, .target = "/v2/app/blobs/uploads/", .prefix = ECR, .ns = true};

	ASSERT_REWRITES(form, rewrites);
}
END_TEST

START_TEST(a_very_long_host_is_foreign)
{
	struct client_form form = {.registry = &registry, .target = "/v2/"};
	_cleanup_(freep) char *location = NULL;
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(str_append_text(&text, "https://"), 0);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(str_append_text(&text, ECR), 0);
	ck_assert_int_eq(str_append_text(&text, UPLOAD), 0);
	ck_assert_int_eq(location_for_client(&form, text.data, &location), 0);
	ck_assert_str_eq(location, text.data);
}
END_TEST

START_TEST(prefix_and_ns_are_put_back)
{
	static const struct rewrite prefixed[] = {
	    {"https://" ECR UPLOAD, "/v2/" ECR "/app/blobs/uploads/u"},
	    {UPLOAD "?a=b", "/v2/" ECR "/app/blobs/uploads/u?a=b"}, {"/v2/", "/v2/" ECR "/"}};
	static const struct rewrite with_ns[] = {{"https://" ECR UPLOAD, UPLOAD "?ns=" ECR},
	    {UPLOAD "?a=b", UPLOAD "?a=b&ns=" ECR}, {UPLOAD "?a#f?", UPLOAD "?a&ns=" ECR "#f?"},
	    {UPLOAD "#f", UPLOAD "?ns=" ECR "#f"}};
	struct client_form form = {.registry = &registry, .target = "/v2/", .prefix = ECR};

	ASSERT_REWRITES(form, prefixed);
	form.prefix = NULL;
	form.ns = true;
	ASSERT_REWRITES(form, with_ns);
}
END_TEST

START_TEST(relative_references_begin_at_the_request)
{
	static const struct rewrite rewrites[] = {{"u", "/v2/" ECR "/app/blobs/uploads/u"},
	    {"u?s=1#f", "/v2/" ECR "/app/blobs/uploads/u?s=1#f"},
	    {"a/b:c", "/v2/" ECR "/app/blobs/uploads/a/b:c"},
	    {"?s=1", "/v2/" ECR "/app/blobs/uploads/old?s=1"}};
	struct client_form form = {
	    .registry = &registry, .target = "/v2/app/blobs/uploads/old?x=/y", .prefix = ECR};

	ASSERT_REWRITES(form, rewrites);
}
END_TEST

START_TEST(the_dialled_address_is_the_registry_too)
{
	static const struct rewrite v4[] = {{"http://127.0.0.1:8080" UPLOAD, UPLOAD},
	    {"http://" ECR UPLOAD, UPLOAD}, {"http://" ECR ":8080" UPLOAD, UPLOAD},
	    {"//127.0.0.1:8080" UPLOAD, UPLOAD}, {"http://127.0.0.1:9090" UPLOAD, NULL},
	    {"http://127.0.0.1" UPLOAD, NULL}, {"http://127.0.0.2:8080" UPLOAD, NULL}};
	static const struct rewrite v6[] = {{"https://[::1]:443" UPLOAD, UPLOAD},
	    {"https://[::1]" UPLOAD, UPLOAD}, {"http://[::1]" UPLOAD, NULL},
	    {"https://::1" UPLOAD, NULL}, {"https://[::2]" UPLOAD, NULL}};
	struct client_form form = {.registry = &dialled, .target = "/v2/"};

	ASSERT_REWRITES(form, v4);
	form.registry = &dialled_v6;
	ASSERT_REWRITES(form, v6);
}
END_TEST

START_TEST(rewrites_each_reference_of_a_link)
{
	static const struct rewrite links[] = {
	    {"<https://" ECR "/v2/app/tags/list?last=a>; rel=\"next\"",
		"</v2/" ECR "/app/tags/list?last=a>; rel=\"next\""},
	    {"</v2/a>; rel=\"x<y\\\"<\", </v2/b>;title=\"\"",
		"</v2/" ECR "/a>; rel=\"x<y\\\"<\", </v2/" ECR "/b>;title=\"\""},
	    {"<https://evil.example/v2/a>; rel=next", NULL}, {"", NULL}, {"no link", NULL},
	    {"<", NULL}, {"<>", NULL}, {"<#x>", NULL}, {"\"<unclosed", NULL}, {"\"\\", NULL},
	    {"</v2/a", "</v2/" ECR "/a"}};
	struct client_form form = {
	    .registry = &registry, .target = "/v2/app/tags/list", .prefix = ECR};

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		const char *to = links[i].to ? links[i].to : links[i].from;
		_cleanup_(freep) char *link = NULL;

		ck_assert_int_eq(link_for_client(&form, links[i].from, &link), 0);
		ck_assert_str_eq(link, to);
	}
}
END_TEST

UNIT(location, the_registrys_own_become_path_only, all_else_stays, a_very_long_host_is_foreign,
    prefix_and_ns_are_put_back, relative_references_begin_at_the_request,
    the_dialled_address_is_the_registry_too, rewrites_each_reference_of_a_link);
