#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_stream.h"

START_TEST(the_one_that_was_opened)
{
	char text[64];
	struct stat seen;
	int pipes[2];

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(fstat(pipes[1], &seen), 0);
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)seen.st_dev, (uintmax_t)seen.st_ino);
	ck_assert(journal_stream_is(pipes[1], text));
	/* Its output was sent elsewhere since. */
	ck_assert(!journal_stream_is(STDIN_FILENO, text));
	close(pipes[1]);
	ck_assert(!journal_stream_is(pipes[1], text));
	ck_assert(!journal_stream_is(pipes[0], NULL));
	ck_assert(!journal_stream_is(pipes[0], ""));
	ck_assert(!journal_stream_is(pipes[0], "8"));
}
END_TEST

UNIT(journal_stream, the_one_that_was_opened);
