#pragma once
/* What was written to standard error since stderr_take_over(). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

static int stderr_pipe[2];

static void stderr_take_over(void)
{
	ck_assert_int_eq(pipe(stderr_pipe), 0);
	dup2(stderr_pipe[1], STDERR_FILENO);
}

/* One read: one write(2) of the other side, if nobody wrote twice. */
static const char *stderr_read(void)
{
	static char text[65536];
	ssize_t n = read(stderr_pipe[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}
