#include "passed_sockets.h"

#include <errno.h>
#include <string.h>

#include "number.h"

enum { FIRST_FD = 3 }; /* SD_LISTEN_FDS_START */

/* The next of "a:b:c" is "admin"? Steps on. */
static bool next_is_admin(const char **names)
{
	size_t len = strcspn(*names, ":");
	bool admin = len == strlen("admin") && strncmp(*names, "admin", len) == 0;

	*names += len + ((*names)[len] == ':');
	return admin;
}

int passed_sockets_read(
    const char *(*getenv)(const char *name), pid_t self, struct passed_sockets *ret, struct err *e)
{
	const char *fds = getenv("LISTEN_FDS"), *meant_for = getenv("LISTEN_PID");
	const char *names = getenv("LISTEN_FDNAMES");
	int64_t pid, len;

	ret->len = 0;
	/* The manager sets it to ours after fork(): another one was its parent's. */
	if (!fds || !meant_for || number_parse(meant_for, INT64_MAX, &pid) < 0 || pid != self)
		return 0;
	if (number_parse(fds, PASSED_SOCKETS_MAX, &len) < 0)
		return err_set(e, -EINVAL, "LISTEN_FDS is \"%s\": not a number up to %d", fds,
		    PASSED_SOCKETS_MAX);
	if (!names)
		names = "";
	for (int i = 0; i < len; i++)
		ret->items[ret->len++] = (struct passed_socket){
		    .fd = FIRST_FD + i,
		    .admin = next_is_admin(&names),
		};
	return 0;
}
