#include "json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

#include "json_text.h"
#include "json_tree.h"
#include "utf8.h"

struct parser {
	struct json *root;
	struct json *open[JSON_DEPTH_MAX]; /* the containers around the current position */
	size_t depth;
	char *name; /* key that waits for its value */
	const char *reason;
	int code;
};

static int stop(struct parser *parser, int code, const char *reason)
{
	parser->code = code;
	parser->reason = reason;
	return 0;
}

static struct json *add_node(struct parser *parser, enum json_kind kind)
{
	struct json *node;

	if (parser->depth == 0)
		node = parser->root = calloc(1, sizeof(*node));
	else
		node = json_append_child(parser->open[parser->depth - 1]);
	if (!node) {
		stop(parser, -ENOMEM, "out of memory");
		return NULL;
	}
	node->kind = kind;
	node->name = TAKE_PTR(parser->name);
	return node;
}

static int on_literal(void *userdata)
{
	return add_node(userdata, JSON_LITERAL) != NULL;
}

static int on_boolean(void *userdata, int value)
{
	return on_literal(userdata);
}

/* Not yajl's integer and double callbacks: they fail on what does not fit a long long. */
static int on_number(void *userdata, const char *text, size_t len)
{
	_cleanup_(freep) char *copy = str_copy(text, len);
	struct json *node = add_node(userdata, JSON_NUMBER);

	if (!copy)
		return stop(userdata, -ENOMEM, "out of memory");
	if (!node)
		return 0;
	node->number = strtod(copy, NULL);
	return isfinite(node->number) ? 1 : stop(userdata, -EBADMSG, "number out of range");
}

static char *copy_bytes(const unsigned char *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

static int on_string(void *userdata, const unsigned char *bytes, size_t len)
{
	struct json *node = add_node(userdata, JSON_STRING);

	if (!node)
		return 0;
	node->string = copy_bytes(bytes, len);
	node->string_len = len;
	return node->string ? 1 : stop(userdata, -ENOMEM, "out of memory");
}

static int on_key(void *userdata, const unsigned char *bytes, size_t len)
{
	struct parser *parser = userdata;

	if (memchr(bytes, 0, len))
		return stop(parser, -EBADMSG, "NUL in a member's name");
	parser->name = copy_bytes(bytes, len);
	return parser->name ? 1 : stop(parser, -ENOMEM, "out of memory");
}

static int open_container(struct parser *parser, enum json_kind kind)
{
	struct json *node;

	if (parser->depth == JSON_DEPTH_MAX)
		return stop(parser, -EBADMSG, "nested too deeply");
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

	parser->depth--;
	return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_literal,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_open_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_close,
    .yajl_start_array = on_open_array,
    .yajl_end_array = on_close,
};

/* "parse error: reason\n" without its frame. */
static void fail_as_yajl_says(yajl_handle yajl, char reason[static ERR_TEXT_MAX])
{
	unsigned char *text = yajl_get_error(yajl, 0, NULL, 0);
	const char *start = text ? strstr((char *)text, ": ") : NULL;

	snprintf(reason, ERR_TEXT_MAX, "%s", start ? start + 2 : "no JSON");
	reason[strcspn(reason, "\n")] = '\0';
	if (text)
		yajl_free_error(yajl, text);
}

static int run(struct parser *parser, yajl_handle yajl, const char *text, size_t len, struct err *e)
{
	char reason[ERR_TEXT_MAX];
	yajl_status status = yajl_parse(yajl, (const unsigned char *)text, len);
	size_t at = len;

	if (status == yajl_status_ok) {
		status = yajl_complete_parse(yajl);
	} else {
		/* It counts the token that it could not take: the last octet of that is the place.
		 */
		at = yajl_get_bytes_consumed(yajl);
		at -= at > 0;
	}
	if (status == yajl_status_ok)
		return 0;
	if (parser->code == -ENOMEM)
		return err_set(e, -ENOMEM, "out of memory");
	if (parser->reason)
		return json_text_fail(e, text, at, parser->reason);
	fail_as_yajl_says(yajl, reason);
	return json_text_fail(e, text, at, reason);
}

/* One chunk and no escapes: yajl hands out pointers into text, no copy of a token stays in it. */
int json_parse(const char *text, size_t len, struct json **ret, struct err *e)
{
	struct parser parser = {};
	yajl_handle yajl;
	int r;

	r = json_text_check(text, len, e);
	if (r < 0)
		return r;
	yajl = yajl_alloc(&callbacks, NULL, &parser);
	if (!yajl)
		return err_set(e, -ENOMEM, "out of memory");
	r = run(&parser, yajl, text, len, e);
	yajl_free(yajl);
	free(parser.name);
	if (r < 0) {
		json_free(parser.root);
		return r;
	}
	*ret = parser.root;
	return 0;
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

static int copy_as_utf8(struct str *out, const char *text)
{
	size_t len = strlen(text);
	int r = 0;

	for (size_t i = 0; i < len && r == 0;) {
		size_t step = utf8_length(text + i, len - i);

		r = step ? str_append(out, text + i, step) : str_append_text(out, "\xef\xbf\xbd");
		i += step ? step : 1;
	}
	return r;
}

int json_write_string(struct str *out, const char *text)
{
	_cleanup_str_ struct str clean = {};
	struct writer writer = {};
	yajl_gen gen;
	int r;

	r = copy_as_utf8(&clean, text);
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
