#include "unit.h"

#include <string.h>

#include "registry.h"

static struct registry *make(const char *host)
{
	struct registry *registry = calloc(1, sizeof(*registry));

	registry->host = strdup(host);
	registry->account = strdup("123456789012");
	registry->region = strdup("eu-west-1");
	registry->dial.host = strdup("127.0.0.1");
	registry->ecr_url = strdup("https://api");
	return registry;
}

START_TEST(finds_byte_for_byte)
{
	struct registries list = {.items = calloc(2, sizeof(*list.items)), .len = 2};

	list.items[0] = make("a.example");
	list.items[1] = make("b.example");
	ck_assert_ptr_eq(registries_find(&list, "a.example", 9), list.items[0]);
	ck_assert_ptr_eq(registries_find(&list, "b.example/app", 9), list.items[1]);
	ck_assert_ptr_null(registries_find(&list, "b.example", 8));
	ck_assert_ptr_null(registries_find(&list, "b.example.", 10));
	ck_assert_ptr_null(registries_find(&list, "B.example", 9));
	ck_assert_ptr_null(registries_find(&list, "", 0));
	registry_free(list.items[0]);
	registry_free(list.items[1]);
	registries_finish(&list);
	ck_assert_uint_eq(list.len, 0);
}
END_TEST

static const struct registry *only_c(void *userdata, const char *host, size_t host_len)
{
	return host_len == 1 && *host == 'c' ? userdata : NULL;
}

START_TEST(others_come_after_the_list)
{
	struct registry c = {.host = (char *)"c"}, listed = {.host = (char *)"c"};
	struct registry *items[] = {&listed};
	struct registries list = {.items = items, .other = only_c, .userdata = &c};

	ck_assert_ptr_eq(registries_find(&list, "c", 1), &c);
	ck_assert_ptr_null(registries_find(&list, "d", 1));
	list.len = 1;
	ck_assert_ptr_eq(registries_find(&list, "c", 1), &listed);
}
END_TEST

START_TEST(nothing_is_freed_twice)
{
	struct registries list = {};

	registry_free(NULL);
	registries_finish(NULL);
	registries_finish(&list);
	ck_assert_ptr_null(registries_find(&list, "a", 1));
}
END_TEST

UNIT(registry, finds_byte_for_byte, others_come_after_the_list, nothing_is_freed_twice);
