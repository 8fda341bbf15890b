#pragma once
/*
 * The layers below an exchange, played: transfers give scripted answers, tokens are numbered,
 * creations do as told. The linker takes these before the library's own.
 */
#include "ecr_token_cache.h"
#include "upsert.h"
#include "upstream.h"

/* The n-th question gets the n-th answer. */
struct played_answer {
	enum transfer_failure failure; /* instead of a head */
	unsigned status;
	const char *fields; /* "Name: value\r\n" each */
	const char *body;
	bool cut; /* after the body, which is then shorter than Content-Length */
};

struct played {
	struct played_answer answers[8];
	unsigned questions;
	unsigned open; /* transfers that were begun and not finished */
	char method[16];
	char target[512];
	char authorization[64];
	char sent[256]; /* of the last body */
	int64_t body_length;
	bool fresh_connection;
	bool answers_early; /* transfer_send() returns 1 */

	unsigned tokens; /* fetched */
	unsigned tokens_refused;
	unsigned token_refusal; /* status; 0: there is a token */

	unsigned creations;
	unsigned creation_refusal; /* status; 0: created */
	unsigned existence_asked;
	int exists; /* 1, 0, −EPERM */
};

extern struct played played;

/* Forgets what happened and what was told. */
void played_reset(void);
