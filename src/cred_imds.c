#include "cred_imds.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cred_json.h"
#include "imds_settings.h"

/* A session's token is 56 octets, a role's name up to 64, its credentials some KiB. */
enum { BODY_MAX = 64 * 1024, ROLE_MAX = 64 };

#define ROLES_PATH "/latest/meta-data/iam/security-credentials/"
#define HOP_LIMIT                                                               \
	"in a container on an instance set the instance's hop limit to 2 (aws " \
	"ec2 modify-instance-metadata-options --http-put-response-hop-limit 2)"

struct imds {
	const struct credential_sources *sources;
	struct imds_settings settings;
	char *token;     /* NULL: version 1 */
	bool was_silent; /* nothing came back when a token was asked for */
	bool has_answered;
	struct err *e;
};

static void imds_finish(struct imds *imds)
{
	imds_settings_finish(&imds->settings);
	secret_free(imds->token);
}

static bool is_final(int r)
{
	return r == -ENOMEM || r == -ECANCELED;
}

/* One request with one field (or none); 0 with any status. */
static int request(struct imds *imds, const char *method, const char *path,
    const struct header *field, struct fetch_reply *ret)
{
	_cleanup_headers_ struct headers headers = {};
	_cleanup_str_ struct str url = {};
	struct fetch_request request = {
	    .method = method,
	    .headers = &headers,
	    .deadline_ms = clock_mono_ms() + imds->settings.timeout_s * INT64_C(1000),
	    .max_body = BODY_MAX,
	    .direct = true,
	};
	int r;

	r = str_appendf(&url, "%s%s", imds->settings.url, path);
	if (r >= 0 && field->value)
		r = headers_add(&headers, field->name, field->value);
	if (r < 0)
		return r;
	request.url = url.data;
	r = fetch(imds->sources->fetcher, &request, ret, imds->e);
	imds->has_answered |= r >= 0;
	return r;
}

static bool is_printable(const struct str *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] <= ' ' || text->data[i] > '~')
			return false;
	return text->len > 0;
}

/* 0 with a token or, where version 1 is to be tried, without; −EAGAIN to ask again. */
static int ask_token(struct imds *imds)
{
	char lifetime[] = "21600", name[] = "x-aws-ec2-metadata-token-ttl-seconds";
	const struct header field = {name, lifetime};
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	int r = request(imds, "PUT", "/latest/api/token", &field, &reply);

	imds->was_silent = r == -ETIMEDOUT;
	if (r == -ETIMEDOUT)
		return 0;
	if (r < 0)
		return is_final(r) ? r : -EAGAIN;
	if (reply.status == 400)
		return err_set(imds->e, -ENOENT,
		    "the instance metadata service at %s calls our request for a token bad",
		    imds->settings.url);
	if (reply.status == 200 && is_printable(&reply.body)) {
		imds->token = strdup(reply.body.data);
		return imds->token ? 0 : -ENOMEM;
	}
	return reply.status == 403 || reply.status == 404 || reply.status == 405 ? 0 : -EAGAIN;
}

static int find_token(struct imds *imds)
{
	int r = -EAGAIN;

	for (unsigned i = 0; i < imds->settings.tries && r == -EAGAIN; i++)
		r = ask_token(imds);
	if (r < 0 && r != -EAGAIN)
		return r;
	if (!imds->token && imds->settings.v1_disabled)
		return err_set(imds->e, -EACCES,
		    "no token from the instance metadata service at %s, and its version 1 is off "
		    "(AWS_EC2_METADATA_V1_DISABLED): " HOP_LIMIT "; elsewhere set "
		    "AWS_EC2_METADATA_DISABLED=true",
		    imds->settings.url);
	return 0;
}

static int explain(struct imds *imds, const char *path, unsigned status)
{
	const char *url = imds->settings.url;

	if (!imds->has_answered)
		return err_set(imds->e, -ENOENT, "no instance metadata service answers at %s", url);
	if (imds->was_silent)
		return err_set(imds->e, -ENOENT,
		    "the instance metadata service at %s does not answer when it is asked for a "
		    "token: " HOP_LIMIT,
		    url);
	if (status == 404 && !strcmp(path, ROLES_PATH))
		return err_set(imds->e, -ENOENT,
		    "the instance metadata service at %s has no role: attach an instance profile",
		    url);
	if (!status)
		return err_set(imds->e, -ENOENT,
		    "the instance metadata service at %s breaks off its answers", url);
	return err_set(imds->e, -ENOENT,
	    "the instance metadata service at %s answers %s with HTTP %u", url, path, status);
}

