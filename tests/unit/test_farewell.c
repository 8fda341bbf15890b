#include "unit.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "farewell.h"

/* All that was sent up to the FIN. */
static const char *heard(int fd)
{
	static char text[4096];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_WAITALL);

	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return text;
}

START_TEST(a_text)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	farewell(pair[0], "400 Bad Request", "text/plain", "no\n");
	ck_assert_str_eq(heard(pair[1]),
	    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: "
	    "3\r\nConnection: close\r\n\r\nno\n");
}
END_TEST

START_TEST(an_error_of_a_registry)
{
	const char *said;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	farewell_error(pair[0], "504 Gateway Timeout", "TOOMANYREQUESTS", "try \"again\"");
	said = heard(pair[1]);
	ck_assert_ptr_nonnull(strstr(said, "HTTP/1.1 504 Gateway Timeout\r\n"));
	ck_assert_ptr_nonnull(strstr(said, "Content-Type: application/json\r\n"));
	ck_assert_ptr_nonnull(strstr(said,
	    "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"try \\\"again\\\"\"}]}"));
}
END_TEST

START_TEST(one_that_has_left_is_no_trouble)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[1]);
	farewell(pair[0], "400 Bad Request", "text/plain", "no\n");
}
END_TEST

UNIT(farewell, a_text, an_error_of_a_registry, one_that_has_left_is_no_trouble);
