#include "cred_container.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "aws_reply.h"
#include "base_url.h"
#include "clock.h"
#include "cred_json.h"
#include "file.h"

/* As botocore has them; the answer is a few KiB. */
enum { TRIES = 3, TRY_MS = 2000, PAUSE_MS = 1000, BODY_MAX = 64 * 1024, TOKEN_MAX = 64 * 1024 };

static const char ecs_host[] = "169.254.170.2";

/* What it is asked for, and with what. */
struct asking {
	const struct credential_sources *sources;
	struct str url;
	struct headers headers;
};

static void asking_finish(struct asking *asking)
{
	str_finish(&asking->url);
	headers_finish(&asking->headers);
}

static bool is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* May a token go there in the clear? EKS Pod Identity's agent has two addresses. */
static bool is_allowed(const char *host)
{
	static const char *const names[] = {
	    ecs_host, "169.254.170.23", "fd00:ec2::23", "localhost"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcasecmp(host, names[i]))
			return true;
	return is_loopback(host);
}

/* Path and query as they may stand in a request: printable ASCII, no blank. */
static bool is_rest(const char *rest)
{
	for (; *rest; rest++)
		if (*rest <= ' ' || *rest > '~')
			return false;
	return true;
}

static int relative_url(const char *relative, struct str *ret, struct err *e)
{
	/* Else it would go on with the host's name. */
	if (*relative != '/' || !is_rest(relative))
		return err_set(e, -EINVAL,
		    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path that begins with /: "
		    "correct it");
	return str_appendf(ret, "http://%s%s", ecs_host, relative);
}

static int full_url(const char *full, struct str *ret, struct err *e)
{
	const char *host = strstr(full, "://"), *rest;
	_cleanup_str_ struct str base = {};
	struct base_url url;
	int r;

	rest = host ? host + 3 + strcspn(host + 3, "/?#") : full;
	r = str_append(&base, full, (size_t)(rest - full));
	if (r < 0)
		return r;
	/* The value is not shown: a URL may hold a password. */
	if (base_url_parse(str_text(&base), &url) < 0 || !is_rest(rest))
		return err_set(e, -EINVAL,
		    "AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL of the form "
		    "http(s)://HOST[:PORT]/PATH: correct it");
	if (!url.tls && !is_allowed(url.host))
		return err_set(e, -EINVAL,
		    "AWS_CONTAINER_CREDENTIALS_FULL_URI names %s, and by plain http only this "
		    "machine, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 are asked: use "
		    "https, or correct it",
		    url.host);
	/* From what was checked, so that nobody can read it in another way. */
	r = base_url_write(&url, ret);
	return r < 0 ? r : str_appendf(ret, "%s%s", *rest == '/' ? "" : "/", rest);
}

int cred_container_url(const char *relative, const char *full, struct str *ret, struct err *e)
{
	return relative ? relative_url(relative, ret, e) : full_url(full, ret, e);
}

static int read_token_file(const char *path, struct str *ret, struct err *e)
{
	int r = file_read(path, TOKEN_MAX, ret);

	return r < 0 && r != -ENOMEM
		   ? err_set(e, r == -ENOENT ? -EINVAL : r,
			 "cannot read %s (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE): %s", path,
			 strerror(-r))
		   : r;
}

static bool is_field_value(const struct str *text)
{
	for (size_t i = 0; i < text->len; i++)
		if ((unsigned char)text->data[i] < ' ' || text->data[i] == 0x7f)
			return false;
	return true;
}

/* Sent as it is, "Bearer" or not. The file is read each time: EKS writes it anew. */
static int add_token(struct asking *asking, struct err *e)
{
	const char *path =
	    credential_variable(asking->sources, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token =
	    credential_variable(asking->sources, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	_cleanup_str_ struct str text = {};
	int r;

	if (!path && !token)
		return 0;
	r = path ? read_token_file(path, &text, e) : str_append_text(&text, token);
	if (r < 0)
		return r;
	if (!is_field_value(&text))
		return err_set(e, -EINVAL,
		    "the token in %s holds a line's end or another control character: write it "
		    "without",
		    path ? path : "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	return headers_add(&asking->headers, "Authorization", str_text(&text));
}

static int prepare(struct asking *asking, const char *relative, const char *full, struct err *e)
{
	int r;

	r = cred_container_url(relative, full, &asking->url, e);
	if (r >= 0)
		r = headers_add(&asking->headers, "Accept", "application/json");
	return r < 0 ? r : add_token(asking, e);
}

static int refuse(struct fetch_reply *reply, struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply answer = {};
	_cleanup_str_ struct str text = {};
	int r;

	r = aws_reply_read(reply->status, &reply->headers, &reply->body, &answer);
	if (r >= 0)
		r = aws_reply_describe(&answer, &text);
	return r < 0 ? r : err_set(e, -EIO, "it answers %s", str_text(&text));
}

static int ask_once(const struct asking *asking, struct credentials **ret, struct err *e)
{
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	const struct fetch_request request = {
	    .method = "GET",
	    .url = asking->url.data,
	    .headers = &asking->headers,
	    .deadline_ms = clock_mono_ms() + TRY_MS,
	    .max_body = BODY_MAX,
	    .direct = true,
	};
	const struct cred_json_form form = cred_json_machine("container-role");
	int r;

	r = fetch(asking->sources->fetcher, &request, &reply, e);
	if (r < 0)
		return r;
	if (reply.status != 200)
		return refuse(&reply, e);
	return cred_json_parse(&reply.body, &form, ret, e);
}

static int ask(const struct asking *asking, struct credentials **ret, struct err *e)
{
	int r = ask_once(asking, ret, e);

	for (int i = 1; i < TRIES && r < 0 && r != -ENOMEM && r != -ECANCELED; i++) {
		if (stop_sleep(asking->sources->fetcher->stop, PAUSE_MS))
			return err_set(e, -ECANCELED, "given up: this daemon stops");
		r = ask_once(asking, ret, e);
	}
	return r;
}

int cred_container(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	const char *relative =
	    credential_variable(sources, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = credential_variable(sources, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	_cleanup_(asking_finish) struct asking asking = {.sources = sources};
	struct err reason = {};
	int r;

	if (!relative && !full)
		return -ENOENT;
	r = prepare(&asking, relative, full, e);
	if (r < 0)
		return r;
	r = ask(&asking, ret, &reason);
	if (r < 0 && r != -ENOMEM)
		return err_set(e, r == -ENOENT ? -EIO : r,
		    "no credentials from the container's endpoint (%s): %s",
		    relative ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
			     : "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		    reason.text);
	return r;
}
