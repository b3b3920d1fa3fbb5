/*
 * Every row of tests/data/addresses/addresses.tsv: does what the grammar makes
 * of it agree with the recommended answer? The routing that the table takes
 * for granted (host gw, gw.example.com) is played in route_ours(): own names
 * come off the front, then the % is unfolded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/addr/addr.h"
#include "bridge/addr/fields.h"
#include "tests/unit/addr_tsv.h"

enum { ID, CATEGORY, CONTEXT, INPUT, RECOMMENDED = 10 };

/* Where we answer otherwise, and why. */
static const struct {
	const char *id, *ours, *why;
} deviations[] = {
    {"r181", "example.org|alpha!b!q.r", "quotes that are not needed are not part of the name"},
    {"h199", "NULL", "Return-Path: <> is a legal field (RFC 5321 4.4)"},
    {"h200", "READ", "blanks inside <> are legal in a header (RFC 5322 3.4.1)"},
    {"h204", "READ", "a display name is what a header field is for"},
    {"h206", "READ", "likewise, before a bang path"},
    {"h207", "READ", "a comment with the name is how mail was signed for twenty years"},
    {"h209", "READ", "a comment in front is legal (RFC 5322 3.4)"},
    {"h214", "READ", "a comment inside is legal (RFC 5322 3.4.1)"},
    {"h213", "READ", "a field of nothing but a comment: no address in it, none to rewrite"},
    {"h321", "READ", "blanks around the @ are legal of old (RFC 5322 4.4)"},
    {"h316", "READ", "a comma divides a header's list: two addresses"},
    {"h317", "READ", "likewise"},
    {"h318", "READ", "likewise: two bang paths"},
    {"h327", "READ", "blanks around an address are legal in a header"},
    {"h323", "READ", "two addresses with only a blank between them, as 4.2BSD wrote lists"},
};

static const char *
deviation(struct span id)
{
	size_t i;

	for (i = 0; i < sizeof deviations / sizeof deviations[0]; i++)
		if (span_is(id, deviations[i].id))
			return deviations[i].ours;
	return NULL;
}

static bool
is_ours(struct span hop)
{
	return span_is_nocase(hop, "gw") || span_is_nocase(hop, "gw.example.com") ||
	       span_is_nocase(hop, "localhost");
}

/* What bridge/route does first. NULL, or why it refuses. */
static const char *
route_ours(struct addr *a)
{
	bool at = (a->flags & ADDR_AT) != 0;
	const char *why;

	for (;;) {
		if (a->hops == 0) {
			struct addr inner;
			int got = at ? addr_unfold_percent(a, &inner, &why) : 0;

			if (got < 0)
				return why;
			if (got == 0)
				return NULL;
			*a = inner;
		}
		if (!is_ours(addr_first_hop(a)))
			return NULL;
		if (at && a->hops == 1 && (a->flags & ADDR_QUOTED) != 0 &&
		    (memchr(a->user.p, '!', a->user.n) != NULL ||
		     memchr(a->user.p, '%', a->user.n) != NULL ||
		     memchr(a->user.p, '@', a->user.n) != NULL))
			return "a quoted route at our own name";
		addr_drop_first(a);
	}
}

/* "HOST|REST", "LOCAL|user" or "REJECT". */
static void
answer(struct span input, struct buf *out, const char **why)
{
	struct buf store = {0};
	struct addr a, rest;

	buf_clear(out);
	if (addr_parse(input, ADDR_DOMAIN_FIRST, &store, &a, why) < 0 ||
	    (*why = addr_refused(&a, 0)) != NULL || (*why = route_ours(&a)) != NULL ||
	    (*why = addr_refused(&a, 0)) != NULL) {
		buf_str(out, "REJECT");
	} else {
		rest = a;
		addr_drop_first(&rest);
		buf_span(out, a.hops == 0 ? SPAN("LOCAL") : addr_first_hop(&a));
		buf_ch(out, '|');
		addr_print_bang(&rest, out);
	}
	buf_free(&store);
}

static int
complain(struct span id, struct span input, struct span want, struct buf *got, const char *why)
{
	struct buf b = {0};

	buf_escape(&b, input);
	print_message("%.*s %.200s: wanted %.*s, got %.200s (%s)\n", (int)id.n, id.p, buf_text(&b),
	              (int)(want.n < 200 ? want.n : 200), want.p, buf_text(got), why ? why : "");
	buf_free(&b);
	return 1;
}

/* Long answers are given as @len=N,sha256=...: their start and length are compared. */
static bool
agrees(struct span want, struct span got)
{
	size_t bar = 0, len;
	struct span whole = got;

	while (bar < want.n && want.p[bar] != '|')
		bar++;
	if (bar + 6 < want.n && memcmp(want.p + bar, "|@len=", 6) == 0) {
		len = strtoul(want.p + bar + 6, NULL, 10);
		span_cut(&whole, '|');
		return got.n > bar && memcmp(got.p, want.p, bar) == 0 && whole.n == len;
	}
	return span_eq(want, got);
}

