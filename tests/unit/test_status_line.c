#include "unit.h"

#include <string.h>

#include "status_line.h"

enum { HOSTS = 5 };

static struct live live;
static size_t hosts;
static bool ready = true;
static const char *error;
static const struct status_context context = {.live = &live};

/* In place of the module's own. */
bool status_ready(const struct status_context *of, struct err *why)
{
	return ready;
}

int ecr_token_cache_each(struct ecr_token_cache *cache, ecr_token_each each, void *userdata)
{
	static char names[HOSTS][8] = {"a.test", "b.test", "c.test", "d.test", "e.test"};
	int r = 0;

	for (size_t i = 0; i < hosts && r == 0; i++) {
		struct registry registry = {.host = names[i]};

		r = each(userdata, &registry, error ? 0 : 1767323045, error);
	}
	return r;
}

static void shows(const char *expected)
{
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(status_line_write(&context, &text), 0);
	ck_assert_str_eq(text.data, expected);
}

START_TEST(how_it_is)
{
	struct live_transfer one = {}, two = {};

	live_init(&live);
	shows("ready; 0 transfers");
	hosts = 1;
	live_begin(&live, &one, "app", "upload", 7, 1000);
	shows("ready; 1 transfer; a.test: token until 2026-01-02 03:04 UTC");
	live_begin(&live, &two, "app", "upload", 7, 1000);
	hosts = 3;
	shows("ready; 2 transfers; a.test: token until 2026-01-02 03:04 UTC"
	      "; b.test: token until 2026-01-02 03:04 UTC"
	      "; c.test: token until 2026-01-02 03:04 UTC");
	hosts = HOSTS;
	shows("ready; 2 transfers; a.test: token until 2026-01-02 03:04 UTC"
	      "; b.test: token until 2026-01-02 03:04 UTC"
	      "; c.test: token until 2026-01-02 03:04 UTC; 2 more registries");
	live_end(&one);
	live_end(&two);
	live_finish(&live);
}
END_TEST

START_TEST(why_not)
{
	live_init(&live);
	hosts = 1;
	ready = false;
	error = "denied\nREADY=1";
	shows("NOT READY; 0 transfers; a.test: no token: denied\\nREADY=1");
	live_finish(&live);
}
END_TEST

UNIT(status_line, how_it_is, why_not);
