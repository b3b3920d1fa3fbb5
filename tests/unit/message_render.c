#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/addr/from_line.h"
#include "bridge/message/header.h"
#include "bridge/message/render.h"
#include "bridge/route/rewrite.h"
#include "tests/unit/gateway.h"

static struct route_table *table;

static int
setup(void **state)
{
	(void)state;
	table = route_table_new(&gateway);
	return table != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	route_table_free(table);
	return 0;
}

/* The stored content is a span; short reads are usual. */
static int
read_span(void *arg, uint64_t offset, void *p, size_t room, size_t *n)
{
	const struct span *s = arg;

	*n = offset >= s->n ? 0 : s->n - (size_t)offset;
	if (*n > room)
		*n = room;
	if (*n > 1000)
		*n = 1000;
	if (*n > 0)
		memcpy(p, s->p + offset, *n);
	return 0;
}

/* A job as it mostly is: a letter from vax43, towards a server of our days. */
static struct render_job
job_of(struct span *content, struct message_attrs *a)
{
	struct render_job job = {
	    .table = table,
	    .sender = "vax43!ernie",
	    .attrs = a,
	    .id = 42,
	    .uuid = {0x19, 0x86, 0x11, 0x22, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	    .accepted_s = 533075480, /* Sat, 22 Nov 1986 20:31:20 +0000 */
	    .size = content->n,
	    .read = read_span,
	    .arg = content,
	    .eightbit = true,
	};

	memset(a, 0, sizeof *a);
	a->origin = ORIGIN_UUCP;
	a->site = SPAN("vax43");
	a->client = a->envid = SPAN("");
	return job;
}

/* Renders, `room` octets at a time, and holds the size to its word. The status of the verdict. */
static const char *
render(const struct render_job *job, size_t room, struct buf *out)
{
	static struct verdict v;
	struct render *r;
	char piece[8192];
	size_t n;

	buf_clear(out);
	verdict_set(&v, OUTCOME_SENT, SCOPE_DELIVERY, 0, "", "%s", "");
	if (render_new(&r, job, &v) < 0) {
		assert_true(v.outcome != OUTCOME_SENT);
		return v.status;
	}
	do {
		assert_int_equal(render_read(r, piece, room, &n, &v), 0);
		buf_add(out, piece, n);
	} while (n > 0);
	assert_true(render_size(r) == out->n);
	render_free(r);
	return "";
}

/* The same letter however it is taken, and again after rewinding. */
static const char *
render_all_ways(const struct render_job *job, struct buf *out)
{
	struct buf again = {0};
	const char *status = render(job, 8192, out);

	render(job, 1, &again);
	assert_true(span_eq(buf_view(out), buf_view(&again)));
	buf_free(&again);
	return status;
}

/* CR LF everywhere and nowhere else; then without the CRs, to compare with text. */
static void
undo_line_ends(struct buf *out)
{
	size_t i, k = 0;

	for (i = 0; i < out->n; i++) {
		if (out->p[i] == '\r') {
			assert_true(i + 1 < out->n && out->p[i + 1] == '\n');
			continue;
		}
		if (out->p[i] == '\n')
			assert_true(i > 0 && out->p[i - 1] == '\r');
		out->p[k++] = out->p[i];
	}
	out->n = k;
	if (out->p != NULL)
		out->p[k] = '\0';
}

static void
read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char piece[4096];
	size_t n;

	if (f == NULL)
		fail_msg("cannot open %s", path);
	buf_clear(out);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(out, piece, n);
	fclose(f);
}

static void
expect(const char *what, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s:\n--- got\n%s--- want\n%s", what, got, want);
}

/* One letter of the 4.3BSD, towards SMTP, as tests/data/rendered has it. */
static void
vax43_letter(const char *number)
{
	struct buf stored = {0}, want = {0}, out = {0}, path = {0};
	struct from_chain chain;
	struct message_attrs a;
	struct render_job job;
	struct span content;
	char name[64];

	snprintf(name, sizeof name, "tests/data/vax43/%s/stdin", number);
	read_file(name, &stored);
	snprintf(name, sizeof name, "tests/data/rendered/%s", number);
	read_file(name, &want);
	content = buf_view(&stored);
	assert_int_equal(from_chain_read(content, true, ADDR_DOMAIN_FIRST, &path, &chain), 0);
	job = job_of(&content, &a);
	job.sender = buf_text(&path);
	job.id = (uint64_t)atoi(number);
	assert_string_equal(render_all_ways(&job, &out), "");
	undo_line_ends(&out);
	expect(number, buf_text(&out), buf_text(&want));
	buf_free(&stored);
	buf_free(&want);
	buf_free(&out);
	buf_free(&path);
}

