#include "aws_reply.h"

#include <errno.h>
#include <string.h>

#include "timefmt.h"

/* AWS's "Common errors" and botocore's _retry.json. */
static const char *const transient_codes[] = {"BandwidthLimitExceeded", "EC2ThrottledException",
    "IDPCommunicationError", "InternalError", "InternalFailure", "InternalServerError",
    "PriorRequestNotComplete", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
    "RequestThrottled", "RequestThrottledException", "RequestTimeout", "RequestTimeoutException",
    "ServerException", "ServiceUnavailable", "ServiceUnavailableException", "SlowDown",
    "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException", NULL};
static const char *const denied_codes[] = {
    "AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation", NULL};
/* Refused since the signature does not fit: the clock may be wrong as well as the keys. */
static const char *const signature_codes[] = {"InvalidSignatureException", "RequestExpired",
    "RequestInTheFuture", "RequestTimeTooSkewed", "SignatureDoesNotMatch", NULL};
static const char *const malformed_codes[] = {
    "IncompleteSignature", "IncompleteSignatureException", NULL};
static const char *const key_codes[] = {"ExpiredToken", "ExpiredTokenException",
    "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken", "MissingAuthenticationToken",
    "MissingAuthenticationTokenException", "UnrecognizedClientException", NULL};

static const char CODE_LETTERS[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static bool is_one_of(const char *code, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(code, *list))
			return true;
	return false;
}

/* "prefix#Name:url" → "Name". */
static char *copy_code(const char *text)
{
	const char *hash = strrchr(text, '#');

	if (hash)
		text = hash + 1;
	return str_copy(text, strspn(text, CODE_LETTERS));
}

/* On one line, whatever the service put into it. */
static char *copy_message(const char *text, size_t len)
{
	char *copy = str_copy(text, len);

	for (char *c = copy; c && *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	return copy;
}

const char *aws_reply_xml_text(
    const char *body, const char *open, const char *close, size_t *ret_len)
{
	const char *start = strstr(body, open), *end;

	if (!start)
		return NULL;
	start += strlen(open);
	end = strstr(start, close);
	if (!end)
		return NULL;
	*ret_len = (size_t)(end - start);
	return start;
}

/* The first that is a string. */
static const char *json_first(const struct json *node, const char *first, const char *second)
{
	const char *text = json_string(json_get(node, first));

	return text ? text : json_string(json_get(node, second));
}

static int read_json_error(struct aws_reply *reply, const char *header_code)
{
	const struct json *query = json_get(reply->body, "Error");
	const char *code = header_code, *message;

	if (!code)
		code = query ? json_string(json_get(query, "Code"))
			     : json_first(reply->body, "__type", "code");
	message = query ? json_string(json_get(query, "Message"))
			: json_first(reply->body, "message", "Message");
	reply->code = copy_code(code ? code : "");
	if (message)
		reply->message = copy_message(message, strlen(message));
	return reply->code && (reply->message || !message) ? 0 : -ENOMEM;
}

static int read_xml_error(struct aws_reply *reply, const char *header_code)
{
	const char *body = str_text(&reply->text);
	size_t code_len = 0, message_len = 0;
	const char *code = aws_reply_xml_text(body, "<Code>", "</Code>", &code_len);
	const char *message = aws_reply_xml_text(body, "<Message>", "</Message>", &message_len);

	if (header_code || !code)
		reply->code = copy_code(header_code ? header_code : "");
	else
		reply->code = str_copy(code, strspn(code, CODE_LETTERS));
	if (message)
		reply->message = copy_message(message, message_len);
	return reply->code && (reply->message || !message) ? 0 : -ENOMEM;
}

int aws_reply_read(
    unsigned status, const struct headers *headers, struct str *body, struct aws_reply *ret)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {.status = status, .text = *body};
	const char *code = headers_get(headers, "x-amzn-ErrorType");
	const char *date = headers_get(headers, "Date");
	int r;

	*body = (struct str){};
	if (code && !*code)
		code = NULL;
	if (date)
		time_parse_http(date, &reply.date_s);
	r = json_parse(str_text(&reply.text), reply.text.len, &reply.body, NULL);
	if (r == -ENOMEM)
		return r;
	r = 0;
	if (status < 200 || status > 299)
		r = reply.body ? read_json_error(&reply, code) : read_xml_error(&reply, code);
	if (r < 0)
		return r;
	*ret = reply;
	reply = (struct aws_reply){};
	return 0;
}

void aws_reply_finish(struct aws_reply *reply)
{
	free(reply->code);
	secret_free(reply->message);
	json_free(reply->body);
	str_finish(&reply->text);
	*reply = (struct aws_reply){};
}

enum aws_verdict aws_reply_verdict(const struct aws_reply *reply)
{
	if (!reply->code)
		return AWS_DONE;
	if (is_one_of(reply->code, transient_codes))
		return AWS_TRANSIENT;
	if (is_one_of(reply->code, signature_codes) || is_one_of(reply->code, malformed_codes) ||
	    is_one_of(reply->code, key_codes))
		return AWS_KEYS_REFUSED;
	if (is_one_of(reply->code, denied_codes))
		return AWS_ACCESS_DENIED;
	if (reply->status == 429 || reply->status >= 500)
		return AWS_TRANSIENT;
	return AWS_REFUSED;
}

bool aws_reply_clock_offset(
    const struct aws_reply *reply, int64_t signed_s, int64_t wall_s, int64_t *ret_offset_s)
{
	int64_t off = reply->date_s - signed_s;

	if (!reply->code || !reply->date_s || !is_one_of(reply->code, signature_codes))
		return false;
	if (off >= -CLOCK_SKEW_MIN_S && off <= CLOCK_SKEW_MIN_S)
		return false;
	*ret_offset_s = reply->date_s - wall_s;
	return true;
}

int aws_reply_describe(const struct aws_reply *reply, struct str *ret)
{
	if (!reply->code || !*reply->code)
		return str_appendf(ret, "HTTP %u", reply->status);
	if (!reply->message || is_one_of(reply->code, signature_codes) ||
	    is_one_of(reply->code, malformed_codes))
		return str_append_text(ret, reply->code);
	return str_appendf(ret, "%s: %s", reply->code, reply->message);
}
