#pragma once
/*
 * The one signal that ends every wait: a pipe, written once, never read, so that it wakes all
 * threads that have it in their wait set.
 */
#include <stdbool.h>
#include <stdint.h>

struct stop {
	int fd; /* to wait for; negative: none */
	int teller_fd;
};

int stop_init(struct stop *stop);
/* Also for a signal's handler. */
void stop_now(struct stop *stop);
bool stop_is_set(const struct stop *stop);
/* Sleeps up to ms milliseconds; true when it was cut short by stop_now(). */
bool stop_sleep(const struct stop *stop, int64_t ms);
void stop_finish(struct stop *stop);
