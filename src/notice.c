#include "notice.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

enum { RULE_SHOWN_MAX = 100, UTF8_MAX = 4 };

/*
 * Half a character, where the text was cut, is left out. A quoted-string may hold " and \ escaped
 * (RFC 9110, section 5.6.4), but crane 0.22 shows the escapes and regctl 0.11 ends at the first ".
 */
static void make_quotable(char *text)
{
	char *to = text;

	for (size_t n; *text; text += n ? n : 1) {
		n = utf8_length(text, strnlen(text, UTF8_MAX));
		if (*text == '"' || *text == '\\')
			*text = '\'';
		else if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
		memmove(to, text, n);
		to += n;
	}
	*to = '\0';
}

void notice_set(struct notice *ret, const char *text)
{
	snprintf(ret->text, sizeof(ret->text), "%s", text);
	make_quotable(ret->text);
}

void notice_created(const char *repository, const char *host, const char *rule,
    const struct repository_settings *settings, struct notice *ret)
{
	const char *encryption = settings->encryption_type;

	snprintf(ret->text, sizeof(ret->text),
	    "ecr-upsertd created repository %s in %s (%s%.*s, %s, %s%s%s%s%s)", repository, host,
	    rule ? "rule " : "no rule", RULE_SHOWN_MAX, rule ? rule : "",
	    settings->image_tag_mutability ? settings->image_tag_mutability : "MUTABLE",
	    settings->scan_on_push == SAID_YES ? "scanned on push" : "not scanned on push",
	    encryption ? ", encrypted with " : "", encryption ? encryption : "",
	    settings->lifecycle_policy ? ", lifecycle policy" : "",
	    settings->repository_policy ? ", repository policy" : "");
	make_quotable(ret->text);
}
