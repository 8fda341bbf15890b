#include "unit.h"

#include <string.h>

#include "query.h"

/* The pairs, each in brackets. */
static void assert_pairs(const char *query, const char *expected)
{
	_cleanup_str_ struct str text = {};
	struct query_pair pair;

	while (query_next(&query, &pair))
		ck_assert_int_eq(str_appendf(&text, "[%.*s]", (int)pair.len, pair.text), 0);
	ck_assert_str_eq(str_text(&text), expected);
}

START_TEST(walks_over_pairs)
{
	assert_pairs(NULL, "");
	assert_pairs("", "[]");
	assert_pairs("a=1", "[a=1]");
	assert_pairs("a=1&b&=c&&d==e;f&", "[a=1][b][=c][][d==e;f][]");
}
END_TEST

static struct query_pair pair_of(const char *text)
{
	return (struct query_pair){.text = text, .len = strlen(text)};
}

START_TEST(compares_names_decoded)
{
	static const char *const named[] = {"ns=x", "ns", "ns=", "%6es=x", "n%73", "%6E%73=y=z"};
	static const char *const not_named[] = {
	    "", "n=x", "nsx=1", "NS=x", "=ns", "n+s", "%6=x", "n%7", "%ns", "xns", "ns%00=x"};

	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++) {
		struct query_pair pair = pair_of(named[i]);

		ck_assert_msg(query_named(&pair, "ns"), "%s", named[i]);
	}
	for (size_t i = 0; i < sizeof(not_named) / sizeof(*not_named); i++) {
		struct query_pair pair = pair_of(not_named[i]);

		ck_assert_msg(!query_named(&pair, "ns"), "%s", not_named[i]);
	}
}
END_TEST

struct value {
	const char *pair;
	const char *value;
};

START_TEST(decodes_values)
{
	static const struct value values[] = {{"a", ""}, {"a=", ""}, {"a=b", "b"}, {"a=b=c", "b=c"},
	    {"a=%2f%2F+%41", "// A"}, {"a=%30%39%09%f0%0F", "09\t\xf0\x0f"}, {"a=%", "%"},
	    {"a=%4", "%4"}, {"a=%zz%g1%1g", "%zz%g1%1g"}};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct query_pair pair = pair_of(values[i].pair);
		_cleanup_(freep) char *value = NULL;

		ck_assert_int_eq(query_value(&pair, &value), 0);
		ck_assert_str_eq(value, values[i].value);
	}
}
END_TEST

START_TEST(reads_no_further_than_its_pair)
{
	const char *query = "a=%4&1=x";
	_cleanup_(freep) char *value = NULL;
	struct query_pair pair;

	ck_assert(query_next(&query, &pair));
	ck_assert_int_eq(query_value(&pair, &value), 0);
	ck_assert_str_eq(value, "%4");
}
END_TEST

START_TEST(encodes)
{
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(query_encode(&text, "team/app:1-._~ &=%+\xff#?"), 0);
	ck_assert_str_eq(str_text(&text), "team/app:1-._~%20%26%3D%25%2B%FF%23%3F");
}
END_TEST

UNIT(query, walks_over_pairs, compares_names_decoded, decodes_values,
    reads_no_further_than_its_pair, encodes);
