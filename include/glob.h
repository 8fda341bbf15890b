#pragma once
/*
 * Globs over repository names and registry hosts: as in gitignore, `*` and `?` stay within a
 * component, `**` as a whole component spans them; `{a,b}` are alternatives, may nest and hold
 * globs and slashes, and mean the same as each of them written out. A glob is about the whole
 * text. Matching is linear in the text's length for a given pattern. Pure.
 */
#include <stdbool.h>

#include "cleanup.h"
#include "err.h"

/* Twice what a name has: room for alternatives. Bounds the two sets of a match to 1 KiB each. */
enum { GLOB_PATTERN_MAX = 512 };

struct glob;

/* 0, −EINVAL with the reason (unclosed `{`, stray `}`, empty, `[`, `\`, too long), −ENOMEM. */
int glob_compile(const char *pattern, struct glob **ret, struct err *e);
/* NULL is allowed. */
void glob_free(struct glob *glob);
DEFINE_CLEANUP(struct glob *, glob_free);

bool glob_match(const struct glob *glob, const char *text);
/* As it was given; valid as long as the glob. */
const char *glob_pattern(const struct glob *glob);
