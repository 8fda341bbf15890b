/*
 * One struct request for each request, from its request line to its end; libmicrohttpd carries it
 * as the connection's con_cls. All of its callbacks run in the connection's own thread.
 */
#include "http_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "farewell.h"
#include "http_answer.h"
#include "http_head.h"
#include "limits.h"
#include "linger.h"
#include "log.h"
#include "peer.h"

enum { POOL_INCREMENT = 16 * 1024 };
struct http_server {
	struct http_handler handler;
	struct MHD_Daemon *mhd;
	unsigned max_connections;
	_Atomic unsigned connections;
	_Atomic size_t active;
	_Atomic bool draining;
	_Atomic bool stopping;
};

struct request {
	struct http_server *server;
	void *exchange;
	struct http_head head;
	struct http_answer answer;
	struct http_sending sending;
	bool head_met; /* head() was called */
	bool answered; /* `answer` is filled in */
	bool queued;
	bool early;   /* queued while a body may still be on its way */
	bool refused; /* libmicrohttpd could not read it */
	int fd;
};

/* The one that this thread serves. */
static _Thread_local struct request *current;

static void request_free(struct request *request)
{
	http_head_finish(&request->head);
	http_answer_finish(&request->answer);
	free(request);
}

static void *on_target(void *cls, const char *raw, struct MHD_Connection *connection)
{
	struct http_server *server = cls;
	struct request *request = calloc(1, sizeof(*request));

	if (!request || http_head_begin(&request->head, raw) < 0) {
		free(request);
		return NULL;
	}
	request->server = server;
	request->fd =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	current = request;
	request->exchange = server->handler.open(server->handler.userdata);
	return request;
}

static enum MHD_Result queue_answer(struct request *request, struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	enum MHD_Result r;

	request->sending = (struct http_sending){
	    .handler = &request->server->handler,
	    .exchange = request->exchange,
	    .fd = request->head.request.fd,
	    .is_head = !strcmp(request->head.method, "HEAD"),
	    .is_http10 = http_head_is_1_0(&request->head),
	    .closes = request->answer.close || atomic_load(&request->server->draining),
	};
	response = http_answer_build(&request->answer, &request->sending);
	if (!response)
		return MHD_NO;
	request->queued = true;
	r = MHD_queue_response(connection, request->answer.status, response);
	MHD_destroy_response(response);
	return r;
}

/*
 * An answer to the head alone. Queued now, the connection closes after it and a client that is
 * still sending may lose it; so it waits for the body's end, unless the body is not to be trusted
 * or has not been asked for yet.
 */
static enum MHD_Result meet_head(struct request *request, struct MHD_Connection *connection,
    const char *method, const char *version)
{
	const struct http_handler *handler = &request->server->handler;

	request->head_met = true;
	atomic_fetch_add(&request->server->active, 1);
	if (http_head_read(&request->head, connection, method, version) < 0)
		return MHD_NO;
	if (request->exchange)
		request->answered =
		    handler->head(request->exchange, &request->head.request, &request->answer);
	else {
		request->answer = (struct http_answer){.status = 500, .close = true};
		request->answered = true;
	}
	if (!request->answered ||
	    !(request->answer.close || http_head_expects_continue(&request->head)))
		return MHD_YES;
	request->early = true;
	return queue_answer(request, connection);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *bytes, size_t *len, void **con_cls)
{
	struct request *request = *con_cls;

	if (!request)
		return MHD_NO;
	if (!request->head_met)
		return meet_head(request, connection, method, version);
	if (*len) {
		if (!request->answered)
			request->server->handler.body(request->exchange, bytes, *len);
		*len = 0;
		return MHD_YES;
	}
	if (!request->answered)
		request->server->handler.end(request->exchange, &request->answer);
	request->answered = true;
	return queue_answer(request, connection);
}

static enum http_end how_it_ended(
    const struct request *request, enum MHD_RequestTerminationCode code)
{
	if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		return HTTP_END_SENT;
	if (code == MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN ||
	    atomic_load(&request->server->stopping))
		return HTTP_END_STOPPED;
	if (code == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED)
		return HTTP_END_TIMEOUT;
	/* WITH_ERROR is also what a failed send() to a client that left comes to. */
	if (code == MHD_REQUEST_TERMINATED_WITH_ERROR && (request->sending.cut || !request->queued))
		return HTTP_END_ERROR;
	return HTTP_END_CLIENT_LEFT;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
    enum MHD_RequestTerminationCode code)
{
	struct http_server *server = cls;
	struct request *request = *con_cls;
	enum http_end how;
	bool unread;
	int fd;

