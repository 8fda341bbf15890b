#include "credential_chain.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "credential_providers.h"

struct credential_chain {
	const struct credential_sources *sources;
	pthread_mutex_t lock;
	struct credentials *current; /* NULL: to be read at the next get */
};

int credential_chain_new(const struct credential_sources *sources, struct credential_chain **ret)
{
	struct credential_chain *chain = calloc(1, sizeof(*chain));

	if (!chain)
		return -ENOMEM;
	chain->sources = sources;
	pthread_mutex_init(&chain->lock, NULL);
	*ret = chain;
	return 0;
}

void credential_chain_free(struct credential_chain *chain)
{
	if (!chain)
		return;
	credentials_unref(chain->current);
	pthread_mutex_destroy(&chain->lock);
	free(chain);
}

/* Those in force, after putting `read` in force (NULL: none) if there are none. */
static struct credentials *in_force(struct credential_chain *chain, struct credentials *read)
{
	struct credentials *credentials = NULL;

	pthread_mutex_lock(&chain->lock);
	if (!chain->current && read)
		chain->current = credentials_ref(read);
	if (chain->current)
		credentials = credentials_ref(chain->current);
	pthread_mutex_unlock(&chain->lock);
	return credentials;
}

int credential_chain_get(struct credential_chain *chain, struct credentials **ret, struct err *e)
{
	struct credentials *credentials = in_force(chain, NULL);
	_cleanup_(credentials_unrefp) struct credentials *read = NULL;
	int r;

	if (!credentials) {
		/* Outside of the lock, since it reads files; of two threads the first one wins. */
		r = credential_providers_ask(chain->sources, &read, e);
		if (r < 0)
			return r;
		credentials = in_force(chain, read);
	}
	*ret = credentials;
	return 0;
}

void credential_chain_forget(struct credential_chain *chain, const struct credentials *refused)
{
	pthread_mutex_lock(&chain->lock);
	if (chain->current == refused) {
		credentials_unref(chain->current);
		chain->current = NULL;
	}
	pthread_mutex_unlock(&chain->lock);
}
