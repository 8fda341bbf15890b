#pragma once
/*
 * What each client needs before it pushes through the daemon, and what it cannot do. All of it was
 * run with the real clients (tests/clients). Pure.
 */
#include <stdbool.h>
#include <stddef.h>

/* The texts hold {words}, which client_config.c fills in. */
struct client {
	const char *name;
	const char *about;
	const char *beyond; /* more, for a daemon that is not on loopback; or NULL */
	const char *path;   /* one for each {registry} where it says so; NULL: no file */
	const char *text;
	/* The file is a place for others' settings too: the TOML table in it that is ours. */
	const char *table;
	const char *image;          /* below the registry */
	const char *push;           /* of {image} */
	const char *push_unchanged; /* of the registry's own name; NULL: it cannot */
	bool engine; /* what reads the file is a daemon of root's, or of the user's own */
};

/* "docker, podman, …" */
extern const char client_names[];

/* NULL when there is none of that name. */
const struct client *client_find(const char *name);
