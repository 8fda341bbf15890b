#include "farewell.h"

#include <string.h>
#include <sys/socket.h>

#include "oci_error.h"
#include "str.h"

void farewell(int fd, const char *status, const char *type, const char *text)
{
	_cleanup_str_ struct str answer = {};

	/* What the socket's buffer does not take at once is lost, as after a FIN at once. */
	if (str_appendf(&answer,
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n"
		"\r\n%s",
		status, type, strlen(text), text) == 0)
		send(fd, answer.data, answer.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_WR);
}

void farewell_error(int fd, const char *status, const char *code, const char *message)
{
	_cleanup_str_ struct str body = {};
	struct oci_error error;

	oci_error_set(&error, 0, code, "%s", message);
	oci_error_write(&error, &body);
	farewell(fd, status, "application/json", str_text(&body));
}
