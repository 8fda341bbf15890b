/*
 * Guests are sockets that the HTTP server does not have: those that have not said anything yet
 * ("waiting"), and those that were turned away and have to hear why ("leaving"): closing them at
 * once would send a RST that overtakes the answer (RFC 9112 §9.6).
 */
#include "door.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "farewell.h"
#include "limits.h"
#include "log.h"
#include "stop.h"

enum {
	TLS_HANDSHAKE = 0x16, /* first octet of a ClientHello's record (RFC 8446 §5.1) */
	ACCEPT_AT_ONCE = 64,  /* then the guests are looked at again */
	STARVED_MS = 100,
};

struct guest {
	int fd;
	bool leaving;
	int64_t deadline_ms;
	struct sockaddr_storage address;
	socklen_t address_len;
};

struct door {
	struct http_server *server;
	pthread_t thread;
	struct stop stop;
	size_t listeners;
	int *listen_fds;
	struct guest *guests;
	size_t len;
	struct pollfd *polled; /* stop, listeners, guests */
	bool starved;          /* the last accept found no descriptor left */
	int64_t pause_until_ms;
};

static void dismiss(struct door *door, size_t i)
{
	close(door->guests[i].fd);
	door->guests[i] = door->guests[--door->len];
}

/* Was told why not; reads on for a while, so that no RST overtakes it. */
static void show_out(struct guest *guest)
{
	guest->leaving = true;
	guest->deadline_ms = clock_mono_ms() + LIMIT_LINGER_MS;
}

/* True when the guest is one no longer. */
static bool let_in(struct door *door, struct guest *guest)
{
	int on = 1;

	setsockopt(guest->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(guest->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (http_server_add(door->server, guest->fd, (struct sockaddr *)&guest->address,
		guest->address_len) != -EAGAIN)
		return true;
	farewell_error(guest->fd, "504 Gateway Timeout", "TOOMANYREQUESTS",
	    "ecr-upsertd has as many connections as it takes; try again");
	show_out(guest);
	return false;
}

/* Reads what came. True when the guest is one no longer; its socket may be closed then. */
static bool look_at(struct door *door, struct guest *guest)
{
	unsigned char bytes[4096];
	ssize_t n = recv(guest->fd, bytes, guest->leaving ? sizeof(bytes) : 1,
	    MSG_DONTWAIT | (guest->leaving ? 0 : MSG_PEEK));

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(guest->fd);
		return true;
	}
	if (n < 0 || guest->leaving)
		return false;
	if (bytes[0] != TLS_HANDSHAKE)
		return let_in(door, guest);
	farewell(guest->fd, "400 Bad Request", "text/plain",
	    "This port speaks plain HTTP, not TLS: use http://, or mark this registry as insecure "
	    "in your client.\n");
	show_out(guest);
	return false;
}

static void look_at_guests(struct door *door, const struct pollfd *polled)
{
	int64_t now = clock_mono_ms();

	/* From the end: who leaves is replaced by the last, which was looked at already. */
	for (size_t i = door->len; i-- > 0;) {
		if (now >= door->guests[i].deadline_ms)
			dismiss(door, i);
		else if (polled[i].revents && look_at(door, &door->guests[i]))
			door->guests[i] = door->guests[--door->len];
	}
}

static void make_room(struct door *door)
{
	size_t oldest = 0;

	if (door->len < LIMIT_WAITING)
		return;
	for (size_t i = 1; i < door->len; i++)
		if (door->guests[i].deadline_ms < door->guests[oldest].deadline_ms)
			oldest = i;
	dismiss(door, oldest);
}

/* 0 or −errno. */
static int accept_one(struct door *door, int listen_fd)
{
	struct guest guest = {
	    .deadline_ms = clock_mono_ms() + LIMIT_FIRST_BYTE_MS,
	    .address_len = sizeof(guest.address),
	};

	guest.fd = accept4(listen_fd, (struct sockaddr *)&guest.address, &guest.address_len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (guest.fd < 0)
		return -errno;
	door->starved = false;
	if (look_at(door, &guest))
		return 0;
	make_room(door);
	door->guests[door->len++] = guest;
	return 0;
}

static void accept_guests(struct door *door, int listen_fd)
{
	int r = 0;

	for (int i = 0; i < ACCEPT_AT_ONCE && (r == 0 || r == -ECONNABORTED); i++)
		r = accept_one(door, listen_fd);
	if (r == 0 || r == -ECONNABORTED || r == -EAGAIN || r == -EINTR)
		return;
	door->pause_until_ms = clock_mono_ms() + STARVED_MS;
	if (!door->starved)
		log_error("cannot accept clients: %s; raise LimitNOFILE (ulimit -n) or look for "
			  "clients that keep connections open",
		    strerror(-r));
	door->starved = true;
}

static int wait_ms(const struct door *door, bool paused)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < door->len; i++)
		if (door->guests[i].deadline_ms < next)
			next = door->guests[i].deadline_ms;
	if (paused && door->pause_until_ms < next)
		next = door->pause_until_ms;
	return next == INT64_MAX ? -1 : (int)clock_left_ms(next);
}

