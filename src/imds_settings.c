#include "imds_settings.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base_url.h"
#include "profile.h"
#include "str.h"

/* Both as botocore has them: a machine that is no instance is not to wait for long. */
enum { TIMEOUT_S = 1, TRIES = 1, NUMBER_MAX = 3600 };

static const char ipv4_url[] = "http://169.254.169.254", ipv6_url[] = "http://[fd00:ec2::254]";

struct reader {
	const struct credential_sources *sources;
	struct profile profile;
	struct err *e;
};

/* NULL when it is nowhere; *ret_name is how the person who wrote it calls it. */
static const char *find(
    const struct reader *reader, const char *variable, const char *key, const char **ret_name)
{
	const char *value = credential_variable(reader->sources, variable);

	*ret_name = value ? variable : key;
	return value ? value : profile_get(&reader->profile, key);
}

/* Whatever is not "true" is false, as in botocore. */
static bool is_true(const char *value)
{
	return value && !strcasecmp(value, "true");
}

static int read_number(
    const struct reader *reader, const char *variable, const char *key, unsigned *ret)
{
	const char *name, *value = find(reader, variable, key, &name);
	unsigned number = 0;

	if (!value)
		return 0;
	for (const char *c = value; *c && number <= NUMBER_MAX; c++) {
		if (*c < '0' || *c > '9')
			number = NUMBER_MAX;
		number = number * 10 + (unsigned)(*c - '0');
	}
	if (number < 1 || number > NUMBER_MAX)
		return err_set(reader->e, -EINVAL,
		    "%s is \"%s\": set it to a whole number from 1 to %d", name, value, NUMBER_MAX);
	*ret = number;
	return 0;
}

static int read_mode(const struct reader *reader, bool *ret_ipv6)
{
	const char *name;
	const char *mode = find(reader, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
	    "ec2_metadata_service_endpoint_mode", &name);

	if (!mode) {
		*ret_ipv6 = is_true(find(reader, "AWS_IMDS_USE_IPV6", "imds_use_ipv6", &name));
		return 0;
	}
	*ret_ipv6 = !strcasecmp(mode, "ipv6");
	if (!*ret_ipv6 && strcasecmp(mode, "ipv4") != 0)
		return err_set(
		    reader->e, -EINVAL, "%s is \"%s\": set it to IPv4 or IPv6", name, mode);
	return 0;
}

static int read_url(const struct reader *reader, char **ret)
{
	_cleanup_str_ struct str text = {};
	const char *name, *value;
	struct base_url url;
	bool ipv6;
	int r;

	r = read_mode(reader, &ipv6);
	if (r < 0)
		return r;
	value = find(
	    reader, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint", &name);
	if (!value)
		value = ipv6 ? ipv6_url : ipv4_url;
	/* The value is not shown: a URL may hold a password. */
	if (base_url_parse(value, &url) < 0)
		return err_set(reader->e, -EINVAL,
		    "%s is no URL of the form http://HOST[:PORT]: correct it", name);
	r = base_url_write(&url, &text);
	return r < 0 ? r : str_dup(text.data, ret);
}

static int read_all(const struct reader *reader, struct imds_settings *settings)
{
	const char *name;
	int r;

	settings->disabled =
	    is_true(credential_variable(reader->sources, "AWS_EC2_METADATA_DISABLED"));
	settings->v1_disabled = is_true(
	    find(reader, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled", &name));
	r = read_number(reader, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout",
	    &settings->timeout_s);
	if (r >= 0)
		r = read_number(reader, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
		    "metadata_service_num_attempts", &settings->tries);
	return r < 0 ? r : read_url(reader, &settings->url);
}

int imds_settings_read(
    const struct credential_sources *sources, struct imds_settings *ret, struct err *e)
{
	struct imds_settings settings = {.timeout_s = TIMEOUT_S, .tries = TRIES};
	struct reader reader = {.sources = sources, .e = e};
	int r;

	r = profile_load(sources, &reader.profile, e);
	if (r < 0)
		return r;
	r = read_all(&reader, &settings);
	profile_finish(&reader.profile);
	if (r < 0)
		return r;
	*ret = settings;
	return 0;
}

void imds_settings_finish(struct imds_settings *settings)
{
	free(settings->url);
	*settings = (struct imds_settings){};
}
