#include "unit.h"

#include <pthread.h>
#include <string.h>

#include "serving.h"

static const char *const names[] = {"localhost:5100", NULL};
static const struct gate_hosts listeners = {.names = names, .port = 5100};

static struct serving *make(const char *host)
{
	struct registries registries = {};
	struct serving *serving = NULL;
	struct config *config = NULL;

	ck_assert_int_eq(config_default(&config), 0);
	if (host) {
		config->hosts = calloc(2, sizeof(*config->hosts));
		config->hosts[0] = strdup(host);
	}
	ck_assert_int_eq(serving_new(config, &registries, listeners, &serving), 0);
	return serving;
}

START_TEST(hosts_are_the_listeners_and_the_configurations)
{
	struct serving *serving = make("registry.local:5100");

	ck_assert_str_eq(serving->hosts.names[0], "localhost:5100");
	ck_assert_str_eq(serving->hosts.more[0], "registry.local:5100");
	ck_assert_ptr_null(serving->hosts.more[1]);
	ck_assert_uint_eq(serving->hosts.port, 5100);
	serving_unref(serving);
	serving_unref(NULL);
}
END_TEST

START_TEST(who_began_with_one_keeps_it)
{
	struct serving *first = make("first:1"), *second = make(NULL), *held;
	struct serving_place *place = NULL;

	ck_assert_int_eq(serving_place_new(first, &place), 0);
	held = serving_current(place);
	ck_assert_ptr_eq(held, first);
	serving_replace(place, second);
	ck_assert_str_eq(held->hosts.more[0], "first:1");
	serving_unref(held);
	held = serving_current(place);
	ck_assert_ptr_eq(held, second);
	ck_assert_ptr_null(held->hosts.more);
	serving_place_free(place);
	serving_unref(held);
	serving_place_free(NULL);
}
END_TEST

static void *look(void *place)
{
	for (int i = 0; i < 2000; i++) {
		_cleanup_(serving_unrefp) struct serving *serving = serving_current(place);

		ck_assert_str_eq(serving->hosts.names[0], "localhost:5100");
	}
	return NULL;
}

START_TEST(is_replaced_under_readers)
{
	struct serving_place *place = NULL;
	pthread_t readers[4];

	ck_assert_int_eq(serving_place_new(make(NULL), &place), 0);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&readers[i], NULL, look, place), 0);
	for (int i = 0; i < 200; i++)
		serving_replace(place, make("other:1"));
	for (int i = 0; i < 4; i++)
		pthread_join(readers[i], NULL);
	serving_place_free(place);
}
END_TEST

UNIT(serving, hosts_are_the_listeners_and_the_configurations, who_began_with_one_keeps_it,
    is_replaced_under_readers);
