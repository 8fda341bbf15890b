#pragma once
/*
 * Every registry that was ever served. They stay until the end: transfers, tokens and creations
 * point to them while the configuration changes. Thread-safe.
 */
#include "aws_settings.h"
#include "identities.h"
#include "registry.h"

/* A registry as a configuration names it; all but the host may be NULL. */
struct registry_choice {
	const char *host;
	const char *endpoint; /* URL to dial instead */
	const char *profile;
	const char *role_arn;
	const char *external_id;
};

struct registry_book;

/* Borrows both. 0 or −ENOMEM. */
int registry_book_new(
    const struct aws_settings *settings, struct identities *identities, struct registry_book **ret);
/* With its registries. NULL is allowed. */
void registry_book_free(struct registry_book *book);

/*
 * The same for the same choice. −EINVAL as registry_new(), −ENOMEM; with a text.
 */
int registry_book_get(struct registry_book *book, const struct registry_choice *choice,
    struct registry **ret, struct err *e);

/* For `other` of struct registries, with the book: any ECR host, by the daemon's own identity,
   as long as no more than LIMIT_REGISTRIES are served. */
const struct registry *registry_book_other(void *book, const char *host, size_t host_len);
