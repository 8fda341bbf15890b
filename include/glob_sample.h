#pragma once
/* A name that a glob matches, to ask about. Pure. */
#include "glob.h"
#include "str.h"

/*
 * Each `*` and `**` becomes the word, each `?` an x, of each {a,b} the first is taken. Appends;
 * 0, −ENOENT when that is none that it matches (two stars beside each other, say), −ENOMEM.
 */
int glob_sample(const struct glob *glob, const char *word, struct str *ret);
