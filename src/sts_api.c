#include "sts_api.h"

#include <errno.h>
#include <string.h>

static bool is_account(const char *text, size_t len)
{
	return len == AWS_ACCOUNT_SIZE - 1 && strspn(text, "0123456789") >= len;
}

/* <Account>123456789012</Account>: from those that do not know the Accept field. */
static const char *xml_account(const char *body)
{
	size_t len;
	const char *account = aws_reply_xml_text(body, "<Account>", "</Account>", &len);

	return account && is_account(account, len) ? account : NULL;
}

static const char *json_account(const struct json *body)
{
	const struct json *response = json_get(body, "GetCallerIdentityResponse");
	const struct json *result = json_get(response, "GetCallerIdentityResult");
	const char *account = json_string(json_get(result, "Account"));

	return account && is_account(account, strlen(account)) ? account : NULL;
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

int sts_get_caller_account(struct aws_api *api, const char *url, const char *region,
    int64_t deadline_ms, char ret_account[static AWS_ACCOUNT_SIZE], struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	const struct aws_call call = {
	    .url = url,
	    .region = region,
	    .service = "sts",
	    .body = "Action=GetCallerIdentity&Version=2011-06-15",
	    .deadline_ms = deadline_ms,
	};
	const char *account;
	int r;

	r = aws_api_call(api, &call, &reply, e);
	if (r < 0)
		return r;
	if (aws_reply_verdict(&reply) != AWS_DONE)
		return refuse(&reply, url, e);
	account = reply.body ? json_account(reply.body) : xml_account(str_text(&reply.text));
	if (!account)
		return err_set(e, -EBADMSG,
		    "%s does not answer as STS does: check AWS_ENDPOINT_URL_STS and the network",
		    url);
	memcpy(ret_account, account, AWS_ACCOUNT_SIZE - 1);
	ret_account[AWS_ACCOUNT_SIZE - 1] = '\0';
	return 0;
}
