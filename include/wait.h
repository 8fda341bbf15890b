#pragma once
/* Condition variables that wait until a monotonic deadline: a stepped clock delays nobody. */
#include <pthread.h>
#include <stdint.h>

/* Makes a condition for wait_until(). 0 or −errno. */
int wait_init(pthread_cond_t *condition);

/* Waits under the lock until signalled or until the deadline; spurious wake-ups are possible. */
void wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ms);