static void
recipients(void **state)
{
	struct buf file = {0}, input = {0}, want = {0}, got = {0};
	struct span rest, c[TSV_CELLS];
	const char *why = NULL;
	int wrong = 0, rows = 0;

	(void)state;
	file_read("tests/data/addresses/addresses.tsv", &file);
	rest = buf_view(&file);
	while (tsv_next(&rest, c)) {
		if (!span_is(c[CONTEXT], "rcpt"))
			continue;
		rows++;
		tsv_cell(c[INPUT], "addresses", &input);
		tsv_cell(c[RECOMMENDED], "addresses", &want);
		if (deviation(c[ID]) != NULL) {
			buf_clear(&want);
			buf_str(&want, deviation(c[ID]));
		}
		answer(buf_view(&input), &got, &why);
		if (!agrees(buf_view(&want), buf_view(&got)))
			wrong += complain(c[ID], buf_view(&input), buf_view(&want), &got, why);
	}
	assert_true(rows > 250);
	assert_int_equal(wrong, 0);
	buf_free(&file);
	buf_free(&input);
	buf_free(&want);
	buf_free(&got);
}

/* Senders take the same rules, but for the null path; their answer is a form that route makes. */
static void
senders(void **state)
{
	struct buf file = {0}, input = {0}, store = {0};
	struct span rest, c[TSV_CELLS];
	const char *why = NULL;
	struct addr a;
	int wrong = 0, rows = 0;
	bool refused;

	(void)state;
	file_read("tests/data/addresses/addresses.tsv", &file);
	rest = buf_view(&file);
	while (tsv_next(&rest, c)) {
		if (!span_is(c[CONTEXT], "sender"))
			continue;
		rows++;
		tsv_cell(c[INPUT], "addresses", &input);
		refused = addr_parse(buf_view(&input), ADDR_DOMAIN_FIRST, &store, &a, &why) < 0 ||
		          (why = addr_refused(&a, ADDR_MAY_BE_NULL)) != NULL ||
		          (why = route_ours(&a)) != NULL ||
		          (why = addr_refused(&a, ADDR_MAY_BE_NULL)) != NULL;
		if (refused != span_is(c[RECOMMENDED], "REJECT"))
			wrong += complain(c[ID], buf_view(&input), c[RECOMMENDED], &store, why);
		else if (span_is(c[RECOMMENDED], "<>") && !addr_is_null_sender(&a))
			wrong += complain(c[ID], buf_view(&input), c[RECOMMENDED], &store, why);
	}
	assert_true(rows > 250);
	assert_int_equal(wrong, 0);
	buf_free(&file);
	buf_free(&input);
	buf_free(&store);
}

/* "REJECT" when the field cannot be read or an address of it goes nowhere. */
static const char *
field_answer(struct span body, const char **why)
{
	struct buf store = {0};
	struct field_address f;
	struct fields w;
	const char *answered = "READ";
	int got;

	fields_begin(&w, body, ADDR_DOMAIN_FIRST);
	while ((got = fields_next(&w, &store, &f)) > 0) {
		if ((f.addr.flags & ADDR_NULL) != 0)
			answered = "NULL";
		else if ((*why = addr_refused(&f.addr, 0)) != NULL ||
		         (*why = route_ours(&f.addr)) != NULL ||
		         (*why = addr_refused(&f.addr, 0)) != NULL)
			answered = "REJECT";
	}
	if (got < 0) {
		*why = w.why;
		answered = "REJECT";
	}
	buf_free(&store);
	return answered;
}

static void
headers(void **state)
{
	struct buf file = {0}, input = {0}, said = {0};
	struct span rest, c[TSV_CELLS];
	const char *why, *want, *got;
	int wrong = 0, rows = 0;

	(void)state;
	file_read("tests/data/addresses/addresses.tsv", &file);
	rest = buf_view(&file);
	while (tsv_next(&rest, c)) {
		if (!span_is(c[CONTEXT], "header"))
			continue;
		rows++;
		why = NULL;
		tsv_cell(c[INPUT], "addresses", &input);
		want = deviation(c[ID]);
		if (want == NULL)
			want = span_is(c[RECOMMENDED], "REJECT") ? "REJECT" : "READ";
		got = field_answer(buf_view(&input), &why);
		if (strcmp(want, got) == 0)
			continue;
		buf_clear(&said);
		buf_str(&said, got);
		wrong += complain(c[ID], buf_view(&input), span_of(want), &said, why);
	}
	assert_true(rows > 250);
	assert_int_equal(wrong, 0);
	buf_free(&file);
	buf_free(&input);
	buf_free(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(recipients),
	    cmocka_unit_test(senders),
	    cmocka_unit_test(headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
