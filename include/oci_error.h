#pragma once
/*
 * A refusal as a registry client understands it: an HTTP status, one of the error codes of the OCI
 * distribution spec ("Error Codes") and a message for the person who pushes.
 */
#include "str.h"

/* Holds a name of 256, what the daemon says and what AWS says: its reason comes last. */
enum { OCI_MESSAGE_MAX = 1536 };

struct oci_error {
	unsigned status;
	const char *code; /* static text: DENIED, NAME_UNKNOWN, … */
	char message[OCI_MESSAGE_MAX];
};

/* Fills it in, on one line; returns −EPERM, so that `return oci_error_set(…)` refuses. */
int oci_error_set(struct oci_error *e, unsigned status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* {"errors":[{"code":…,"message":…}]} appended to ret. 0 or −ENOMEM. */
int oci_error_write(const struct oci_error *e, struct str *ret);

/* The first error of such a body. A body of another shape is −EBADMSG. Free both texts. */
int oci_error_read(const char *body, size_t len, char **ret_code, char **ret_message);
