#include "curl_common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "limits.h"
#include "str.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global_init = CURLE_FAILED_INIT;

static void init(void)
{
	global_init = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int curl_ready(void)
{
	pthread_once(&once, init);
	return global_init ? -ENOMEM : 0;
}

static CURLcode trust(CURL *easy, void *ssl_ctx, void *arg)
{
	return tls_apply(arg, ssl_ctx) < 0 ? CURLE_OUT_OF_MEMORY : CURLE_OK;
}

static unsigned set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

/* Options that an older or differently built curl does not know, and that are not vital. */
static void set_newer(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x074000
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Else a resolver that hangs holds up whoever gives the transfer up, for its time-out. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

int curl_set_common(CURL *easy, struct tls *tls, bool direct)
{
	unsigned failed = 0;

	failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	failed |= set_protocols(easy);
	failed |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	failed |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	failed |= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)LIMIT_CONNECT_MS);
	failed |= curl_easy_setopt(easy, CURLOPT_PROXY, direct ? "" : NULL);
	failed |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	failed |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	failed |= curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, trust);
	failed |= curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, tls);
	set_newer(easy);
	return failed ? -ENOMEM : 0;
}

bool curl_host_is_loopback(const char *host)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0;
}

int curl_fields_add(struct curl_slist **list, const char *name, const char *value)
{
	_cleanup_str_ struct str line = {};
	struct curl_slist *longer;

	/* "Name:" would take a field off; an empty one is written with a semicolon. */
	if (*value ? str_appendf(&line, "%s: %s", name, value) : str_appendf(&line, "%s;", name))
		return -ENOMEM;
	longer = curl_slist_append(*list, line.data);
	if (!longer)
		return -ENOMEM;
	*list = longer;
	return 0;
}

int curl_fields_keep_out(struct curl_slist **list)
{
	/* "Name:" takes curl's own field off, and leaves one of that name in the list alone. */
	static const char *const never[] = {"Accept:", "Expect:", "User-Agent:", "Content-Type:"};

	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		struct curl_slist *longer = curl_slist_append(*list, never[i]);

		if (!longer)
			return -ENOMEM;
		*list = longer;
	}
	return 0;
}

void curl_fields_free(struct curl_slist *list)
{
	for (struct curl_slist *field = list; field; field = field->next)
		explicit_bzero(field->data, strlen(field->data));
	curl_slist_free_all(list);
}

/* curl 7.88.1 has one code for all that can be wrong with a certificate; its text tells. */
static const char *certificate_remedy(const char *detail)
{
	if (strstr(detail, "expired") || strstr(detail, "not yet valid"))
		return "check this machine's clock; else whoever runs that server must renew it";
	if (strstr(detail, "subject name"))
		return "something else answers under that name: check DNS and the endpoint";
	return "behind a TLS-inspecting proxy or a private CA set AWS_CA_BUNDLE to that CA's PEM "
	       "file";
}

static const char *remedy(CURLcode code, const char *detail)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "check DNS and the name's region";
	case CURLE_COULDNT_RESOLVE_PROXY:
		return "check HTTPS_PROXY";
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
		return "check the network and, behind a proxy, HTTPS_PROXY";
	case CURLE_PEER_FAILED_VERIFICATION:
		return certificate_remedy(detail);
	case CURLE_SSL_CONNECT_ERROR:
		return "check that it speaks TLS 1.2 or newer there, and HTTPS_PROXY";
	default:
		return "try again later";
	}
}

void curl_explain(struct err *e, CURLcode code, const char *host, const char *detail)
{
	/* curl 7.88.1 goes on with the variable's value, and the password in it. */
	if (strncmp(detail, "Unsupported proxy", 17) == 0)
		detail = "the proxy's URL is none that can be used (in a password write / as %2F, "
			 "# as %23)";
	err_set(e, 0, "%s: %s; %s", host, *detail ? detail : curl_easy_strerror(code),
	    remedy(code, detail));
}
