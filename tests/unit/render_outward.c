/*
 * Letters as a UUCP neighbour of each class gets them, whole: tests/data/outward
 * has what was stored (NAME.letter; or the letters of tests/data/vax43) and
 * what is sent (NAME.old, NAME.new, NAME.domain).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/addr/fields.h"
#include "bridge/addr/from_line.h"
#include "bridge/message/header.h"
#include "bridge/message/render.h"
#include "bridge/route/rewrite.h"
#include "bridge/route/table.h"
#include "tests/unit/addr_tsv.h"
#include "tests/unit/ask.h"
#include "tests/unit/gateway_table.h"

static const char *const classes[] = {"old", "new", "domain"};

static int
read_span(void *arg, uint64_t offset, void *p, size_t room, size_t *n)
{
	const struct span *s = arg;

	*n = offset >= s->n ? 0 : s->n - (size_t)offset;
	if (*n > room)
		*n = room;
	if (*n > 0)
		memcpy(p, s->p + offset, *n);
	return 0;
}

struct letter {
	const char *name;   /* of the files of what is sent */
	const char *stored; /* the file of what was */
	const char *sender; /* NULL: its From_ lines say */
	enum origin origin;
	const char *site, *client;
	const char *to; /* the neighbour */
	const char *remarks[3];
};

static struct render_job
job_of(const struct letter *l, const struct config_site *to, struct span *content,
       struct message_attrs *a)
{
	struct render_job job = {
	    .table = table,
	    .sender = l->sender,
	    .attrs = a,
	    .id = 42,
	    .uuid = {0x19, 0x86, 0x11, 0x22, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	    .accepted_s = 533075480, /* Sat, 22 Nov 1986 20:31:20 +0000 */
	    .now_s = 533079999,
	    .size = content->n,
	    .read = read_span,
	    .arg = content,
	    .neighbour = to,
	};

