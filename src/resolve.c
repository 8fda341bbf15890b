#include "resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "clock.h"
#include "wait.h"

/* What the threads and the asker share; the last one to let go frees it. */
struct asking {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned references;
	size_t open; /* not answered yet */
	enum resolve_outcome outcomes[RESOLVE_MAX];
};

struct one {
	struct asking *asking;
	size_t index;
	char *name;
};

static void let_go(struct asking *asking)
{
	bool last;

	pthread_mutex_lock(&asking->lock);
	last = --asking->references == 0;
	pthread_mutex_unlock(&asking->lock);
	if (!last)
		return;
	pthread_cond_destroy(&asking->changed);
	pthread_mutex_destroy(&asking->lock);
	free(asking);
}

static enum resolve_outcome look_up(const char *name)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	int r = getaddrinfo(name, NULL, &hints, &found);

	if (r == 0) {
		freeaddrinfo(found);
		return RESOLVE_DONE;
	}
#ifdef EAI_NODATA
	/* The name exists, without an address. */
	if (r == EAI_NODATA)
		return RESOLVE_UNKNOWN;
#endif
	return r == EAI_NONAME ? RESOLVE_UNKNOWN : RESOLVE_FAILED;
}

static void *run(void *userdata)
{
	struct one *one = userdata;
	struct asking *asking = one->asking;
	enum resolve_outcome outcome = look_up(one->name);

	pthread_mutex_lock(&asking->lock);
	asking->outcomes[one->index] = outcome;
	asking->open--;
	pthread_cond_signal(&asking->changed);
	pthread_mutex_unlock(&asking->lock);
	free(one->name);
	free(one);
	let_go(asking);
	return NULL;
}

static int start(struct asking *asking, size_t index, const char *name)
{
	struct one *one = calloc(1, sizeof(*one));
	pthread_t thread;
	int r;

	if (one)
		*one = (struct one){asking, index, strdup(name)};
	if (!one || !one->name) {
		free(one);
		return -ENOMEM;
	}
	pthread_mutex_lock(&asking->lock);
	asking->references++;
	asking->open++;
	pthread_mutex_unlock(&asking->lock);
	r = pthread_create(&thread, NULL, run, one);
	if (r == 0)
		return -pthread_detach(thread);
	pthread_mutex_lock(&asking->lock);
	asking->references--;
	asking->open--;
	pthread_mutex_unlock(&asking->lock);
	free(one->name);
	free(one);
	return -r;
}

static int asking_new(struct asking **ret)
{
	struct asking *asking = calloc(1, sizeof(*asking));
	int r;

	if (!asking)
		return -ENOMEM;
	r = wait_init(&asking->changed);
	if (r < 0) {
		free(asking);
		return r;
	}
	pthread_mutex_init(&asking->lock, NULL);
	asking->references = 1;
	for (size_t i = 0; i < RESOLVE_MAX; i++)
		asking->outcomes[i] = RESOLVE_LATE;
	*ret = asking;
	return 0;
}

int resolve(const char *const *names, size_t len, int64_t deadline_ms,
    enum resolve_outcome ret[static RESOLVE_MAX])
{
	struct asking *asking;
	int r = asking_new(&asking);

	if (r < 0)
		return r;
	for (size_t i = 0; i < len && r == 0; i++)
		r = start(asking, i, names[i]);
	pthread_mutex_lock(&asking->lock);
	while (r == 0 && asking->open > 0 && clock_left_ms(deadline_ms) > 0)
		wait_until(&asking->changed, &asking->lock, deadline_ms);
	memcpy(ret, asking->outcomes, sizeof(asking->outcomes));
	pthread_mutex_unlock(&asking->lock);
	let_go(asking);
	return r;
}
