/* A configuration: it is read, or each of its problems has a line and a column of the text. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "config.h"

/* "f:LINE:COLUMN: reason\n", in the text's order and within it. */
static void check_problems(const char *line, const char *text, size_t len)
{
	unsigned long last = 0, lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	MUST(*line);
	while (*line) {
		char *at = (char *)line;
		unsigned long number, column;

		MUST(strncmp(at, "f:", 2) == 0);
		number = strtoul(at + 2, &at, 10);
		MUST(number >= 1 && number >= last && number <= lines && *at == ':');
		column = strtoul(at + 1, &at, 10);
		MUST(column >= 1 && column <= len + 1 && strncmp(at, ": ", 2) == 0);
		last = number;
		line = strchr(at, '\n');
		MUST(line && line > at + 2);
		line++;
	}
}

static void check_config(const struct config *config)
{
	MUST(config->max_per_hour >= 1);
	MUST(config->timeout_s >= 1 && config->timeout_s <= CREATE_TIMEOUT_S);
	for (size_t i = 0; i < config->registries_len; i++)
		MUST(config->registries[i].host);
	for (size_t i = 0; i < config->rules.len; i++)
		MUST(config->rules.items[i].match);
	rules_find(
	    &config->rules, "123456789012.dkr.ecr.eu-west-1.amazonaws.com", "team/app/cache");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_str_ struct str problems = {};
	/* Nothing is read from this machine's files but what an absolute name gives. */
	int r = config_parse("f", "/nonexistent", text, size, &config, &problems);

	MUST(r == 0 || r == -EINVAL);
	MUST(!config == (r < 0));
	if (r < 0)
		check_problems(str_text(&problems), text, size);
	else
		check_config(config);
	return 0;
}
