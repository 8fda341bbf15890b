#include "repository_settings.h"

#include "json.h"

const struct repository_settings repository_settings_default = {
    .image_tag_mutability = "IMMUTABLE",
    .scan_on_push = true,
};

int repository_settings_write_request(const struct repository_settings *settings,
    const char *account, const char *repository, struct str *ret)
{
	const struct {
		const char *before, *value;
	} members[] = {
	    {"{\"registryId\":", account},
	    {",\"repositoryName\":", repository},
	    {",\"imageTagMutability\":", settings->image_tag_mutability},
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(members) / sizeof(*members) && r >= 0; i++) {
		r = str_append_text(ret, members[i].before);
		if (r >= 0)
			r = json_write_string(ret, members[i].value);
	}
	return r < 0 ? r
		     : str_appendf(ret, ",\"imageScanningConfiguration\":{\"scanOnPush\":%s}}",
			   settings->scan_on_push ? "true" : "false");
}
