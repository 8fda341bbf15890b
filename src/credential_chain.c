#include "credential_chain.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "credential_providers.h"
#include "file_stamps.h"
#include "log.h"

struct credential_chain {
	credential_read read;
	void *userdata;
	int64_t (*now_s)(void);
	struct file_stamps seen; /* of whoever is reading */
	pthread_mutex_t lock;
	pthread_cond_t ended; /* a reading */
	bool reading;
	unsigned readings;           /* ended ones */
	int result;                  /* of the last one */
	struct err why;              /* the same */
	unsigned failures;           /* in a row */
	struct credentials *current; /* NULL: none yet, or refused */
	/* Since the epoch. */
	int64_t advisory_s;
	int64_t mandatory_s;
	int64_t retry_s;  /* not before, while those in force are valid */
	int64_t looked_s; /* at the files */
};

/* What a caller of credential_chain_get() finds, by urgency. */
enum need {
	NEED_NOTHING,
	NEED_LOOK,  /* at the files; read if one has changed */
	NEED_SOON,  /* somebody should read; the others go on with the old ones */
	NEED_NOW,   /* everybody waits; the old ones are still good if it fails */
	NEED_FIRST, /* there are none */
};

int credential_chain_new_of(
    credential_read read, void *userdata, int64_t (*now_s)(void), struct credential_chain **ret)
{
	struct credential_chain *chain = calloc(1, sizeof(*chain));

	if (!chain)
		return -ENOMEM;
	chain->read = read;
	chain->userdata = userdata;
	chain->now_s = now_s;
	pthread_mutex_init(&chain->lock, NULL);
	pthread_cond_init(&chain->ended, NULL);
	*ret = chain;
	return 0;
}

static int ask_providers(
    void *userdata, struct file_stamps *seen, struct credentials **ret, struct err *e)
{
	struct credential_sources sources = *(const struct credential_sources *)userdata;

	sources.seen = seen;
	return credential_providers_ask(&sources, ret, e);
}

int credential_chain_new(const struct credential_sources *sources, struct credential_chain **ret)
{
	return credential_chain_new_of(ask_providers, (void *)sources, sources->now_s, ret);
}

static int give(void *userdata, struct file_stamps *seen, struct credentials **ret, struct err *e)
{
	*ret = credentials_ref(userdata);
	return 0;
}

int credential_chain_new_fixed(
    struct credentials *credentials, int64_t (*now_s)(void), struct credential_chain **ret)
{
	return credential_chain_new_of(give, credentials, now_s, ret);
}

void credential_chain_free(struct credential_chain *chain)
{
	if (!chain)
		return;
	file_stamps_finish(&chain->seen);
	credentials_unref(chain->current);
	pthread_cond_destroy(&chain->ended);
	pthread_mutex_destroy(&chain->lock);
	free(chain);
}

static bool is_valid(const struct credentials *credentials, int64_t now_s)
{
	return credentials && (!credentials->expires_s || now_s < credentials->expires_s);
}

/* A clock that was set back must not stretch a pause. */
static bool is_over(int64_t since_s, int64_t pause_s, int64_t now_s)
{
	return now_s < since_s || now_s - since_s >= pause_s;
}

static int64_t retry_pause_s(unsigned failures)
{
	int64_t pause_s = (int64_t)CREDENTIALS_RETRY_S << (failures < 4 ? failures : 4);

	return pause_s < CREDENTIALS_RETRY_MAX_S ? pause_s : CREDENTIALS_RETRY_MAX_S;
}

/* Under the lock. */
static enum need find_need(const struct credential_chain *chain, int64_t now_s)
{
	bool paused = now_s < chain->retry_s && chain->retry_s - now_s <= CREDENTIALS_RETRY_MAX_S;

