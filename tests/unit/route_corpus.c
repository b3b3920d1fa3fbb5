/*
 * 270 addresses as recipient, sender and header, beside what a considered
 * answer makes of each (tests/data/README). Where ours is another, the row and
 * the reason stand here.
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

static struct route_table *table;

static int
setup(void **state)
{
	(void)state;
	table = route_table_new(&host);
	return table != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	route_table_free(table);
	return 0;
}

/* "LOCAL|user", "host|rest" or "REJECT", as the corpus writes it. */
static void
write_recipient(struct span text, struct buf *out)
{
	struct resolved r;
	struct addr rest;

	assert_int_equal(resolve(table, text, ASK(NULL), NULL, &r), 0);
	rest = r.addr;
	if (r.kind == RESOLVED_REFUSED) {
		buf_str(out, "REJECT");
	} else if (r.kind == RESOLVED_LOCAL) {
		buf_str(out, "LOCAL|");
		addr_print_user(&rest, out);
	} else {
		buf_fmt(out, "%.*s|", (int)r.host.n, r.host.p);
		addr_drop_first(&rest);
		addr_print_bang(&rest, out);
	}
	resolved_free(&r);
}

static void
write_sender(struct span text, struct buf *out)
{
	const char *why;
	size_t at = out->n;

	if (rewrite_address(REWRITE(table, NULL), text, out, &why) < 0)
		buf_str(out, "REJECT");
	else if (out->n == at)
		buf_str(out, "<>");
}

/*
 * What stands after the words of the recommended answer; "" when there is
 * nothing to compare with.
 */
static struct span
wanted(struct span cell)
{
	const char *colon = memmem(cell.p, cell.n, ": ", 2);

	/* the longest ones are given by their digest */
	if (memmem(cell.p, cell.n, "@len=", 5) != NULL)
		return SPAN("");
	if (!span_starts_nocase(cell, "<local>") || colon == NULL)
		return cell;
	return (struct span){colon + 2, cell.n - (size_t)(colon + 2 - cell.p)};
}

/* The rows where ours is another answer. */
static const struct {
	const char *why, *rows;
} others[] = {
    {"a path that passes a host twice is cut", "r276 r277 r281 r285 r451"},
    {"uux protects a path with parentheses, and not every uuxqt takes them off", "r213"},
    {"the quotes around q.r mean nothing: the same mailbox", "r181"},
    {"we are the gate of user%host by UUCP as well (Sendmail and Postfix, too)", "r273 s273"},
    {"SMTPUTF8 is spoken", "r367 r369 s367 s369"},
    {"user@domain stays, whatever the user looks like: its domain knows what it means",
     "s085 s092 s104 s105 s106 s107 s113 s114 s115 s121 s122 s123 s126 s136 s147 s181 s433 s437"},
    {"a domain in front of a path is asked itself: we are not the only way to it", "s054 s057"},
    {"no RFC 5321 form: our postmaster stands for such a sender", "s175 s177 s180"},
};

static const char *
reason_for_another(struct span id)
{
	size_t i;

	for (i = 0; i < sizeof others / sizeof others[0]; i++)
		if (memmem(others[i].rows, strlen(others[i].rows), id.p, id.n) != NULL)
			return others[i].why;
	return NULL;
}

static void
compare(struct span cells[TSV_CELLS], struct buf *input, struct buf *got)
{
	struct span id = cells[0], want = wanted(cells[10]);

	tsv_cell(cells[3], "addresses", input);
	buf_clear(got);
	if (id.p[0] == 'r')
		write_recipient(buf_view(input), got);
	else
		write_sender(buf_view(input), got);
	/* no letter is refused for what its From_ line says of the sender */
	if (id.p[0] == 's' && span_is(want, "REJECT"))
		return;
	if (want.n > 0 && span_eq(want, buf_view(got)) != (reason_for_another(id) == NULL))
		fail_msg("%.*s %s: got %s, want %.*s", (int)id.n, id.p, buf_text(input),
		         buf_text(got), (int)want.n, want.p);
}

static void
addresses_go_where_they_should(void **state)
{
	struct buf rows = {0}, input = {0}, got = {0};
	struct span rest, cells[TSV_CELLS];
	size_t n = 0;

	(void)state;
	file_read("tests/data/addresses/addresses.tsv", &rows);
	rest = buf_view(&rows);
	tsv_next(&rest, cells);
	while (tsv_next(&rest, cells))
		if (cells[0].n > 0 && cells[0].p[0] != 'h') {
			compare(cells, &input, &got);
			n++;
		}
	assert_true(n > 500);
	buf_free(&rows);
	buf_free(&input);
	buf_free(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_go_where_they_should),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
