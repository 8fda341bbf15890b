#pragma once
/*
 * Scope-bound cleanup. DEFINE_CLEANUP(struct x *, x_free) makes x_freep() for
 * `_cleanup_(x_freep) struct x *x = NULL;`. Destructors take NULL.
 */
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

#define DEFINE_CLEANUP(type, function)               \
	static inline void function##p(type *object) \
	{                                            \
		function(*object);                   \
	}                                            \
	struct cleanup_semicolon_

/* Hands the pointer on and disarms its cleanup. */
#define TAKE_PTR(pointer)                           \
	({                                          \
		typeof(pointer) taken_ = (pointer); \
		(pointer) = NULL;                   \
		taken_;                             \
	})

DEFINE_CLEANUP(char *, free);

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
