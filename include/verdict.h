#pragma once
/*
 * What an answer of the registry means for a push. Pure: the whole policy of "create, sign in anew,
 * try again or hand on" is this one function.
 */
#include <stdbool.h>

#include "route.h"

enum verdict {
	VERDICT_PASS,    /* hand the answer on */
	VERDICT_CREATE,  /* the repository is missing: create it and repeat */
	VERDICT_ASK,     /* closed without a byte: DescribeRepositories decides */
	VERDICT_SIGN_IN, /* the token was refused: a fresh one and repeat */
	VERDICT_REFUSED, /* refused, and a fresh token is no help: say so without a challenge */
	VERDICT_NAME,    /* no name that ECR takes: it says so in words of its own API */
	VERDICT_WAIT,    /* throttled: repeat after a pause, or have the client do so */
};

struct verdict_input {
	const char *method;
	enum operation operation;
	const char *repository;
	bool repeatable;  /* no body, or one that is held */
	bool fresh_token; /* a new token was already fetched for this exchange */
	bool no_byte;     /* the connection was closed before the first octet of an answer */
	unsigned status;
	const char *body; /* of an error answer; may be NULL */
	size_t body_len;
};

/* The triggers: POST …/blobs/uploads/ (any query) and PUT …/manifests/…, never another. */
bool verdict_may_create(const char *method, enum operation operation);

/*
 * CREATE asks for 404 NAME_UNKNOWN whose message quotes this very repository, and, as SIGN_IN and
 * ASK do, for a request that can be repeated. The content type plays no part: ECR sends JSON as
 * text/plain too. An expired token is 403 DENIED in ECR, without a challenge.
 */
enum verdict verdict_of(const struct verdict_input *input);
