#include "arn.h"

#include <string.h>

/* The longest that STS and ECR take of a role and of a key. */
enum { ARN_MAX = 2048, ACCOUNT_LEN = 12 };

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* Each returns what follows, or NULL; and takes NULL, so that they chain. */
static const char *word(const char *at, const char *wanted)
{
	size_t len = strlen(wanted);

	return at && strncmp(at, wanted, len) == 0 ? at + len : NULL;
}

static const char *some_of(const char *at, const char *allowed)
{
	size_t len = at ? strspn(at, allowed) : 0;

	return len > 0 ? at + len : NULL;
}

static const char *account(const char *at)
{
	return at && strspn(at, DIGITS) == ACCOUNT_LEN ? at + ACCOUNT_LEN : NULL;
}

/* "aws", "aws-cn", "aws-us-gov", … */
static const char *partition(const char *text)
{
	const char *at = strlen(text) <= ARN_MAX ? word(text, "arn:aws") : NULL;

	return at ? at + strspn(at, LOWER "-") : NULL;
}

bool arn_is_role(const char *text)
{
	const char *at = word(account(word(partition(text), ":iam::")), ":role/");

	if (!at || *at == '\0' || text[strlen(text) - 1] == '/')
		return false;
	for (; *at; at++)
		if (*at <= ' ' || *at > '~') /* a path's characters; a name's are among them */
			return false;
	return true;
}

bool arn_is_kms_key(const char *text)
{
	const char *region = word(partition(text), ":kms:");
	const char *at = word(account(word(some_of(region, LOWER DIGITS "-"), ":")), ":");
	const char *name = word(at, "key/") ? word(at, "key/") : word(at, "alias/");

	name = some_of(name, LOWER UPPER DIGITS "/_-");
	return name && *name == '\0';
}

int arn_write_principal(const char *caller, struct str *ret)
{
	const char *after_partition = partition(caller);
	const char *id = word(after_partition, ":sts::");
	const char *role = word(account(id), ":assumed-role/");

	if (!role)
		return str_append_text(ret, caller);
	return str_appendf(ret, "%.*s:iam::%.*s:role/%.*s", (int)(after_partition - caller), caller,
	    ACCOUNT_LEN, id, (int)strcspn(role, "/"), role);
}
