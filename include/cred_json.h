#pragma once
/*
 * Credentials from the JSON that services and programs hand them out in: the same parts under
 * different names. Pure.
 */
#include <stdbool.h>

#include "credentials.h"
#include "json.h"

struct cred_json_form {
	const char *source; /* of credentials_new() */
	const char *id, *secret, *token, *expiration;
	const char *account; /* NULL: there is no such member */
	bool lasting;        /* token and expiration may be missing or null */
	bool milliseconds;   /* the expiration is a number of them since the epoch, else ISO 8601 */
};

/* {"AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId"}: IMDS and containers. */
struct cred_json_form cred_json_machine(const char *source);

/* 0; −EBADMSG with what is wrong with it, to follow a colon; −ENOMEM. */
int cred_json_read(const struct json *object, const struct cred_json_form *form,
    struct credentials **ret, struct err *e);
/* The same from text, of which nothing is shown. */
int cred_json_parse(const struct str *text, const struct cred_json_form *form,
    struct credentials **ret, struct err *e);
