#pragma once
/* Everything between the options and the first thread: AWS settings, keys, trust, registries. */
#include "aws_api.h"
#include "aws_settings.h"
#include "exit_codes.h"
#include "fetch.h"
#include "options.h"
#include "registry.h"
#include "stop.h"

struct setup {
	struct stop stop;
	struct credential_sources sources;
	struct aws_settings settings;
	struct credential_chain *chain;
	struct tls *tls;
	struct fetcher fetcher;
	struct aws_api *api;
	struct registries registries;
};

/* Settings, trust and credentials; makes no call to AWS. */
enum exit_code setup_init(struct setup *ret, const struct options *options, struct err *e);

/* Those of the options, else the one of the identity's own account and region (STS is asked). */
enum exit_code setup_registries(struct setup *setup, const struct options *options, struct err *e);

void setup_finish(struct setup *setup);
