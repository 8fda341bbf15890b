/*
 * For LD_PRELOAD: the program dies by SIGKILL just before the n-th of the calls that the world
 * outside of it can see. n is $DIES_AT; the first one counted is the opening of a file whose name
 * ends with $DIES_FROM.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static long steps;
static bool counting;

static void step(void)
{
	static long dies_at;
	const char *given;

	if (!__atomic_load_n(&counting, __ATOMIC_SEQ_CST))
		return;
	if (!dies_at) {
		given = getenv("DIES_AT");
		dies_at = given ? strtol(given, NULL, 10) : -1;
	}
	if (__atomic_add_fetch(&steps, 1, __ATOMIC_SEQ_CST) == dies_at)
		kill(getpid(), SIGKILL);
}

static void opening(const char *path)
{
	const char *from = getenv("DIES_FROM");
	size_t len = strlen(path), from_len = from ? strlen(from) : 0;

	if (from && len >= from_len && strcmp(path + len - from_len, from) == 0)
		__atomic_store_n(&counting, true, __ATOMIC_SEQ_CST);
	step();
}

#define NEXT(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

#define OPENAT(name)                                           \
	int name(int folder, const char *path, int flags, ...) \
	{                                                      \
		va_list more;                                  \
		mode_t mode = 0;                               \
                                                               \
		va_start(more, flags);                         \
		if (flags & O_CREAT)                           \
			mode = va_arg(more, mode_t);           \
		va_end(more);                                  \
		opening(path);                                 \
		return NEXT(name)(folder, path, flags, mode);  \
	}
OPENAT(openat)
OPENAT(openat64)

#define STEP(type, name, parameters, arguments) \
	type name parameters                    \
	{                                       \
		step();                         \
		return NEXT(name) arguments;    \
	}
STEP(ssize_t, write, (int fd, const void *bytes, size_t len), (fd, bytes, len))
STEP(ssize_t, read, (int fd, void *bytes, size_t len), (fd, bytes, len))
STEP(int, fsync, (int fd), (fd))
STEP(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new))
STEP(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
STEP(int, connect, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))
STEP(ssize_t, send, (int fd, const void *bytes, size_t len, int flags), (fd, bytes, len, flags))
STEP(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
STEP(ssize_t, recv, (int fd, void *bytes, size_t len, int flags), (fd, bytes, len, flags))
