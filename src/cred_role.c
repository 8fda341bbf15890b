#include "cred_role.h"

#include <errno.h>
#include <stdio.h>

#include "aws_settings.h"
#include "clock.h"
#include "limits.h"

enum {
	SESSION_NAME_SIZE = 64, /* IAM's limit */
};

/* Where botocore without a region asks the global endpoint, which is signed for this one. */
static const char REGION_OF_LAST_RESORT[] = "us-east-1";

static int call(const struct credential_sources *sources, struct credential_chain *with,
    const struct sts_role *role, struct credentials **ret, struct err *e)
{
	_cleanup_(aws_settings_finish) struct aws_settings settings = {};
	_cleanup_(aws_api_freep) struct aws_api *api = NULL;
	_cleanup_(freep) char *url = NULL;
	const char *region;
	int r;

	r = aws_settings_read(sources, &settings, e);
	if (r < 0)
		return r;
	region = sources->region ? sources->region : settings.region;
	if (!region)
		region = REGION_OF_LAST_RESORT;
	r = aws_settings_sts_url(&settings, region, &url, e);
	if (r >= 0)
		r = aws_api_new(with, sources->fetcher, &api);
	if (r < 0)
		return r;
	return sts_assume_role(api, url, region, role, clock_mono_ms() + LIMIT_API_CALL_MS, ret, e);
}

int cred_role_assume(const struct credential_sources *sources, struct credential_chain *with,
    const struct sts_role *role, struct credentials **ret, struct err *e)
{
	char name[SESSION_NAME_SIZE];
	struct sts_role named = *role;

	if (!named.session_name) {
		snprintf(name, sizeof(name), "ecr-upsertd-%lld", (long long)sources->now_s());
		named.session_name = name;
	}
	return call(sources, with, &named, ret, e);
}
