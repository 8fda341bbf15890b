#include "proxy_settings.h"

#include <string.h>
#include <strings.h>

void proxy_settings_read(const char *(*getenv)(const char *name), struct proxy_settings *ret)
{
	static const char *const proxies[] = {
	    "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
	static const char *const exceptions[] = {"no_proxy", "NO_PROXY"};

	*ret = (struct proxy_settings){};
	for (size_t i = 0; i < sizeof(proxies) / sizeof(*proxies) && !ret->variable; i++) {
		const char *url = getenv(proxies[i]);

		if (url && *url)
			*ret = (struct proxy_settings){.variable = proxies[i], .url = url};
	}
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(*exceptions) && !ret->no_proxy; i++)
		ret->no_proxy = getenv(exceptions[i]);
}

/* "example.com" and ".example.com" are both that name and all below it. */
static bool covers(const char *entry, size_t len, const char *host)
{
	size_t host_len = strlen(host);

	if (len == 1 && *entry == '*')
		return true;
	if (*entry == '.') {
		entry++;
		len--;
	}
	if (len == 0 || len > host_len || strncasecmp(host + host_len - len, entry, len) != 0)
		return false;
	return len == host_len || host[host_len - len - 1] == '.';
}

bool proxy_list_has(const char *no_proxy, const char *host)
{
	static const char between[] = ", \t";

	for (const char *entry = no_proxy; entry && *entry;) {
		size_t len;

		entry += strspn(entry, between);
		len = strcspn(entry, between);
		if (len > 0 && covers(entry, len, host))
			return true;
		entry += len;
	}
	return false;
}

/* Behind scheme:// and user:password@. */
static const char *authority(const char *url)
{
	const char *start = strstr(url, "://"), *at;

	start = start ? start + 3 : url;
	/* The last one, wherever: a password may hold others, and what should be written as %2F. */
	at = strrchr(start, '@');
	return at ? at + 1 : start;
}

int proxy_write_url(const char *url, struct str *ret)
{
	const char *scheme_end = strstr(url, "://");
	int r = scheme_end ? str_append(ret, url, (size_t)(scheme_end - url) + 3) : 0;

	return r < 0 ? r : str_append_text(ret, authority(url));
}

int proxy_write_host(const char *url, struct str *ret)
{
	const char *host = authority(url);

	if (*host == '[')
		return str_append(ret, host + 1, strcspn(host + 1, "]"));
	return str_append(ret, host, strcspn(host, ":/?#"));
}