/* What is there, not empty. */
static int get(struct imds *imds, const char *path, struct str *ret)
{
	char name[] = "x-aws-ec2-metadata-token";
	const struct header field = {name, imds->token};
	unsigned status = 0;

	for (unsigned i = 0; i < imds->settings.tries; i++) {
		_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
		int r = request(imds, "GET", path, &field, &reply);

		if (is_final(r))
			return r;
		status = reply.status;
		if (r >= 0 && status == 200 && reply.body.len) {
			*ret = reply.body;
			reply.body = (struct str){};
			return 0;
		}
	}
	return explain(imds, path, status);
}

/* Letters of a role's name (IAM API, RoleName), none of which means anything in a path. */
static int find_role(struct imds *imds, char ret[static ROLE_MAX + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789+=,.@_-";
	_cleanup_str_ struct str text = {};
	size_t len;
	int r;

	r = get(imds, ROLES_PATH, &text);
	if (r < 0)
		return r;
	len = strspn(str_text(&text), letters);
	if (!len || len > ROLE_MAX || !strchr("\r\n", text.data[len]))
		return err_set(imds->e, -ENOENT,
		    "the instance metadata service at %s answers with what is no role's name",
		    imds->settings.url);
	memcpy(ret, text.data, len);
	ret[len] = '\0';
	return 0;
}

/* "Code": "Success", or why not: EC2 may not assume the role, for one. */
static int check_code(struct imds *imds, const struct json *object)
{
	const char *code = json_string(json_get(object, "Code"));
	const char *message = json_string(json_get(object, "Message"));

	if (!code || !strcmp(code, "Success"))
		return 0;
	return err_set(imds->e, -ENOENT,
	    "the instance metadata service says %s%s%s: check the "
	    "role's trust policy",
	    code, message ? ": " : "", message ? message : "");
}

static int read_credentials(struct imds *imds, const struct str *text, struct credentials **ret)
{
	const struct cred_json_form form = cred_json_machine("iam-role");
	_cleanup_(json_freep) struct json *object = NULL;
	struct err reason = {};
	int r;

	r = json_parse(str_text(text), text->len, &object, NULL);
	if (r == -EBADMSG)
		err_set(&reason, 0, "it is no JSON");
	if (r >= 0)
		r = check_code(imds, object);
	if (r >= 0)
		r = cred_json_read(object, &form, ret, &reason);
	if (r == -EBADMSG)
		return err_set(imds->e, -ENOENT,
		    "cannot use what the instance metadata service at %s answers: %s",
		    imds->settings.url, reason.text);
	return r;
}

static int64_t jitter_s(void)
{
	unsigned number = 0;

	/* Without entropy it is the least: only its spread over machines matters. */
	(void)!getentropy(&number, sizeof(number));
	return CRED_IMDS_JITTER_MIN_S +
	       number % (CRED_IMDS_JITTER_MAX_S - CRED_IMDS_JITTER_MIN_S + 1);
}

int64_t cred_imds_expiry_s(int64_t expires_s, int64_t now_s, int64_t jitter_s)
{
	int64_t ahead_s = CRED_IMDS_WINDOW_S + jitter_s;

	return now_s >= expires_s - ahead_s ? now_s + ahead_s : expires_s;
}

int cred_imds(const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	_cleanup_(imds_finish) struct imds imds = {.sources = sources, .e = e};
	_cleanup_str_ struct str path = {}, text = {};
	char role[ROLE_MAX + 1];
	int r;

	r = imds_settings_read(sources, &imds.settings, e);
	if (r < 0)
		return r;
	if (imds.settings.disabled)
		return err_set(e, -ENOENT,
		    "the instance metadata service is not asked (AWS_EC2_METADATA_DISABLED)");
	r = find_token(&imds);
	if (r >= 0)
		r = find_role(&imds, role);
	if (r >= 0)
		r = str_appendf(&path, "%s%s", ROLES_PATH, role);
	if (r >= 0)
		r = get(&imds, path.data, &text);
	if (r >= 0)
		r = read_credentials(&imds, &text, ret);
	if (r >= 0)
		(*ret)->expires_s =
		    cred_imds_expiry_s((*ret)->expires_s, sources->now_s(), jitter_s());
	return r;
}
