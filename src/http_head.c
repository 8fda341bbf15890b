#include "http_head.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "peer_owner.h"
#include "plain_head.h"
#include "str.h"

struct field_scan {
	struct headers *fields;
	struct plain_head plain;
	int error;
};

bool http_head_is_strict(void)
{
	/* Of what is loaded: 0.9.75 and 1.0.1 have the same soname. */
	return strtoul(MHD_get_version(), NULL, 10) >= 1;
}

int http_head_begin(struct http_head *head, const char *raw_target)
{
	char *query = strchr(raw_target, '?');

	head->target = strdup(raw_target);
	if (!head->target)
		return -ENOMEM;
	head->raw_target = raw_target;
	if (query && query[1])
		query[1] = '\0';
	return 0;
}

static enum MHD_Result on_field(void *cls, enum MHD_ValueKind kind, const char *name,
    size_t name_len, const char *value, size_t value_len)
{
	struct field_scan *scan = cls;

	plain_head_field(&scan->plain, name, name_len, value ? value : "", value_len);
	scan->error = headers_add_n(scan->fields, name, name_len, value ? value : "", value_len);
	return scan->error ? MHD_NO : MHD_YES;
}

/* Read at once: 1.0.1 has one place in a connection for all of them, 0.9.75 has one for each. */
static int fd_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info ? info->connect_fd : -1;
}

static size_t size_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return info ? info->header_size : 0;
}

/* In the connection's own thread. NULL when it cannot be told. */
static const uid_t *owner_of(struct MHD_Connection *connection, int fd)
{
	const union MHD_ConnectionInfo *kept =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_connection *c = kept ? kept->socket_context : NULL;

	if (!c)
		return NULL;
	if (!c->owned)
		c->owned = peer_owner(fd, &c->owner) == 0;
	return c->owned ? &c->owner : NULL;
}

int http_head_read(struct http_head *head, struct MHD_Connection *connection, const char *method,
    const char *version)
{
	size_t size = size_of(connection);
	int fd = fd_of(connection);
	struct field_scan scan = {.fields = &head->fields};

	head->method = strdup(method);
	head->version = strdup(version);
	plain_head_begin(&scan.plain, method, head->raw_target, strlen(head->target), version);
	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_field, &scan);
	if (scan.error || !head->method || !head->version || fd < 0 || !size)
		return -ENOMEM;
	head->request = (struct http_request){
	    .method = head->method,
	    .target = head->target,
	    .version = head->version,
	    .headers = &head->fields,
	    .plain_head = http_head_is_strict() || plain_head_end(&scan.plain, method + size),
	    .fd = fd,
	    .owner = owner_of(connection, fd),
	};
	return 0;
}

bool http_head_is_1_0(const struct http_head *head)
{
	return strcmp(head->version, "HTTP/1.0") == 0;
}

bool http_head_expects_continue(const struct http_head *head)
{
	const char *expect = headers_get(&head->fields, "Expect");

	return expect && !http_head_is_1_0(head) && strcasecmp(expect, "100-continue") == 0;
}

void http_head_finish(struct http_head *head)
{
	headers_finish(&head->fields);
	free(head->method);
	secret_free(head->target);
	free(head->version);
}
