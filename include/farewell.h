#pragma once
/* An answer by hand and the last one, where the HTTP server is not there yet or would botch it. */

/* Sends it whole and then the FIN. `status` is "400 Bad Request"; the caller lingers and closes. */
void farewell(int fd, const char *status, const char *type, const char *text);

/* The same with the JSON of a registry's error (oci_error.h). */
void farewell_error(int fd, const char *status, const char *code, const char *message);
