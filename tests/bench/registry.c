#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	BLOCK = 256 * 1024,
	MANIFEST_SIZE = 1024,
	ANSWER_MAX = 8192,
	TOKEN_S = 12 * 60 * 60,
};

#define BLOCK_HEAD    "40000\r\n"
#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define DIGEST        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const char zeros[BLOCK];

/* Headers are whole lines; the body follows in the same write unless it is a HEAD. */
static int answer(struct conn *c, const struct request *q, const char *status, const char *headers,
    const char *body)
{
	char text[ANSWER_MAX], date[64];
	time_t now = time(NULL);
	struct tm utc;
	int len;

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &utc));
	len = snprintf(text, sizeof(text),
	    "HTTP/1.1 %s\r\nDate: %s\r\nDocker-Distribution-Api-Version: registry/2.0\r\n"
	    "%sContent-Length: %zu\r\n\r\n%s",
	    status, date, headers, strlen(body), strcmp(q->method, "HEAD") == 0 ? "" : body);
	return conn_write(c, text, (size_t)len);
}

static int answer_error(
    struct conn *c, const struct request *q, const char *status, const char *code)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"errors\":[{\"code\":\"%s\",\"message\":\"no\"}]}\n", code);
	return answer(c, q, status, "Content-Type: application/json\r\n", body);
}

static int write_zeros(struct conn *c, uint64_t size)
{
	for (uint64_t left = size; left;) {
		size_t len = left < BLOCK ? (size_t)left : BLOCK;

		if (conn_write(c, zeros, len) < 0)
			return -1;
		left -= len;
	}
	return 0;
}

static int write_chunks(struct conn *c, uint64_t size)
{
	char last[64];
	uint64_t left = size;
	int len;

	for (; left >= BLOCK; left -= BLOCK)
		if (conn_write(c, BLOCK_HEAD, strlen(BLOCK_HEAD)) < 0 ||
		    conn_write(c, zeros, BLOCK) < 0 || conn_write(c, "\r\n", 2) < 0)
			return -1;
	if (left) {
		len = snprintf(last, sizeof(last), "%llx\r\n", (unsigned long long)left);
		if (conn_write(c, last, (size_t)len) < 0 || conn_write(c, zeros, left) < 0 ||
		    conn_write(c, "\r\n", 2) < 0)
			return -1;
	}
	return conn_write(c, "0\r\n\r\n", 5);
}

static int answer_blob(struct conn *c, const struct request *q, const char *name)
{
	bool chunked = strncmp(name, "chunked-", 8) == 0;
	char head[512], length[64] = "Transfer-Encoding: chunked";
	uint64_t size;
	int len;

	if (!chunked && strncmp(name, "size-", 5) != 0)
		return answer_error(c, q, "404 Not Found", "BLOB_UNKNOWN");
	size = strtoull(strchr(name, '-') + 1, NULL, 10);
	if (!chunked)
		snprintf(length, sizeof(length), "Content-Length: %llu", (unsigned long long)size);
	len = snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
	    "Docker-Content-Digest: " DIGEST "\r\n%s\r\n\r\n",
	    length);
	if (conn_write(c, head, (size_t)len) < 0)
		return -1;
	if (strcmp(q->method, "HEAD") == 0)
		return 0;
	return chunked ? write_chunks(c, size) : write_zeros(c, size);
}

static int answer_manifest(struct conn *c, const struct request *q)
{
	static const char form[] = "{\"schemaVersion\":2,\"mediaType\":\"" MANIFEST_TYPE
				   "\",\"annotations\":{\"pad\":\"%0*d\"}}\n";
	char body[MANIFEST_SIZE + 1];
	int bare = snprintf(NULL, 0, form, 0, 0) - 1;

	if (strcmp(q->method, "PUT") == 0)
		return answer(c, q, "201 Created",
		    "Location: /v2/x/manifests/" DIGEST "\r\nDocker-Content-Digest: " DIGEST "\r\n",
		    "");
	snprintf(body, sizeof(body), form, MANIFEST_SIZE - bare, 0);
	return answer(c, q, "200 OK",
	    "Content-Type: " MANIFEST_TYPE "\r\nDocker-Content-Digest: " DIGEST "\r\n", body);
}

/* POST opens, PATCH adds (201, as ECR says it, with what arrived in Range), PUT closes. */
static int answer_upload(struct conn *c, const struct request *q, const char *scheme,
    const char *name, uint64_t received)
{
	bool opens = strcmp(q->method, "POST") == 0;
	char headers[4096], range[64] = "0-0";

	if (received)
		snprintf(range, sizeof(range), "0-%llu", (unsigned long long)received - 1);
	snprintf(headers, sizeof(headers),
	    "Location: %s://%s/v2/%s/blobs/%s\r\nRange: %s\r\nDocker-Upload-UUID: bench\r\n",
	    scheme, q->host, name, strcmp(q->method, "PUT") == 0 ? DIGEST : "uploads/bench", range);
	return answer(c, q, opens ? "202 Accepted" : "201 Created", headers, "");
}

static int answer_api(struct conn *c, const struct request *q)
{
	char body[512];

	if (!strstr(q->action, ".GetAuthorizationToken"))
		return answer(c, q, "400 Bad Request",
		    "Content-Type: application/x-amz-json-1.1\r\n",
		    "{\"__type\":\"InvalidParameterException\",\"message\":\"only tokens here\"}");
	snprintf(body, sizeof(body),
	    "{\"authorizationData\":[{\"authorizationToken\":\"QVdTOmJlbmNo\",\"expiresAt\":%lld,"
	    "\"proxyEndpoint\":\"https://123456789012.dkr.ecr.eu-west-1.amazonaws.com\"}]}",
	    (long long)time(NULL) + TOKEN_S);
	return answer(c, q, "200 OK", "Content-Type: application/x-amz-json-1.1\r\n", body);
}

/* /v2/NAME/KIND/…: cuts the target behind NAME. */
static char *cut(char *target, const char *kind)
{
	char *at = strstr(target, kind);

	if (at)
		*at = '\0';
	return at;
}

int registry_answer(
    struct conn *c, const struct request *request, const char *scheme, uint64_t received)
{
	char target[sizeof(request->target)];
	const char *name, *last;

	if (!request->authorized)
		return answer_error(c, request, "401 Unauthorized", "UNAUTHORIZED");
	if (request->action[0])
		return answer_api(c, request);
	snprintf(target, sizeof(target), "%s", request->target);
	if (strncmp(target, "/v2/", 4) != 0)
		return answer_error(c, request, "404 Not Found", "UNSUPPORTED");
	name = target + 4;
	if (!*name)
		return answer(c, request, "200 OK", "Content-Type: application/json\r\n", "{}");
	if (cut(target, "/manifests/"))
		return answer_manifest(c, request);
	if (cut(target, "/blobs/uploads"))
		return answer_upload(c, request, scheme, name, received);
	if (!cut(target, "/blobs/"))
		return answer_error(c, request, "404 Not Found", "UNSUPPORTED");
	last = strrchr(name, '/');
	return answer_blob(c, request, last ? last + 1 : name);
}
