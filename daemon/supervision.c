#include "supervision.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "environment.h"
#include "knock.h"
#include "log.h"
#include "service.h"
#include "status_line.h"

enum {
	STATUS_MS = 5000,
	/* Of the watchdog's time: one late answer is not the end. */
	ALIVE_PART = 3,
	KNOCK_MS = 10 * 1000,
};

void supervision_init(struct supervision *supervision)
{
	notify_init(&supervision->notify, environment, getpid());
}

void supervision_finish(struct supervision *supervision)
{
	str_finish(&supervision->said);
}

/* "" where there is no memory for it. */
static void take_line(struct service *service)
{
	struct str *said = &service->supervision.said;

	str_clear(said);
	if (status_line_write(&service->admin.status, said) < 0)
		str_clear(said);
}

void supervision_ready(struct service *service)
{
	struct supervision *supervision = &service->supervision;

	take_line(service);
	notify_send(&supervision->notify, "READY=1\nSTATUS=%s", str_text(&supervision->said));
}

void supervision_reloading(struct service *service)
{
	notify_send(
	    &service->supervision.notify, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono_us());
}

void supervision_stopping(struct service *service, size_t active)
{
	notify_send(&service->supervision.notify,
	    "STOPPING=1\nSTATUS=stopping: %zu requests are under way", active);
}

int64_t supervision_left_ms(const struct supervision *supervision)
{
	int64_t alive_ms;

	if (!supervision->notify.address_len)
		return INT64_MAX;
	if (!supervision->notify.watchdog_ms)
		return STATUS_MS;
	alive_ms = clock_left_ms(supervision->alive_due_ms);
	return alive_ms < STATUS_MS ? alive_ms : STATUS_MS;
}

/*
 * One door is behind all addresses: one that answers speaks for them. With FreeBind= a socket unit
 * may name some that this machine does not have.
 */
static int knock_at_door(const struct service *service, int64_t patience_ms)
{
	size_t len = service->proxy_listeners;
	int r = -EADDRNOTAVAIL;

	for (size_t i = 0; i < len && r < 0; i++)
		r = knock(service->addresses.fds[i], clock_mono_ms() + patience_ms / (int64_t)len);
	return r;
}

static void look_alive(struct service *service)
{
	struct supervision *supervision = &service->supervision;
	int64_t part_ms = supervision->notify.watchdog_ms / ALIVE_PART;
	int64_t now = clock_mono_ms();
	_cleanup_str_ struct str all = {};
	int r;

	supervision->alive_due_ms = now + part_ms;
	r = knock_at_door(service, part_ms < KNOCK_MS ? part_ms : KNOCK_MS);
	if (r == 0)
		r = status_write(&service->admin.status, now, clock_wall_ms(), &all);
	if (r == 0)
		notify_send(&supervision->notify, "WATCHDOG=1");
	else
		log_error("no sign of life for the watchdog: our own listener: %s", strerror(-r));
}

void supervision_look(struct service *service)
{
	struct supervision *supervision = &service->supervision;
	_cleanup_str_ struct str before = {};

	if (!supervision->notify.address_len)
		return;
	before = supervision->said;
	supervision->said = (struct str){};
	take_line(service);
	if (!str_same(str_text(&before), str_text(&supervision->said)))
		notify_send(&supervision->notify, "STATUS=%s", str_text(&supervision->said));
	if (supervision->notify.watchdog_ms && clock_left_ms(supervision->alive_due_ms) == 0)
		look_alive(service);
}
