#include "ecr_token.h"

#include <errno.h>

#include "str.h"

int ecr_token_new(const char *base64, int64_t expires_s, struct ecr_token **ret)
{
	_cleanup_str_ struct str value = {};
	struct ecr_token *token;

	if (str_append_text(&value, "Basic ") < 0 || str_append_text(&value, base64) < 0)
		return -ENOMEM;
	token = calloc(1, sizeof(*token));
	if (!token)
		return -ENOMEM;
	token->authorization = TAKE_PTR(value.data);
	token->references = 1;
	token->expires_s = expires_s;
	*ret = token;
	return 0;
}

struct ecr_token *ecr_token_ref(struct ecr_token *token)
{
	__atomic_add_fetch(&token->references, 1, __ATOMIC_RELAXED);
	return token;
}

void ecr_token_unref(struct ecr_token *token)
{
	if (!token || __atomic_sub_fetch(&token->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	secret_free(token->authorization);
	free(token);
}

bool ecr_token_is_valid(const struct ecr_token *token, int64_t now_s)
{
	return token && token->expires_s > now_s;
}

int64_t ecr_token_half_life_ms(const struct ecr_token *token, int64_t now_s)
{
	return ecr_token_is_valid(token, now_s) ? (token->expires_s - now_s) * 1000 / 2 : 0;
}
