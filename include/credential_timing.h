#pragma once
/*
 * When the credentials of one identity are to be read again: ahead of their end, after a failure
 * with growing pauses, and when their files may have changed. Pure; seconds since the epoch.
 */
#include "credentials.h"

enum {
	/*
	 * Ahead of their expiry, as botocore has it: from the first on one caller reads new ones
	 * while the others go on with the old ones, from the second on all wait for them. Of a life
	 * shorter than that at most its half and its third.
	 */
	CREDENTIALS_ADVISORY_S = 15 * 60,
	CREDENTIALS_MANDATORY_S = 10 * 60,
	/* After a failure, doubled with each further one up to the second, while old ones last. */
	CREDENTIALS_RETRY_S = 5,
	CREDENTIALS_RETRY_MAX_S = 60,
	/* The files that they came from are looked at no more often. */
	CREDENTIALS_LOOK_S = 3,
};

/* By urgency. */
enum credential_need {
	NEED_NOTHING,
	NEED_LOOK,  /* at the files; read if one has changed */
	NEED_SOON,  /* somebody should read; the others go on with the old ones */
	NEED_NOW,   /* everybody waits; the old ones are still good if it fails */
	NEED_FIRST, /* there are none */
};

struct credential_timing {
	unsigned failures; /* in a row */
	int64_t advisory_s;
	int64_t mandatory_s;
	int64_t retry_s;  /* not before, while those in force are valid */
	int64_t looked_s; /* at the files */
};

/* Are there any, and have they not expired? NULL is allowed. */
bool credentials_are_valid(const struct credentials *credentials, int64_t now_s);

enum credential_need credential_timing_need(
    const struct credential_timing *timing, const struct credentials *current, int64_t now_s);
/* They were read; expires_s 0: never over. */
void credential_timing_read(struct credential_timing *timing, int64_t expires_s, int64_t now_s);
void credential_timing_failed(struct credential_timing *timing, int64_t now_s);
/* When somebody should read them ahead of their end. */
int64_t credential_timing_due_s(const struct credential_timing *timing);
