#include "sts_api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

static bool is_account(const char *text, size_t len)
{
	return len == AWS_ACCOUNT_SIZE - 1 && strspn(text, "0123456789") >= len;
}

/* From XML where STS does not know the Accept field. NULL: there is none. */
static char *copy_text(const struct aws_reply *reply, const char *name)
{
	const struct json *response = json_get(reply->body, "GetCallerIdentityResponse");
	const struct json *result = json_get(response, "GetCallerIdentityResult");
	char open[16], close[16];
	const char *text = json_string(json_get(result, name));
	size_t len = text ? strlen(text) : 0;

	if (!reply->body) {
		snprintf(open, sizeof(open), "<%s>", name);
		snprintf(close, sizeof(close), "</%s>", name);
		text = aws_reply_xml_text(str_text(&reply->text), open, close, &len);
	}
	return text ? str_copy(text, len) : NULL;
}

static int read_caller(const struct aws_reply *reply, struct sts_caller *ret)
{
	_cleanup_(freep) char *account = copy_text(reply, "Account");

	if (!account || !is_account(account, strlen(account)))
		return -EBADMSG;
	memcpy(ret->account, account, AWS_ACCOUNT_SIZE);
	ret->arn = copy_text(reply, "Arn");
	ret->clock_offset_s = reply->date_s ? reply->date_s - clock_wall_s() : 0;
	return 0;
}

static int refuse(const struct aws_reply *reply, const char *url, struct err *e)
{
	_cleanup_str_ struct str answer = {};

	if (aws_reply_describe(reply, &answer) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	switch (aws_reply_verdict(reply)) {
	case AWS_KEYS_REFUSED:
		return err_set(e, -EACCES,
		    "%s refuses the AWS keys of this daemon: renew them, and check the clock (%s)",
		    url, str_text(&answer));
	case AWS_TRANSIENT:
		return err_set(e, -EAGAIN, "%s answers %s: try again", url, str_text(&answer));
	default:
		return err_set(e, -EPERM,
		    "%s does not tell whose keys these are, so name the registry with --registry "
		    "(%s)",
		    url, str_text(&answer));
	}
}

int sts_get_caller(struct aws_api *api, const char *url, const char *region, int64_t deadline_ms,
    struct sts_caller *ret, struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	const struct aws_call call = {
	    .url = url,
	    .region = region,
	    .service = "sts",
	    .body = "Action=GetCallerIdentity&Version=2011-06-15",
	    .deadline_ms = deadline_ms,
	};
	int r;

	r = aws_api_call(api, &call, &reply, e);
	if (r < 0)
		return r;
	if (aws_reply_verdict(&reply) != AWS_DONE)
		return refuse(&reply, url, e);
	r = read_caller(&reply, ret);
	if (r < 0)
		return err_set(e, r,
		    "%s does not answer as STS does: check AWS_ENDPOINT_URL_STS and the network",
		    url);
	return 0;
}

void sts_caller_finish(struct sts_caller *caller)
{
	free(caller->arn);
	*caller = (struct sts_caller){};
}

int sts_get_caller_account(struct aws_api *api, const char *url, const char *region,
    int64_t deadline_ms, char ret_account[static AWS_ACCOUNT_SIZE], struct err *e)
{
	_cleanup_(sts_caller_finish) struct sts_caller caller = {};
	int r;

	r = sts_get_caller(api, url, region, deadline_ms, &caller, e);
	if (r == 0)
		memcpy(ret_account, caller.account, AWS_ACCOUNT_SIZE);
	return r;
}
