#include "config_policy.h"

#include <errno.h>
#include <string.h>

#include "file.h"

enum { POLICY_FILE_MAX = 256 * 1024 }; /* the longest policy, well indented */

static size_t count_characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* Takes the text if it fits; notes the problem at the key. */
static void keep(struct config_reader *reader, const struct json *node, const struct json *policy,
    size_t max, char **target)
{
	_cleanup_str_ struct str text = {};
	size_t count;

	if (json_write(&text, policy) < 0) {
		reader->problems.code = -ENOMEM;
		return;
	}
	count = count_characters(str_text(&text));
	if (count > max)
		config_problem(&reader->problems, json_name_start(node),
		    "%s: %zu characters without blanks are more than the %zu that ECR takes",
		    json_name(node), count, max);
	else
		config_copy(reader, str_text(&text), target);
}

void config_read_policy(
    struct config_reader *reader, const struct json *node, size_t max, char **target)
{
	if (config_is(reader, node, JSON_OBJECT, "an object"))
		keep(reader, node, node, max, target);
}

/* 0, or −errno with the reason, which names the file and its line. */
static int parse_policy(const char *path, const struct str *text, struct json **ret, struct err *e)
{
	_cleanup_(json_freep) struct json *root = NULL;
	struct config_problems problems = {};
	_cleanup_str_ struct str lines = {};
	struct err why = {};
	int r;

	r = json_parse(str_text(text), text->len, &root, &why);
	if (r < 0)
		return err_set(e, r, "%s:%s", path, why.text);
	if (json_kind(root) != JSON_OBJECT)
		config_problem(&problems, json_start(root), "a policy must be an object");
	config_find_duplicate_keys(&problems, root);
	r = config_problems_write(&problems, path, str_text(text), &lines);
	config_problems_finish(&problems);
	if (r < 0)
		return r;
	if (lines.len > 0) /* the first one is enough */
		return err_set(e, -EINVAL, "%.*s", (int)strcspn(lines.data, "\n"), lines.data);
	*ret = TAKE_PTR(root);
	return 0;
}

static int read_policy(const char *path, struct json **ret, struct err *e)
{
	_cleanup_str_ struct str text = {};
	int r = file_read(path, POLICY_FILE_MAX, &text);

	if (r == -EMSGSIZE)
		return err_set(e, r, "%s is longer than %d octets", path, POLICY_FILE_MAX);
	if (r == -EISDIR || r == -ENODEV)
		return err_set(e, r, "%s is no regular file", path);
	if (r < 0)
		return err_set(e, r, "cannot read %s: %s", path, strerror(-r));
	return parse_policy(path, &text, ret, e);
}

static int find_path(const char *folder, const char *name, struct str *ret)
{
	if (name[0] == '/')
		return str_append_text(ret, name);
	return str_appendf(ret, "%s/%s", folder, name);
}

void config_read_policy_file(
    struct config_reader *reader, const struct json *node, size_t max, char **target)
{
	_cleanup_(json_freep) struct json *policy = NULL;
	_cleanup_str_ struct str path = {};
	const char *name = config_text(reader, node);
	struct err e = {};
	int r;

	if (!name)
		return;
	r = find_path(reader->folder, name, &path);
	if (r == 0)
		r = read_policy(str_text(&path), &policy, &e);
	if (r == -ENOMEM)
		reader->problems.code = r;
	else if (r < 0)
		config_problem(
		    &reader->problems, json_name_start(node), "%s: %s", json_name(node), e.text);
	else
		keep(reader, node, policy, max, target);
}
