#pragma once
/*
 * The error idiom: functions return 0 or −errno and leave every ret_x untouched on failure. Where
 * a person will read the reason, the caller lends a struct err for one line of text, which says
 * what to do and never holds a secret.
 */

enum { ERR_TEXT_MAX = 1024 };

struct err {
	char text[ERR_TEXT_MAX];
};

/* Writes the text (cut to fit; e may be NULL) and returns `code`, so that `return err_set(…)`. */
int err_set(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
