#pragma once
/*
 * The one signal that ends every wait: an eventfd, written once, never read, so that it wakes all
 * threads that have it in their wait set.
 */
#include <stdbool.h>
#include <stdint.h>

struct stop {
	int fd;
};

int stop_init(struct stop *stop);
void stop_now(struct stop *stop);
bool stop_is_set(const struct stop *stop);
/* Sleeps up to ms milliseconds; true when it was cut short by stop_now(). */
bool stop_sleep(const struct stop *stop, int64_t ms);
void stop_finish(struct stop *stop);
