/*
 * 270 addresses as recipient, sender and header field, beside what a
 * considered answer makes of each (tests/data/README). Where ours is another,
 * the row and the reason stand here. And 1,000 more of the same kinds, each
 * with its own reason where the rules behind the 270 say otherwise.
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

static struct config_route routes[] = {
    {.to = "site:*", .hop = HOP_UUCP},
    {.to = "*", .hop = HOP_MX},
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
    .routes = routes,
    .nroutes = 2,
    .reply_form = REPLY_FORM_PATH,
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

/* The field; one that cannot be read, as it came. */
static void
write_field(struct span body, struct buf *out)
{
	const char *why;

	rewrite_field(REWRITE(table, NULL), body, out, &why);
}

static void
write_answer(char context, struct span text, struct buf *out)
{
	buf_clear(out);
	if (context == 'r')
		write_recipient(text, out);
	else if (context == 's')
		write_sender(text, out);
	else
		write_field(text, out);
}

/* Why route_find() refuses what resolve() did not: the last step, and how many rows fail it. */
static struct {
	const char *words;
	unsigned want, got;
} refusals[] = {
    {"is none of the neighbours of this host", 0, 0}, /* whoever is none of the three */
    {"can have that name", 21, 0},
    {"letters that an old rmail gives to its shell", 9, 0},
    {"a mailbox that must be quoted has no bang form", 8, 0},
    {"octets above 127 cannot pass rmail", 3, 0},
    {"a quoted mailbox at the end of a path has no form in SMTP", 2, 0},
};

