#pragma once
/*
 * A target is one function over bytes with an oracle: what must hold whatever they are. Built by
 * clang with -Dfuzz=true it is a libFuzzer program; else local_driver.c runs it on its seeds and on
 * mutations of them, so that it is a plain test under any compiler.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(): it must hold in every build. */
#define MUST(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* A NUL-terminated copy, of exactly the size that a sanitizer can guard. */
char *fuzz_text(const uint8_t *data, size_t size);
