#include "docker_info.h"

#include <errno.h>
#include <string.h>

#include "json.h"

static int take(const struct json *info, const char *name, char **ret)
{
	const char *text = json_string(json_get(info, name));

	*ret = strdup(text ? text : "");
	return *ret ? 0 : -ENOMEM;
}

/*
 * ["driver-type", "io.containerd.snapshotter.v1"] in DriverStatus is the containerd image store
 * (moby, daemon/containerd/service.go); the classic store's drivers have no such line.
 */
static bool has_snapshotter(const struct json *info)
{
	const struct json *status = json_get(info, "DriverStatus");

	for (size_t i = 0; status && i < json_len(status); i++) {
		const char *value = json_string(json_at(json_at(status, i), 1));

		if (value && strcmp(value, "io.containerd.snapshotter.v1") == 0)
			return true;
	}
	return false;
}

static bool is_rootless(const struct json *info)
{
	const struct json *options = json_get(info, "SecurityOptions");

	for (size_t i = 0; options && i < json_len(options); i++) {
		const char *option = json_string(json_at(options, i));

		if (option && strcmp(option, "name=rootless") == 0)
			return true;
	}
	return false;
}

int docker_info_read(const char *text, size_t len, struct docker_info *ret)
{
	_cleanup_(docker_info_finish) struct docker_info found = {};
	_cleanup_(json_freep) struct json *info = NULL;
	int r;

	r = json_parse(text, len, &info, NULL);
	if (r == 0 && !json_string(json_get(info, "ServerVersion")))
		r = -EBADMSG;
	if (r == 0)
		r = take(info, "ServerVersion", &found.version);
	if (r == 0)
		r = take(info, "OperatingSystem", &found.system);
	if (r == 0)
		r = take(info, "KernelVersion", &found.kernel);
	if (r == 0)
		r = take(info, "HttpProxy", &found.http_proxy);
	if (r == 0)
		r = take(info, "HttpsProxy", &found.https_proxy);
	if (r == 0)
		r = take(info, "NoProxy", &found.no_proxy);
	if (r < 0)
		return r;
	found.containerd_store = has_snapshotter(info);
	found.rootless = is_rootless(info);
	*ret = found;
	found = (struct docker_info){};
	return 0;
}

void docker_info_finish(struct docker_info *info)
{
	free(info->version);
	free(info->system);
	free(info->kernel);
	free(info->http_proxy);
	free(info->https_proxy);
	free(info->no_proxy);
	*info = (struct docker_info){};
}
