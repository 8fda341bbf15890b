#include "interruption.h"

#include <signal.h>
#include <unistd.h>

static void *watch(void *userdata)
{
	struct interruption *interruption = userdata;
	siginfo_t info = {};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	while (sigwaitinfo(&signals, &info) < 0)
		;
	/* Our own is that of interruption_end(). glibc 2.36 hides that it was sent to a thread: its
	   sigtimedwait() makes SI_USER of SI_TKILL. */
	interruption->came = !atomic_load(&interruption->over) || info.si_pid != getpid();
	if (interruption->came)
		stop_now(interruption->stop);
	return NULL;
}

int interruption_begin(struct interruption *interruption, struct stop *stop)
{
	interruption->stop = stop;
	interruption->came = false;
	atomic_init(&interruption->over, false);
	return -pthread_create(&interruption->watcher, NULL, watch, interruption);
}

bool interruption_end(struct interruption *interruption)
{
	atomic_store(&interruption->over, true);
	/* To that thread alone: one that has come meanwhile stays for the caller. */
	pthread_kill(interruption->watcher, SIGTERM);
	pthread_join(interruption->watcher, NULL);
	return interruption->came;
}
