#include "tls_peer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base_url.h"
#include "clock.h"
#include "curl_common.h"

struct looking {
	const struct fetcher *fetcher;
	const char *url;
	const struct endpoint *dial;
	int64_t deadline_ms;
	struct curl_slist *connect_to;
	CURL *easy;
	char error[CURL_ERROR_SIZE];
	char host[BASE_URL_HOST_SIZE];
};

static int set_address(struct looking *looking)
{
	const struct endpoint *dial = looking->dial;
	_cleanup_str_ struct str text = {};
	bool is_v6 = dial && strchr(dial->host, ':');

	if (!dial)
		return 0;
	if (str_appendf(&text, "::%s%s%s:%u", is_v6 ? "[" : "", dial->host, is_v6 ? "]" : "",
		dial->port) < 0)
		return -ENOMEM;
	looking->connect_to = curl_slist_append(NULL, str_text(&text));
	return looking->connect_to ? 0 : -ENOMEM;
}

static int set_up(struct looking *looking, bool verify)
{
	CURL *easy = looking->easy;
	unsigned failed = 0;

	/* Nothing is sent behind the handshake, so that a stranger learns nothing. */
	failed |= curl_easy_setopt(easy, CURLOPT_URL, looking->url);
	failed |= curl_easy_setopt(easy, CURLOPT_CONNECT_TO, looking->connect_to);
	failed |= curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, looking->error);
	failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	failed |= curl_easy_setopt(
	    easy, CURLOPT_TIMEOUT_MS, (long)clock_left_ms(looking->deadline_ms) + 1);
	return failed ? -ENOMEM : 0;
}

/* Each on a handle of its own: the second one is to make a connection anew. */
static CURLcode shake_hands(struct looking *looking, bool verify)
{
	bool direct = looking->dial || curl_host_is_loopback(looking->host);

	*looking->error = '\0';
	curl_easy_cleanup(looking->easy);
	looking->easy = curl_easy_init();
	if (!looking->easy || curl_set_common(looking->easy, looking->fetcher->tls, direct) < 0 ||
	    set_up(looking, verify) < 0)
		return CURLE_OUT_OF_MEMORY;
	return curl_easy_perform(looking->easy);
}

/* "Issuer:CN = …" of the certificate itself, which comes first. */
static void copy_line(const struct curl_certinfo *chain, const char *name, char *ret, size_t size)
{
	size_t len = strlen(name);

	if (chain->num_of_certs == 0)
		return;
	for (struct curl_slist *line = chain->certinfo[0]; line; line = line->next)
		if (strncmp(line->data, name, len) == 0 && line->data[len] == ':')
			snprintf(ret, size, "%s", line->data + len + 1);
}

static void describe(CURL *easy, struct tls_peer *ret)
{
	struct curl_certinfo *chain = NULL;

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) || !chain)
		return;
	copy_line(chain, "Subject", ret->subject, sizeof(ret->subject));
	copy_line(chain, "Issuer", ret->issuer, sizeof(ret->issuer));
	copy_line(chain, "Start date", ret->from, sizeof(ret->from));
	copy_line(chain, "Expire date", ret->until, sizeof(ret->until));
}

static int look(struct looking *looking, struct tls_peer *ret, struct err *e)
{
	CURLcode code = shake_hands(looking, true);

	if (code == CURLE_OUT_OF_MEMORY)
		return err_set(e, -ENOMEM, "out of memory");
	ret->trusted = code == CURLE_OK;
	if (ret->trusted)
		return 0;
	curl_explain(e, code, looking->host, looking->error);
	if (code != CURLE_PEER_FAILED_VERIFICATION)
		return code == CURLE_SSL_CONNECT_ERROR ? -EPROTO : -ECONNREFUSED;
	if (shake_hands(looking, false) == CURLE_OK)
		describe(looking->easy, ret);
	return 0;
}

int tls_peer_look(const struct fetcher *fetcher, const char *url, const struct endpoint *dial,
    int64_t deadline_ms, struct tls_peer *ret, struct err *e)
{
	struct looking looking = {
	    .fetcher = fetcher, .url = url, .dial = dial, .deadline_ms = deadline_ms};
	struct tls_peer peer = {};
	struct base_url parsed;
	int r;

	if (base_url_parse(url, &parsed) < 0)
		return err_set(e, -EINVAL, "%s is no URL", url);
	memcpy(looking.host, parsed.host, sizeof(parsed.host));
	if (curl_ready() < 0 || set_address(&looking) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	r = look(&looking, &peer, e);
	curl_easy_cleanup(looking.easy);
	curl_slist_free_all(looking.connect_to);
	if (r == 0)
		*ret = peer;
	return r;
}
