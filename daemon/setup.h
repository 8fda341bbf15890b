#pragma once
/* Everything between the configuration and the first thread: AWS settings, trust, identities. */
#include "aws_settings.h"
#include "config.h"
#include "exit_codes.h"
#include "fetch.h"
#include "identities.h"
#include "registry_book.h"
#include "stop.h"

struct setup {
	struct stop stop;
	struct credential_sources sources;
	struct aws_settings settings;
	struct tls *tls;
	struct fetcher fetcher;
	struct identities *identities;
	struct registry_book *book;
	char *own_host; /* of the registry that the AWS identity itself has; NULL: not asked yet */
};

/* Settings and trust; makes no call to AWS. */
enum exit_code setup_init(struct setup *ret, struct err *e);

/*
 * Those of the configuration, else the one of the identity's own account and region (STS is asked).
 * The list is the caller's to finish.
 */
enum exit_code setup_registries(
    struct setup *setup, const struct config *config, struct registries *ret, struct err *e);

/* Are there credentials for it, or could there be soon? Nothing could be pushed without. */
enum exit_code setup_check_identity(const struct registry *registry, struct err *e);

void setup_finish(struct setup *setup);
