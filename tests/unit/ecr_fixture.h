#pragma once
/* A registry whose API is played by fake_fetch.h. */
#include "ecr_call.h"
#include "fake_fetch.h"
#include "fake_sources.h"

static const struct fetcher ecr_fetcher;
static struct credential_chain *ecr_chain;
static int64_t ecr_deadline_ms; /* of each call; nearer than the limit of one */
static struct registry ecr_registry = {
    .host = (char *)"123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    .account = (char *)"123456789012",
    .region = (char *)"eu-west-1",
    .ecr_url = (char *)"https://api.ecr.eu-west-1.amazonaws.com",
};

static inline void ecr_setup(void)
{
	fake_setenv("AWS_ACCESS_KEY_ID", "A");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "S");
	ecr_deadline_ms = clock_mono_ms() + 5000;
	ck_assert_int_eq(credential_chain_new(&fake_sources, &ecr_chain), 0);
	ck_assert_int_eq(aws_api_new(ecr_chain, &ecr_fetcher, &ecr_registry.api), 0);
	fake_fetch_reset();
}

static inline void ecr_teardown(void)
{
	aws_api_free(ecr_registry.api);
	credential_chain_free(ecr_chain);
	fake_fetch_reset();
}