/* No header at all, as /bin/mail sends it: its text is a body, and From, Date and Message-ID are
 * made from the path, the From_ line and the message. */
static void
vax43_001_has_no_header(void **state)
{
	(void)state;
	vax43_letter("001");
}

/* Lines of the text that the VAX took for a header are passed on as fields, octet for octet. */
static void
vax43_009_has_text_for_a_header(void **state)
{
	(void)state;
	vax43_letter("009");
}

static void
the_other_letters_of_the_vax(void **state)
{
	static const char *const numbers[] = {"002", "003", "004", "005",
	                                      "006", "007", "008", "010"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		vax43_letter(numbers[i]);
}

static void
a_header_from_smtp_keeps_every_octet(void **state)
{
	static const char text[] = "From:   vax43!x  (who)\nTO: gw!y\n"
				   "Apparently-To: z\nX-Odd:\tfold\n\t ed  \n\nbody\n";
	struct span content = SPAN(text);
	struct message_attrs a;
	struct render_job job = job_of(&content, &a);
	struct buf out = {0};
	char *header;

	(void)state;
	a.origin = ORIGIN_SMTP;
	a.site = SPAN("");
	a.client = SPAN("[192.0.2.1]");
	assert_string_equal(render_all_ways(&job, &out), "");
	undo_line_ends(&out);
	header = strstr(buf_text(&out), "From:");
	assert_non_null(header);
	expect("SMTP", header, text);
	assert_ptr_equal(strstr(buf_text(&out), "Received: from [192.0.2.1] by gw.example.com"),
	                 out.p);
	buf_free(&out);
}

/* Property: the headers of 1981-1995, from UUCP: a field that is not one of addresses, or has none
 * that needs another form, is found again octet for octet. */
static void
old_headers_pass_unharmed(void **state)
{
	struct buf rows = {0}, letter = {0}, out = {0};
	struct span rest, row, cell, part;
	struct header before, after;
	size_t i, seen = 0, changed = 0;

	(void)state;
	read_file("tests/data/headers/headers.tsv", &rows);
	rest = buf_view(&rows);
	span_cut(&rest, '\n');
	while (rest.n > 0) {
		struct message_attrs a;
		struct render_job job;
		struct span content;

		row = span_cut(&rest, '\n');
		for (i = 0; i < 6; i++)
			span_cut(&row, '\t');
		buf_clear(&letter);
		cell = row;
		while (cell.n > 0) {
			const char *cut = memmem(cell.p, cell.n, " \\n ", 4);

			part = (struct span){cell.p, cut ? (size_t)(cut - cell.p) : cell.n};
			buf_span(&letter, part);
			buf_ch(&letter, '\n');
			cell.p += part.n + (cut ? 4 : 0);
			cell.n -= part.n + (cut ? 4 : 0);
		}
		buf_str(&letter, "\nbody\n");
		content = buf_view(&letter);
		job = job_of(&content, &a);
		assert_string_equal(render(&job, 4096, &out), "");
		undo_line_ends(&out);
		assert_int_equal(header_parse(content, &before), 0);
		assert_int_equal(header_parse(buf_view(&out), &after), 0);
		for (i = 0; i < before.n; i++) {
			struct header_field *f = &before.v[i];

			if (span_is_nocase(f->name, "Apparently-To"))
				continue;
			seen++;
			if (memmem(out.p, out.n, f->all.p, f->all.n) != NULL)
				continue;
			changed++;
			if (!rewrite_is_address_field(f->name))
				fail_msg("changed: %.*s", (int)f->all.n, f->all.p);
		}
		assert_true(after.n > before.n - header_count(&before, "Apparently-To"));
		header_free(&before);
		header_free(&after);
	}
	assert_true(seen > 500 && changed > 20 && changed < seen / 5);
	buf_free(&rows);
	buf_free(&letter);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vax43_001_has_no_header),
	    cmocka_unit_test(vax43_009_has_text_for_a_header),
	    cmocka_unit_test(the_other_letters_of_the_vax),
	    cmocka_unit_test(a_header_from_smtp_keeps_every_octet),
	    cmocka_unit_test(old_headers_pass_unharmed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
