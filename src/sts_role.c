#include "sts_role.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "query.h"
#include "timefmt.h"

/* The two operations differ in few words. */
struct operation_words {
	const char *action;
	const char *response;
	const char *result;
	const char *source; /* as botocore names it */
};

static const struct operation_words by_keys = {
    "AssumeRole", "AssumeRoleResponse", "AssumeRoleResult", "assume-role"};
static const struct operation_words by_token = {"AssumeRoleWithWebIdentity",
    "AssumeRoleWithWebIdentityResponse", "AssumeRoleWithWebIdentityResult",
    "assume-role-with-web-identity"};

static const struct operation_words *words_of(const struct sts_role *role)
{
	return role->web_identity ? &by_token : &by_keys;
}

static int add_parameter(struct str *body, const char *name, const char *value)
{
	int r;

	if (!value)
		return 0;
	r = str_appendf(body, "&%s=", name);
	return r < 0 ? r : query_encode(body, value);
}

static int write_request(const struct sts_role *role, struct str *body)
{
	int r;

	r = str_appendf(body, "Action=%s&Version=2011-06-15", words_of(role)->action);
	if (r >= 0)
		r = add_parameter(body, "RoleArn", role->arn);
	if (r >= 0)
		r = add_parameter(body, "RoleSessionName", role->session_name);
	if (r >= 0)
		r = add_parameter(body, "ExternalId", role->external_id);
	if (r >= 0 && role->duration_s)
		r = str_appendf(body, "&DurationSeconds=%u", role->duration_s);
	if (r >= 0)
		r = add_parameter(body, "WebIdentityToken", role->web_identity);
	return r;
}

static int refuse(
    const struct aws_reply *reply, const struct sts_role *role, const char *url, struct err *e)
{
	_cleanup_str_ struct str answer = {};

	if (aws_reply_describe(reply, &answer) < 0)
		return -ENOMEM;
	switch (aws_reply_verdict(reply)) {
	case AWS_TRANSIENT:
		return err_set(e, -EAGAIN, "%s answers %s: try again", url, str_text(&answer));
	case AWS_KEYS_REFUSED:
		return err_set(e, -EACCES,
		    "%s refuses %s to assume %s: renew %s, and check the clock (%s)", url,
		    role->web_identity ? "the web identity token that is" : "the keys that are",
		    role->arn, role->web_identity ? "it" : "them", str_text(&answer));
	default:
		return err_set(e, -EPERM,
		    "%s does not let us assume %s: check its name, its trust policy%s (%s)", url,
		    role->arn,
		    role->web_identity ? " and the web identity"
				       : ", the external_id, and the right to sts:AssumeRole",
		    str_text(&answer));
	}
}

static const struct json *json_group(
    const struct aws_reply *reply, const struct operation_words *words, const char *group)
{
	const struct json *response = json_get(reply->body, words->response);

	return json_get(json_get(response, words->result), group);
}

/* One answer being read. */
struct reading {
	const struct aws_reply *reply;
	const struct operation_words *words;
	int result; /* −ENOMEM sticks */
};

/* A text of the answer, from XML where STS does not know the Accept field. NULL: there is none. */
static char *copy_text(struct reading *reading, const char *group, const char *name)
{
	const struct aws_reply *reply = reading->reply;
	char open[32], close[32];
	const char *text;
	char *copy;
	size_t len = 0;

	if (reply->body) {
		text = json_string(json_get(json_group(reply, reading->words, group), name));
		len = text ? strlen(text) : 0;
	} else {
		snprintf(open, sizeof(open), "<%s>", name);
		snprintf(close, sizeof(close), "</%s>", name);
		text = aws_reply_xml_text(str_text(&reply->text), open, close, &len);
	}
	if (!text)
		return NULL;
	copy = str_copy(text, len);
	if (!copy)
		reading->result = -ENOMEM;
	return copy;
}

/* Since the epoch; JSON has a number, XML ISO 8601. 0: none. */
static int64_t read_expiry(struct reading *reading)
{
	double number = json_number(
	    json_get(json_group(reading->reply, reading->words, "Credentials"), "Expiration"), 0);
	_cleanup_(freep) char *text = NULL;
	int64_t expires_s = 0;

	if (number > 0 && number < 1e12)
		return (int64_t)number;
	text = copy_text(reading, "Credentials", "Expiration");
	if (text)
		time_parse_iso(text, &expires_s);
	return expires_s;
}

/* A clock that is wrong must not make them look expired, or fresh for ever. */
static int64_t by_own_clock(int64_t expires_s, const struct aws_reply *reply)
{
	int64_t off_s = reply->date_s - clock_wall_s();

	if (!reply->date_s || (off_s >= -CLOCK_SKEW_MIN_S && off_s <= CLOCK_SKEW_MIN_S))
		return expires_s;
	return expires_s - off_s;
}

static int read_credentials(
    const struct aws_reply *reply, const struct operation_words *words, struct credentials **ret)
{
	struct reading reading = {.reply = reply, .words = words};
	_cleanup_(freep) char *id = copy_text(&reading, "Credentials", "AccessKeyId");
	_cleanup_(secret_freep) char *secret =
	    copy_text(&reading, "Credentials", "SecretAccessKey");
	_cleanup_(secret_freep) char *token = copy_text(&reading, "Credentials", "SessionToken");
	_cleanup_(freep) char *arn = copy_text(&reading, "AssumedRoleUser", "Arn");
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	int64_t expires_s = read_expiry(&reading);
	int r;

	if (reading.result < 0)
		return reading.result;
	if (!id || !secret || !token || !expires_s)
		return -EBADMSG;
	r = credentials_new(
	    id, secret, token, by_own_clock(expires_s, reply), words->source, &credentials);
	if (r == -EINVAL)
		return -EBADMSG;
	if (r >= 0)
		r = credentials_set_owner(credentials, NULL, arn);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(credentials);
	return 0;
}

int sts_assume_role(struct aws_api *api, const char *url, const char *region,
    const struct sts_role *role, int64_t deadline_ms, struct credentials **ret, struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	struct aws_call call = {
	    .url = url, .region = region, .service = "sts", .deadline_ms = deadline_ms};
	int r;

	r = write_request(role, &body);
	if (r < 0)
		return r;
	call.body = body.data;
	r = aws_api_call(api, &call, &reply, e);
	if (r < 0)
		return r;
	if (aws_reply_verdict(&reply) != AWS_DONE)
		return refuse(&reply, role, url, e);
	r = read_credentials(&reply, words_of(role), ret);
	if (r == -EBADMSG)
		return err_set(e, r,
		    "%s does not answer as STS does: check AWS_ENDPOINT_URL_STS and the network",
		    url);
	return r;
}
