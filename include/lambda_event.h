#pragma once
/*
 * What a function was invoked with: one event of EventBridge, by CloudTrail, about an ECR call that
 * failed for want of a repository; or an SQS batch of such events. Whatever may stand where, of any
 * JSON type, only what fits in every part is ours. Pure.
 * Source: "CloudTrail record contents", AWS CloudTrail user guide; "Using Lambda with SQS".
 */
#include <stddef.h>

#include "json.h"

enum lambda_event_kind {
	LAMBDA_EVENT_OURS,  /* create that repository */
	LAMBDA_EVENT_OTHER, /* JSON, but nothing to do: see why */
	LAMBDA_EVENT_JUNK,  /* no JSON */
	LAMBDA_EVENT_BATCH, /* of SQS: lambda_event_record() */
};

enum { LAMBDA_USER_SIZE = 129 };

struct lambda_event {
	enum lambda_event_kind kind;
	struct err why; /* OTHER, JUNK: for a person */
	/* Borrowed from root; all but OURS: NULL. */
	const char *account;    /* 12 digits */
	const char *region;     /* one that a partition knows */
	const char *repository; /* any text */
	const char *id;         /* the same whenever this event is delivered; NULL: it has none */
	/* Who pushed, as a tag may hold it: the session's or user's own name; "": not said. */
	char user[LAMBDA_USER_SIZE];
	struct json *root;
};

/* lambda_event_finish() it. 0 or −ENOMEM. */
int lambda_event_read(const char *text, size_t len, struct lambda_event *ret);
void lambda_event_finish(struct lambda_event *event);

/* Of a batch. */
size_t lambda_event_records(const struct lambda_event *batch);
/*
 * The event within the record, read by itself; a batch in it is OTHER, a record without a body
 * JUNK. *ret_message_id: borrowed from the batch; NULL: it has none. 0 or −ENOMEM.
 */
int lambda_event_record(const struct lambda_event *batch, size_t i, struct lambda_event *ret,
    const char **ret_message_id);