/* Returns how many descriptors there are to poll. */
static nfds_t fill_polled(struct door *door, bool paused)
{
	struct pollfd *p = door->polled;

	*p++ = (struct pollfd){.fd = door->stop.fd, .events = POLLIN};
	for (size_t i = 0; i < door->listeners; i++)
		*p++ = (struct pollfd){
		    .fd = paused ? -1 : door->listen_fds[i],
		    .events = POLLIN,
		};
	for (size_t i = 0; i < door->len; i++)
		*p++ = (struct pollfd){.fd = door->guests[i].fd, .events = POLLIN};
	return (nfds_t)(p - door->polled);
}

static void *keep_door(void *argument)
{
	struct door *door = argument;

	pthread_setname_np(pthread_self(), "door");
	for (;;) {
		bool paused = clock_mono_ms() < door->pause_until_ms;
		nfds_t n = fill_polled(door, paused);

		if (poll(door->polled, n, wait_ms(door, paused)) < 0)
			continue;
		if (door->polled[0].revents)
			return NULL;
		look_at_guests(door, door->polled + 1 + door->listeners);
		for (size_t i = 0; i < door->listeners; i++)
			if (door->polled[1 + i].revents)
				accept_guests(door, door->listen_fds[i]);
	}
}

static void door_free(struct door *door)
{
	stop_finish(&door->stop);
	free(door->listen_fds);
	free(door->guests);
	free(door->polled);
	free(door);
}

int door_open(
    const int *listen_fds, size_t len, struct http_server *server, struct door **ret, struct err *e)
{
	struct door *door = calloc(1, sizeof(*door));
	int r;

	if (!door)
		return err_set(e, -ENOMEM, "out of memory");
	door->server = server;
	door->listeners = len;
	door->stop.fd = -1;
	door->listen_fds = calloc(len, sizeof(*door->listen_fds));
	door->guests = calloc(LIMIT_WAITING, sizeof(*door->guests));
	door->polled = calloc(1 + len + LIMIT_WAITING, sizeof(*door->polled));
	if (stop_init(&door->stop) < 0 || !door->listen_fds || !door->guests || !door->polled)
		r = ENOMEM;
	else {
		memcpy(door->listen_fds, listen_fds, len * sizeof(*listen_fds));
		r = pthread_create(&door->thread, NULL, keep_door, door);
	}
	if (r) {
		door_free(door);
		return err_set(e, -r, "cannot start accepting clients: %s", strerror(r));
	}
	*ret = door;
	return 0;
}

void door_close(struct door *door)
{
	if (!door)
		return;
	stop_now(&door->stop);
	pthread_join(door->thread, NULL);
	while (door->len)
		dismiss(door, door->len - 1);
	for (size_t i = 0; i < door->listeners; i++)
		close(door->listen_fds[i]);
	door_free(door);
}
