#pragma once
/* A fragment of a configuration and the lines that its reader notes: "line:column: reason". */
#include "unit.h"

#include <string.h>

#include "config_reader.h"

static const char *fixture_folder = "/nonexistent";

static inline void must_note(const char *text,
    void (*read)(struct config_reader *, const struct json *, void *), void *target,
    const char *lines)
{
	struct config_reader reader = {.folder = fixture_folder};
	_cleanup_(json_freep) struct json *root = NULL;
	_cleanup_str_ struct str noted = {};
	struct err e = {};

	ck_assert_msg(json_parse_commented(text, strlen(text), &root, &e) == 0, "%s", e.text);
	read(&reader, root, target);
	ck_assert_int_eq(config_problems_write(&reader.problems, "c", text, &noted), 0);
	config_problems_finish(&reader.problems);
	ck_assert_msg(strcmp(str_text(&noted), lines) == 0, "<%s>\nnotes\n%sand not\n%s", text,
	    str_text(&noted), lines);
}