	memset(a, 0, sizeof *a);
	a->origin = l->origin;
	a->site = span_of(l->site);
	a->client = span_of(l->client);
	a->envid = SPAN("");
	return job;
}

static void
render(const struct render_job *job, struct buf *out, struct buf *remarks)
{
	struct verdict v;
	struct render *r;
	char piece[777];
	size_t n;

	buf_clear(out);
	if (render_new(&r, job, &v) < 0)
		fail_msg("%s", v.words);
	do {
		assert_int_equal(render_read(r, piece, sizeof piece, &n, &v), 0);
		buf_add(out, piece, n);
	} while (n > 0);
	assert_true(render_size(r) == out->n);
	buf_clear(remarks);
	buf_str(remarks, render_remarks(r));
	render_free(r);
}

static const struct letter letters[] = {
    {"001", "vax43/001/stdin", NULL, ORIGIN_UUCP, "vax43", "", "alpha", {"", "", ""}},
    {"002", "vax43/002/stdin", NULL, ORIGIN_UUCP, "vax43", "", "alpha", {"", "", ""}},
    {"009", "vax43/009/stdin", NULL, ORIGIN_UUCP, "vax43", "", "bravo", {"", "", ""}},
    {"back", "vax43/002/stdin", NULL, ORIGIN_UUCP, "vax43", "", "vax43", {"", "", ""}},
    {"modern",
     "outward/modern.letter",
     "jorgen.v@cwi.example",
     ORIGIN_SMTP,
     "",
     "[192.0.2.25]",
     "vax43",
     {"", "", ""}},
    {"far", "outward/far.letter", NULL, ORIGIN_UUCP, "alpha", "", "vax43", {"", "", ""}},
    {"notice", "outward/notice.letter", "", ORIGIN_NOTICE, "", "", "vax43", {"", "", ""}},
    {"broken",
     "outward/broken.letter",
     "\"Joe Soap\"@soap.example",
     ORIGIN_SMTP,
     "",
     "[192.0.2.25]",
     "vax43",
     {"From left as it is: a quote that is not closed",
      "From left as it is: a quote that is not closed",
      "From left as it is: a quote that is not closed"}},
};

static void
send(const struct letter *row, int class, struct buf *out, struct buf *remarks)
{
	struct config_site to = *route_site(table, span_of(row->to));
	struct buf stored = {0}, path = {0};
	struct letter l = *row;
	struct from_chain chain;
	struct message_attrs a;
	struct render_job job;
	struct span content;
	char name[128];

	snprintf(name, sizeof name, "tests/data/%s", row->stored);
	file_read(name, &stored);
	content = buf_view(&stored);
	if (l.sender == NULL) {
		assert_int_equal(from_chain_read(content, true, ADDR_DOMAIN_FIRST, &path, &chain),
		                 0);
		l.sender = buf_text(&path);
	}
	to.class = (enum site_class) class;
	job = job_of(&l, &to, &content, &a);
	render(&job, out, remarks);
	buf_free(&stored);
	buf_free(&path);
}

static void
letters_are_as_the_class_reads_them(void **state)
{
	struct buf out = {0}, want = {0}, remarks = {0};
	char name[128];
	size_t i;
	int c;

	(void)state;
	for (i = 0; i < sizeof letters / sizeof letters[0]; i++)
		for (c = 0; c < 3; c++) {
			snprintf(name, sizeof name, "tests/data/outward/%s.%s", letters[i].name,
			         classes[c]);
			send(&letters[i], c, &out, &remarks);
			file_read(name, &want);
			if (!span_eq(buf_view(&out), buf_view(&want)))
				fail_msg("%s:\n--- got\n%s--- want\n%s", name, buf_text(&out),
				         buf_text(&want));
			if (strcmp(buf_text(&remarks), letters[i].remarks[c]) != 0)
				fail_msg("%s: remarks \"%s\"", name, buf_text(&remarks));
		}
	buf_free(&out);
	buf_free(&want);
	buf_free(&remarks);
}

/* Without a key there are no tokens: the address stays, the postmaster answers, and it is said. */
static void
what_has_no_form_is_remarked(void **state)
{
	const struct letter l = {.stored = "outward/broken.letter",
	                         .sender = "\"Joe Soap\"@soap.example",
	                         .origin = ORIGIN_SMTP,
	                         .site = "",
	                         .client = "[192.0.2.25]",
	                         .to = "vax43"};
	const struct route_memory none = {.keyed = false};
	struct buf out = {0}, remarks = {0};

	(void)state;
	route_table_remember(table, &none);
	send(&l, SITE_OLD, &out, &remarks);
	assert_true(span_starts_nocase(buf_view(&out), "From postmaster Sat Nov 22"));
	assert_non_null(
	    strstr(buf_text(&out), "\nCc: j\303\270rgen@cwi.example, gw!cwi.example!piet\n"));
	assert_string_equal(
	    buf_text(&remarks),
	    "postmaster stands for the sender \"Joe Soap\"@soap.example: a mailbox that must be "
	    "quoted has no bang form; From left as it is: a quote that is not closed; an address "
	    "in "
	    "Cc left as it is: octets above 127 cannot pass rmail (RFC 6531)");
	buf_free(&out);
	buf_free(&remarks);
}

/* A letter without From, and a sender without a form: our postmaster, whoever brought it. */
static void
a_sender_without_a_form_is_our_postmaster(void **state)
{
	static const struct {
		enum origin origin;
		const char *site, *client;
		enum site_class class;
		const char *from;
	} rows[] = {
	    {ORIGIN_UUCP, "alpha", "", SITE_OLD, "\nFrom: gw!postmaster\n"},
	    {ORIGIN_UUCP, "alpha", "", SITE_NEW, "\nFrom: postmaster@gw.example.com\n"},
	    {ORIGIN_UUCP, "alpha", "", SITE_DOMAIN, "\nFrom: postmaster@gw.example.com\n"},
	    {ORIGIN_SMTP, "", "[192.0.2.25]", SITE_OLD, "\nFrom: gw!postmaster\n"},
	    {ORIGIN_LOCAL, "", "", SITE_OLD, "\nFrom: gw!postmaster\n"},
	};
	const struct route_memory none = {.keyed = false};
	struct config_site to = *route_site(table, SPAN("vax43"));
	struct span content = SPAN("Subject: x\n\nbody\n");
	struct buf out = {0}, remarks = {0};
	size_t i;

	(void)state;
	route_table_remember(table, &none);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct letter l = {.sender = "j\303\270rgen@cwi.example",
		                         .origin = rows[i].origin,
		                         .site = rows[i].site,
		                         .client = rows[i].client};
		struct message_attrs a;
		struct render_job job = job_of(&l, &to, &content, &a);

		to.class = rows[i].class;
		render(&job, &out, &remarks);
		if (strstr(buf_text(&out), rows[i].from) == NULL)
			fail_msg("row %zu: %s", i, buf_text(&out));
	}
	buf_free(&out);
	buf_free(&remarks);
}

