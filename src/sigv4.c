#include "sigv4.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "digest.h"
#include "http_syntax.h"
#include "sigv4_uri.h"
#include "timefmt.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

enum { DATE_LEN = 8 }; /* YYYYMMDD */

/* One field to be signed. */
struct field {
	char *name; /* lower-case */
	const char *value;
	size_t index; /* as it came, since qsort() is not stable */
};

struct fields {
	struct field *items;
	size_t len;
};

static void fields_finish(struct fields *fields)
{
	for (size_t i = 0; i < fields->len; i++)
		free(fields->items[i].name);
	free(fields->items);
}

static int fields_add(struct fields *fields, const struct headers *headers)
{
	for (size_t i = 0; i < headers->len; i++) {
		struct field *field = &fields->items[fields->len];

		field->name = strdup(headers->items[i].name);
		if (!field->name)
			return -ENOMEM;
		for (char *c = field->name; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		field->value = headers->items[i].value;
		field->index = fields->len++;
	}
	return 0;
}

static int field_compare(const void *a, const void *b)
{
	const struct field *left = a, *right = b;
	int r = strcmp(left->name, right->name);

	return r ? r : (left->index > right->index) - (left->index < right->index);
}

static int fields_collect(
    const struct headers *given, const struct headers *ours, struct fields *ret)
{
	int r;

	ret->items = calloc(given->len + ours->len, sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	r = fields_add(ret, given);
	if (r >= 0)
		r = fields_add(ret, ours);
	if (r >= 0)
		qsort(ret->items, ret->len, sizeof(*ret->items), field_compare);
	return r;
}

/* Without blanks at the ends, and runs of them made one space. */
static int append_trimmed(struct str *out, const char *value)
{
	static const char blanks[] = " \t\n\v\f\r";
	int r = 0;

	value += strspn(value, blanks);
	while (*value && r >= 0) {
		size_t len = strcspn(value, blanks);

		r = str_append(out, value, len);
		value += len;
		value += strspn(value, blanks);
		if (r >= 0 && *value)
			r = str_append(out, " ", 1);
	}
	return r;
}

/* "name:value,value\n" for each name, and the names as "a;b;c". */
static int write_fields(const struct fields *fields, struct str *out, struct str *ret_names)
{
	int r = 0;

	for (size_t i = 0; i < fields->len && r >= 0; i++) {
		const struct field *field = &fields->items[i];
		bool again = i && !strcmp(field[-1].name, field->name);
		bool last = i + 1 == fields->len || strcmp(field[1].name, field->name) != 0;

		if (again)
			r = str_append(out, ",", 1);
		else if ((r = str_appendf(out, "%s:", field->name)) >= 0)
			r = str_appendf(ret_names, "%s%s", i ? ";" : "", field->name);
		if (r >= 0)
			r = append_trimmed(out, field->value);
		if (r >= 0 && last)
			r = str_append(out, "\n", 1);
	}
	return r;
}

static int write_canonical_request(const struct sigv4_request *request, const char *payload,
    struct sigv4_result *result, struct str *ret_names)
{
	_cleanup_(fields_finish) struct fields fields = {};
	struct str *out = &result->canonical_request;
	int r;

	r = fields_collect(request->headers, &result->headers, &fields);
	if (r >= 0)
		r = str_appendf(out, "%s\n", request->method);
	if (r >= 0)
		r = sigv4_canonical_path(request->path, request->keep_path, out);
	if (r >= 0)
		r = str_append(out, "\n", 1);
	if (r >= 0)
		r = sigv4_canonical_query(request->query, out);
	if (r >= 0)
		r = str_append(out, "\n", 1);
	if (r >= 0)
		r = write_fields(&fields, out, ret_names);
	return r < 0 ? r : str_appendf(out, "\n%s\n%s", str_text(ret_names), payload);
}

static int write_string_to_sign(
    const struct sigv4_key *key, const char *time, struct sigv4_result *result)
{
	const struct str *request = &result->canonical_request;
	char hash[SHA256_HEX_SIZE];
	int r;

	r = sha256_hex(request->data, request->len, hash);
	if (r < 0)
		return r;
	return str_appendf(&result->string_to_sign, ALGORITHM "\n%s\n%.*s/%s/%s/aws4_request\n%s",
	    time, DATE_LEN, time, key->region, key->service, hash);
}

/* HMAC over each part in turn, the result keying the next. */
static int sign(const struct sigv4_key *key, const char *time, struct sigv4_result *result)
{
	const struct {
		const char *bytes;
		size_t len;
	} parts[] = {
	    {time, DATE_LEN},
	    {key->region, strlen(key->region)},
	    {key->service, strlen(key->service)},
	    {"aws4_request", 12},
	    {result->string_to_sign.data, result->string_to_sign.len},
	};
	_cleanup_str_ struct str secret = {};
	unsigned char mac[SHA256_SIZE];
	int r;

	r = str_appendf(&secret, "AWS4%s", key->secret_access_key);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && r >= 0; i++)
		r = hmac_sha256(i ? (const char *)mac : secret.data, i ? sizeof(mac) : secret.len,
		    parts[i].bytes, parts[i].len, mac);
	if (r >= 0)
		hex_encode(mac, sizeof(mac), result->signature);
	explicit_bzero(mac, sizeof(mac));
	return r;
}

static int add_authorization(
    const struct sigv4_key *key, const char *time, const char *names, struct sigv4_result *result)
{
	_cleanup_str_ struct str value = {};
	int r;

	r = str_appendf(&value,
	    ALGORITHM " Credential=%s/%.*s/%s/%s/aws4_request, SignedHeaders=%s, "
		      "Signature=%s",
	    key->access_key_id, DATE_LEN, time, key->region, key->service, names,
	    result->signature);
	return r < 0 ? r : headers_add(&result->headers, "Authorization", value.data);
}

static int add_signed_headers(const struct sigv4_request *request, const struct sigv4_key *key,
    const char *time, const char *payload, struct headers *ret)
{
	int r;

	r = headers_add(ret, "X-Amz-Date", time);
	if (r >= 0 && key->session_token)
		r = headers_add(ret, "X-Amz-Security-Token", key->session_token);
	if (r >= 0 && request->sign_body)
		r = headers_add(ret, "X-Amz-Content-Sha256", payload);
	return r;
}

static bool is_token(const char *text)
{
	return http_is_token(text, strlen(text));
}

static int check(const struct sigv4_request *request)
{
	static const char *const ours[] = {
	    "Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"};

	if (!is_token(request->method) || !headers_get(request->headers, "Host"))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (headers_get(request->headers, ours[i]))
			return -EINVAL;
	for (size_t i = 0; i < request->headers->len; i++)
		if (!is_token(request->headers->items[i].name))
			return -EINVAL;
	return 0;
}

int sigv4_sign(
    const struct sigv4_request *request, const struct sigv4_key *key, struct sigv4_result *ret)
{
	_cleanup_(sigv4_finish) struct sigv4_result result = {};
	_cleanup_str_ struct str names = {};
	char time[TIME_BASIC_SIZE], payload[SHA256_HEX_SIZE];
	int r;

	r = check(request);
	if (r < 0)
		return r;
	time_format_basic(key->time_s, time);
	r = sha256_hex(request->body, request->body_len, payload);
	if (r >= 0)
		r = add_signed_headers(request, key, time, payload, &result.headers);
	if (r >= 0)
		r = write_canonical_request(request, payload, &result, &names);
	if (r >= 0)
		r = write_string_to_sign(key, time, &result);
	if (r >= 0)
		r = sign(key, time, &result);
	if (r >= 0)
		r = add_authorization(key, time, str_text(&names), &result);
	if (r < 0)
		return r;
	*ret = result;
	result = (struct sigv4_result){};
	return 0;
}

void sigv4_finish(struct sigv4_result *result)
{
	str_finish(&result->canonical_request);
	str_finish(&result->string_to_sign);
	explicit_bzero(result->signature, sizeof(result->signature));
	headers_finish(&result->headers);
}
