#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/smtp/reply.h"

#include <stdio.h>

static const struct {
	const char *in;
	long used; /* or REPLY_BAD, REPLY_MORE */
	int code;
	const char *status;
	const char *words;
} rows[] = {
    {"250 ok\r\n", 8, 250, "", "250 ok"},
    {"250 ok\r\n250 more\r\n", 8, 250, "", "250 ok"},
    {"250\r\n", 5, 250, "", "250"},
    {"250 \r\n", 6, 250, "", "250"},
    {"250 ok\n", 7, 250, "", "250 ok"}, /* seen from gateways of the 1980s */
    {"550 5.1.1 no such user\r\n", 24, 550, "5.1.1", "550 5.1.1 no such user"},
    {"550-5.1.1 no such user\r\n550 5.1.1 ask him\r\n", 43, 550, "5.1.1",
     "550 5.1.1 no such user ask him"},
    {"550 4.2.2 full\r\n", 16, 550, "", "550 4.2.2 full"}, /* the code counts */
    {"550 5.1.1\r\n", 11, 550, "5.1.1", "550 5.1.1"},
    {"550 5.1.1.1 x\r\n", 15, 550, "", "550 5.1.1.1 x"},
    {"550 5.1234.1 x\r\n", 16, 550, "", "550 5.1234.1 x"},
    {"452 4.5.3 Too many\r\n", 20, 452, "4.5.3", "452 4.5.3 Too many"},
    {"", REPLY_MORE, 0, "", ""},
    {"250", REPLY_MORE, 0, "", ""},
    {"250-a\r\n", REPLY_MORE, 0, "", ""},
    {"250-a\r\n250-b\r\n25", REPLY_MORE, 0, "", ""},
    {"25 ok\r\n", REPLY_BAD, 0, "", ""},
    {"150 ok\r\n", REPLY_BAD, 0, "", ""},
    {"600 ok\r\n", REPLY_BAD, 0, "", ""},
    {"2500 ok\r\n", REPLY_BAD, 0, "", ""},
    {"250_ok\r\n", REPLY_BAD, 0, "", ""},
    {" 250 ok\r\n", REPLY_BAD, 0, "", ""},
    {"\r\n", REPLY_BAD, 0, "", ""},
    {"HTTP/1.1 400 Bad Request\r\n", REPLY_BAD, 0, "", ""},
    {"250-a\r\n550 b\r\n", REPLY_BAD, 0, "", ""},
    {"250-a\r\n250", REPLY_MORE, 0, "", ""},
};

static void
replies(void **state)
{
	struct reply r;
	const char *why;
	char words[64];
	size_t i;
	long used;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		used = reply_parse(span_of(rows[i].in), &r, &why);
		if (used != rows[i].used)
			fail_msg("row %zu: used %ld, not %ld", i, used, rows[i].used);
		if (used < 0)
			continue;
		reply_words(&r, words, sizeof words);
		assert_int_equal(r.code, rows[i].code);
		assert_string_equal(r.status, rows[i].status);
		assert_string_equal(words, rows[i].words);
	}
}

/* However the octets come, the answer is the same one, and not before the last. */
static void
torn_anywhere(void **state)
{
	struct reply r;
	const char *why;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (n = 0; rows[i].used > 0 && n < (size_t)rows[i].used; n++)
			assert_int_equal(reply_parse((struct span){rows[i].in, n}, &r, &why),
			                 REPLY_MORE);
}

static void
endless(const char *line, const char *expected)
{
	struct buf in = {0};
	struct reply r;
	const char *why = "";
	long used = REPLY_MORE;

	while (used == REPLY_MORE && in.n < 1000000) {
		buf_str(&in, line);
		used = reply_parse(buf_view(&in), &r, &why);
	}
	assert_int_equal(used, REPLY_BAD);
	assert_string_equal(why, expected);
	assert_true(in.n <= REPLY_BYTES + REPLY_LINE_BYTES);
	buf_free(&in);
}

static void
bounds(void **state)
{
	char line[1000];

	(void)state;
	endless("250-x\r\n", "a reply of too many lines");
	endless("x", "a reply line too long");
	snprintf(line, sizeof line, "250-%0900d\r\n", 0);
	endless(line, "a reply too long");
}

static void
words_are_cut_and_hold_no_nul(void **state)
{
	struct reply r;
	const char *why;
	char words[12];

	(void)state;
	assert_int_equal(reply_parse((struct span){"550 a\0b\r\n", 9}, &r, &why), 9);
	reply_words(&r, words, sizeof words);
	assert_string_equal(words, "550 a?b");
	assert_true(reply_parse(span_of("550 abcdefghijkl\r\n"), &r, &why) > 0);
	reply_words(&r, words, sizeof words);
	assert_string_equal(words, "550 abcdefg");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replies),
	    cmocka_unit_test(torn_anywhere),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(words_are_cut_and_hold_no_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
