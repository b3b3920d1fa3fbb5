/*
 * The senders and headers of the address corpus towards alpha, a neighbour of
 * class old, beside what Sendmail's uucp-old makes of them (tests/data/README).
 * Where ours is another, the rows and the reason stand here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/route/rewrite.h"
#include "bridge/route/table.h"
#include "tests/unit/addr_tsv.h"
#include "tests/unit/ask.h"
#include "tests/unit/list.h"
#include "tests/unit/remember.h"

static struct config_site neighbours[] = {
    {.name = "alpha", .domain = "", .relay = true},
    {.name = "bravo", .domain = "", .relay = true},
    {.name = "charlie", .domain = "", .relay = true},
};

static struct config host = {
    .files = LIST("gw.conf"),
    .hostname = "gw.example.com",
    .uucp_names = LIST("gw"),
    .domains = LIST("gw.example.com"),
    .local = "maildir:/var/mail/%u",
    .postmaster = "",
    .sites = neighbours,
    .nsites = 3,
};

/* Why, the rows, and those that are others only where there is a key to make tokens with. */
static const struct {
	const char *why, *rows, *keyed;
} others[] = {
    {"case counts in UUCP names", "s023 h023 s073 h073", ""},
    {"a host without a dot that stands after an @ is a domain, and is told from a site by a dot "
     "(RFC 976 2.2)",
     "s076 h076", ""},
    {"the first hop behind alpha is known here, too: without alpha before it we should read it as "
     "that one",
     "h043 h046 h047 h060 h062 h278 h281", ""},
    {"a dot at a name's end is no part of it", "s063 h063 s267 h267 s268 h268", ""},
    {"% is a letter of a mailbox until our own name was before it", "s117 h117 s132 h132 s395 h395",
     ""},
    {"behind our own name, user%host is user@host and our name is none of the way",
     "s121 h121 s122 h122 s123 h123 s136 h136 s258 h258 s273 h273 s437 h437 s438 h438 s449 h449",
     ""},
    {"a source route is left out (RFC 5321 F.2)", "h140 h142 h143 h146 h147", ""},
    {"the quotes around q.r mean nothing: the same mailbox", "s181 h181", ""},
    {"a mailbox that needs quotes has no bang form: a token, and without a key it stays in the "
     "header, and our postmaster stands in the From_ line",
     "s167 h167 s172 h172 s175 s177 s180 s191 h191 s192 h192 s194 h194", "h175 h177 h180"},
    {"and so has one that an old rmail gives to its shell",
     "s296 s297 h297 s299 s302 s310 s312 h312 s332 h332 s339 h339 s340 h340",
     "h296 h299 h302 s305 h305 h310 s330 h330"},
    {"whoever he is, a MAILER-DAEMON wants no answer", "s036 s037", ""},
};

static bool
names(const char *ids, struct span id)
{
	return memmem(ids, strlen(ids), id.p, id.n) != NULL;
}

static bool
is_another(struct span id, bool keyed)
{
	size_t i;

	for (i = 0; i < sizeof others / sizeof others[0]; i++)
		if (names(others[i].rows, id) || (keyed && names(others[i].keyed, id)))
			return true;
	return false;
}

/* The field, or gw!USER as the reader of the From_ line puts it together. */
static void
write_form(const struct rewrite *w, char context, struct span text, struct buf *out)
{
	const char *why;

	buf_clear(out);
	if (context == 'h') {
		rewrite_field(w, text, out, &why);
		return;
	}
	buf_str(out, "gw!");
	rewrite_sender(w, text, out, NULL, &why);
	if (out->n == 3)
		buf_str(out, "MAILER-DAEMON");
}

/* What Sendmail said, "" when there is nothing to compare with. */
static struct span
said(struct span cell)
{
	const char *uux = memmem(cell.p, cell.n, "uux=", 4);

	if (uux == NULL || memmem(cell.p, cell.n, "@len=", 5) != NULL)
		return SPAN("");
	return (struct span){uux + 4, cell.n - (size_t)(uux + 4 - cell.p)};
}

/*
 * Sendmail writes a sender at alpha as if alpha had sent it: alpha!user, or
 * what is behind alpha. Ours says by whom it comes: it is our From_ line.
 */
static bool
agrees(char context, struct span got, struct span want)
{
	if (context == 's' && span_starts_nocase(got, "gw!alpha!"))
		span_cut(&got, '!');
	if (context == 's' && !span_eq(got, want) && span_starts_nocase(got, "alpha!"))
		span_cut(&got, '!');
	return span_eq(got, want);
}

/* What became of the rows. */
struct tally {
	size_t read, compared, others;
};

static void
compare(const struct rewrite *w, struct span cells[TSV_CELLS], struct tally *tally)
{
	struct buf input = {0}, got = {0}, want = {0};
	bool other = is_another(cells[0], w->table->memory.keyed);

	tsv_cell(said(cells[4]), "addresses", &want);
	/* what is no address by the recommended answer is not made one */
	if (want.n == 0 || span_is(cells[10], "REJECT"))
		goto out;
	tsv_cell(cells[3], "addresses", &input);
	write_form(w, cells[0].p[0], buf_view(&input), &got);
	tally->compared++;
	tally->others += other;
	if (agrees(cells[0].p[0], buf_view(&got), buf_view(&want)) == other)
		fail_msg("%.*s %s: got %s, Sendmail %s", (int)cells[0].n, cells[0].p,
		         buf_text(&input), buf_text(&got), buf_text(&want));
out:
	buf_free(&input);
	buf_free(&got);
	buf_free(&want);
}

static size_t
count_ids(const char *ids)
{
	size_t n = ids[0] != '\0';

	for (; n > 0 && (ids = strchr(ids, ' ')) != NULL; ids++)
		n++;
	return n;
}

/* So many must be met: none is misspelt, and none is passed over. */
static size_t
count_others(bool keyed)
{
	size_t i, n = 0;

	for (i = 0; i < sizeof others / sizeof others[0]; i++)
		n += count_ids(others[i].rows) + (keyed ? count_ids(others[i].keyed) : 0);
	return n;
}

/* Without a key, as in a spool that no daemon has opened; and with one, as every daemon has. */
static void
old_neighbours_read_what_sendmail_would_write(void **state)
{
	struct route_table *table = route_table_new(&host);
	const struct route_ask ask = {.now_s = NOON};
	const struct rewrite w = {.table = table,
	                          .ask = &ask,
	                          .now_s = NOON,
	                          .to = &neighbours[0],
	                          .tokens = &remembered};
	struct span rest, cells[TSV_CELLS];
	struct buf rows = {0};
	int keyed;

	(void)state;
	assert_non_null(table);
	file_read("tests/data/addresses/addresses.tsv", &rows);
	for (keyed = 0; keyed < 2; keyed++) {
		struct tally tally = {0};

		if (keyed)
			remember(table);
		rest = buf_view(&rows);
		tsv_next(&rest, cells);
		for (; tsv_next(&rest, cells); tally.read++)
			if (cells[0].p[0] != 'r')
				compare(&w, cells, &tally);
		assert_int_equal(tally.read, 820);
		assert_int_equal(tally.compared, 329);
		assert_int_equal(tally.others, count_others(keyed));
	}
	buf_free(&remembered);
	buf_free(&rows);
	route_table_free(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(old_neighbours_read_what_sendmail_would_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
