#include "unit.h"

#include <string.h>

#include "cleanup.h"
#include "client_table.h"

START_TEST(every_listed_client_is_there)
{
	_cleanup_(freep) char *names = strdup(client_names);
	unsigned n = 0;

	for (char *name = strtok(names, ", "); name; name = strtok(NULL, ", ")) {
		const struct client *client = client_find(name);

		ck_assert_ptr_nonnull(client);
		ck_assert_str_eq(client->name, name);
		ck_assert(client->about && client->image && client->push);
		ck_assert_int_eq(client->path != NULL, client->text != NULL);
		ck_assert_ptr_nonnull(strstr(client->push, "{image}"));
		n++;
	}
	ck_assert_uint_eq(n, 7);
}
END_TEST

START_TEST(others_are_not)
{
	ck_assert_ptr_null(client_find(""));
	ck_assert_ptr_null(client_find("Docker"));
	ck_assert_ptr_null(client_find("dock"));
	ck_assert_ptr_null(client_find("docker, podman"));
}
END_TEST

UNIT(client_table, every_listed_client_is_there, others_are_not);
