#include "oci_error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

int oci_error_set(struct oci_error *e, unsigned status, const char *code, const char *format, ...)
{
	va_list args;

	e->status = status;
	e->code = code;
	va_start(args, format);
	vsnprintf(e->message, sizeof(e->message), format, args);
	va_end(args);
	for (char *c = e->message; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	return -EPERM;
}

int oci_error_write(const struct oci_error *e, struct str *ret)
{
	_cleanup_str_ struct str text = {};

	if (str_append_text(&text, "{\"errors\":[{\"code\":") < 0 ||
	    json_write_string(&text, e->code) < 0 || str_append_text(&text, ",\"message\":") < 0 ||
	    json_write_string(&text, e->message) < 0 || str_append_text(&text, "}]}\n") < 0)
		return -ENOMEM;
	return str_append(ret, text.data, text.len);
}

int oci_error_read(const char *body, size_t len, char **ret_code, char **ret_message)
{
	_cleanup_(json_freep) struct json *root = NULL;
	_cleanup_(freep) char *code = NULL, *message = NULL;
	const struct json *first;
	const char *text;
	int r;

	r = json_parse(body, len, &root, NULL);
	if (r < 0)
		return r;
	first = json_at(json_get(root, "errors"), 0);
	text = json_string(json_get(first, "code"));
	if (!text)
		return -EBADMSG;
	code = strdup(text);
	/* The message is optional (OCI distribution spec, "Error Codes"). */
	text = json_string(json_get(first, "message"));
	message = strdup(text ? text : "");
	if (!code || !message)
		return -ENOMEM;
	*ret_code = TAKE_PTR(code);
	*ret_message = TAKE_PTR(message);
	return 0;
}
