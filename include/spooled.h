#pragma once
/* What is owed to one repository, as a file of the spool says it. Pure. */
#include <stdbool.h>
#include <stdint.h>

#include "cleanup.h"
#include "str.h"

/* In the order in which they are done. */
enum follow_up {
	FOLLOW_UP_ASK, /* whether it is ours: of every entry that an earlier run left */
	FOLLOW_UP_RECORD,
	FOLLOW_UP_LIFECYCLE,
	FOLLOW_UP_POLICY,
	FOLLOW_UPS,
};

struct spooled {
	char *registry, *repository;
	char *rule, *user;       /* or NULL */
	int64_t time_ms;         /* when it was begun, by our clock: that of its record */
	int64_t aws_time_s;      /* the same by AWS's */
	char *lifecycle_policy;  /* or NULL */
	char *repository_policy; /* or NULL */
	char *settings;          /* for its record, or NULL */
	bool owed[FOLLOW_UPS];
};

/* A JSON object, appended; 0 or −ENOMEM. FOLLOW_UP_ASK is not part of it. */
int spooled_write(const struct spooled *spooled, struct str *ret);
/* FOLLOW_UP_ASK is owed. −EBADMSG for what is no such text, −ENOMEM. spooled_finish() it. */
int spooled_read(const char *text, size_t len, struct spooled *ret);
void spooled_finish(struct spooled *spooled);

/* As people call it: "lifecycle policy". */
const char *follow_up_name(enum follow_up follow_up);
