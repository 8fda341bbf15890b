#pragma once
/* From an upstream's head or a refusal to the answer that the client gets. Pure. */
#include "http_server.h"
#include "notice.h"
#include "oci_error.h"
#include "response_head.h"
#include "route.h"

/*
 * Status and end-to-end fields as received, but: Location and Link in the client's own form, and no
 * WWW-Authenticate, since a client must never be asked to sign in at the registry itself. The body
 * is left to the caller. 0 or −ENOMEM.
 */
int respond_upstream(
    const struct route *route, const struct response_head *head, struct http_answer *ret);

/*
 * A refusal as OCI JSON; without a body for HEAD. Where clients do not read the body, its message
 * is a notice too. The HEAD of a blob is 404 instead of any 4xx: clients ask for it before they
 * upload, and go on to the POST, whose refusal they show. method may be NULL. 0 or −ENOMEM.
 */
int respond_refusal(const struct oci_error *refusal, const char *method, enum operation operation,
    struct http_answer *ret);

/* Adds it. 0 or −ENOMEM. */
int respond_notice(const struct notice *notice, struct http_answer *ret);

/* The API version check: 200 without a challenge, whoever asks. 0 or −ENOMEM. */
int respond_ping(struct http_answer *ret);
