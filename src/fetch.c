#include "fetch.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "curl_common.h"
#include "response_head.h"

enum { FETCH_HOST_MAX = 256 };

/* One fetch under way. */
struct fetching {
	const struct fetcher *fetcher;
	const struct fetch_request *request;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *fields;
	char host[FETCH_HOST_MAX];
	char curl_error[CURL_ERROR_SIZE];
	struct response_head head;
	struct str body;
	int result; /* −errno of our own, with e set; it comes before curl's */
	struct err *e;
};

static void fetching_finish(struct fetching *fetching)
{
	if (fetching->multi && fetching->easy)
		curl_multi_remove_handle(fetching->multi, fetching->easy);
	curl_easy_cleanup(fetching->easy);
	curl_multi_cleanup(fetching->multi);
	curl_fields_free(fetching->fields);
	response_head_finish(&fetching->head);
	str_finish(&fetching->body);
}

/* The host of scheme://host[:port][/…], without brackets. */
static void copy_host(const char *url, char ret[static FETCH_HOST_MAX])
{
	const char *start = strstr(url, "://"), *end;
	size_t len;

	start = start ? start + 3 : url;
	if (*start == '[')
		end = strchr(++start, ']');
	else
		end = strpbrk(start, ":/?");
	len = end ? (size_t)(end - start) : strlen(start);
	if (len >= FETCH_HOST_MAX)
		len = FETCH_HOST_MAX - 1;
	memcpy(ret, start, len);
	ret[len] = '\0';
}

static size_t take_field(char *line, size_t size, size_t count, void *arg)
{
	struct fetching *fetching = arg;
	struct err reason = {};
	int r = response_head_line(&fetching->head, line, size * count, &reason);

	if (r == -ENOMEM)
		fetching->result = err_set(fetching->e, r, "out of memory");
	else if (r < 0)
		fetching->result =
		    err_set(fetching->e, -EPROTO, "%s: %s", fetching->host, reason.text);
	return r < 0 ? 0 : size * count;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct fetching *fetching = arg;
	size_t len = size * count;

	if (!fetching->head.complete) {
		fetching->result =
		    err_set(fetching->e, -EPROTO, "%s: not an HTTP answer", fetching->host);
		return 0;
	}
	if (len > fetching->request->max_body - fetching->body.len) {
		fetching->result = err_set(fetching->e, -EMSGSIZE,
		    "%s: an answer of more than %zu octets; check that it is the right endpoint",
		    fetching->host, fetching->request->max_body);
		return 0;
	}
	if (str_append(&fetching->body, bytes, len) < 0) {
		fetching->result = err_set(fetching->e, -ENOMEM, "out of memory");
		return 0;
	}
	return len;
}

static int set_fields(struct fetching *fetching)
{
	const struct headers *headers = fetching->request->headers;

	for (size_t i = 0; headers && i < headers->len; i++)
		if (curl_fields_add(
			&fetching->fields, headers->items[i].name, headers->items[i].value) < 0)
			return -ENOMEM;
	if (curl_fields_keep_out(&fetching->fields) < 0)
		return -ENOMEM;
	return curl_easy_setopt(fetching->easy, CURLOPT_HTTPHEADER, fetching->fields) ? -ENOMEM : 0;
}

static int set_request(struct fetching *fetching)
{
	const struct fetch_request *request = fetching->request;
	CURL *easy = fetching->easy;
	unsigned failed = 0;
	/* A method that means to send content says so, even of none (RFC 9110 §8.6). */
	bool has_length = request->body || strcmp(request->method, "POST") == 0 ||
			  strcmp(request->method, "PUT") == 0;

	failed |= curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
	failed |= curl_easy_setopt(easy, CURLOPT_URL, request->url);
	if (has_length) {
		failed |= curl_easy_setopt(
		    easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
		failed |=
		    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
	} else if (strcmp(request->method, "HEAD") == 0) {
		failed |= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	}
	failed |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	failed |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, fetching->curl_error);
	failed |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_field);
	failed |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, fetching);
	failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetching);
	return failed ? -ENOMEM : 0;
}

static int set_up(struct fetching *fetching)
{
	const char *url = fetching->request->url;
	bool direct;

	copy_host(url, fetching->host);
	direct = fetching->request->direct || strncmp(url, "https:", 6) != 0 ||
		 curl_host_is_loopback(fetching->host);
	if (curl_ready() < 0)
		return -ENOMEM;
	fetching->multi = curl_multi_init();
	fetching->easy = curl_easy_init();
	if (!fetching->multi || !fetching->easy)
		return -ENOMEM;
	if (curl_set_common(fetching->easy, fetching->fetcher->tls, direct) < 0 ||
	    set_request(fetching) < 0 || set_fields(fetching) < 0)
		return -ENOMEM;
	return curl_multi_add_handle(fetching->multi, fetching->easy) ? -ENOMEM : 0;
}

static int code_to_errno(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return 0;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT: /* of the connecting: curl has no other limit from us */
		return -ECONNREFUSED;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9, or no HTTP at all */
	case CURLE_WEIRD_SERVER_REPLY:
		return -EPROTO;
	case CURLE_OUT_OF_MEMORY:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

static int read_result(struct fetching *fetching)
{
	int more, r;
	CURLMsg *message = curl_multi_info_read(fetching->multi, &more);
	CURLcode code = message ? message->data.result : CURLE_GOT_NOTHING;

	if (fetching->result)
		return fetching->result;
	/* Closed within the head: curl 7.88.1 calls that a success. */
	if (!code && !fetching->head.complete)
		code = CURLE_PARTIAL_FILE;
	r = code_to_errno(code);
	if (r < 0)
		curl_explain(fetching->e, code, fetching->host, fetching->curl_error);
	return r;
}

static int drive(struct fetching *fetching)
{
	struct curl_waitfd stop = {.fd = fetching->fetcher->stop->fd, .events = CURL_WAIT_POLLIN};
	int64_t deadline_ms = fetching->request->deadline_ms, left;
	int running = 0;

	for (;;) {
		if (curl_multi_perform(fetching->multi, &running))
			return err_set(fetching->e, -EIO, "%s: curl failed", fetching->host);
		if (!running)
			return read_result(fetching);
		left = clock_left_ms(deadline_ms);
		if (left == 0)
			return err_set(fetching->e, -ETIMEDOUT,
			    "%s: no answer in time; check the network and, behind a proxy, "
			    "HTTPS_PROXY",
			    fetching->host);
		if (curl_multi_wait(
			fetching->multi, &stop, 1, left < 60000 ? (int)left : 60000, NULL))
			return err_set(fetching->e, -EIO, "%s: curl failed", fetching->host);
		if (stop.revents)
			return err_set(fetching->e, -ECANCELED, "%s: given up: this daemon stops",
			    fetching->host);
	}
}

int fetch(const struct fetcher *fetcher, const struct fetch_request *request,
    struct fetch_reply *ret, struct err *e)
{
	_cleanup_(fetching_finish) struct fetching fetching = {
	    .fetcher = fetcher, .request = request, .e = e};
	int r;

	if (set_up(&fetching) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	r = drive(&fetching);
	if (r < 0)
		return r;
	*ret = (struct fetch_reply){
	    .status = fetching.head.status,
	    .headers = fetching.head.headers,
	    .body = fetching.body,
	};
	fetching.head.headers = (struct headers){};
	fetching.body = (struct str){};
	return 0;
}

void fetch_reply_finish(struct fetch_reply *reply)
{
	if (!reply)
		return;
	headers_finish(&reply->headers);
	str_finish(&reply->body);
}
