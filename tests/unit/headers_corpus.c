/*
 * Header fields as they were posted from 1981 to 1995, in a letter from the
 * neighbour alpha: whoever they are rewritten for, only addresses change, and a
 * field that cannot be read passes as it came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/addr/fields.h"
#include "bridge/route/rewrite.h"
#include "tests/unit/addr_tsv.h"
#include "tests/unit/gateway.h"
#include "tests/unit/remember.h"

/* The octets before the next address and behind the last; false when a field has none or is bad. */
static bool
gap_next(struct fields *w, struct buf *store, size_t *at, struct span *gap, bool *more)
{
	struct field_address f;
	int got = fields_next(w, store, &f);

	*gap = (struct span){w->body.p + *at, (got > 0 ? f.at : w->body.n) - *at};
	*more = got > 0;
	if (got > 0)
		*at = f.at + f.n;
	return got >= 0;
}

/* All but its addresses is the same in both; a list of blanks may have got its commas. */
static bool
same_but_addresses(struct span before, struct span after)
{
	struct buf one = {0}, two = {0};
	struct fields b, a;
	struct span gap, other;
	size_t b_at = 0, a_at = 0;
	bool more = true, also = true, same = true;

	fields_begin(&b, before, ADDR_DOMAIN_FIRST);
	fields_begin(&a, after, ADDR_DOMAIN_FIRST);
	while (same && more) {
		same = gap_next(&b, &one, &b_at, &gap, &more) &&
		       gap_next(&a, &two, &a_at, &other, &also) && more == also;
		if (same && !span_eq(gap, other))
			same = other.n == gap.n + 1 && span_trim(gap).n == 0 && other.p[0] == ',';
	}
	buf_free(&one);
	buf_free(&two);
	return same;
}

/* A field of 1981 to 1995 for the Internet side and for neighbours of each class. */
static void
passes_unharmed(const struct route_table *table, struct span body, int *unread, int *replaced)
{
	static struct config_site to[] = {
	    {.name = "alpha", .domain = "", .class = SITE_OLD},
	    {.name = "alpha", .domain = "", .class = SITE_NEW},
	    {.name = "alpha", .domain = "", .class = SITE_DOMAIN},
	};
	const struct route_ask ask = {.site = "alpha", .now_s = NOON};
	struct rewrite w = {.table = table, .ask = &ask, .now_s = NOON, .tokens = &remembered};
	struct buf out = {0};
	const char *why;
	size_t i;
	int got;

	for (i = 0; i < 4; i++) {
		w.to = i < 3 ? &to[i] : NULL;
		buf_clear(&out);
		got = rewrite_field(&w, body, &out, &why);
		*unread += got < 0;
		*replaced += got > 0;
		if (got <= 0 ? !span_eq(body, buf_view(&out))
		             : !same_but_addresses(body, buf_view(&out)))
			fail_msg("harmed: %.*s: %s", (int)body.n, body.p, buf_text(&out));
	}
	buf_free(&out);
}

static void
keep_all_but_addresses(const struct route_table *table, int *replaced)
{
	struct buf rows = {0};
	struct span rest, cells[TSV_CELLS], name, body;
	int unread = 0, fields = 0;

	file_read("tests/data/headers/headers.tsv", &rows);
	rest = buf_view(&rows);
	tsv_next(&rest, cells);
	while (tsv_next(&rest, cells))
		while (tsv_field_next(&cells[6], &name, &body))
			if (rewrite_is_address_field(name)) {
				passes_unharmed(table, body, &unread, replaced);
				fields++;
			}
	assert_int_equal(fields, 198);
	/* prose and a misprint: addr_fields.c has them */
	assert_int_equal(unread, 2 * 4);
	buf_free(&rows);
}

/* Without a key, as in a spool that no daemon has opened; and with one, as every daemon has. */
static void
letters_of_their_time_keep_all_but_addresses(void **state)
{
	struct route_table *table = route_table_new(&gateway);
	int replaced = 0, keyed = 0;

	(void)state;
	keep_all_but_addresses(table, &replaced);
	remember(table);
	keep_all_but_addresses(table, &keyed);
	print_message("# replaced in one of four ways: %d without a key, %d with one\n", replaced,
	              keyed);
	assert_int_equal(replaced, 284);
	assert_int_equal(keyed, replaced);
	assert_true(remembered.n > 0);
	buf_free(&remembered);
	route_table_free(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(letters_of_their_time_keep_all_but_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
