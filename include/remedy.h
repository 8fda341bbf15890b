#pragma once
/*
 * What a verdict demands before the request is repeated. All return 0 (ask again) or −EPERM with
 * x->refusal set, and all keep to the exchange's deadline.
 */
#include "exchange_state.h"

/* The repository is missing: create it; if that was done, ECR needs a moment to know it. */
int remedy_create(struct exchange *x);

/*
 * Closed without a byte, ECR's way from 2022 to 2024 to say that the repository is missing: ask
 * DescribeRepositories, and create or just repeat.
 */
int remedy_silence(struct exchange *x);

/* A POST that brings the blob itself cannot be repeated: the repository must be there before. */
int remedy_before_stream(struct exchange *x);

/* The token was refused: get another. */
int remedy_token(struct exchange *x);

/* It was refused again, or cannot be tried again: say so without a challenge. Never 0. */
int remedy_refuse_token(struct exchange *x);

/* No name that ECR takes. Never 0. */
int remedy_refuse_name(struct exchange *x);

/* 429: a pause, as long as Retry-After says or doubling from 100 ms; 504 for what was streamed. */
int remedy_throttled(struct exchange *x);
