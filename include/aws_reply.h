#pragma once
/*
 * What an AWS service answered, in one form for all protocols: JSON 1.1 (ECR), the query protocol's
 * JSON and XML (STS), and the front door's own errors, which come in either. Pure.
 */
#include <stdbool.h>
#include <stdint.h>

#include "headers.h"
#include "json.h"
#include "str.h"

struct aws_reply {
	unsigned status;
	char
	    *code; /* exception's name without prefix and URL, "" when there is none; NULL on 2xx */
	char *message;     /* of the exception, on one line; or NULL */
	struct json *body; /* NULL when it is no JSON */
	struct str text;   /* the body as it came */
	int64_t date_s;    /* of the Date field, since the epoch; 0 without */
};

/* Takes the body over (it is empty afterwards). 0 or −ENOMEM. */
int aws_reply_read(
    unsigned status, const struct headers *headers, struct str *body, struct aws_reply *ret);
/* Wipes the texts. */
void aws_reply_finish(struct aws_reply *reply);

/*
 * Text of the first element between these tags, borrowed, or NULL: enough of XML for the query
 * protocol, whose services do not all know JSON.
 */
const char *aws_reply_xml_text(
    const char *body, const char *open, const char *close, size_t *ret_len);

/* Whose turn it is. By the code, since the front door's status differs between services. */
enum aws_verdict {
	AWS_DONE,          /* 2xx */
	AWS_TRANSIENT,     /* throttled, 5xx or a time-out of the service's own: worth repeating */
	AWS_KEYS_REFUSED,  /* unknown or expired keys, a signature that does not fit */
	AWS_ACCESS_DENIED, /* known keys without the right to this */
	AWS_REFUSED,       /* anything else: the code says what */
};
enum aws_verdict aws_reply_verdict(const struct aws_reply *reply);

/*
 * Was it refused because of the time it was signed at? Then true with the offset from our clock,
 * `wall_s`, to the service's, when that is more than CLOCK_SKEW_MIN_S off the time signed.
 */
enum { CLOCK_SKEW_MIN_S = 60 };
bool aws_reply_clock_offset(
    const struct aws_reply *reply, int64_t signed_s, int64_t wall_s, int64_t *ret_offset_s);

/*
 * "Code: message" or "HTTP 503". Without the message where the signature was refused: there AWS
 * quotes what was signed, the session token included. Appends; 0 or −ENOMEM.
 */
int aws_reply_describe(const struct aws_reply *reply, struct str *ret);