	if (!request)
		return;
	how = how_it_ended(request, code);
	fd = request->fd;
	/* It says "error" of a client's reset too, with octets of it still unread. */
	if (how == HTTP_END_ERROR && !request->queued && !request->refused && peer_has_left(fd))
		how = HTTP_END_CLIENT_LEFT;
	unread = request->early || (how == HTTP_END_ERROR && !request->queued);
	if (request->exchange)
		server->handler.done(request->exchange, how);
	if (request->head_met)
		atomic_fetch_sub(&server->active, 1);
	request_free(request);
	current = NULL;
	*con_cls = NULL;
	if (unread)
		linger(fd);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
    enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = cls;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = calloc(1, sizeof(struct http_connection));
		return;
	}
	free(*socket_context);
	atomic_fetch_sub(&server->connections, 1);
}

/*
 * libmicrohttpd answers by itself what it cannot read, and says so in its log first: the place to
 * be before it. For a bad Content-Length 0.9.75 would send the head twice. Ours ends the sending
 * side, and that of the library fails.
 */
static void refuse_unreadable(struct request *request, unsigned status)
{
	char line[64];

	request->refused = true;
	snprintf(line, sizeof(line), "%u %s", status, MHD_get_reason_phrase_for(status));
	farewell_error(
	    request->fd, line, "UNSUPPORTED", "malformed request: it cannot be read as HTTP");
}

__attribute__((format(printf, 2, 0))) static void on_log(
    void *cls, const char *format, va_list args)
{
	static const char refusal[] = "Error processing request (HTTP response code is %u";
	char text[LOG_MESSAGE_MAX];
	va_list copy;

	va_copy(copy, args);
	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_debug("libmicrohttpd: %s", text);
	if (current && !current->queued && !strncmp(format, refusal, sizeof(refusal) - 1))
		refuse_unreadable(current, va_arg(copy, unsigned));
	va_end(copy);
}

int http_server_start(const struct http_handler *handler, unsigned max_connections, unsigned idle_s,
    struct http_server **ret, struct err *e)
{
	struct http_server *server = calloc(1, sizeof(*server));

	if (!server)
		return err_set(e, -ENOMEM, "out of memory");
	server->handler = *handler;
	server->max_connections = max_connections;
	/* 0.9.75, when strict, would answer a missing Host twice and a blank in the target not at
	   all: the gate sees to both. 1.0.1, when not, takes "0;" and an extension for the whole
	   of a body's end: its trailer, which is not empty then, for the next request. Its own
	   limit stays out of reach: it closes without a word. */
	server->mhd = MHD_start_daemon(
	    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
		MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG,
	    0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, server, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
	    MHD_OPTION_CONNECTION_LIMIT, max_connections + 1, MHD_OPTION_CONNECTION_TIMEOUT, idle_s,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_CONNECTION_POOL,
	    MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)POOL_INCREMENT,
	    MHD_OPTION_THREAD_STACK_SIZE, (size_t)LIMIT_CONNECTION_STACK,
	    MHD_OPTION_STRICT_FOR_CLIENT, (int)http_head_is_strict(), MHD_OPTION_END);
	if (!server->mhd) {
		free(server);
		return err_set(e, -EIO, "cannot start the HTTP server: %s", strerror(errno));
	}
	*ret = server;
	return 0;
}

int http_server_add(
    struct http_server *server, int fd, const struct sockaddr *address, socklen_t address_len)
{
	if (atomic_fetch_add(&server->connections, 1) >= server->max_connections) {
		atomic_fetch_sub(&server->connections, 1);
		return -EAGAIN;
	}
	if (!MHD_add_connection(server->mhd, fd, address, address_len)) {
		atomic_fetch_sub(&server->connections, 1);
		return -ECONNABORTED;
	}
	return 0;
}

void http_server_drain(struct http_server *server)
{
	atomic_store(&server->draining, true);
}

size_t http_server_active(const struct http_server *server)
{
	return atomic_load(&server->active);
}

void http_server_stop(struct http_server *server)
{
	if (!server)
		return;
	atomic_store(&server->stopping, true);
	MHD_stop_daemon(server->mhd);
	free(server);
}
