/* What a function is invoked with: only a whole event is ours, and what is ours is safe to use. */
#include "fuzz.h"

#include <string.h>

#include "ecr_host.h"
#include "lambda_event.h"

static void check_event(const struct lambda_event *event)
{
	char host[ECR_API_HOST_MAX];
	struct ecr_host parsed;

	if (event->kind != LAMBDA_EVENT_OURS) {
		MUST(!event->account && !event->region && !event->repository);
		MUST((event->kind == LAMBDA_EVENT_BATCH) == !*event->why.text);
		return;
	}
	MUST(!*event->why.text && event->repository);
	MUST(strlen(event->user) < LAMBDA_USER_SIZE && !strchr(event->user, '\n'));
	MUST(ecr_host_format(event->account, event->region, host) == 0);
	MUST(ecr_host_parse(host, &parsed) == 0);
	MUST(strcmp(parsed.account, event->account) == 0);
	MUST(strcmp(parsed.region, event->region) == 0);
}

static void check_records(const struct lambda_event *batch)
{
	for (size_t i = 0; i < lambda_event_records(batch); i++) {
		struct lambda_event event;
		const char *id;

		MUST(lambda_event_record(batch, i, &event, &id) == 0);
		MUST(event.kind != LAMBDA_EVENT_BATCH);
		check_event(&event);
		lambda_event_finish(&event);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lambda_event event;

	MUST(lambda_event_read((const char *)data, size, &event) == 0);
	check_event(&event);
	if (event.kind == LAMBDA_EVENT_JUNK)
		MUST(!event.root);
	if (event.kind == LAMBDA_EVENT_BATCH)
		check_records(&event);
	lambda_event_finish(&event);
	return 0;
}
