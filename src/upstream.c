#include "upstream.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "curl_common.h"
#include "limits.h"
#include "str.h"
#include "transfer_callbacks.h"

static void lock_share(CURL *easy, curl_lock_data data, curl_lock_access access, void *arg)
{
	struct upstream *upstream = arg;

	pthread_mutex_lock(&upstream->share_locks[data]);
}

static void unlock_share(CURL *easy, curl_lock_data data, void *arg)
{
	struct upstream *upstream = arg;

	pthread_mutex_unlock(&upstream->share_locks[data]);
}

static int share_new(struct upstream *upstream)
{
	unsigned failed = 0;

	for (int i = 0; i < CURL_LOCK_DATA_LAST; i++)
		pthread_mutex_init(&upstream->share_locks[i], NULL);
	upstream->share = curl_share_init();
	if (!upstream->share)
		return -ENOMEM;
	failed |= curl_share_setopt(upstream->share, CURLSHOPT_LOCKFUNC, lock_share);
	failed |= curl_share_setopt(upstream->share, CURLSHOPT_UNLOCKFUNC, unlock_share);
	failed |= curl_share_setopt(upstream->share, CURLSHOPT_USERDATA, upstream);
	failed |= curl_share_setopt(upstream->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	failed |= curl_share_setopt(upstream->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	return failed ? -ENOMEM : 0;
}

int upstream_new(struct tls *tls, const struct stop *stop, struct upstream **ret)
{
	struct upstream *upstream;

	if (curl_ready() < 0)
		return -ENOMEM;
	upstream = calloc(1, sizeof(*upstream));
	if (!upstream)
		return -ENOMEM;
	upstream->tls = tls;
	upstream->stop = stop;
	upstream->stall_ms = LIMIT_STALL_MS;
	slot_pool_init(&upstream->pool);
	if (share_new(upstream) < 0) {
		upstream_free(upstream);
		return -ENOMEM;
	}
	*ret = upstream;
	return 0;
}

void upstream_close_idle(struct upstream *upstream, int64_t now_ms)
{
	slot_pool_close_idle(&upstream->pool, now_ms);
}

void upstream_free(struct upstream *upstream)
{
	if (!upstream)
		return;
	slot_pool_finish(&upstream->pool);
	curl_share_cleanup(upstream->share);
	for (int i = 0; i < CURL_LOCK_DATA_LAST; i++)
		pthread_mutex_destroy(&upstream->share_locks[i]);
	free(upstream);
}

static bool needs_zero_length(const struct transfer_request *request)
{
	/* RFC 9110 §8.6: where the method means to send content. */
	return request->body_length == 0 &&
	       (strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0 ||
		   strcmp(request->method, "PATCH") == 0);
}

static int set_fields(struct transfer *transfer, const struct transfer_request *request)
{
	struct curl_slist **fields = &transfer->fields;

	for (size_t i = 0; i < request->headers->len; i++) {
		const struct header *header = &request->headers->items[i];

		if (curl_fields_add(fields, header->name, header->value) < 0)
			return -ENOMEM;
	}
	if (request->authorization &&
	    curl_fields_add(fields, "Authorization", request->authorization) < 0)
		return -ENOMEM;
	if (needs_zero_length(request) && curl_fields_add(fields, "Content-Length", "0") < 0)
		return -ENOMEM;
	if (curl_fields_keep_out(fields) < 0)
		return -ENOMEM;
	return curl_easy_setopt(transfer->slot->easy, CURLOPT_HTTPHEADER, *fields) ? -ENOMEM : 0;
}

static int set_method(struct transfer *transfer, const struct transfer_request *request)
{
	CURL *easy = transfer->slot->easy;
	unsigned failed = 0;

	/* HTTPGET first: it takes back what the slot's last transfer chose. */
	failed |= curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	if (transfer->has_body)
		failed |= curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	else if (transfer->is_head)
		failed |= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
	    (curl_off_t)(transfer->has_body ? request->body_length : -1));
	failed |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	failed |= curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, request->target);
	/* A streamed body cannot be sent again when a pooled connection turns out to be dead. */
	failed |= curl_easy_setopt(
	    easy, CURLOPT_FRESH_CONNECT, (long)(transfer->has_body || request->fresh_connection));
	return failed ? -ENOMEM : 0;
}

/* The connection goes to registry->dial; Host, SNI and the verified name are registry->host. */
static int set_address(struct transfer *transfer, const struct registry *registry)
{
	const struct endpoint *dial = &registry->dial;
	_cleanup_str_ struct str url = {}, connect_to = {};
	bool is_v6 = strchr(dial->host, ':') != NULL;
	CURL *easy = transfer->slot->easy;
	unsigned failed = 0;

	if (str_appendf(&url, "%s://%s/", dial->tls ? "https" : "http", registry->host) < 0 ||
	    str_appendf(&connect_to, "::%s%s%s:%u", is_v6 ? "[" : "", dial->host, is_v6 ? "]" : "",
		dial->port) < 0)
		return -ENOMEM;
	transfer->connect_to = curl_slist_append(NULL, connect_to.data);
	if (!transfer->connect_to)
		return -ENOMEM;
	failed |= curl_easy_setopt(easy, CURLOPT_URL, url.data);
	failed |= curl_easy_setopt(easy, CURLOPT_CONNECT_TO, transfer->connect_to);
	return failed ? -ENOMEM : 0;
}

