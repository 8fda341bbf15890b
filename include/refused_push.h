#pragma once
/*
 * What was refused on the way of a push, by the registry or on this side of it, for the status; and
 * who was not let in at all, by a name of its own, "/v2/": users, hosts and web pages.
 * What creation.c refuses it lists itself.
 */
#include "exchange_state.h"

/* answer: what the client gets. One that is no refusal of a push is left alone. */
void refused_push_note(const struct exchange *x, const struct http_answer *answer);
