#include "config_fixture.h"

static void read_bool(struct config_reader *reader, const struct json *value, void *target)
{
	config_read_bool(reader, value, target);
}

static void read_number(struct config_reader *reader, const struct json *value, void *target)
{
	config_read_unsigned(reader, value, 1, 25, target);
}

static void read_text(struct config_reader *reader, const struct json *value, void *target)
{
	config_read_text(reader, value, target);
}

static void read_word(struct config_reader *reader, const struct json *value, void *target)
{
	static const char *const words[] = {"a", "b", "c", NULL};

	*(int *)target = config_read_word(reader, value, words);
}

static void read_list(struct config_reader *reader, const struct json *value, void *target)
{
	config_read_list(reader, value, config_read_text, target);
}

START_TEST(booleans)
{
	bool value = false;

	must_note("true", read_bool, &value, "");
	ck_assert(value);
	must_note("\"false\"", read_bool, &value, "c:1:1: must be true or false\n");
	must_note(" 0", read_bool, &value, "c:1:2: must be true or false\n");
	must_note("null", read_bool, &value, "c:1:1: must be true or false\n");
	ck_assert(value);
}
END_TEST

START_TEST(integers)
{
	static const char *const bad[] = {"0", "26", "-1", "1.0", "1e1", "2.5", "\"1\"", "true",
	    "null", "[1]", "99999999999999999999", "-0"};
	unsigned value = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		must_note(bad[i], read_number, &value, "c:1:1: must be an integer from 1 to 25\n");
	ck_assert_uint_eq(value, 7);
	must_note("25", read_number, &value, "");
	ck_assert_uint_eq(value, 25);
	must_note("1", read_number, &value, "");
	ck_assert_uint_eq(value, 1);
}
END_TEST

START_TEST(texts)
{
	_cleanup_(freep) char *value = NULL;

	must_note("\"\xc3\xa9 x\"", read_text, &value, "");
	ck_assert_str_eq(value, "\xc3\xa9 x");
	must_note("\"\"", read_text, &value, "c:1:1: must be a string that is not empty\n");
	must_note("\"a\\nb\"", read_text, &value, "c:1:1: must be free of control characters\n");
	must_note(
	    "\"a\\u0000b\"", read_text, &value, "c:1:1: must be free of control characters\n");
	must_note("\"\\u007f\"", read_text, &value, "c:1:1: must be free of control characters\n");
	must_note("{}", read_text, &value, "c:1:1: must be a string\n");
	ck_assert_str_eq(value, "\xc3\xa9 x");
	must_note("\"y\"", read_text, &value, "");
	ck_assert_str_eq(value, "y");
}
END_TEST

START_TEST(words)
{
	int word;

	must_note("\"b\"", read_word, &word, "");
	ck_assert_int_eq(word, 1);
	must_note("\"B\"", read_word, &word, "c:1:1: must be \"a\", \"b\" or \"c\"\n");
	ck_assert_int_eq(word, -1);
	must_note("1", read_word, &word, "c:1:1: must be \"a\", \"b\" or \"c\"\n");
	must_note("\"a\\u0000\"", read_word, &word, "c:1:1: must be \"a\", \"b\" or \"c\"\n");
}
END_TEST

START_TEST(lists)
{
	char **list = NULL;

	must_note("[\"a\",\"b\"]", read_list, &list, "");
	ck_assert_str_eq(list[0], "a");
	ck_assert_str_eq(list[1], "b");
	ck_assert_ptr_null(list[2]);
	config_list_free(list);
	must_note("[\"a\",1,\"b\",\"\"]", read_list, &list,
	    "c:1:6: must be a string\nc:1:12: must be a string that is not empty\n");
	ck_assert_str_eq(list[1], "b");
	ck_assert_ptr_null(list[2]);
	config_list_free(list);
	list = NULL;
	must_note("\"a\"", read_list, &list, "c:1:1: must be a list\n");
	ck_assert_ptr_null(list);
	config_list_free(NULL);
}
END_TEST

struct pair {
	unsigned number;
	char **texts;
};

static void read_member(struct config_reader *reader, const struct json *value, void *target)
{
	struct pair *pair = target;

	config_read_unsigned(reader, value, 1, 25, &pair->number);
}

static void read_members(struct config_reader *reader, const struct json *value, void *target)
{
	struct pair *pair = target;

	config_read_list(reader, value, config_read_text, &pair->texts);
}

static void read_object(struct config_reader *reader, const struct json *value, void *target)
{
	static const struct config_key keys[] = {{"number", read_member}, {"texts", read_members}};

	config_read_object(reader, value, keys, 2, target);
}

START_TEST(objects)
{
	struct pair pair = {};

	must_note("{\"texts\":[\"a\"],\"number\":3}", read_object, &pair, "");
	ck_assert_uint_eq(pair.number, 3);
	ck_assert_str_eq(pair.texts[0], "a");
	config_list_free(pair.texts);
	must_note("{\"texts\":[\"a\",\"a\"],\"number\":0,\n\"text\":1,\"\":2}", read_object, &pair,
	    "c:1:15: texts \"a\" is given twice\nc:1:29: number must be an integer from 1 to 25\n"
	    "c:2:1: unknown key \"text\"; did you mean \"texts\"?\n"
	    "c:2:10: unknown key \"\"; did you mean \"texts\"?\n");
	config_list_free(pair.texts);
	must_note("{\"number\":4,\"number\":5}", read_object, &pair, "");
	ck_assert_uint_eq(pair.number, 4);
	must_note("[]", read_object, &pair, "c:1:1: must be an object\n");
}
END_TEST

UNIT(config_reader, booleans, integers, texts, words, lists, objects);
