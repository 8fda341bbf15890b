#pragma once
/*
 * The names of a configuration file's sections, and of the keys of each: none may stand there
 * twice, as in Python's configparser, which reads these files for botocore.
 */
#include <stddef.h>

struct ini_name {
	size_t section; /* number of the section that it is a key of, from 1; 0: a section's own */
	const char *text; /* borrowed */
	size_t len;
	unsigned line;
};

/* Zeroed means empty. */
struct ini_names {
	struct ini_name *items;
	size_t len;
	size_t cap;
};

/* 0 or −ENOMEM. */
int ini_names_add(struct ini_names *names, const struct ini_name *name);

/*
 * The first line with a name that stands before it too, or 0. Keys are compared without regard to
 * case. Reorders them.
 */
unsigned ini_names_find_repeated(struct ini_names *names);

void ini_names_finish(struct ini_names *names);