/* A field that grew past 998 octets a line is folded; one that did not change never is. */
static void
a_field_that_grew_is_folded(void **state)
{
	const struct letter l = {.sender = "", .origin = ORIGIN_SMTP, .site = "", .client = ""};
	struct config_site to = *route_site(table, SPAN("vax43"));
	struct buf stored = {0}, out = {0}, remarks = {0};
	struct message_attrs a;
	struct render_job job;
	struct span content, rest;
	char *long_line;
	int i;

	(void)state;
	buf_str(&stored, "To: ");
	for (i = 0; i < 60; i++)
		buf_fmt(&stored, "%spiet%d@cwi.example", i > 0 ? ", " : "", i);
	buf_str(&stored, "\nX-Long: ");
	for (i = 0; i < 300; i++)
		buf_str(&stored, "word ");
	buf_str(&stored, "\n\nbody\n");
	content = buf_view(&stored);
	job = job_of(&l, &to, &content, &a);
	render(&job, &out, &remarks);
	long_line = strstr(buf_text(&out), "X-Long:");
	assert_non_null(long_line);
	rest = (struct span){out.p, (size_t)(long_line - out.p)};
	while (rest.n > 0)
		assert_true(span_cut(&rest, '\n').n <= 998);
	assert_true(strchr(long_line, '\n') - long_line > 1500);
	assert_non_null(strstr(buf_text(&out), "gw!cwi.example!piet59\n"));
	buf_free(&stored);
	buf_free(&out);
	buf_free(&remarks);
}

/* The whole way an address in his letter means. */
static void
meaning(const struct route_ask *ask, const struct addr *a, struct buf *out)
{
	const struct rewrite w = {.table = table, .ask = ask};
	const struct config_site *site;
	struct standpoint from;
	struct span rest, hop;

	standpoint_find(&w, a, &from);
	rest = from.addr.path;
	buf_span(out, from.before);
	while (addr_hop_next(&rest, &hop)) {
		site = route_site(table, hop);
		hop = addr_hop_name(hop);
		buf_ch(out, '!');
		route_add_lower(out, site != NULL ? span_of(site->name) : hop);
	}
	if (from.before.n == 0 && from.addr.hops > 0) { /* as if it were one */
		memmove(out->p, out->p + 1, out->n);
		out->n--;
	}
	if (from.before.n == 0 && from.addr.hops == 0)
		buf_span(out, route_local_domain(table, from.ours));
	buf_ch(out, ' ');
	buf_span(out, from.addr.user);
}

/* The addresses of a field as their meaning, and what stands between them. -1: unreadable. */
static int
take_apart(const char *by, struct span body, struct buf *meant, struct buf *between)
{
	struct buf store = {0};
	struct field_address f;
	struct fields walk;
	size_t at = 0;
	int got, n = 0;

	buf_clear(meant);
	buf_clear(between);
	fields_begin(&walk, body, ADDR_DOMAIN_FIRST);
	for (; (got = fields_next(&walk, &store, &f)) > 0; n++) {
		struct span gap = {body.p + at, f.at - at};

		/* a list with only blanks gets its commas */
		if (n > 0 && span_trim(gap).n == 0)
			buf_ch(between, ',');
		buf_span(between, gap);
		if (f.n > 0) {
			struct buf one = {0};

			meaning(ASK(by), &f.addr, &one);
			buf_fmt(meant, "%s\n", buf_text(&one));
			buf_free(&one);
		}
		at = f.at + f.n;
	}
	buf_add(between, body.p + at, body.n - at);
	buf_free(&store);
	return got;
}

