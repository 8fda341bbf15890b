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

/* A refusal as OCI JSON; without a body for HEAD. 0 or −ENOMEM. */
int respond_refusal(const struct oci_error *refusal, const char *method, struct http_answer *ret);

/*
 * Adds Warning: 299 - "ecr-upsertd …" (OCI distribution spec, "Warnings"), which podman, skopeo,
 * buildah, oras, crane and regctl show. 0 or −ENOMEM.
 */
int respond_notice(const struct notice *notice, struct http_answer *ret);

/* The API version check: 200 without a challenge, whoever asks. 0 or −ENOMEM. */
int respond_ping(struct http_answer *ret);
