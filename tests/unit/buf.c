#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/buf.h"
#include "bridge/base/verdict.h"

static void
escapes(void **state)
{
	static const struct {
		const char *in;
		bool value;
		const char *out;
	} rows[] = {
	    {"plain", false, "plain"},
	    {"a b", false, "a b"},
	    {"a b=\"c\"", true, "a\\x20b\\x3d\\x22c\\x22"},
	    {"\033[31mred", false, "\\x1b[31mred"},
	    {"back\\slash", false, "back\\\\slash"},
	    {"caf\xc3\xa9", false, "caf\xc3\xa9"},
	    {"caf\xe9", false, "caf\\xe9"},
	    {"\xc2\x9b"
	     "31m",
	     false, "\\xc2\\x9b31m"},
	    {"\xed\xa0\x80", false, "\\xed\\xa0\\x80"},
	    {"tail\xe2\x82", false, "tail\\xe2\\x82"},
	    {"a\xe2\x80\xae@b", false, "a\\xe2\\x80\\xae@b"}, /* U+202E */
	    {"\xef\xbb\xbf"
	     "a",
	     false,
	     "\\xef\\xbb\\xbf"
	     "a"},                                               /* U+FEFF */
	    {"\xd8\x9c", false, "\\xd8\\x9c"},                   /* U+061C */
	    {"\xf3\xa0\x81\xa1", false, "\\xf3\\xa0\\x81\\xa1"}, /* U+E0061 */
	    {"\xe2\x80\x90 \xf0\x9f\x93\xae", false, "\xe2\x80\x90 \xf0\x9f\x93\xae"},
	};
	struct buf b = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_clear(&b);
		(rows[i].value ? buf_escape_value : buf_escape)(&b, span_of(rows[i].in));
		assert_string_equal(buf_text(&b), rows[i].out);
	}
	buf_free(&b);
}

static void
a_bound_is_kept(void **state)
{
	struct buf b = {.max = 8};

	(void)state;
	buf_str(&b, "12345678");
	assert_false(b.bad);
	buf_ch(&b, '9');
	assert_true(b.bad);
	assert_string_equal(buf_text(&b), "12345678");
	buf_free(&b);
}

static void
words_are_cut_at_a_character(void **state)
{
	struct verdict v;
	char long_words[VERDICT_WORDS + 2];

	(void)state;
	memset(long_words, 'x', sizeof long_words);
	memcpy(long_words + VERDICT_WORDS - 2, "\xc3\xa9", 3);
	verdict_set(&v, OUTCOME_LATER, SCOPE_HOST, 421, NULL, "%s", long_words);
	assert_int_equal(strlen(v.words), VERDICT_WORDS - 2);
	assert_string_equal(v.status, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(escapes),
	    cmocka_unit_test(a_bound_is_kept),
	    cmocka_unit_test(words_are_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
