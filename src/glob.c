/*
 * A pattern is compiled to a list of steps, and a text walked through them by a set of states:
 * where in the list, and in which mode. All ways on from a step lead forward in the list, so that
 * one sweep settles what can be reached without a further octet: steps × octets, whatever the
 * pattern.
 *
 * The modes tell whether a star is one of a `**` that is a whole component. That is seen only when
 * the component ends, and alternatives may come between (`{a/,}**`), so all guesses are followed at
 * once: that a first star is a plain one, or the first of several that match no component or some.
 */
#include "glob.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* A set of them for each step. */
enum mode {
	AT_START = 1 << 0, /* of a component, of the text as of the pattern */
	WITHIN = 1 << 1,   /* a component */
	NONE_ONE = 1 << 2, /* one star of a component that matches nothing, not even its slash */
	NONE = 1 << 3,     /* the same, two stars or more */
	SOME_ONE = 1 << 4, /* one star of a component that matches any octets */
	SOME = 1 << 5,     /* the same, two stars or more */
};

enum step_kind {
	STEP_OCTET,
	STEP_ONE, /* ? */
	STEP_STAR,
	STEP_SLASH,
	STEP_PASS, /* goes on at both targets: a fork, or a jump when they are the same */
	STEP_END,
};

struct step {
	enum step_kind kind;
	char octet;
	uint16_t targets[2]; /* of a PASS, both further on */
};

/* A `,` makes two steps, and there is one at the end. */
enum { STEPS_MAX = 2 * GLOB_PATTERN_MAX + 1, DEPTH_MAX = GLOB_PATTERN_MAX };

struct glob {
	char *pattern;
	size_t len;
	struct step steps[];
};

/* An open brace. Its jumps to the end are a list through their own targets; 0 ends it. */
struct brace {
	uint16_t fork; /* the newest */
	uint16_t jump;
};

static uint16_t emit(struct glob *glob, enum step_kind kind, char octet)
{
	uint16_t at = (uint16_t)glob->len++, next = (uint16_t)(at + 1);

	glob->steps[at] = (struct step){kind, octet, {next, next}};
	return at;
}

/* The end of one alternative and the beginning of the next. */
static void next_alternative(struct glob *glob, struct brace *brace)
{
	uint16_t jump = emit(glob, STEP_PASS, ',');

	glob->steps[jump].targets[0] = brace->jump;
	brace->jump = jump;
	glob->steps[brace->fork].targets[1] = (uint16_t)glob->len;
	brace->fork = emit(glob, STEP_PASS, ',');
}

static void close_brace(struct glob *glob, struct brace brace)
{
	while (brace.jump) {
		uint16_t *targets = glob->steps[brace.jump].targets;

		brace.jump = targets[0];
		targets[0] = targets[1] = (uint16_t)glob->len;
	}
}

static enum step_kind kind_of(char c)
{
	switch (c) {
	case '?':
		return STEP_ONE;
	case '*':
		return STEP_STAR;
	case '/':
		return STEP_SLASH;
	default:
		return STEP_OCTET;
	}
}

static int compile(struct glob *glob, struct err *e)
{
	struct brace open[DEPTH_MAX];
	size_t depth = 0;

	for (const char *at = glob->pattern; *at; at++) {
		if (*at == '[' || *at == '\\')
			return err_set(
			    e, -EINVAL, "%c has no meaning here: use *, ?, ** and {a,b}", *at);
		if (*at == '}' && depth == 0)
			return err_set(e, -EINVAL, "a } that no { opens: remove it");
		if (*at == '{')
			open[depth++] = (struct brace){.fork = emit(glob, STEP_PASS, '{')};
		else if (*at == '}')
			close_brace(glob, open[--depth]);
		else if (*at == ',' && depth > 0)
			next_alternative(glob, &open[depth - 1]);
		else
			emit(glob, kind_of(*at), *at);
	}
	if (depth > 0)
		return err_set(e, -EINVAL, "a { that no } closes: add one");
	emit(glob, STEP_END, '\0');
	return 0;
}

int glob_compile(const char *pattern, struct glob **ret, struct err *e)
{
	_cleanup_(glob_freep) struct glob *glob = NULL;
	size_t len = strnlen(pattern, GLOB_PATTERN_MAX + 1);
	int r;

	if (len == 0)
		return err_set(e, -EINVAL, "an empty pattern matches nothing: ** matches all");
	if (len > GLOB_PATTERN_MAX)
		return err_set(e, -EINVAL, "longer than %d octets", GLOB_PATTERN_MAX);
	glob = calloc(1, sizeof(*glob) + (2 * len + 1) * sizeof(*glob->steps));
	if (!glob)
		return -ENOMEM;
	glob->pattern = strdup(pattern);
	if (!glob->pattern)
		return -ENOMEM;
	r = compile(glob, e);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(glob);
	return 0;
}

void glob_free(struct glob *glob)
{
	if (!glob)
		return;
	free(glob->pattern);
	free(glob);
}

const char *glob_pattern(const struct glob *glob)
{
	return glob->pattern;
}

/* What a star makes of the modes that reach it. */
static uint8_t past_star(uint8_t modes)
{
	uint8_t past = modes & (WITHIN | NONE | SOME);

	if (modes & AT_START)
		past |= WITHIN | NONE_ONE | SOME_ONE;
	if (modes & NONE_ONE)
		past |= NONE;
	if (modes & SOME_ONE)
		past |= SOME;
	return past;
}

/* Adds all that is reached without an octet. */
static void settle(const struct glob *glob, uint8_t *set)
{
	for (size_t i = 0; i < glob->len; i++) {
		const struct step *step = &glob->steps[i];

		if (step->kind == STEP_PASS) {
			set[step->targets[0]] |= set[i];
			set[step->targets[1]] |= set[i];
		} else if (step->kind == STEP_STAR) {
			set[i + 1] |= past_star(set[i]);
		} else if (step->kind == STEP_SLASH && set[i] & NONE) {
			set[i + 1] |= AT_START;
		}
	}
}

/* Where one octet leads from a settled set. */
static void advance(const struct glob *glob, const uint8_t *set, char c, uint8_t *ret)
{
	const uint8_t plain = AT_START | WITHIN;

	memset(ret, 0, glob->len);
	for (size_t i = 0; i < glob->len; i++) {
		const struct step *step = &glob->steps[i];

		ret[i] |= set[i] & SOME_ONE;
		if (step->kind == STEP_STAR && c != '/' && set[i] & plain)
			ret[i] |= WITHIN;
		else if (step->kind == STEP_SLASH && c == '/' && set[i] & (plain | SOME))
			ret[i + 1] |= AT_START;
		else if (set[i] & plain && ((step->kind == STEP_ONE && c != '/') ||
					       (step->kind == STEP_OCTET && c == step->octet)))
			ret[i + 1] |= WITHIN;
	}
}

bool glob_match(const struct glob *glob, const char *text)
{
	uint8_t sets[2][STEPS_MAX], *now = sets[0], *next = sets[1];

	memset(now, 0, glob->len);
	now[0] = AT_START;
	settle(glob, now);
	for (; *text; text++) {
		uint8_t *spent = now;

		advance(glob, now, *text, next);
		now = next;
		next = spent;
		settle(glob, now);
	}
	return now[glob->len - 1] & (AT_START | WITHIN | SOME);
}
