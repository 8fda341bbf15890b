#include "json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

#include "json_text.h"
#include "json_tree.h"

struct parser {
	yajl_handle yajl;
	const char *text;
	size_t len;
	size_t start, end; /* of the newest token that yajl handed out */
	struct json *root;
	struct json *open[JSON_DEPTH_MAX]; /* the containers around the current position */
	size_t depth;
	char *name; /* key that waits for its value */
	size_t name_start;
	const char *reason;
	int code;
};

static int stop(struct parser *parser, int code, const char *reason)
{
	parser->code = code;
	parser->reason = reason;
	return 0;
}

/* In a callback on one chunk yajl 2.1.0 has consumed just the token that it hands out. */
static void place_token(struct parser *parser)
{
	parser->start = json_text_skip(parser->text, parser->len, parser->end);
	parser->end = yajl_get_bytes_consumed(parser->yajl);
}

static struct json *add_node(struct parser *parser, enum json_kind kind)
{
	struct json *node;

	place_token(parser);
	if (parser->depth == 0)
		node = parser->root = calloc(1, sizeof(*node));
	else
		node = json_append_child(parser->open[parser->depth - 1]);
	if (!node) {
		stop(parser, -ENOMEM, "out of memory");
		return NULL;
	}
	node->kind = kind;
	node->start = parser->start;
	node->name = TAKE_PTR(parser->name);
	node->name_start = parser->name_start;
	return node;
}

static int on_null(void *userdata)
{
	return add_node(userdata, JSON_NULL) != NULL;
}

static int on_boolean(void *userdata, int value)
{
	struct json *node = add_node(userdata, JSON_BOOL);

	if (!node)
		return 0;
	node->truth = value;
	return 1;
}

