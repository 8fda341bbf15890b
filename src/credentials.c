#include "credentials.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "str.h"

static bool is_key(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

int credentials_new(const char *access_key_id, const char *secret_access_key,
    const char *session_token, int64_t expires_s, const char *source, struct credentials **ret)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	if (!is_key(access_key_id) || !is_key(secret_access_key) ||
	    (session_token && !is_key(session_token)))
		return -EINVAL;
	credentials = calloc(1, sizeof(*credentials));
	if (!credentials)
		return -ENOMEM;
	credentials->references = 1;
	credentials->access_key_id = strdup(access_key_id);
	credentials->secret_access_key = strdup(secret_access_key);
	credentials->session_token = session_token ? strdup(session_token) : NULL;
	credentials->expires_s = expires_s;
	credentials->source = source;
	if (!credentials->access_key_id || !credentials->secret_access_key ||
	    (session_token && !credentials->session_token))
		return -ENOMEM;
	*ret = TAKE_PTR(credentials);
	return 0;
}

/* arn:PARTITION:SERVICE:REGION:ACCOUNT:… */
static char *account_of_arn(const char *arn)
{
	const char *field = arn;

	for (int i = 0; i < 4 && field; i++) {
		field = strchr(field, ':');
		if (field)
			field++;
	}
	return str_copy(field ? field : "", field ? strcspn(field, ":") : 0);
}

int credentials_set_owner(struct credentials *credentials, const char *account, const char *arn)
{
	if (arn) {
		credentials->arn = strdup(arn);
		if (!credentials->arn)
			return -ENOMEM;
	}
	if (!account && !arn)
		return 0;
	credentials->account = account ? strdup(account) : account_of_arn(arn);
	return credentials->account ? 0 : -ENOMEM;
}

struct credentials *credentials_ref(struct credentials *credentials)
{
	__atomic_fetch_add(&credentials->references, 1, __ATOMIC_RELAXED);
	return credentials;
}

void credentials_unref(struct credentials *credentials)
{
	if (!credentials || __atomic_sub_fetch(&credentials->references, 1, __ATOMIC_ACQ_REL))
		return;
	secret_free(credentials->access_key_id);
	secret_free(credentials->secret_access_key);
	secret_free(credentials->session_token);
	free(credentials->account);
	free(credentials->arn);
	free(credentials);
}

bool credentials_equal(const struct credentials *a, const struct credentials *b)
{
	return str_same(a->access_key_id, b->access_key_id) &&
	       str_same(a->secret_access_key, b->secret_access_key) &&
	       str_same(a->session_token, b->session_token);
}

const char *credential_variable(const struct credential_sources *sources, const char *name)
{
	const char *value = sources->getenv(name);

	return value && *value ? value : NULL;
}
