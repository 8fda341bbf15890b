/* What hands out credentials: JSON, a command line, a URL that a token may go to. */
#include "fuzz.h"

#include <string.h>

#include "base_url.h"
#include "cleanup.h"
#include "cred_container.h"
#include "cred_json.h"
#include "shell_words.h"

static void check_json(const uint8_t *data, size_t size)
{
	const struct cred_json_form forms[] = {cred_json_machine("iam-role"),
	    {"sso", "accessKeyId", "secretAccessKey", "sessionToken", "expiration", NULL, false,
		true},
	    {"custom-process", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration",
		"AccountId", true, false}};
	_cleanup_str_ struct str text = {};

	MUST(str_append(&text, data, size) == 0);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

		if (cred_json_parse(&text, &forms[i], &credentials, NULL) < 0)
			continue;
		MUST(!strpbrk(credentials->access_key_id, " \r\n"));
		MUST(!strpbrk(credentials->secret_access_key, " \r\n"));
		MUST(!credentials->session_token || !strpbrk(credentials->session_token, " \r\n"));
		MUST(forms[i].lasting || credentials->session_token);
	}
}

static void check_words(const char *text)
{
	_cleanup_(shell_words_freep) char **words = NULL;
	size_t octets = 0, len = 0;

	if (shell_words_split(text, &words, NULL) < 0)
		return;
	for (; words[len]; len++)
		octets += strlen(words[len]);
	MUST(octets <= strlen(text));
	MUST(len <= strlen(text) / 2 + 1);
}

/* What passes is asked in the clear only on addresses that no name can be made of. */
static void check_url(const char *text)
{
	_cleanup_str_ struct str url = {}, base = {};
	struct base_url parsed;
	const char *rest;

	if (cred_container_url(NULL, text, &url, NULL) < 0)
		return;
	rest = strchr(strstr(url.data, "://") + 3, '/');
	MUST(rest && !strpbrk(url.data, " \r\n"));
	MUST(str_append(&base, url.data, (size_t)(rest - url.data)) == 0);
	MUST(!strpbrk(base.data, "@\\"));
	MUST(base_url_parse(base.data, &parsed) == 0);
	MUST(parsed.tls || !strncmp(parsed.host, "127.", 4) || !strcmp(parsed.host, "::1") ||
	     strchr(parsed.host, ':') || !strncmp(parsed.host, "169.254.170.2", 13) ||
	     !strcasecmp(parsed.host, "localhost"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);

	check_json(data, size);
	check_words(text);
	check_url(text);
	return 0;
}
