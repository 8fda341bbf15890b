#pragma once
/* What the parts of a status keep, played; the linker takes these before the library's own. */
#include "status.h"

static struct config played_config = {.max_per_hour = 100};
static struct serving played_serving = {.config = &played_config};

struct serving *serving_current(struct serving_place *place)
{
	return &played_serving;
}

void serving_unref(struct serving *serving)
{
}

int created_write_recent(struct created *created, struct str *ret)
{
	return str_append_text(ret, "[1]");
}

unsigned created_last_hour(struct created *created, int64_t now_ms)
{
	return (unsigned)(now_ms / 1000);
}

int refusals_write(struct refusals *refusals, struct str *ret)
{
	return str_append_text(ret, "[2,2]");
}

int pending_write(struct pending *pending, struct str *ret)
{
	return str_append_text(ret, "[3]");
}

size_t pending_len(struct pending *pending)
{
	return 3;
}
