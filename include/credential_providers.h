#pragma once
/* All providers (cred_*.c), asked in the order of every AWS tool; as botocore has it in detail. */
#include "credentials.h"

/* The whole chain. −ENOENT when nobody has any; the text then says where one can put some. */
int credential_providers_ask(
    const struct credential_sources *sources, struct credentials **ret, struct err *e);

/* Only those of the profile, as a role's source_profile is asked. −ENOENT when it has none. */
int credential_providers_ask_profile(
    const struct credential_sources *sources, struct credentials **ret, struct err *e);
