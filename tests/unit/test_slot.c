#include "unit.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "limits.h"
#include "slot.h"

/* A slot with an idle "connection", whose other end is *ret_peer. */
static struct slot *new_slot(const char *key, int *ret_peer)
{
	struct slot *slot = NULL;
	int fds[2];

	ck_assert_int_eq(curl_ready(), 0);
	ck_assert_int_eq(slot_new(key, &slot), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	slot->socket = fds[0];
	*ret_peer = fds[1];
	return slot;
}

static size_t count(const struct slot_pool *pool)
{
	size_t n = 0;

	for (const struct slot *slot = pool->idle; slot; slot = slot->next)
		n++;
	return n;
}

START_TEST(the_last_one_in_comes_out_first)
{
	struct slot_pool pool;
	struct slot *a, *b, *other;
	int peer;

	slot_pool_init(&pool);
	a = new_slot("key", &peer);
	b = new_slot("key", &peer);
	other = new_slot("other", &peer);
	slot_pool_put(&pool, a, 1);
	slot_pool_put(&pool, b, 2);
	slot_pool_put(&pool, other, 3);
	ck_assert_ptr_eq(slot_pool_take(&pool, "key", 4), b);
	ck_assert_ptr_eq(slot_pool_take(&pool, "key", 4), a);
	ck_assert_ptr_null(slot_pool_take(&pool, "key", 4));
	ck_assert_ptr_eq(pool.idle, other);
	slot_free(a);
	slot_free(b);
	slot_pool_finish(&pool);
	slot_free(NULL);
}
END_TEST

START_TEST(one_that_speaks_or_closed_is_dropped)
{
	struct slot_pool pool;
	struct slot *silent;
	int peer;

	slot_pool_init(&pool);
	silent = new_slot("key", &peer);
	slot_pool_put(&pool, silent, 1);
	slot_pool_put(&pool, new_slot("key", &peer), 2);
	close(peer);
	slot_pool_put(&pool, new_slot("key", &peer), 3);
	ck_assert_int_eq(write(peer, "x", 1), 1);
	ck_assert_ptr_eq(slot_pool_take(&pool, "key", 4), silent);
	ck_assert_ptr_null(pool.idle);
	slot_free(silent);
	slot_pool_finish(&pool);
}
END_TEST

START_TEST(old_ones_are_closed)
{
	int64_t later = LIMIT_UPSTREAM_IDLE_S * 1000L;
	struct slot_pool pool;
	struct slot *young;
	int peer;

	slot_pool_init(&pool);
	slot_pool_put(&pool, new_slot("key", &peer), 0);
	slot_pool_put(&pool, new_slot("key", &peer), 1);
	young = new_slot("key", &peer);
	slot_pool_put(&pool, young, later);
	ck_assert_uint_eq(count(&pool), 2);
	ck_assert_ptr_null(slot_pool_take(&pool, "other", later + 1));
	ck_assert_ptr_eq(pool.idle, young);
	ck_assert_ptr_null(young->next);
	slot_pool_finish(&pool);
}
END_TEST

START_TEST(too_many_push_out_the_oldest)
{
	struct slot_pool pool;
	int peer;

	slot_pool_init(&pool);
	for (int i = 0; i < LIMIT_UPSTREAM_SLOTS + 3; i++) {
		slot_pool_put(&pool, new_slot("key", &peer), i);
		close(peer);
	}
	ck_assert_uint_eq(count(&pool), LIMIT_UPSTREAM_SLOTS);
	ck_assert_int_eq(pool.idle->idle_since_ms, LIMIT_UPSTREAM_SLOTS + 2);
	slot_pool_finish(&pool);
}
END_TEST

UNIT(slot, the_last_one_in_comes_out_first, one_that_speaks_or_closed_is_dropped,
    old_ones_are_closed, too_many_push_out_the_oldest);
