#include "notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "number.h"

enum { US_PER_MS = 1000 };

static void read_address(const char *name, struct notify *ret)
{
	size_t len = name ? strlen(name) : 0;

	/* No room for the NUL is needed, and there is none in an abstract name. */
	if (len < 2 || len > sizeof(ret->address.sun_path) || (*name != '/' && *name != '@'))
		return;
	ret->address.sun_family = AF_UNIX;
	memcpy(ret->address.sun_path, name, len);
	if (*name == '@')
		ret->address.sun_path[0] = '\0';
	ret->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

void notify_init(struct notify *ret, const char *(*getenv)(const char *name), pid_t self)
{
	const char *of_pid = getenv("WATCHDOG_PID"), *of_us = getenv("WATCHDOG_USEC");
	int64_t pid = self, us;

	*ret = (struct notify){};
	read_address(getenv("NOTIFY_SOCKET"), ret);
	/* Inherited from a parent, it is not ours to answer. */
	if (of_pid && (number_parse(of_pid, INT64_MAX, &pid) < 0 || pid != self))
		return;
	if (ret->address_len && of_us && number_parse(of_us, INT64_MAX, &us) == 0)
		ret->watchdog_ms = us / US_PER_MS;
}

int notify_send(const struct notify *notify, const char *format, ...)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(closep) int fd = -1;
	va_list args;
	int len;

	if (!notify->address_len)
		return 0;
	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0) {
		text = NULL;
		return -ENOMEM;
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, text, (size_t)len, MSG_NOSIGNAL,
			  (const struct sockaddr *)&notify->address, notify->address_len) < 0)
		return -errno;
	return 0;
}