static void
compare_fields(const struct header_field *was, const struct header_field *is, const char *to)
{
	struct buf meant[2] = {{0}, {0}}, between[2] = {{0}, {0}};

	if (span_eq(was->all, is->all) && !rewrite_is_address_field(was->name))
		return;
	if (!rewrite_is_address_field(was->name) || !span_eq(was->name, is->name))
		fail_msg("changed: %.*s", (int)was->all.n, was->all.p);
	if (take_apart("alpha", was->body, &meant[0], &between[0]) < 0)
		assert_true(span_eq(was->all, is->all));
	else if (take_apart(to, is->body, &meant[1], &between[1]) < 0 ||
	         strcmp(buf_text(&meant[0]), buf_text(&meant[1])) != 0 ||
	         !span_eq(buf_view(&between[0]), buf_view(&between[1])))
		fail_msg("%.*sbecame %.*s%s, was %s", (int)was->all.n, was->all.p, (int)is->all.n,
		         is->all.p, buf_text(&meant[1]), buf_text(&meant[0]));
	buf_free(&meant[0]);
	buf_free(&meant[1]);
	buf_free(&between[0]);
	buf_free(&between[1]);
}

/* A cell of headers.tsv as a letter: its lines are parted by " \n ". */
static void
make_letter(struct span row, struct buf *letter)
{
	struct span part;
	size_t i;

	for (i = 0; i < 6; i++)
		span_cut(&row, '\t');
	buf_clear(letter);
	while (row.n > 0) {
		const char *cut = memmem(row.p, row.n, " \\n ", 4);

		part = (struct span){row.p, cut ? (size_t)(cut - row.p) : row.n};
		buf_fmt(letter, "%.*s\n", (int)part.n, part.p);
		row.p += part.n + (cut ? 4 : 0);
		row.n -= part.n + (cut ? 4 : 0);
	}
	buf_str(letter, "\nbody\n");
}

static size_t
compare_letters(struct span stored, struct span sent, const char *to)
{
	struct header before, after;
	size_t i, k = 1, n; /* after our Received field */

	assert_int_equal(header_parse(stored, &before), 0);
	assert_int_equal(header_parse(sent, &after), 0);
	for (i = 0; i < before.n; i++) {
		if (span_is_nocase(before.v[i].name, "Apparently-To"))
			continue;
		assert_true(k < after.n);
		compare_fields(&before.v[i], &after.v[k++], to);
	}
	n = before.n;
	header_free(&before);
	header_free(&after);
	return n;
}

/*
 * Property: the headers of 1981-1995, from alpha to a neighbour of each class:
 * a field that is not one of addresses is found again octet for octet, and so
 * is every octet of one that is, outside of its addresses; and those are, read
 * again, what they were.
 */
static void
old_headers_pass_unharmed(void **state)
{
	static const char *const sites[] = {"vax43", "bravo", "alpha"};
	const struct letter l = {
	    .sender = "alpha!x", .origin = ORIGIN_UUCP, .site = "alpha", .client = ""};
	struct buf rows = {0}, letter = {0}, out = {0}, remarks = {0};
	struct span rest, content;
	size_t seen = 0;
	int c, i;

	(void)state;
	file_read("tests/data/headers/headers.tsv", &rows);
	for (i = 0; i < 9; i++) {
		struct config_site to = *route_site(table, span_of(sites[i / 3]));

		to.mixed = MIXED_DOMAIN_FIRST;
		to.class = (enum site_class)(c = i % 3);
		rest = buf_view(&rows);
		span_cut(&rest, '\n');
		while (rest.n > 0) {
			struct message_attrs a;
			struct render_job job;

			make_letter(span_cut(&rest, '\n'), &letter);
			content = buf_view(&letter);
			job = job_of(&l, &to, &content, &a);
			render(&job, &out, &remarks);
			seen += compare_letters(content, buf_view(&out), to.name);
		}
	}
	assert_true(seen > 9 * 500);
	buf_free(&rows);
	buf_free(&letter);
	buf_free(&out);
	buf_free(&remarks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(letters_are_as_the_class_reads_them),
	    cmocka_unit_test(what_has_no_form_is_remarked),
	    cmocka_unit_test(a_sender_without_a_form_is_our_postmaster),
	    cmocka_unit_test(a_field_that_grew_is_folded),
	    cmocka_unit_test(old_headers_pass_unharmed),
	};

	return cmocka_run_group_tests(tests, gateway_open_keyed, gateway_close);
}
