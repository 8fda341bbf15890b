#pragma once
/* Settings and rules for tests, written as constants: never to be finished. */
#include "rules.h"

#define TEXT(text) ((char *)(text))

/* Tags as a list of {TEXT(key), TEXT(value)}. */
#define TAGS(...)                                       \
	.tags = (struct repository_tag[]){__VA_ARGS__}, \
	.tags_len = sizeof((struct repository_tag[]){__VA_ARGS__}) / sizeof(struct repository_tag)

#define FILTERS(...)                                  \
	.exclusion_filters = (char *[]){__VA_ARGS__}, \
	.exclusion_filters_len = sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)