static char *copy_bytes(const void *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

static struct json *add_text_node(
    struct parser *parser, enum json_kind kind, const void *bytes, size_t len)
{
	struct json *node = add_node(parser, kind);

	if (!node)
		return NULL;
	node->string = copy_bytes(bytes, len);
	node->string_len = len;
	if (!node->string)
		stop(parser, -ENOMEM, "out of memory");
	return node->string ? node : NULL;
}

/* Not yajl's integer and double callbacks: they fail on what does not fit a long long. */
static int on_number(void *userdata, const char *text, size_t len)
{
	struct json *node = add_text_node(userdata, JSON_NUMBER, text, len);

	if (!node)
		return 0;
	node->number = strtod(node->string, NULL);
	return isfinite(node->number) ? 1 : stop(userdata, -EBADMSG, "number out of range");
}

static int on_string(void *userdata, const unsigned char *bytes, size_t len)
{
	return add_text_node(userdata, JSON_STRING, bytes, len) != NULL;
}

static int on_key(void *userdata, const unsigned char *bytes, size_t len)
{
	struct parser *parser = userdata;

	place_token(parser);
	parser->name_start = parser->start;
	if (memchr(bytes, 0, len))
		return stop(parser, -EBADMSG, "NUL in a member's name");
	parser->name = copy_bytes(bytes, len);
	return parser->name ? 1 : stop(parser, -ENOMEM, "out of memory");
}

static int open_container(struct parser *parser, enum json_kind kind)
{
	struct json *node;

	if (parser->depth == JSON_DEPTH_MAX) {
		place_token(parser);
		return stop(parser, -EBADMSG, "nested too deeply");
	}
	node = add_node(parser, kind);
	if (!node)
		return 0;
	parser->open[parser->depth++] = node;
	return 1;
}

static int on_open_object(void *userdata)
{
	return open_container(userdata, JSON_OBJECT);
}

static int on_open_array(void *userdata)
{
	return open_container(userdata, JSON_ARRAY);
}

static int on_close(void *userdata)
{
	struct parser *parser = userdata;

	place_token(parser);
	parser->depth--;
	return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_open_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_close,
    .yajl_start_array = on_open_array,
    .yajl_end_array = on_close,
};

/* From "lexical error: reason\n…": a token that is none, against one that may not be there. */
static bool read_reason(yajl_handle yajl, char ret[static ERR_TEXT_MAX])
{
	unsigned char *text = yajl_get_error(yajl, 0, NULL, 0);
	const char *start = text ? strstr((char *)text, ": ") : NULL;
	bool lexical = text && strncmp((char *)text, "lexical", 7) == 0;

	snprintf(ret, ERR_TEXT_MAX, "%s", start ? start + 2 : "no JSON");
	ret[strcspn(ret, "\n")] = '\0';
	if (text)
		yajl_free_error(yajl, text);
	return lexical;
}

/* text: as in the file, which parser->text is without its comments. */
static int run(struct parser *parser, const char *text, struct err *e)
{
	char reason[ERR_TEXT_MAX];
	size_t at = parser->len;
	bool lexical;

	if (yajl_parse(parser->yajl, (const unsigned char *)parser->text, parser->len) ==
	    yajl_status_ok) {
		if (yajl_complete_parse(parser->yajl) == yajl_status_ok)
			return 0;
		read_reason(parser->yajl, reason);
	} else {
		lexical = read_reason(parser->yajl, reason);
		at = json_text_fault(parser->text, parser->len, parser->end,
		    yajl_get_bytes_consumed(parser->yajl), lexical);
	}
	if (parser->code == -ENOMEM)
		return err_set(e, -ENOMEM, "out of memory");
	if (parser->reason)
		return json_text_fail(e, text, parser->start, parser->reason);
	return json_text_fail(
	    e, text, at, json_text_reason(parser->text, parser->len, parser->end, at, reason));
}

/* One chunk and no escapes: yajl hands out pointers into text, no copy of a token stays in it. */
static int parse(struct parser *parser, const char *text, struct json **ret, struct err *e)
{
	const char *reason;
	size_t at;
	int r;

	reason = json_text_check(parser->text, parser->len, &at);
	if (reason)
		return json_text_fail(e, text, at, reason);
	parser->yajl = yajl_alloc(&callbacks, NULL, parser);
	if (!parser->yajl)
		return err_set(e, -ENOMEM, "out of memory");
	r = run(parser, text, e);
	yajl_free(parser->yajl);
	free(parser->name);
	if (r < 0)
		json_free(parser->root);
	else
		*ret = parser->root;
	return r;
}

int json_parse(const char *text, size_t len, struct json **ret, struct err *e)
{
	struct parser parser = {.text = text, .len = len};

	return parse(&parser, text, ret, e);
}

int json_parse_commented(const char *text, size_t len, struct json **ret, struct err *e)
{
	_cleanup_(freep) char *blanked = copy_bytes(text, len);
	struct parser parser = {.text = blanked, .len = len};
	const char *reason;
	size_t at;

	if (!blanked)
		return err_set(e, -ENOMEM, "out of memory");
	reason = json_text_blank_comments(blanked, len, &at);
	if (reason)
		return json_text_fail(e, text, at, reason);
	return parse(&parser, text, ret, e);
}

struct writer {
	struct str text;
	int code;
};

static void on_print(void *userdata, const char *bytes, size_t len)
{
	struct writer *writer = userdata;

	if (writer->code == 0)
		writer->code = str_append(&writer->text, bytes, len);
}

int json_write_octets(struct str *out, const char *text, size_t len)
{
	_cleanup_str_ struct str clean = {};
	struct writer writer = {};
	yajl_gen gen;
	int r;

	r = json_text_copy(&clean, text, len);
	if (r < 0)
		return r;
	gen = yajl_gen_alloc(NULL);
	if (!gen)
		return -ENOMEM;
	yajl_gen_config(gen, yajl_gen_print_callback, on_print, &writer);
	yajl_gen_string(gen, (const unsigned char *)str_text(&clean), clean.len);
	yajl_gen_free(gen);
	r = writer.code < 0 ? writer.code : str_append(out, writer.text.data, writer.text.len);
	str_finish(&writer.text);
	return r;
}

int json_write_string(struct str *out, const char *text)
{
	return json_write_octets(out, text, strlen(text));
}
