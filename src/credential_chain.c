#include "credential_chain.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "clock.h"
#include "credential_providers.h"
#include "credential_timing.h"
#include "file_stamps.h"
#include "log.h"
#include "wait.h"

struct credential_chain {
	credential_read read;
	void *userdata;
	int64_t (*now_s)(void);
	struct file_stamps seen; /* of whoever is reading */
	pthread_mutex_t lock;
	pthread_cond_t ended; /* a reading */
	bool reading;
	enum credential_need need; /* of the reading */
	bool has_reader;           /* a thread that reads or has read, not joined yet */
	pthread_t reader;
	unsigned readings;           /* ended ones */
	int result;                  /* of the last one */
	struct err why;              /* the same */
	struct credentials *current; /* NULL: none yet, or refused */
	struct credential_timing timing;
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
	wait_init(&chain->ended);
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

/* Its reading has ended, or ends. */
static void join_reader(struct credential_chain *chain)
{
	if (chain->has_reader)
		pthread_join(chain->reader, NULL);
	chain->has_reader = false;
}

void credential_chain_free(struct credential_chain *chain)
{
	if (!chain)
		return;
	join_reader(chain);
	file_stamps_finish(&chain->seen);
	credentials_unref(chain->current);
	pthread_cond_destroy(&chain->ended);
	pthread_mutex_destroy(&chain->lock);
	free(chain);
}

/* Under the lock. */
static void store(struct credential_chain *chain, int result, struct credentials *read,
    const struct err *why, int64_t now_s)
{
	chain->result = result;
	chain->why = *why;
	if (result < 0) {
		credential_timing_failed(&chain->timing, now_s);
		return;
	}
	credentials_unref(chain->current);
	chain->current = read;
	credential_timing_read(&chain->timing, read->expires_s, now_s);
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
	if (r >= 0 && !credentials_are_valid(read, chain->now_s())) {
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
static void refresh(struct credential_chain *chain)
{
	struct credentials *read = NULL;
	struct err why = {};
	bool wanted;
	int r = 0;

	pthread_mutex_unlock(&chain->lock);
	wanted = chain->need != NEED_LOOK || file_stamps_changed(&chain->seen);
	if (wanted)
		r = read_anew(chain, &read, &why);
	if (r < 0 && chain->need != NEED_FIRST)
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

static void *refresh_aside(void *userdata)
{
	struct credential_chain *chain = userdata;

	pthread_mutex_lock(&chain->lock);
	refresh(chain);
	pthread_mutex_unlock(&chain->lock);
	return NULL;
}

/*
 * Under the lock. By a thread of its own for a caller that cannot wait for the end of it: what is
 * read late still serves the next one.
 */
static void begin_reading(struct credential_chain *chain, enum credential_need need, bool aside)
{
	chain->reading = true;
	chain->need = need;
	chain->timing.looked_s = chain->now_s();
	if (aside) {
		join_reader(chain);
		chain->has_reader = pthread_create(&chain->reader, NULL, refresh_aside, chain) == 0;
		if (chain->has_reader)
			return;
	}
	refresh(chain);
}

/* Under the lock: false when the deadline came first; without one each provider has its own. */
static bool await_end(struct credential_chain *chain, unsigned readings, int64_t deadline_ms)
{
	while (chain->reading && chain->readings == readings) {
		if (!deadline_ms)
			pthread_cond_wait(&chain->ended, &chain->lock);
		else if (clock_left_ms(deadline_ms) > 0)
			wait_until(&chain->ended, &chain->lock, deadline_ms);
		else
			return false;
	}
	return true;
}

/* Under the lock: until there are valid ones, or a reading that we saw the end of has failed. */
static int await_valid(struct credential_chain *chain, int64_t deadline_ms, struct err *e)
{
	for (;;) {
		enum credential_need need =
		    credential_timing_need(&chain->timing, chain->current, chain->now_s());
		unsigned readings = chain->readings;
		bool ended;

		if (need == NEED_NOTHING || (chain->reading && need < NEED_NOW))
			return 0;
		if (!chain->reading)
			begin_reading(chain, need, deadline_ms != 0);
		ended = await_end(chain, readings, deadline_ms);
		if (credentials_are_valid(chain->current, chain->now_s()))
			return 0;
		if (!ended)
			return err_set(e, -ETIMEDOUT,
			    "no AWS credentials in time: whoever hands them out does not answer");
		if (chain->result < 0)
			return err_set(e, chain->result, "%s", chain->why.text);
	}
}

int credential_chain_get_by(
    struct credential_chain *chain, int64_t deadline_ms, struct credentials **ret, struct err *e)
{
	int r;

	pthread_mutex_lock(&chain->lock);
	r = await_valid(chain, deadline_ms, e);
	if (r >= 0)
		*ret = credentials_ref(chain->current);
	pthread_mutex_unlock(&chain->lock);
	return r;
}

int credential_chain_get(struct credential_chain *chain, struct credentials **ret, struct err *e)
{
	return credential_chain_get_by(chain, 0, ret, e);
}

bool credential_failure_passes(int r)
{
	return r == -EAGAIN || r == -ETIMEDOUT || r == -ECONNREFUSED || r == -EPROTO || r == -EIO ||
	       r == -ECANCELED;
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
		due_s = credential_timing_due_s(&chain->timing);
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