	if (!is_valid(chain->current, now_s))
		return NEED_FIRST;
	if (now_s >= chain->mandatory_s && !paused)
		return NEED_NOW;
	if (now_s >= chain->advisory_s && !paused)
		return NEED_SOON;
	return is_over(chain->looked_s, CREDENTIALS_LOOK_S, now_s) ? NEED_LOOK : NEED_NOTHING;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * When they are to be read again. Where a source hands out the same ones until they are nearly over
 * (an instance's metadata does), halving what is left asks it more and more often, not at each get.
 */
static void plan(struct credential_chain *chain, int64_t now_s)
{
	int64_t expires_s = chain->current->expires_s, life_s = expires_s - now_s;
	int64_t earliest_s = now_s + CREDENTIALS_RETRY_S;

	if (!expires_s) {
		chain->advisory_s = chain->mandatory_s = INT64_MAX;
		return;
	}
	chain->advisory_s =
	    larger(expires_s - smaller(CREDENTIALS_ADVISORY_S, life_s / 2), earliest_s);
	chain->mandatory_s =
	    larger(expires_s - smaller(CREDENTIALS_MANDATORY_S, life_s / 3), earliest_s);
}

/* Under the lock. */
static void store(struct credential_chain *chain, int result, struct credentials *read,
    const struct err *why, int64_t now_s)
{
	chain->result = result;
	chain->why = *why;
	if (result < 0) {
		/* Those of a changed file are wanted even if the old ones have long to go. */
		chain->advisory_s = smaller(chain->advisory_s, now_s);
		chain->retry_s = now_s + retry_pause_s(chain->failures++);
		return;
	}
	credentials_unref(chain->current);
	chain->current = read;
	chain->failures = 0;
	chain->retry_s = 0;
	plan(chain, now_s);
}

/* Not under the lock. */
static int read_anew(struct credential_chain *chain, struct credentials **ret, struct err *why)
{
	struct credentials *read = NULL;
	struct file_stamps seen = {};
	int r;

	r = chain->read(chain->userdata, &seen, &read, why);
	file_stamps_finish(&chain->seen);
	chain->seen = seen;
	if (r >= 0 && !is_valid(read, chain->now_s())) {
		r = err_set(why, -EACCES,
		    "the AWS credentials of %s have expired: renew them where they come from",
		    read->source);
		credentials_unref(read);
	}
	if (r >= 0)
		*ret = read;
	return r;
}

/* Under the lock, which it lets go meanwhile. */
static void refresh(struct credential_chain *chain, enum need need, int64_t now_s)
{
	struct credentials *read = NULL;
	struct err why = {};
	bool wanted;
	int r = 0;

	chain->reading = true;
	chain->looked_s = now_s;
	pthread_mutex_unlock(&chain->lock);
	wanted = need != NEED_LOOK || file_stamps_changed(&chain->seen);
	if (wanted)
		r = read_anew(chain, &read, &why);
	if (r < 0 && need != NEED_FIRST)
		log_warn("going on with the old AWS credentials: %s", why.text);
	pthread_mutex_lock(&chain->lock);
	if (wanted)
		store(chain, r, read, &why, chain->now_s());
	else
		chain->result = 0;
	chain->reading = false;
	chain->readings++;
	pthread_cond_broadcast(&chain->ended);
}

/* Under the lock. Not for ever: each provider has its own deadline. */
static void await_end(struct credential_chain *chain)
{
	unsigned readings = chain->readings;

	while (chain->reading && chain->readings == readings)
		pthread_cond_wait(&chain->ended, &chain->lock);
}

/* Under the lock: until there are valid ones, or a reading that we saw the end of has failed. */
static int await_valid(struct credential_chain *chain)
{
	for (;;) {
		int64_t now_s = chain->now_s();
		enum need need = find_need(chain, now_s);

		if (need == NEED_NOTHING || (chain->reading && need < NEED_NOW))
			return 0;
		if (chain->reading)
			await_end(chain);
		else
			refresh(chain, need, now_s);
		if (is_valid(chain->current, chain->now_s()))
			return 0;
		if (chain->result < 0)
			return chain->result;
	}
}

int credential_chain_get(struct credential_chain *chain, struct credentials **ret, struct err *e)
{
	int r;

	pthread_mutex_lock(&chain->lock);
	r = await_valid(chain);
	if (r >= 0)
		*ret = credentials_ref(chain->current);
	else
		err_set(e, r, "%s", chain->why.text);
	pthread_mutex_unlock(&chain->lock);
	return r;
}

struct credentials *credential_chain_peek(struct credential_chain *chain)
{
	struct credentials *credentials = NULL;

	pthread_mutex_lock(&chain->lock);
	if (chain->current)
		credentials = credentials_ref(chain->current);
	pthread_mutex_unlock(&chain->lock);
	return credentials;
}

int64_t credential_chain_due_s(struct credential_chain *chain)
{
	int64_t due_s = INT64_MAX;

	pthread_mutex_lock(&chain->lock);
	if (chain->current && !chain->reading)
		due_s = larger(chain->advisory_s, chain->retry_s);
	pthread_mutex_unlock(&chain->lock);
	return due_s;
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
