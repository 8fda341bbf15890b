#pragma once
/* An upstream in front of a fake registry, for the tests of the data path. */
#include "fake_pki.h"
#include "fake_server.h"
#include "str.h"
#include "transfer.h"

#define FIXTURE_HOST "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

enum { FIXTURE_WAIT_MS = 20 * 1000 };

struct fixture {
	struct stop stop;
	struct tls *tls;
	struct upstream *upstream;
	struct fake_pki pki;
	struct fake_server server;
	struct registry registry;
	struct headers headers; /* sent with each request */
	bool with_tls;
	bool fresh; /* asks for a connection that is not pooled */
};

/* with_tls: the server has a certificate for FIXTURE_HOST from an authority that is trusted. */
void fixture_start(struct fixture *fixture, fake_script *script, bool with_tls);
void fixture_stop(struct fixture *fixture);

struct transfer *fixture_begin(
    struct fixture *fixture, const char *method, const char *target, int64_t body_length);
/* A whole bodiless exchange: the status, and the body appended to it unless NULL. */
unsigned fixture_get(struct fixture *fixture, const char *method, struct str *body);
/* The answer's body until its end; −EIO when it was cut. */
int fixture_read(struct transfer *transfer, struct str *body);
/* Runs a bodiless GET that must fail; the failure. */
enum transfer_failure fixture_failure(struct fixture *fixture, struct err *e);