static void
is_refused_for_a_reason(struct span text, struct span said, const char *words)
{
	struct span first = span_cut(&said, '|');
	size_t i;

	for (i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (strstr(words, refusals[i].words) != NULL)
			break;
	if (i == sizeof refusals / sizeof refusals[0] ||
	    (i == 0 && route_site(table, first) != NULL))
		fail_msg("%.*s: refused, %s", (int)text.n, text.p, words);
	refusals[i].got++;
}

static void
the_last_step_refuses_no_more(void **state)
{
	size_t i;

	(void)state;
	for (i = 1; i < sizeof refusals / sizeof refusals[0]; i++)
		if (refusals[i].got != refusals[i].want)
			fail_msg("%s: %u rows", refusals[i].words, refusals[i].got);
}

/* What resolve() said, said by route_find() as well: the hop, and the address for it. */
static void
goes_there(struct span text, struct span said)
{
	struct route_answer a = {.steps = NULL};
	struct buf told = {0}, store = {0}, own = {0};
	struct span sent;
	struct addr rest;
	const char *why;

	assert_int_equal(route_find(table, text, ASK(NULL), &a), 0);
	sent = buf_view(&a.address);
	if (a.hop == HOP_UUCP) {
		assert_true(span_starts_nocase(buf_view(&a.destination), "site:"));
		/* not -x, which its rmail takes for an option and exits 64, but alpha!-x; nor ~x,
		 * of which its uuxqt makes a directory */
		buf_fmt(&own, "%s!", buf_text(&a.destination) + 5);
		if (span_starts_nocase(sent, buf_text(&own)) && sent.n > own.n &&
		    strchr("-~", sent.p[own.n]) != NULL)
			span_cut(&sent, '!');
		buf_fmt(&told, "%s|%.*s", buf_text(&a.destination) + 5, (int)sent.n, sent.p);
	} else if (a.hop == HOP_MX) {
		assert_int_equal(
		    addr_parse(buf_view(&a.address), ADDR_DOMAIN_FIRST, &store, &rest, &why), 0);
		addr_drop_first(&rest);
		buf_fmt(&told, "%s|", buf_text(&a.domain));
		addr_print_bang(&rest, &told);
	} else if (a.hop == HOP_MAILDIR) {
		buf_str(&told, "LOCAL|");
		said.n = told.n; /* the directory has the user's name in lower case */
	}
	/* a refusal may be of the last step: no such directory, no form in SMTP */
	if (a.hop != HOP_REJECT && !span_eq_nocase(said, buf_view(&told)))
		fail_msg("%.*s: %.*s goes to %s", (int)text.n, text.p, (int)said.n, said.p,
		         buf_text(&told));
	if (span_is(said, "REJECT"))
		assert_int_equal(a.hop, HOP_REJECT);
	else if (a.hop == HOP_REJECT)
		is_refused_for_a_reason(text, said, a.verdict.words);
	route_answer_free(&a);
	buf_free(&told);
	buf_free(&store);
	buf_free(&own);
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
    {"we are the gate of user%host by UUCP as well (Sendmail and Postfix, too)", "r273 s273 h273"},
    {"octets above 127 are UTF-8 here, in a mailbox too", "r367 r369 h369"},
    {"user@domain stays, octet for octet, whatever the user looks like: its domain knows what "
     "it means, and signatures cover it",
     "s085 s092 s104 s105 s106 s107 s113 s114 s115 s126 s147 s181 s433 "
     "h085 h092 h104 h105 h106 h107 h113 h114 h115 h126 h147 h181 h433"},
    {"no RFC 5321 form: our postmaster stands for such a sender, a field stays as it came",
     "s175 s177 s180 h175 h177 h180"},
    {"names and commas are what a header is for: each address of it is read", "h206 h316 h317 "
                                                                              "h318 h327"},
    {"whatever its name, the writer lives where the letter came from: no field is refused",
     "h018 h290 h291 h293 h294 h343 h344 h352 h439 h440 h442"},
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

/* Does ours say what is recommended? A field that is to be refused passes as it came. */
static bool
agrees(char context, struct span want, struct span input, struct span got)
{
	if (context == 'h' && span_is(want, "REJECT"))
		return span_eq(got, input);
	if (context == 'h' && got.n > 1 && got.p[0] == '<' && want.n + 2 == got.n)
		got = (struct span){got.p + 1, want.n};
	return span_eq(want, got);
}

static void
compare(struct span cells[TSV_CELLS], struct buf *input, struct buf *got)
{
	struct span id = cells[0], want = wanted(cells[10]);

	tsv_cell(cells[3], "addresses", input);
	write_answer(id.p[0], buf_view(input), got);
	if (id.p[0] == 'r')
		goes_there(buf_view(input), buf_view(got));
	/* no letter is refused for what its From_ line says of the sender */
	if (id.p[0] == 's' && span_is(want, "REJECT"))
		return;
	if (want.n > 0 && agrees(id.p[0], want, buf_view(input), buf_view(got)) !=
	                      (reason_for_another(id) == NULL))
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
	for (; tsv_next(&rest, cells); n++)
		compare(cells, &input, &got);
	assert_int_equal(n, 820);
	buf_free(&rows);
	buf_free(&input);
	buf_free(&got);
}

/* id, category, input, then ours as recipient, sender, field ("=": as it came), and why. */
static void
and_so_do_a_thousand_more(void **state)
{
	struct buf rows = {0}, input = {0}, want = {0}, got = {0};
	struct span rest, cells[TSV_CELLS];
	size_t n = 0, i;

	(void)state;
	file_read("tests/data/addresses/more.tsv", &rows);
	rest = buf_view(&rows);
	tsv_next(&rest, cells);
	for (; tsv_next(&rest, cells); n++) {
		tsv_cell(cells[2], "addresses", &input);
		for (i = 0; i < 3; i++) {
			tsv_cell(span_is(cells[3 + i], "=") ? cells[2] : cells[3 + i], "addresses",
			         &want);
			write_answer("rsh"[i], buf_view(&input), &got);
			if (!span_eq(buf_view(&want), buf_view(&got)))
				fail_msg("%.*s %s as %c: got %s, want %s", (int)cells[0].n,
				         cells[0].p, buf_text(&input), "rsh"[i], buf_text(&got),
				         buf_text(&want));
			if (i == 0)
				goes_there(buf_view(&input), buf_view(&got));
		}
	}
	assert_int_equal(n, 1000);
	buf_free(&rows);
	buf_free(&input);
	buf_free(&want);
	buf_free(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_go_where_they_should),
	    cmocka_unit_test(and_so_do_a_thousand_more),
	    cmocka_unit_test(the_last_step_refuses_no_more),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
