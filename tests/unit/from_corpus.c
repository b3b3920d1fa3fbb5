/*
 * Every row of tests/data/from_lines/from_lines.tsv: the sender that the
 * table recommends, and how many octets of the letter the chain takes. And
 * more of the same kinds, by the same rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/addr/from_line.h"
#include "tests/unit/addr_tsv.h"

#include <dirent.h>

enum { NAME, INPUT, RECOMMENDED = 11 };

/* Where we answer otherwise, and why. */
static const struct {
	const char *name, *ours, *why;
} deviations[] = {
    {"cr-only", "alpha!alice skip=54",
     "a lone CR ends the line: skipping all 160 octets would lose the letter"},
};

/* As the table writes it: "PATH skip=N", "<> skip=N", "REJECT 65", "(no From_ line) ...". */
static void
answer(struct span letter, struct buf *out)
{
	struct buf path = {0};
	struct from_chain c;
	int got = from_chain_read(letter, true, ADDR_DOMAIN_FIRST, &path, &c);

	buf_clear(out);
	if (got < 0)
		buf_str(out, "REJECT 65");
	else if (c.lines == 0)
		buf_str(out, "(no From_ line)");
	else {
		buf_span(out, c.path.n > 0 ? c.path : SPAN("<>"));
		buf_fmt(out, " skip=%zu", c.bytes);
	}
	buf_free(&path);
}

/* "@len=N,sha256=...,head=X,tail=Y" stands for a long answer. */
static bool
agrees(struct span want, struct span got)
{
	struct span tail;
	const char *mark;

	if (!span_starts_nocase(want, "@len="))
		return span_starts_nocase(want, "(no From_ line)") ? span_is(got, "(no From_ line)")
		                                                   : span_eq(want, got);
	mark = memmem(want.p, want.n, ",tail=", 6);
	if (mark == NULL || got.n != strtoul(want.p + 5, NULL, 10))
		return false;
	tail = (struct span){mark + 6, (size_t)(want.p + want.n - mark - 6)};
	return got.n >= tail.n && memcmp(got.p + got.n - tail.n, tail.p, tail.n) == 0;
}

static void
rows(void **state)
{
	struct buf file = {0}, letter = {0}, want = {0}, got = {0};
	struct span rest, c[TSV_CELLS];
	char path[256];
	int wrong = 0, count = 0;
	size_t i;

	(void)state;
	file_read("tests/data/from_lines/from_lines.tsv", &file);
	rest = buf_view(&file);
	tsv_next(&rest, c);
	while (tsv_next(&rest, c)) {
		count++;
		snprintf(path, sizeof path, "tests/data/from_lines/%.*s", (int)c[INPUT].n,
		         c[INPUT].p);
		file_read(path, &letter);
		tsv_cell(c[RECOMMENDED], "from_lines", &want);
		for (i = 0; i < sizeof deviations / sizeof deviations[0]; i++)
			if (span_is(c[NAME], deviations[i].name)) {
				buf_clear(&want);
				buf_str(&want, deviations[i].ours);
			}
		answer(buf_view(&letter), &got);
		if (agrees(buf_view(&want), buf_view(&got)))
			continue;
		print_message("%.*s: wanted %.200s, got %.200s\n", (int)c[NAME].n, c[NAME].p,
		              buf_text(&want), buf_text(&got));
		wrong++;
	}
	assert_int_equal(count, 76);
	assert_int_equal(wrong, 0);
	buf_free(&file);
	buf_free(&letter);
	buf_free(&want);
	buf_free(&got);
}

static void
more_rows(void **state)
{
	struct buf file = {0}, letter = {0}, got = {0};
	struct span rest, c[TSV_CELLS];
	int count = 0;

	(void)state;
	file_read("tests/data/from_lines/more.tsv", &file);
	rest = buf_view(&file);
	tsv_next(&rest, c);
	for (; tsv_next(&rest, c); count++) {
		tsv_cell(c[1], "from_lines", &letter);
		answer(buf_view(&letter), &got);
		if (!span_eq(c[2], buf_view(&got)))
			fail_msg("%.*s: wanted %.*s, got %.200s", (int)c[0].n, c[0].p, (int)c[2].n,
			         c[2].p, buf_text(&got));
	}
	assert_int_equal(count, 165);
	buf_free(&file);
	buf_free(&letter);
	buf_free(&got);
}

/* A letter that comes in pieces says the same, or asks for more; never anything else. */
static void
torn_at_every_octet(void **state)
{
	struct buf letter = {0}, path = {0}, again = {0};
	struct from_chain whole, part;
	size_t n;
	int got;

	(void)state;
	file_read("tests/data/from_lines/stdin/chain-3.stdin", &letter);
	assert_int_equal(from_chain_read(buf_view(&letter), true, ADDR_DOMAIN_FIRST, &path, &whole),
	                 0);
	for (n = 0; n < letter.n; n++) {
		got = from_chain_read((struct span){letter.p, n}, false, ADDR_DOMAIN_FIRST, &again,
		                      &part);
		if (n <= whole.bytes) {
			assert_int_equal(got, -2);
			continue;
		}
		if (got == -2) /* the next line may still become one of the chain */
			continue;
		assert_int_equal(got, 0);
		assert_int_equal(part.bytes, whole.bytes);
		assert_true(span_eq(part.path, whole.path));
	}
	assert_int_equal(got, 0);
	buf_free(&letter);
	buf_free(&path);
	buf_free(&again);
}

/* What a 4.3BSD VAX sent: each letter has one line, a readable date, and the site vax43. */
static void
a_real_vax(void **state)
{
	DIR *d = opendir("tests/data/vax43");
	struct buf letter = {0}, path = {0};
	struct from_chain c;
	struct from_line line;
	struct span rest;
	struct dirent *e;
	char name[300];
	int64_t when_s;
	int count = 0;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		snprintf(name, sizeof name, "tests/data/vax43/%s/stdin", e->d_name);
		file_read(name, &letter);
		assert_int_equal(
		    from_chain_read(buf_view(&letter), true, ADDR_DOMAIN_FIRST, &path, &c), 0);
		assert_int_equal(c.lines, 1);
		assert_true(span_starts_nocase(c.path, "vax43!"));
		rest = (struct span){letter.p, c.bytes};
		assert_true(from_chain_next(&rest, &line));
		assert_true(span_is(line.site, "vax43"));
		assert_int_equal(from_date_read(line.date, &when_s), 0);
		assert_true(when_s > 533000000 && when_s < 533100000); /* 22 Nov 1986 */
		assert_false(from_chain_next(&rest, &line));
		count++;
	}
	closedir(d);
	assert_int_equal(count, 10);
	buf_free(&letter);
	buf_free(&path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows),
	    cmocka_unit_test(more_rows),
	    cmocka_unit_test(torn_at_every_octet),
	    cmocka_unit_test(a_real_vax),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