static int set_callbacks(struct transfer *transfer)
{
	CURL *easy = transfer->slot->easy;
	unsigned failed = 0;

	failed |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_error);
	failed |= curl_easy_setopt(easy, CURLOPT_READFUNCTION, transfer_give);
	failed |= curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
	failed |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, transfer_take_field);
	failed |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, transfer_take_body);
	failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	failed |= curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, transfer_take_note);
	failed |= curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transfer);
	failed |= curl_easy_setopt(easy, CURLOPT_VERBOSE, 0L); /* from the head's end on */
	return failed ? -ENOMEM : 0;
}

static int set_connection(struct transfer *transfer, const struct registry *registry)
{
	CURL *easy = transfer->slot->easy;
	unsigned failed = 0;
	/* A proxy only on the way to the real registry, not to an address that was set. */
	bool direct = !registry->dial.tls || strcmp(registry->dial.host, registry->host) != 0;

	if (curl_set_common(easy, transfer->upstream->tls, direct) < 0)
		return -ENOMEM;
	failed |= curl_easy_setopt(easy, CURLOPT_SHARE, transfer->upstream->share);
	failed |= curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)LIMIT_CURL_BUFFER);
#if LIBCURL_VERSION_NUM >= 0x073e00
	failed |= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)LIMIT_CURL_BUFFER);
#endif
#if LIBCURL_VERSION_NUM >= 0x074100
	failed |= curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)LIMIT_UPSTREAM_IDLE_S);
#endif
	return failed ? -ENOMEM : 0;
}

static int take_slot(struct transfer *transfer, const struct registry *registry)
{
	const struct endpoint *dial = &registry->dial;
	_cleanup_str_ struct str key = {};

	if (str_appendf(&key, "%s %d %s %u", registry->host, dial->tls, dial->host, dial->port) < 0)
		return -ENOMEM;
	transfer->slot = slot_pool_take(&transfer->upstream->pool, key.data, clock_mono_ms());
	return transfer->slot ? 0 : slot_new(key.data, &transfer->slot);
}

static int set_up(struct transfer *transfer, const struct transfer_request *request)
{
	if (take_slot(transfer, request->registry) < 0 ||
	    set_connection(transfer, request->registry) < 0 ||
	    set_address(transfer, request->registry) < 0 || set_callbacks(transfer) < 0 ||
	    set_method(transfer, request) < 0 || set_fields(transfer, request) < 0)
		return -ENOMEM;
	return curl_multi_add_handle(transfer->slot->multi, transfer->slot->easy) ? -ENOMEM : 0;
}

int transfer_begin(
    struct upstream *upstream, const struct transfer_request *request, struct transfer **ret)
{
	struct transfer *transfer = calloc(1, sizeof(*transfer));

	if (!transfer)
		return -ENOMEM;
	transfer->upstream = upstream;
	transfer->host = request->registry->host;
	transfer->has_body = request->body_length != 0;
	transfer->in_chunks = request->body_length < 0;
	transfer->is_head = strcmp(request->method, "HEAD") == 0;
	transfer->client_fd = request->client_fd;
	if (set_up(transfer, request) < 0) {
		transfer_finish(transfer);
		return -ENOMEM;
	}
	*ret = transfer;
	return 0;
}

/* May the connection carry another transfer? Only after one that ended as it should. */
static bool is_reusable(const struct transfer *transfer)
{
	/* After an answer of HTTP/1.0 curl 7.88.1 sends no chunked body with this handle again. */
	return transfer->done && !transfer->failure && !transfer->early &&
	       transfer->head.keep_alive && !transfer->head.http_1_0;
}

/* Takes the transfer's texts back from curl, and notes the socket of the idle connection. */
static void detach(struct slot *slot)
{
	slot->socket = CURL_SOCKET_BAD;
	curl_easy_getinfo(slot->easy, CURLINFO_ACTIVESOCKET, &slot->socket);
	curl_multi_remove_handle(slot->multi, slot->easy);
	curl_easy_setopt(slot->easy, CURLOPT_VERBOSE, 0L);
	curl_easy_setopt(slot->easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(slot->easy, CURLOPT_CONNECT_TO, NULL);
}

void transfer_finish(struct transfer *transfer)
{
	if (!transfer)
		return;
	if (transfer->slot) {
		struct slot *slot = transfer->slot;

		/* A handle removed before it reports its end takes the connection with it. */
		if (transfer->head.complete && !transfer->failure && !transfer->done)
			transfer_step(transfer);
		detach(slot);
		if (is_reusable(transfer) && slot->socket != CURL_SOCKET_BAD)
			slot_pool_put(&transfer->upstream->pool, slot, clock_mono_ms());
		else
			slot_free(slot);
	}
	response_head_finish(&transfer->head);
	curl_fields_free(transfer->fields);
	curl_slist_free_all(transfer->connect_to);
	free(transfer);
}
