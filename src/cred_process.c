#include "cred_process.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "child.h"
#include "clock.h"
#include "cred_json.h"
#include "profile.h"
#include "shell_words.h"

enum {
	/* botocore waits for ever; one that asks a person for something never ends here. */
	PROCESS_MS = 60 * 1000,
	/* Session tokens are 1 to 3 KiB. */
	OUTPUT_MAX = 64 * 1024,
	/* Of its first line on standard error, which is shown. */
	REASON_MAX = 200,
};

static int explain_run(int r, const char *program, struct err *e)
{
	switch (r) {
	case -ENOENT:
		return err_set(e, -EINVAL,
		    "there is no program \"%s\": install it or correct its path", program);
	case -ETIMEDOUT:
		return err_set(e, r,
		    "\"%s\" did not end in time and was killed: see by hand what it waits for; it "
		    "has no terminal here",
		    program);
	case -EMSGSIZE:
		return err_set(e, -EIO,
		    "\"%s\" prints more than %d octets: it is to print one JSON object", program,
		    OUTPUT_MAX);
	case -ECANCELED:
		return err_set(e, r, "given up: this daemon stops");
	case -ENOMEM:
		return r;
	default:
		return err_set(e, -EINVAL, "cannot start \"%s\": %s", program, strerror(-r));
	}
}

static int explain_end(const struct child_result *result, const char *program, struct err *e)
{
	char said[REASON_MAX + 1];
	size_t len = strcspn(str_text(&result->err), "\r\n");

	/* It may be shown on a terminal. */
	for (size_t i = 0; i < len; i++)
		said[i] = iscntrl((unsigned char)result->err.data[i]) ? '?' : result->err.data[i];
	if (result->signal)
		return err_set(e, -EIO, "\"%s\" was ended by signal %d (%s)", program,
		    result->signal, strsignal(result->signal));
	return err_set(e, -EIO, "\"%s\" ends with exit code %d%s%.*s", program, result->exit_code,
	    len ? " and says: " : "", (int)len, said);
}

static int read_output(
    const struct str *out, const char *program, struct credentials **ret, struct err *e)
{
	static const struct cred_json_form form = {
	    .source = "custom-process",
	    .id = "AccessKeyId",
	    .secret = "SecretAccessKey",
	    .token = "SessionToken",
	    .expiration = "Expiration",
	    .account = "AccountId",
	    .lasting = true,
	};
	_cleanup_(json_freep) struct json *object = NULL;
	struct err reason = {};
	int r;

	r = json_parse(str_text(out), out->len, &object, NULL);
	if (r == -EBADMSG)
		err_set(&reason, 0, "it is no JSON");
	else if (r >= 0 && json_number(json_get(object, "Version"), 0) != 1)
		r = err_set(&reason, -EBADMSG, "its \"Version\" is not 1");
	else if (r >= 0)
		r = cred_json_read(object, &form, ret, &reason);
	if (r == -EBADMSG)
		return err_set(e, -EIO, "cannot use what \"%s\" prints: %s", program, reason.text);
	return r;
}

static int run(char *const *words, const struct cred_process_call *call, struct credentials **ret,
    struct err *e)
{
	_cleanup_(child_result_finish) struct child_result result = {};
	const struct child_command command = {
	    .words = words,
	    .deadline_ms = call->deadline_ms,
	    .stop = call->stop,
	    .max_out = OUTPUT_MAX,
	    .max_err = REASON_MAX,
	};
	int r;

	r = child_run(&command, &result);
	if (r < 0)
		return explain_run(r, words[0], e);
	if (result.exit_code != 0)
		return explain_end(&result, words[0], e);
	return read_output(&result.out, words[0], ret, e);
}

int cred_process_run(const struct cred_process_call *call, struct credentials **ret, struct err *e)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	_cleanup_(shell_words_freep) char **words = NULL;
	struct err reason = {};
	int r;

	r = shell_words_split(call->command_line, &words, &reason);
	if (r >= 0 && !words[0])
		r = err_set(&reason, -EINVAL, "it names no program");
	if (r == -EINVAL)
		return err_set(e, r, "%s: correct it", reason.text);
	if (r >= 0)
		r = run(words, call, &credentials, e);
	if (r >= 0 && !credentials->account)
		r = credentials_set_owner(credentials, call->account, NULL);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(credentials);
	return 0;
}

int cred_process(const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	_cleanup_(profile_finish) struct profile profile = {};
	struct cred_process_call call = {};
	struct err reason = {};
	int r;

	r = profile_load(sources, &profile, e);
	if (r < 0)
		return r;
	call.command_line = profile_get(&profile, "credential_process");
	if (!call.command_line)
		return -ENOENT;
	call.account = profile_get(&profile, "aws_account_id");
	call.deadline_ms = clock_mono_ms() + PROCESS_MS;
	call.stop = sources->fetcher->stop;
	r = cred_process_run(&call, ret, &reason);
	if (r < 0 && r != -ENOMEM)
		return err_set(
		    e, r, "credential_process of profile \"%s\": %s", profile.name, reason.text);
	return r;
}
