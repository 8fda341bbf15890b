#pragma once
/* A registry's Basic token: an immutable snapshot, counted, wiped by the last who lets it go. */
#include <stdbool.h>
#include <stdint.h>

#include "cleanup.h"

struct ecr_token {
	unsigned references;
	char *authorization; /* "Basic …" */
	int64_t expires_s;   /* since the epoch, by this machine's clock */
};

/* base64: GetAuthorizationToken's authorizationToken, as it is. One reference. 0 or −ENOMEM. */
int ecr_token_new(const char *base64, int64_t expires_s, struct ecr_token **ret);
struct ecr_token *ecr_token_ref(struct ecr_token *token);
/* NULL is allowed. */
void ecr_token_unref(struct ecr_token *token);
DEFINE_CLEANUP(struct ecr_token *, ecr_token_unref);

/* NULL is not valid. */
bool ecr_token_is_valid(const struct ecr_token *token, int64_t now_s);

/* Until half of what is left of its life has passed; 0 when nothing is. */
int64_t ecr_token_half_life_ms(const struct ecr_token *token, int64_t now_s);
