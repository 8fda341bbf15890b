#pragma once
/* What was created, as one line of created.jsonl. Pure. */
#include <stddef.h>
#include <stdint.h>

#include "json.h"
#include "str.h"

enum { CREATION_SETTINGS_MAX = 16 * 1024 }; /* octets: the status has a hundred of them */

struct creation_record {
	const char *registry, *repository;
	const char *rule, *user; /* or NULL */
	int64_t time_ms;         /* since the epoch */
	const char *settings;    /* what it was given, a JSON object; NULL: not noted */
};

/*
 * {"registry","repository","rule","user","time","settings"}, without a newline: equal records are
 * equal lines. Settings that are not noted are no member. Appends; 0 or −ENOMEM.
 */
int creation_record_write(const struct creation_record *record, struct str *ret);
/*
 * The texts belong to *ret_root, which is to be freed; time_ms in whole seconds; settings are left
 * out. −EBADMSG for what is no such line, −ENOMEM.
 */
int creation_record_read(
    const char *line, size_t len, struct json **ret_root, struct creation_record *ret);
