#include "credentials.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "cred_env.h"
#include "cred_profile.h"
#include "str.h"

struct credential_chain {
	const struct credential_sources *sources;
	pthread_mutex_t lock;
	struct credentials *current; /* NULL: to be read at the next get */
};

/* In the order of every AWS tool; further providers have their place among these. */
static const credential_provider providers[] = {
    cred_env,
    cred_profile,
};

static bool is_key(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

int credentials_new(const char *access_key_id, const char *secret_access_key,
    const char *session_token, int64_t expires_s, const char *source, struct credentials **ret)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	if (!is_key(access_key_id) || !is_key(secret_access_key) ||
	    (session_token && !is_key(session_token)))
		return -EINVAL;
	credentials = calloc(1, sizeof(*credentials));
	if (!credentials)
		return -ENOMEM;
	credentials->references = 1;
	credentials->access_key_id = strdup(access_key_id);
	credentials->secret_access_key = strdup(secret_access_key);
	credentials->session_token = session_token ? strdup(session_token) : NULL;
	credentials->expires_s = expires_s;
	credentials->source = source;
	if (!credentials->access_key_id || !credentials->secret_access_key ||
	    (session_token && !credentials->session_token))
		return -ENOMEM;
	*ret = TAKE_PTR(credentials);
	return 0;
}

struct credentials *credentials_ref(struct credentials *credentials)
{
	__atomic_fetch_add(&credentials->references, 1, __ATOMIC_RELAXED);
	return credentials;
}

void credentials_unref(struct credentials *credentials)
{
	if (!credentials || __atomic_sub_fetch(&credentials->references, 1, __ATOMIC_ACQ_REL))
		return;
	secret_free(credentials->access_key_id);
	secret_free(credentials->secret_access_key);
	secret_free(credentials->session_token);
	free(credentials);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool credentials_equal(const struct credentials *a, const struct credentials *b)
{
	return same_text(a->access_key_id, b->access_key_id) &&
	       same_text(a->secret_access_key, b->secret_access_key) &&
	       same_text(a->session_token, b->session_token);
}

const char *credential_variable(const struct credential_sources *sources, const char *name)
{
	const char *value = sources->getenv(name);

	return value && *value ? value : NULL;
}

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

static int ask_providers(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	for (size_t i = 0; i < sizeof(providers) / sizeof(*providers); i++) {
		int r = providers[i](sources, ret, e);

		if (r != -ENOENT)
			return r;
	}
	return err_set(e, -ENOENT,
	    "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "
	    "`aws configure` (those of a container or an instance are not supported yet)");
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
		r = ask_providers(chain->sources, &read, e);
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
