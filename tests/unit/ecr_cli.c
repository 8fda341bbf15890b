/*
 * Makes the calls that standard input names, one a line, with the settings of the environment, and
 * answers each with one line: outcome, a space, text. For tests against the sandbox.
 */
#include <stdio.h>
#include <string.h>

#include "aws_settings.h"
#include "clock.h"
#include "ecr_api.h"
#include "sts_api.h"

static const char *const outcomes[] = {
    [ECR_DONE] = "DONE",
    [ECR_ALREADY_EXISTS] = "ALREADY_EXISTS",
    [ECR_NOT_FOUND] = "NOT_FOUND",
    [ECR_TRANSIENT] = "TRANSIENT",
    [ECR_UNCLEAR] = "UNCLEAR",
    [ECR_LIMIT_EXCEEDED] = "LIMIT_EXCEEDED",
    [ECR_ACCESS_DENIED] = "ACCESS_DENIED",
    [ECR_INVALID] = "INVALID",
    [ECR_NO_CREDENTIALS] = "NO_CREDENTIALS",
};

struct session {
	const struct aws_settings *settings;
	const struct registry *registry;
};

static const char *env(const char *name)
{
	return getenv(name);
}

static void tell_token(const struct session *session, int64_t deadline_ms)
{
	_cleanup_(secret_freep) char *token = NULL;
	int64_t expires_s = 0;
	struct err e = {};
	enum ecr_outcome outcome =
	    ecr_get_authorization_token(session->registry, deadline_ms, &token, &expires_s, &e);

	if (outcome != ECR_DONE)
		printf("%s %s\n", outcomes[outcome], e.text);
	else
		printf("DONE %zu %ld\n", strlen(token), (long)(expires_s - clock_wall_s()));
}

static void tell_account(const struct session *session, int64_t deadline_ms)
{
	const char *region = session->registry->region;
	_cleanup_(freep) char *url = NULL;
	char account[AWS_ACCOUNT_SIZE];
	struct err e = {};
	int r;

	r = aws_settings_sts_url(session->settings, region, &url, &e);
	if (r >= 0)
		r = sts_get_caller_account(
		    session->registry->api, url, region, deadline_ms, account, &e);
	printf("%s %s\n", r < 0 ? "FAILED" : "DONE", r < 0 ? e.text : account);
}

static const struct repository_settings built_in = {
    .image_tag_mutability = (char *)"IMMUTABLE", .scan_on_push = SAID_YES};

static void answer(const struct session *session, char *line)
{
	char *verb = strtok(line, " \n"), *name = strtok(NULL, " \n");
	int64_t deadline_ms = clock_mono_ms() + 5000;
	struct err e = {};

	if (name && !strcmp(verb, "create"))
		printf("%s %s\n",
		    outcomes[ecr_create_repository(
			session->registry, name, &built_in, deadline_ms, &e)],
		    e.text);
	else if (name && !strcmp(verb, "describe"))
		printf("%s %s\n",
		    outcomes[ecr_describe_repository(
			session->registry, name, deadline_ms, NULL, &e)],
		    e.text);
	else if (!strcmp(verb, "token"))
		tell_token(session, deadline_ms);
	else
		tell_account(session, deadline_ms);
	fflush(stdout);
}

static void answer_all(const struct session *session)
{
	_cleanup_(freep) char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0)
		answer(session, line);
}

int main(int argc, char **argv)
{
	const struct credential_sources sources = {
	    .getenv = env, .home = getenv("HOME"), .now_s = clock_wall_s};
	_cleanup_(aws_settings_finish) struct aws_settings settings = {};
	_cleanup_(registry_freep) struct registry *registry = NULL;
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	_cleanup_(tls_freep) struct tls *tls = NULL;
	_cleanup_(aws_api_freep) struct aws_api *api = NULL;
	_cleanup_(stop_finish) struct stop stop = {};
	struct err e = {};

	if (argc != 2 || aws_settings_read(&sources, &settings, &e) < 0 ||
	    registry_new(argv[1], NULL, &settings, &registry, &e) < 0 || stop_init(&stop) < 0 ||
	    tls_new(settings.ca_bundle, &tls, &e) < 0 ||
	    credential_chain_new(&sources, &chain) < 0) {
		printf("FAILED %s\n", e.text);
		return EXIT_FAILURE;
	}
	const struct fetcher fetcher = {.tls = tls, .stop = &stop};

	if (aws_api_new(chain, &fetcher, &api) < 0)
		return EXIT_FAILURE;
	registry->api = api;
	answer_all(&(const struct session){&settings, registry});
	return EXIT_SUCCESS;
}
