#include "gate.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "http_syntax.h"
#include "http_target.h"

/* The registry has no code for what is no request at all; UNSUPPORTED stops every client at once.
 */
static int malformed(struct oci_error *refusal, const char *what)
{
	return oci_error_set(refusal, 400, "UNSUPPORTED", "malformed request: %s", what);
}

static int check_method(const char *method, struct oci_error *refusal)
{
	static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(method, known[i]) == 0)
			return 0;
	if (!http_is_token(method, strlen(method)))
		return malformed(refusal, "the method is no token");
	return oci_error_set(refusal, 405, "UNSUPPORTED", "no registry request has this method");
}

static int check_fields(const struct gate_request *request, struct oci_error *refusal)
{
	if (strcmp(request->version, "HTTP/1.1") != 0 && strcmp(request->version, "HTTP/1.0") != 0)
		return malformed(refusal, "neither HTTP/1.0 nor HTTP/1.1");
	if (!request->plain_head)
		return malformed(refusal, "a folded line or a NUL in the head");
	for (size_t i = 0; i < request->headers->len; i++) {
		const struct header *field = &request->headers->items[i];

		if (!http_is_token(field->name, strlen(field->name)))
			return malformed(refusal, "a field name that is no token");
		if (!http_is_field_value(field->value, strlen(field->value)))
			return malformed(refusal, "a control character in a field");
	}
	return 0;
}

/* Exactly "chunked", without even a space: libmicrohttpd 0.9.75 reads all else until close. */
static int check_coding(
    const struct gate_request *request, const char *coding, struct oci_error *refusal)
{
	if (headers_count(request->headers, "Transfer-Encoding") > 1)
		return malformed(refusal, "more than one Transfer-Encoding");
	if (strcmp(request->version, "HTTP/1.0") == 0)
		return malformed(refusal, "Transfer-Encoding in HTTP/1.0");
	if (headers_get(request->headers, "Content-Length"))
		return malformed(refusal, "Content-Length beside Transfer-Encoding");
	if (strcasecmp(coding, "chunked") != 0)
		return oci_error_set(
		    refusal, 501, "UNSUPPORTED", "no Transfer-Encoding but chunked is understood");
	return 0;
}

static int read_body_length(
    const struct gate_request *request, int64_t *ret, struct oci_error *refusal)
{
	const char *coding = headers_get(request->headers, "Transfer-Encoding");
	const char *length = headers_get(request->headers, "Content-Length");
	int64_t body = coding ? -1 : 0;

	if (coding && check_coding(request, coding, refusal) < 0)
		return -EPERM;
	if (headers_count(request->headers, "Content-Length") > 1)
		return malformed(refusal, "more than one Content-Length");
	if (length && http_parse_length(length, &body) < 0)
		return malformed(refusal, "Content-Length is no number");
	if (body != 0 &&
	    (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0 ||
		strcmp(request->method, "DELETE") == 0))
		return malformed(refusal, "a body with GET, HEAD or DELETE");
	*ret = body;
	return 0;
}

static int foreign_host(struct oci_error *refusal)
{
	return oci_error_set(refusal, 403, "DENIED",
	    "the Host of the request is no name of this daemon; connect to localhost or to an "
	    "address that it listens on, or name it in hosts of its configuration");
}

static int check_host(
    const struct gate_request *request, const struct gate_hosts *hosts, struct oci_error *refusal)
{
	const char *host = headers_get(request->headers, "Host");

	if (headers_count(request->headers, "Host") > 1)
		return malformed(refusal, "more than one Host");
	if (!host && strcmp(request->version, "HTTP/1.0") == 0)
		return 0; /* no browser speaks it */
	if (!host)
		return malformed(refusal, "no Host");
	return own_host(hosts, host, strlen(host)) ? 0 : foreign_host(refusal);
}

/* Fetch Metadata: "none" is the user's own navigation. Old browsers send Origin alone. */
static int check_browser(const struct headers *headers, struct oci_error *refusal)
{
	const char *site = headers_get(headers, "Sec-Fetch-Site");

	if (headers_get(headers, "Origin") ||
	    (site && strcmp(site, "none") != 0 && strcmp(site, "same-origin") != 0) ||
	    headers_count(headers, "Sec-Fetch-Site") > 1)
		return oci_error_set(refusal, 403, "DENIED",
		    "this request comes from a web page (Origin or Sec-Fetch-Site): to look at "
		    "this daemon type its address");
	return 0;
}

static int check_expectation(const struct headers *headers, struct oci_error *refusal)
{
	for (size_t i = 0; i < headers->len; i++)
		if (strcasecmp(headers->items[i].name, "Expect") == 0 &&
		    strcasecmp(headers->items[i].value, "100-continue") != 0)
			return oci_error_set(refusal, 417, "UNSUPPORTED",
			    "no expectation but 100-continue can be met");
	return 0;
}

/* http://HOST/path, as to a proxy, when HOST is ours (RFC 9112 §3.2.2): its path, borrowed. */
static int reduce_target(
    const char *target, const struct gate_hosts *hosts, const char **ret, struct oci_error *refusal)
{
	size_t len;

	*ret = target;
	if (strncasecmp(target, "http://", 7) != 0)
		return 0;
	target += 7;
	len = strcspn(target, "/?#");
	if (!own_host(hosts, target, len))
		return foreign_host(refusal);
	*ret = target[len] ? target + len : "/";
	return 0;
}

static int read_target(const struct gate_request *request, const struct gate_hosts *hosts,
    char **ret, struct oci_error *refusal)
{
	const char *target, *fault;
	char *copy;

	if (strlen(request->target) > TARGET_MAX)
		return oci_error_set(refusal, 414, "UNSUPPORTED", "the target is too long");
	if (reduce_target(request->target, hosts, &target, refusal) < 0)
		return -EPERM;
	fault = http_target_fault(target);
	if (fault)
		return malformed(refusal, fault);
	copy = strdup(target);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

int gate_check(const struct gate_request *request, const struct gate_hosts *hosts,
    struct gate_pass *ret, struct oci_error *refusal)
{
	struct gate_pass pass = {};
	int r;

	r = check_fields(request, refusal);
	if (r == 0)
		r = read_body_length(request, &pass.body_length, refusal);
	if (r == 0)
		r = check_host(request, hosts, refusal);
	if (r == 0)
		r = check_browser(request->headers, refusal);
	if (r == 0)
		r = check_method(request->method, refusal);
	if (r == 0)
		r = check_expectation(request->headers, refusal);
	if (r == 0)
		r = read_target(request, hosts, &pass.target, refusal);
	if (r == 0)
		*ret = pass;
	return r;
}
