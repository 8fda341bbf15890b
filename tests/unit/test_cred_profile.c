#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cred_profile.h"
#include "fake_sources.h"

/* Both, in their order. */
static int cred_profile(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	int r = cred_credentials_file(sources, ret, e);

	return r == -ENOENT ? cred_config_file(sources, ret, e) : r;
}

static void setup(const char *credentials, const char *config)
{
	fake_home_make();
	fake_home_write(".aws/credentials", credentials);
	fake_home_write(".aws/config", config);
}

static void check(const char *id, const char *secret, const char *token, const char *source)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	struct err e = {};

	ck_assert_msg(cred_profile(&fake_sources, &credentials, &e) == 0, "%s", e.text);
	ck_assert_str_eq(credentials->access_key_id, id);
	ck_assert_str_eq(credentials->secret_access_key, secret);
	ck_assert_pstr_eq(credentials->session_token, token);
	ck_assert_str_eq(credentials->source, source);
	ck_assert_int_eq(credentials->expires_s, 0);
	fake_home_remove();
}

static void check_refused(int code, const char *text)
{
	struct credentials *credentials = NULL;
	struct err e = {};

	ck_assert_int_eq(cred_profile(&fake_sources, &credentials, &e), code);
	ck_assert_ptr_null(credentials);
	ck_assert_msg(strstr(e.text, text), "%s", e.text);
	ck_assert_ptr_null(strstr(e.text, "SECRET"));
	fake_home_remove();
}

START_TEST(credentials_file_first)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=SECRET/1\n",
	    "[default]\naws_access_key_id=B\naws_secret_access_key=SECRET2\n"
	    "aws_session_token=t\n");
	check("A", "SECRET/1", NULL, "shared-credentials-file");
}
END_TEST

START_TEST(then_config_file)
{
	setup("[other]\naws_access_key_id=A\n",
	    "[default]\naws_access_key_id=B\naws_secret_access_key=SECRET2\n"
	    "aws_session_token=t\n");
	check("B", "SECRET2", "t", "config-file");
}
END_TEST

START_TEST(the_older_name_of_the_token)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n"
	      "aws_session_token=new\naws_security_token=old\n",
	    "");
	check("A", "S", "old", "shared-credentials-file");
}
END_TEST

START_TEST(a_named_profile)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n",
	    "[profile x]\naws_access_key_id=B\naws_secret_access_key=T\n");
	fake_setenv("AWS_PROFILE", "x");
	check("B", "T", NULL, "config-file");
}
END_TEST

START_TEST(whose_they_are)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n"
	      "aws_account_id=123456789012\n",
	    "");
	ck_assert_int_eq(cred_profile(&fake_sources, &credentials, NULL), 0);
	ck_assert_str_eq(credentials->account, "123456789012");
	ck_assert_ptr_null(credentials->arn);
	fake_home_remove();
}
END_TEST

START_TEST(no_keys)
{
	setup("[default]\naws_secret_access_key=SECRET\n", "[default]\nregion=x\n");
	check_refused(-ENOENT, "");
}
END_TEST

START_TEST(half_a_pair)
{
	setup("[default]\naws_access_key_id=A\n",
	    "[default]\naws_access_key_id=B\naws_secret_access_key=SECRET\n");
	check_refused(-EINVAL, ".aws/credentials has aws_access_key_id but no");
}
END_TEST

START_TEST(no_key)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=SECRET # mine\n", "");
	check_refused(-EINVAL, "holds a blank");
}
END_TEST

START_TEST(a_missing_profile)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n", "");
	fake_setenv("AWS_PROFILE", "x");
	check_refused(-EINVAL, "profile \"x\"");
}
END_TEST

START_TEST(a_login_is_preferred_to_the_config_file_only)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n",
	    "[default]\nlogin_session = y\n");
	check("A", "S", NULL, "shared-credentials-file");
	setup("", "[default]\nlogin_session = x\naws_access_key_id=A\n");
	check_refused(-EINVAL, "login_session");
}
END_TEST

/* Copies of the text in malloc's own area, read past the C library. */
static unsigned copies_in_heap(const char *text, size_t len)
{
	static char heap[1 << 20];
	unsigned long start = 0, end = 0;
	char line[256], *at = heap;
	unsigned count = 0;
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/maps", "r");
	ssize_t n;

	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "[heap]"))
			sscanf(line, "%lx-%lx", &start, &end);
	fclose(maps);
	n = pread(fd, heap, end - start < sizeof(heap) ? end - start : sizeof(heap), (off_t)start);
	close(fd);
	while (n > 0 && (at = memmem(at, (size_t)(heap + n - at), text, len))) {
		count++;
		at++;
	}
	return count;
}

START_TEST(no_secret_is_left_behind)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	char path[64], text[128], secret[33] = "";
	unsigned left;
	int fd, len;

	/* Never in the heap by our own doing: neither literal nor stdio's buffer. */
	for (int i = 0; i < 32; i++)
		secret[i] = (char)('A' + (i * 7) % 26);
	fake_home_make();
	len = snprintf(text, sizeof(text),
	    "[default]\naws_access_key_id=A\naws_secret_access_key=%s\n", secret);
	snprintf(path, sizeof(path), "%s/.aws/credentials", fake_home);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(write(fd, text, (size_t)len), len);
	close(fd);
	ck_assert_int_eq(cred_profile(&fake_sources, &credentials, NULL), 0);
	ck_assert_uint_le(copies_in_heap(secret, 32), 1);
	/* Under a sanitizer the heap is elsewhere, and there is nothing to be seen. */
	credentials_unref(TAKE_PTR(credentials));
	/* Not the first 16 octets: free() itself writes there. Nor after another ck_assert(). */
	left = copies_in_heap(secret + 16, 16);
	ck_assert_uint_eq(left, 0);
	fake_home_remove();
}
END_TEST

UNIT(cred_profile, credentials_file_first, then_config_file, the_older_name_of_the_token,
    a_named_profile, whose_they_are, no_keys, half_a_pair, no_key, a_missing_profile,
    a_login_is_preferred_to_the_config_file_only, no_secret_is_left_behind);
