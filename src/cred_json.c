#include "cred_json.h"

#include <errno.h>

#include "timefmt.h"

struct cred_json_form cred_json_machine(const char *source)
{
	return (struct cred_json_form){
	    .source = source,
	    .id = "AccessKeyId",
	    .secret = "SecretAccessKey",
	    .token = "Token",
	    .expiration = "Expiration",
	    .account = "AccountId",
	};
}

static bool is_missing(const struct json *node)
{
	return !node || json_kind(node) == JSON_NULL;
}

/* A text that has to be there unless `optional`: then NULL. */
static int read_text(
    const struct json *object, const char *name, bool optional, const char **ret, struct err *e)
{
	const struct json *node = json_get(object, name);
	const char *text = json_string(node);

	if (is_missing(node) && !optional)
		return err_set(e, -EBADMSG, "it has no \"%s\"", name);
	if (!text && !is_missing(node))
		return err_set(e, -EBADMSG, "its \"%s\" is no string", name);
	/* Of what may be missing, an empty one is. */
	*ret = optional && text && !*text ? NULL : text;
	return 0;
}

static int read_milliseconds(const struct json *node, const char *name, int64_t *ret, struct err *e)
{
	/* The year 9999: what a date can show, and far from what a double cannot. */
	static const double max = 253402300799000.0;
	double ms = json_number(node, -1);

	if (ms <= 0 || ms > max)
		return err_set(e, -EBADMSG, "its \"%s\" is no time in milliseconds", name);
	*ret = (int64_t)ms / 1000;
	return 0;
}

static int read_expiration(
    const struct json *object, const struct cred_json_form *form, int64_t *ret, struct err *e)
{
	const char *text;
	int r;

	if (form->milliseconds)
		return read_milliseconds(
		    json_get(object, form->expiration), form->expiration, ret, e);
	r = read_text(object, form->expiration, form->lasting, &text, e);
	if (r < 0 || !text)
		return r;
	if (time_parse_iso(text, ret) < 0)
		return err_set(e, -EBADMSG,
		    "its \"%s\" is no ISO 8601 time with a zone, such as 2026-01-02T03:04:05Z",
		    form->expiration);
	return 0;
}

int cred_json_read(const struct json *object, const struct cred_json_form *form,
    struct credentials **ret, struct err *e)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	const char *id, *secret, *token, *account = NULL;
	int64_t expires_s = 0;
	int r;

	if (!object || json_kind(object) != JSON_OBJECT)
		return err_set(e, -EBADMSG, "it is no JSON object");
	r = read_text(object, form->id, false, &id, e);
	if (r >= 0)
		r = read_text(object, form->secret, false, &secret, e);
	if (r >= 0)
		r = read_text(object, form->token, form->lasting, &token, e);
	if (r >= 0)
		r = read_expiration(object, form, &expires_s, e);
	if (r < 0)
		return r;
	r = credentials_new(id, secret, token, expires_s, form->source, &credentials);
	if (r == -EINVAL)
		return err_set(e, -EBADMSG, "a key in it is empty or holds what no key has");
	if (form->account)
		account = json_string(json_get(object, form->account));
	if (r >= 0)
		r = credentials_set_owner(credentials, account, NULL);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(credentials);
	return 0;
}

int cred_json_parse(const struct str *text, const struct cred_json_form *form,
    struct credentials **ret, struct err *e)
{
	_cleanup_(json_freep) struct json *object = NULL;
	int r;

	r = json_parse(str_text(text), text->len, &object, NULL);
	if (r == -EBADMSG)
		return err_set(e, r, "it is no JSON");
	return r < 0 ? r : cred_json_read(object, form, ret, e);
}
