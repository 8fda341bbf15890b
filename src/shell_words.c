#include "shell_words.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "str.h"

static const char blanks[] = " \t\r\n";

/* Appends what stands in the quotes that begin here; NULL without a closing one. */
static const char *read_quoted(const char *at, struct str *word, int *ret_r)
{
	char quote = *at++;

	for (; *at && *at != quote && *ret_r >= 0; at++) {
		/* Between double quotes a backslash stands for itself before anything else. */
		if (quote == '"' && *at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		*ret_r = str_append(word, at, 1);
	}
	return *at ? at + 1 : NULL;
}

/* Reads the word that begins here; NULL with the reason. */
static const char *read_word(const char *at, struct str *word, int *ret_r, struct err *e)
{
	while (at && *at && !strchr(blanks, *at) && *ret_r >= 0) {
		if (*at == '\'' || *at == '"') {
			at = read_quoted(at, word, ret_r);
			if (!at && *ret_r >= 0)
				*ret_r = err_set(e, -EINVAL, "a quote is not closed");
			continue;
		}
		if (*at == '\\' && !*++at) {
			*ret_r = err_set(e, -EINVAL, "nothing follows the last backslash");
			break;
		}
		*ret_r = str_append(word, at++, 1);
	}
	return at;
}

static int push(char ***words, size_t *len, const char *word)
{
	char **longer = reallocarray(*words, *len + 2, sizeof(*longer));

	if (!longer)
		return -ENOMEM;
	*words = longer;
	longer[*len + 1] = NULL;
	longer[*len] = strdup(word);
	return longer[(*len)++] ? 0 : -ENOMEM;
}

int shell_words_split(const char *text, char ***ret, struct err *e)
{
	_cleanup_(shell_words_freep) char **words = calloc(1, sizeof(*words));
	const char *at = text + strspn(text, blanks);
	size_t len = 0;
	int r = words ? 0 : -ENOMEM;

	while (r >= 0 && *at) {
		_cleanup_str_ struct str word = {};

		at = read_word(at, &word, &r, e);
		if (r >= 0)
			r = push(&words, &len, str_text(&word));
		if (r >= 0)
			at += strspn(at, blanks);
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(words);
	return 0;
}

void shell_words_free(char **words)
{
	for (char **word = words; word && *word; word++)
		secret_free(*word);
	free(words);
}
