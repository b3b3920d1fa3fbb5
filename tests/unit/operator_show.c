/* Cells, ages, counts: what every table of `bangway` is made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/operator/content.h"
#include "bridge/operator/show.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
cells_have_their_width(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		enum show_side side;
		const char *out;
	} rows[] = {
	    {"", 3, SHOW_LEFT, "   "},
	    {"ab", 4, SHOW_LEFT, "ab  "},
	    {"ab", 4, SHOW_RIGHT, "  ab"},
	    {"abcd", 4, SHOW_LEFT, "abcd"},
	    {"abcde", 4, SHOW_LEFT, "abc~"},
	    {"abcde", 4, SHOW_RIGHT, "abc~"},
	    {"abcde", 1, SHOW_LEFT, "~"},
	    {"caf\xc3\xa9", 5, SHOW_LEFT, "caf\xc3\xa9 "},
	    {"\xc3\xa9\xc3\xa9\xc3\xa9", 2, SHOW_LEFT, "\xc3\xa9~"},
	    {"\033[2J", 8, SHOW_LEFT, "\\x1b[2J "},
	    {"\033[2J", 4, SHOW_LEFT, "\\x1~"},
	    {"a\\b", 5, SHOW_LEFT, "a\\\\b "},
	    {"\xff", 5, SHOW_RIGHT, " \\xff"},
	};
	struct buf b = {0};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&b);
		show_cell(&b, span_of(rows[i].text), rows[i].width, rows[i].side);
		assert_string_equal(buf_text(&b), rows[i].out);
		assert_int_equal(show_columns(buf_view(&b)), rows[i].width);
	}
	buf_free(&b);
}

static void
the_last_cell_is_not_filled(void **state)
{
	struct buf b = {0};

	(void)state;
	show_last(&b, SPAN("ab"), 4);
	assert_string_equal(buf_text(&b), "ab");
	buf_clear(&b);
	show_last(&b, SPAN("abcde"), 4);
	assert_string_equal(buf_text(&b), "abc~");
	buf_clear(&b);
	show_last(&b, SPAN("abcde"), 0);
	assert_string_equal(buf_text(&b), "");
	buf_free(&b);
}

/* What is shown already is not escaped a second time. */
static void
shown_text_is_only_fitted(void **state)
{
	struct buf b = {0};

	(void)state;
	show_fit(&b, SPAN("\\x1b[2J +3"), 12, SHOW_LEFT);
	assert_string_equal(buf_text(&b), "\\x1b[2J +3  ");
	buf_free(&b);
}

static void
ages_fit_six_columns(void **state)
{
	static const struct {
		int64_t seconds;
		const char *out;
	} rows[] = {
	    {-5, "0s"},       {0, "0s"},           {59, "59s"},       {60, "1m"},
	    {3599, "59m"},    {3600, "1h00m"},     {86399, "23h59m"}, {86400, "1d0h"},
	    {187200, "2d4h"}, {8639999, "99d23h"}, {8640000, "100d"}, {315360000, "3650d"},
	};
	char out[SHOW_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_string_equal(show_age(rows[i].seconds, out), rows[i].out);
		assert_true(strlen(out) <= 6);
	}
}

static void
times_are_told_from_now(void **state)
{
	static const struct {
		int64_t at_s, now_s;
		const char *out;
	} rows[] = {
	    {1000, 1000, "just now"},
	    {1840, 1000, "in 14m"},
	    {1000, 1720, "12m ago"},
	    {INT64_C(4000000000), 1000, "in 46296d"},
	};
	char out[SHOW_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_string_equal(show_when(rows[i].at_s, rows[i].now_s, out), rows[i].out);
}

static void
counts_have_their_noun(void **state)
{
	static const struct {
		uint64_t n;
		const char *out;
	} rows[] = {
	    {0, "0 messages"},
	    {1, "1 message"},
	    {999, "999 messages"},
	    {1000, "1,000 messages"},
	    {1000000, "1,000,000 messages"},
	    {UINT64_MAX, "18,446,744,073,709,551,615 messages"},
	};
	char out[2 * SHOW_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_string_equal(show_count(rows[i].n, "message", "messages", out), rows[i].out);
}

static void
lines_have_a_label(void **state)
{
	struct buf b = {0};

	(void)state;
	show_linef(&b, "sender", "%s", "a\nb");
	assert_string_equal(buf_text(&b), "sender       a\\x0ab\n");
	buf_free(&b);
}

static void
long_lines_are_folded(void **state)
{
	static const struct {
		const char *text;
		size_t column;
		const char *out;
		size_t ends;
	} rows[] = {
	    {"", 4, "", 4},
	    {"one two", 4, "one two", 11},
	    {"one two three", 4, "one two\n  three", 7},
	    {"averylongword", 4, "averylongword", 17},
	    {"a averylongword b", 4, "a\n  averylongword\n  b", 3},
	    {"caf\xc3\xa9 caf\xc3\xa9", 3, "caf\xc3\xa9 caf\xc3\xa9", 12},
	};
	struct buf b = {0};
	size_t i, column;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&b);
		column = rows[i].column;
		show_fold(&b, span_of(rows[i].text), 2, &column, 12);
		assert_string_equal(buf_text(&b), rows[i].out);
		assert_int_equal(column, rows[i].ends);
	}
	buf_free(&b);
}

static void
content_keeps_its_lines(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"", ""},         {"a\nb\n", "a\nb\n"},
	    {"a\tb", "a\tb"}, {"\033[31m\r\n", "\\x1b[31m\\x0d\n"},
	    {"\n\n", "\n\n"},
	};
	struct buf b = {0};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&b);
		content_escape(span_of(rows[i].in), &b);
		assert_string_equal(buf_text(&b), rows[i].out);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cells_have_their_width),
	    cmocka_unit_test(the_last_cell_is_not_filled),
	    cmocka_unit_test(shown_text_is_only_fitted),
	    cmocka_unit_test(ages_fit_six_columns),
	    cmocka_unit_test(times_are_told_from_now),
	    cmocka_unit_test(counts_have_their_noun),
	    cmocka_unit_test(lines_have_a_label),
	    cmocka_unit_test(long_lines_are_folded),
	    cmocka_unit_test(content_keeps_its_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
