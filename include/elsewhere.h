#pragma once
/*
 * macOS and the BSDs: what they lack, or name otherwise, of what the other files use. meson.build
 * puts it before each of them there. What those systems do otherwise is told apart in the one file
 * that does it: peer.c, peer_owner.c, wait.c. tests/lint/portable.sh compiles all of it; none of it
 * has been run.
 */
#define __STDC_WANT_LIB_EXT1__ 1 /* macOS: memset_s() */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef HOST_NAME_MAX
#define HOST_NAME_MAX 255 /* POSIX's least, and what all of them have */
#endif

#ifdef __NetBSD__
#define explicit_bzero(octets, len)      explicit_memset(octets, 0, len)
#define pthread_setname_np(thread, name) pthread_setname_np(thread, "%s", (void *)(name))
#endif

#ifdef __OpenBSD__
#include <pthread_np.h>
#define pthread_setname_np(thread, name) pthread_set_name_np(thread, name)
#endif

#if defined(__APPLE__) || defined(__OpenBSD__)
/* Asks 20 times a second. Who sent it is not known: as if this process had. */
static inline int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
	const struct timespec tick = {.tv_nsec = 50000000};
	long long ticks = timeout ? timeout->tv_sec * 20LL + timeout->tv_nsec / tick.tv_nsec : 0;
	sigset_t pending;
	int number;

	for (; timeout; ticks--) {
		int waits = 0;

		sigpending(&pending);
		for (number = 1; number < NSIG && !waits; number++)
			waits = sigismember(set, number) == 1 && sigismember(&pending, number) == 1;
		if (waits)
			break;
		if (ticks <= 0) {
			errno = EAGAIN;
			return -1;
		}
		nanosleep(&tick, NULL);
	}
	errno = sigwait(set, &number);
	if (errno)
		return -1;
	if (info)
		info->si_pid = getpid();
	return number;
}

static inline int sigwaitinfo(const sigset_t *set, siginfo_t *info)
{
	return sigtimedwait(set, info, NULL);
}
#endif

#ifdef __APPLE__
#include <sys/random.h> /* getentropy() */

#define explicit_bzero(octets, len)      memset_s(octets, len, 0, len)
#define pthread_setname_np(thread, name) pthread_setname_np(name)
#define st_mtim                          st_mtimespec
#define st_ctim                          st_ctimespec

static inline void *memrchr(const void *octets, int octet, size_t len)
{
	const unsigned char *at = octets;

	while (len-- > 0)
		if (at[len] == (unsigned char)octet)
			return (void *)(at + len);
	return NULL;
}

static inline void *reallocarray(void *old, size_t count, size_t size)
{
	size_t total;

	if (!__builtin_mul_overflow(count, size, &total))
		return realloc(old, total);
	errno = ENOMEM;
	return NULL;
}

/* Close-on-exec comes a moment after the descriptor: child.c sets it again. */
#define SOCK_CLOEXEC  0x10000000
#define SOCK_NONBLOCK 0x20000000

static inline int elsewhere_set(int fd, int cloexec, int nonblock)
{
	if (fd >= 0 && ((cloexec && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) ||
			   (nonblock && fcntl(fd, F_SETFL, O_NONBLOCK) < 0))) {
		close(fd);
		return -1;
	}
	return fd;
}

static inline int elsewhere_socket(int family, int type, int protocol)
{
	int fd = socket(family, type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK), protocol);

	return elsewhere_set(fd, type & SOCK_CLOEXEC, type & SOCK_NONBLOCK);
}

static inline int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
	return elsewhere_set(accept(fd, address, len), flags & SOCK_CLOEXEC, flags & SOCK_NONBLOCK);
}

static inline int elsewhere_pipe2(int fds[2], int flags)
{
	if (pipe(fds) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (elsewhere_set(fds[i], flags & O_CLOEXEC, flags & O_NONBLOCK) < 0) {
			close(fds[1 - i]);
			return -1;
		}
	}
	return 0;
}
#define socket(family, type, protocol) elsewhere_socket(family, type, protocol)
#define pipe2(fds, flags)              elsewhere_pipe2(fds, flags)
#endif
