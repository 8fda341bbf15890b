#include "may_connect.h"

#include <stdio.h>

#include "user_name.h"

int may_connect(char *const *allowed, const uid_t *owner, struct oci_error *refusal)
{
	char who[USER_NAME_SIZE + 8] = "a user that cannot be told";
	_cleanup_str_ struct str names = {};

	if (!allowed || (owner && users_allow(allowed, *owner)))
		return 0;
	if (owner) {
		char name[USER_NAME_SIZE];

		user_name(*owner, name);
		snprintf(who, sizeof(who), "user %s", name);
	}
	for (size_t i = 0; allowed[i]; i++)
		str_appendf(&names, "%s%s", i ? ", " : "", allowed[i]);
	return oci_error_set(refusal, 403, "DENIED",
	    "%s may not use this ecr-upsertd: allow_users of its configuration lets in %s", who,
	    names.len ? str_text(&names) : "no one");
}
