#include "serving.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

struct serving_place {
	pthread_mutex_t lock;
	struct serving *current;
};

int serving_new(struct config *config, struct registries *registries, struct gate_hosts listeners,
    struct serving **ret)
{
	_cleanup_(serving_unrefp) struct serving *serving = calloc(1, sizeof(*serving));

	if (!serving) {
		config_free(config);
		registries_finish(registries);
		return -ENOMEM;
	}
	serving->references = 1;
	serving->config = config;
	serving->registries = *registries;
	*registries = (struct registries){};
	serving->hosts = listeners;
	serving->hosts.more = (const char *const *)config->hosts;
	*ret = TAKE_PTR(serving);
	return 0;
}

void serving_unref(struct serving *serving)
{
	if (!serving || __atomic_sub_fetch(&serving->references, 1, __ATOMIC_ACQ_REL))
		return;
	config_free(serving->config);
	registries_finish(&serving->registries);
	free(serving);
}

int serving_place_new(struct serving *first, struct serving_place **ret)
{
	struct serving_place *place = calloc(1, sizeof(*place));

	if (!place) {
		serving_unref(first);
		return -ENOMEM;
	}
	pthread_mutex_init(&place->lock, NULL);
	place->current = first;
	*ret = place;
	return 0;
}

void serving_place_free(struct serving_place *place)
{
	if (!place)
		return;
	serving_unref(place->current);
	pthread_mutex_destroy(&place->lock);
	free(place);
}

struct serving *serving_current(struct serving_place *place)
{
	struct serving *serving;

	pthread_mutex_lock(&place->lock);
	serving = place->current;
	__atomic_fetch_add(&serving->references, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&place->lock);
	return serving;
}

void serving_replace(struct serving_place *place, struct serving *next)
{
	struct serving *last;

	pthread_mutex_lock(&place->lock);
	last = place->current;
	place->current = next;
	pthread_mutex_unlock(&place->lock);
	serving_unref(last);
}
