#pragma once
/* The {words} in the texts about a client, and what they stand for. Pure. */
#include <stdbool.h>

#include "str.h"

struct client_words {
	struct str local;       /* {local}: the daemon in an image's name, localhost:5100 */
	struct str url;         /* {url}: the daemon in a URL, 127.0.0.1:5100 */
	struct str config;      /* {config}: /etc, or the configuration folder of a user */
	struct str user_config; /* {user_config}: the same, where $XDG_CONFIG_HOME does not count */
	/* Borrowed; NULL: "". */
	const char *port;     /* {port} */
	const char *registry; /* {registry} */
	const char *client;   /* {client} */
	const char *image;    /* {image}: what is pushed, under a whole name */
	bool loopback;        /* no word: only this machine reaches the daemon */
};

void client_words_finish(struct client_words *words);

/* How a client on this machine reaches what listens on ADDR:PORT. 0 or −ENOMEM. */
int client_words_daemon(struct client_words *words, const char *listen);

/* Where root's, or a user's, clients look for their files. config_home may be NULL. 0 or −ENOMEM.
 */
int client_words_folders(
    struct client_words *words, bool root, const char *home, const char *config_home);

/* Appends the text with its words filled in; other braces stay. 0 or −ENOMEM. */
int client_words_fill(const struct client_words *words, const char *text, struct str *ret);
