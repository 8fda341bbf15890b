#pragma once
/*
 * The token that `aws sso login` leaves in ~/.aws/sso/cache, and its renewal (CreateToken, IAM
 * Identity Center OIDC API 2019-06-10). The file's form is botocore's: tokens.py.
 */
#include "sso_settings.h"

/*
 * A token that is still valid; free with secret_free(). One with less than 15 minutes left is
 * renewed in the form with a session, at oidc_url (scheme://host[:port]), and the file written anew
 * (0600); where that fails the old one serves as long as it is valid. −EACCES when a person has to
 * sign in again, with a text that says how; −ECANCELED, −ENOMEM.
 */
int sso_token_get(const struct sso_settings *settings, const struct credential_sources *sources,
    const char *oidc_url, char **ret, struct err *e);
