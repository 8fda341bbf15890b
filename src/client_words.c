#include "client_words.h"

#include <string.h>

void client_words_finish(struct client_words *words)
{
	str_finish(&words->local);
	str_finish(&words->url);
	str_finish(&words->config);
	str_finish(&words->user_config);
}

static bool starts(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Who listens everywhere listens on loopback; of its addresses only the usual ones have a name. */
int client_words_daemon(struct client_words *words, const char *listen)
{
	bool v4 = starts(listen, "127.0.0.1:") || starts(listen, "0.0.0.0:");
	bool v6 = starts(listen, "[::1]:") || starts(listen, "[::]:");
	int r;

	words->loopback = v4 || v6 || starts(listen, "127.");
	words->port = strrchr(listen, ':') + 1;
	if (!v4 && !v6) {
		r = str_append_text(&words->local, listen);
		return r < 0 ? r : str_append_text(&words->url, listen);
	}
	r = str_appendf(&words->local, "localhost:%s", words->port);
	if (r < 0)
		return r;
	return str_appendf(&words->url, "%s:%s", v4 ? "127.0.0.1" : "[::1]", words->port);
}

int client_words_folders(
    struct client_words *words, bool root, const char *home, const char *config_home)
{
	int r;

	if (root) {
		r = str_append_text(&words->config, "/etc");
		return r < 0 ? r : str_append_text(&words->user_config, "/etc");
	}
	r = str_appendf(&words->user_config, "%s/.config", home);
	if (r < 0)
		return r;
	/* XDG Base Directory Specification: a relative path is to be ignored. */
	return str_append_text(&words->config,
	    config_home && config_home[0] == '/' ? config_home : str_text(&words->user_config));
}

/* The value of the word that the text starts with, or NULL. */
static const char *find_word(const struct client_words *words, const char *text, size_t *ret_len)
{
	const struct {
		const char *word;
		const char *value;
	} known[] = {
	    {"{local}", str_text(&words->local)},
	    {"{url}", str_text(&words->url)},
	    {"{config}", str_text(&words->config)},
	    {"{user_config}", str_text(&words->user_config)},
	    {"{port}", words->port},
	    {"{registry}", words->registry},
	    {"{client}", words->client},
	    {"{image}", words->image},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!starts(text, known[i].word))
			continue;
		*ret_len = strlen(known[i].word);
		return known[i].value ? known[i].value : "";
	}
	return NULL;
}

int client_words_fill(const struct client_words *words, const char *text, struct str *ret)
{
	int r = 0;

	while (r == 0 && *text) {
		size_t len = 0;
		const char *value = find_word(words, text, &len);

		if (value) {
			r = str_append_text(ret, value);
		} else {
			len = 1 + strcspn(text + 1, "{");
			r = str_append(ret, text, len);
		}
		text += len;
	}
	return r;
}
