#pragma once
/* A spool in a state directory of a test's own, in front of a played ECR. */
#include <dirent.h>

#include "clock.h"
#include "created_lines.h"
#include "log.h"
#include "pending.h"
#include "played_ecr.h"
#include "state_fixture.h"

enum { WAIT_MS = 10 * 1000, AWS_NOW_S = 1795423070 };

static struct registry registry = {.host = (char *)"r"};
static struct stop stop;
static struct created *created;
static struct pending *pending;
static bool configured;

static const struct registry *find_registry(const char *host, void *userdata)
{
	return configured && strcmp(host, registry.host) == 0 ? &registry : NULL;
}

static inline void pending_start(void)
{
	ck_assert_int_eq(created_open(state, clock_wall_ms(), &created, NULL), 0);
	ck_assert_int_eq(
	    pending_open(state, created, find_registry, NULL, &stop, &pending, NULL), 0);
}

static inline void pending_end(void)
{
	pending_free(pending);
	created_free(created);
}

static inline void setup(void)
{
	log_setup(LOG_LEVEL_ERROR + 1, LOG_FORMAT_TEXT);
	ck_assert_int_eq(stop_init(&stop), 0);
	configured = true;
	played_aws_now_s = AWS_NOW_S;
	played_created_at = AWS_NOW_S + 0.5;
	state_make();
	pending_start();
}

static inline void teardown(void)
{
	pending_end();
	state_remove();
	stop_finish(&stop);
}

static inline struct pending_entry *begin(const char *repository)
{
	const struct owed owed = {
	    .registry = &registry,
	    .repository = repository,
	    .rule = "cache",
	    .user = "alice",
	    .lifecycle_policy = "{\"life\":1}",
	    .repository_policy = "{\"policy\":1}",
	    .settings = "{\"given\":1}",
	};
	struct pending_entry *entry = NULL;
	struct err e = {};

	ck_assert_int_eq(created_reserve(created, 2000, clock_wall_ms()), 0);
	ck_assert_msg(pending_begin(pending, &owed, &entry, &e) == 0, "%s", e.text);
	return entry;
}

/* Files in STATE/pending. */
static inline size_t files(void)
{
	char path[64];
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/pending", state_path);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	for (const struct dirent *at; (at = readdir(dir));)
		n += at->d_name[0] != '.';
	closedir(dir);
	return n;
}

static inline size_t recorded(void)
{
	size_t n = 0;

	for (const char *at = state_read(CREATED_FILE); *at; at++)
		n += *at == '\n';
	return n;
}

#define WAIT_FOR(condition)                                                \
	do {                                                               \
		int64_t until_ms = clock_mono_ms() + WAIT_MS;              \
		while (!(condition) && clock_mono_ms() < until_ms)         \
			usleep(5000);                                      \
		ck_assert_msg((condition), "%s: not in time", #condition); \
	} while (0)
