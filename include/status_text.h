#pragma once
/* The JSON of /status as text for a person: how it is, at one look. Pure. */
#include <stdint.h>

#include "json.h"

/* now_s: since the epoch. Appends lines. 0, −EBADMSG when it is no such object, −ENOMEM. */
int status_text_write(const struct json *status, int64_t now_s, struct str *ret);
