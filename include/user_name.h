#pragma once
/* The names of local users, and who of them may connect. */
#include <stdbool.h>
#include <sys/types.h>

enum { USER_NAME_SIZE = 257 }; /* LOGIN_NAME_MAX and more: directories allow 256 */

/*
 * The name of that number, or the number as decimal text where it has none. Remembered for a few
 * minutes, since a directory service may take long to answer. Any thread may call it.
 */
void user_name(uid_t uid, char ret[static USER_NAME_SIZE]);

/* allowed: names or decimal numbers, NULL-terminated; NULL: everybody. */
bool users_allow(char *const *allowed, uid_t uid);
