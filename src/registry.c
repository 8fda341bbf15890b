#include "registry.h"

#include <string.h>

const struct registry *registries_find(
    const struct registries *list, const char *host, size_t host_len)
{
	for (size_t i = 0; i < list->len; i++)
		if (strlen(list->items[i]->host) == host_len &&
		    memcmp(list->items[i]->host, host, host_len) == 0)
			return list->items[i];
	return list->other ? list->other(list->userdata, host, host_len) : NULL;
}

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	free(registry->host);
	free(registry->account);
	free(registry->region);
	free(registry->dial.host);
	free(registry->ecr_url);
	free(registry);
}

void registries_finish(struct registries *list)
{
	if (!list)
		return;
	free(list->items);
	*list = (struct registries){};
}
