#pragma once
/* The page for a person and what belongs to it, as they lie in src/page/: part of the program. */
#include <stddef.h>

struct page_file {
	const char *path; /* that it is asked for by */
	const char *type; /* media type */
	const unsigned char *octets;
	size_t len;
};

/* NULL: there is none of that path. */
const struct page_file *page_find(const char *path);
