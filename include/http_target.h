#pragma once
/*
 * An origin-form target (RFC 9112 §3.2.1) that everybody reads as the same path: nothing to
 * normalise, nothing that a second decoding would turn into a separator. Pure.
 */

enum { TARGET_MAX = 8192 };

/* NULL when it is one, else why not, as a static text. */
const char *http_target_fault(const char *target);
