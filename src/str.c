#include "str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { STR_FIRST = 128 };

static int grow(struct str *s, size_t more)
{
	size_t cap = s->cap ? s->cap : STR_FIRST;
	char *data;

	if (more > (size_t)1 << 40)
		return -ENOMEM;
	if (s->len + more + 1 <= s->cap)
		return 0;
	while (cap < s->len + more + 1)
		cap *= 2;
	/* Not realloc(): it may leave the old bytes behind, unwiped. */
	data = malloc(cap);
	if (!data)
		return -ENOMEM;
	if (s->data) {
		memcpy(data, s->data, s->len + 1);
		explicit_bzero(s->data, s->cap);
		free(s->data);
	}
	s->data = data;
	s->cap = cap;
	return 0;
}

int str_append(struct str *s, const void *bytes, size_t len)
{
	int r = grow(s, len);

	if (r < 0)
		return r;
	if (len)
		memcpy(s->data + s->len, bytes, len);
	s->len += len;
	s->data[s->len] = '\0';
	return 0;
}

int str_append_text(struct str *s, const char *text)
{
	return str_append(s, text, strlen(text));
}

int str_appendf(struct str *s, const char *format, ...)
{
	va_list args;
	int len, r;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return -ENOMEM;
	r = grow(s, (size_t)len);
	if (r < 0)
		return r;
	va_start(args, format);
	vsnprintf(s->data + s->len, (size_t)len + 1, format, args);
	va_end(args);
	s->len += (size_t)len;
	return 0;
}

const char *str_text(const struct str *s)
{
	return s->data ? s->data : "";
}

void str_clear(struct str *s)
{
	if (s->data)
		explicit_bzero(s->data, s->cap);
	s->len = 0;
}

void str_finish(struct str *s)
{
	if (!s)
		return;
	if (s->data)
		explicit_bzero(s->data, s->cap);
	free(s->data);
	*s = (struct str){};
}

void secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

char *str_copy(const char *bytes, size_t len)
{
	return strndup(bytes, len);
}

int str_dup(const char *text, char **ret)
{
	char *copy;

	if (!text)
		return 0;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

bool str_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}
