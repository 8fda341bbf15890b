#include "base_url.h"

#include <errno.h>
#include <string.h>

static const char *after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncasecmp(text, prefix, len) ? NULL : text + len;
}

static unsigned default_port(bool tls)
{
	return tls ? 443 : 80;
}

/* Copies the host and returns what follows it, or NULL. */
static const char *read_host(const char *at, char ret[static BASE_URL_HOST_SIZE])
{
	static const char alphanumeric[] = "abcdefghijklmnopqrstuvwxyz"
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	bool bracketed = *at == '[';
	char allowed[sizeof(alphanumeric) + 3];
	size_t len;

	/* A zone (fe80::1%eth0) is kept out: it has no place in a Host field. */
	strcpy(allowed, alphanumeric);
	strcat(allowed, bracketed ? ":." : "-._");
	at += bracketed;
	len = strspn(at, allowed);
	if (!len || len >= BASE_URL_HOST_SIZE || (bracketed && at[len] != ']'))
		return NULL;
	memcpy(ret, at, len);
	ret[len] = '\0';
	return at + len + bracketed;
}

/* 1 to 65535, returning what follows, or NULL. */
static const char *read_port(const char *at, unsigned *ret)
{
	unsigned port = 0;
	size_t len = strspn(at, "0123456789");

	if (!len || len > 5)
		return NULL;
	for (size_t i = 0; i < len; i++)
		port = port * 10 + (unsigned)(at[i] - '0');
	if (port < 1 || port > 65535)
		return NULL;
	*ret = port;
	return at + len;
}

int base_url_parse(const char *url, struct base_url *ret)
{
	struct base_url parsed = {};
	const char *at = after(url, "https://");

	parsed.tls = at;
	if (!at)
		at = after(url, "http://");
	if (!at)
		return -EINVAL;
	parsed.port = default_port(parsed.tls);
	at = read_host(at, parsed.host);
	if (at && *at == ':')
		at = read_port(at + 1, &parsed.port);
	if (at && *at == '/')
		at++;
	if (!at || *at)
		return -EINVAL;
	*ret = parsed;
	return 0;
}

int base_url_write_host(const struct base_url *url, struct str *ret)
{
	bool address = strchr(url->host, ':');
	int r;

	r = str_appendf(ret, address ? "[%s]" : "%s", url->host);
	if (r < 0 || url->port == default_port(url->tls))
		return r;
	return str_appendf(ret, ":%u", url->port);
}

int base_url_write(const struct base_url *url, struct str *ret)
{
	int r = str_append_text(ret, url->tls ? "https://" : "http://");

	return r < 0 ? r : base_url_write_host(url, ret);
}
