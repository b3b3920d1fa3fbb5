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
#include "tests/unit/addr_tsv.h"
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

static void
take_all(struct render *r, size_t room, struct buf *out)
{
	struct verdict v;
	char piece[8192];
	size_t n;

	buf_clear(out);
	do {
		assert_int_equal(render_read(r, piece, room, &n, &v), 0);
		buf_add(out, piece, n);
	} while (n > 0);
	assert_true(render_size(r) == out->n);
}

/* Renders, `room` octets at a time, and holds the size to its word. The status of the verdict. */
static const char *
render(const struct render_job *job, size_t room, struct buf *out)
{
	static struct verdict v;
	struct render *r;

	buf_clear(out);
	if (render_new(&r, job, &v) < 0) {
		assert_true(v.outcome != OUTCOME_SENT);
		return v.status;
	}
	take_all(r, room, out);
	render_free(r);
	return "";
}

/* The same letter however it is taken, and again after rewinding in the middle. */
static const char *
render_all_ways(const struct render_job *job, struct buf *out)
{
	const char *status = render(job, 8192, out);
	struct buf again = {0};
	struct render *r;
	struct verdict v;
	char piece[100];
	size_t n;

	if (status[0] != '\0')
		return status;
	assert_int_equal(render_new(&r, job, &v), 0);
	take_all(r, 1, &again);
	assert_true(span_eq(buf_view(out), buf_view(&again)));
	render_rewind(r);
	assert_int_equal(render_read(r, piece, sizeof piece, &n, &v), 0);
	render_rewind(r);
	take_all(r, 333, &again);
	assert_true(span_eq(buf_view(out), buf_view(&again)));
	render_free(r);
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
	file_read(name, &stored);
	snprintf(name, sizeof name, "tests/data/rendered/%s", number);
	file_read(name, &want);
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
	file_read("tests/data/headers/headers.tsv", &rows);
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

/* A letter of our days, towards a server that cannot carry it as it is. */
struct conversion {
	const char *what;
	struct span stored;
	bool eightbit, utf8;
	const char *status; /* of the verdict: "" it goes */
	const char *sent;   /* from the first field of the letter on */
};

static void
convert(const struct conversion *row)
{
	struct span content = row->stored;
	struct message_attrs a;
	struct render_job job = job_of(&content, &a);
	struct buf out = {0};
	const char *status, *at;

	a.origin = ORIGIN_SMTP;
	a.smtputf8 = row->utf8;
	job.eightbit = row->eightbit;
	status = render_all_ways(&job, &out);
	if (strcmp(status, row->status) != 0)
		fail_msg("%s: status \"%s\", want \"%s\"", row->what, status, row->status);
	if (status[0] == '\0') {
		undo_line_ends(&out);
		at = strstr(buf_text(&out), "+0000\n") + 6;
		expect(row->what, at, row->sent);
	}
	buf_free(&out);
}

#define MIME(type, encoding) "Content-Type: " type "\nContent-Transfer-Encoding: " encoding "\n"
#define V1 "MIME-Version: 1.0\n"

static void
what_a_server_cannot_carry_is_encoded(void **state)
{
	static const struct conversion rows[] = {
	    {"8-bit text to 8BITMIME keeps its octets", SPAN("S: x\n\nd\xe9j\xe0\n"), true, false, "",
	     "S: x\n\nd\xe9j\xe0\n"},
	    {"8-bit text of a charset nobody said", SPAN("S: x\n\nd\xe9j\xe0 = 1 \n"), false, false,
	     "",
	     "S: x\n" V1 MIME("text/plain; charset=unknown-8bit",
			      "quoted-printable") "\nd=E9j=E0 =3D 1=20\n"},
	    {"8-bit text that is UTF-8", SPAN("S: x\n\nd\xc3\xa9j\xc3\xa0"), false, false, "",
	     "S: x\n" V1 MIME("text/plain; charset=utf-8",
			      "quoted-printable") "\nd=C3=A9j=C3=A0\n"},
	    {"a type of 1986 that is none",
	     SPAN("Content-Type: text\nS: x\n\n\xe9\n"), false, false, "",
	     "S: x\n" V1 MIME("text/plain; charset=unknown-8bit", "quoted-printable") "\n=E9\n"},
	    {"MIME text said to be 8bit",
	     SPAN(V1 MIME("text/plain; charset=latin1", "8bit") "\n\xe9\n"), false, false, "",
	     V1 "Content-Type: text/plain; charset=latin1\n"
	     "Content-Transfer-Encoding: quoted-printable\n\n=E9\n"},
	    {"something that is no text",
	     SPAN(V1 MIME("image/x-odd", "8bit") "\n\xff\xfe\n\x01\n"), false, false, "",
	     V1 "Content-Type: image/x-odd\n"
	     "Content-Transfer-Encoding: base64\n\n//4NCgENCg==\n"},
	    {"NUL and a bare CR, even to 8BITMIME", SPAN("S: x\n\na\0b\rc\n"), true, false, "",
	     "S: x\n" V1 MIME("text/plain; charset=us-ascii",
			      "quoted-printable") "\na=00b=0Dc\n"},
	    {"base64 that holds what may not be sent",
	     SPAN(V1 MIME("image/gif", "base64") "\nR0lG\xe9ODdh\rAA==\n"), false, false, "",
	     V1 MIME("image/gif", "base64") "\nR0lGODdhAA==\n"},
	    {"quoted-printable that holds what may not be sent",
	     SPAN(V1 MIME("text/plain", "quoted-printable") "\na=E9 \xe9\n"), false, false, "",
	     V1 MIME("text/plain", "quoted-printable") "\na=E9 =E9\n"},
	    {"an encoding nobody knows", SPAN(V1 MIME("text/plain", "x-uue") "\n\xe9\n"), false,
	     false, "5.6.3", ""},
	    {"an encoding nobody knows, but harmless",
	     SPAN(V1 MIME("text/plain", "x-uue") "\nabc\rdef\n"), false, false, "5.6.3", ""},
	    {"multipart: each part as it needs",
	     SPAN(V1 "Content-Type: multipart/mixed; boundary=\"b 1\"\n"
	          "Content-Transfer-Encoding: 8bit\n\n"
	          "before \xe9\n--b 1\n\nplain \xe9\n\n--b 1\n" MIME("image/png", "binary") "\n\xff\n"
	          "--b 1\nContent-Type: text/html\n\n--b 2 is no boundary\n--b 1-- \nafter\n"),
	     false, false, "",
	     V1 "Content-Type: multipart/mixed; boundary=\"b 1\"\n\n"
	     "before ?\n--b 1\n" MIME("text/plain; charset=unknown-8bit", "quoted-printable")
	     "\nplain =E9\n\n--b 1\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n/w==\n"
	     "--b 1\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
	     "--b 2 is no boundary\n--b 1--\nafter\n"},
	    {"a multipart in a multipart, the inner one never closed",
	     SPAN(V1 "Content-Type: multipart/mixed; boundary=out\n\n--out\n"
	          "Content-Type: multipart/alternative; boundary=in\n\n--in\n\n\xe9\n--out--\n"),
	     false, false, "",
	     V1 "Content-Type: multipart/mixed; boundary=out\n\n--out\n"
	     "Content-Type: multipart/alternative; boundary=in\n\n--in\n"
	     MIME("text/plain; charset=unknown-8bit", "quoted-printable") "\n=E9\n--out--\n"},
	    {"a letter in a letter has its own header",
	     SPAN(V1 MIME("message/rfc822", "8bit") "\nSubject: d\xc3\xa9j\xc3\xa0 vu\n"
	          "From: J\xc3\xb8rgen <j@e.example>\n\n\xc3\xa9\n"),
	     false, false, "",
	     V1 "Content-Type: message/rfc822\n\nSubject: =?utf-8?q?d=C3=A9j=C3=A0?= vu\n"
	     "From: =?utf-8?q?J=C3=B8rgen?= <j@e.example>\n"
	     MIME("text/plain; charset=utf-8", "quoted-printable") "\n=C3=A9\n"},
	    {"a letter in a letter with a From_ line",
	     SPAN(V1 MIME("message/rfc822", "8bit") "\nFrom J\xf8@a Sat Nov 22 12:31:12 1986\n"
	          "Subject: x\n\nplain\n"),
	     false, false, "",
	     V1 "Content-Type: message/rfc822\n\nFrom J?@a Sat Nov 22 12:31:12 1986\n"
	     "Subject: x\n" MIME("text/plain; charset=unknown-8bit", "quoted-printable") "\nplain\n"},
	    {"a digest's parts are letters",
	     SPAN(V1 "Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: x\n\n\xe9\n--d--\n"),
	     false, false, "",
	     V1 "Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: x\n"
	     MIME("text/plain; charset=unknown-8bit", "quoted-printable") "\n=E9\n--d--\n"},
	    {"what is signed is not touched",
	     SPAN(V1 "Content-Type: multipart/signed; boundary=s\n\n--s\n\n\xe9\n--s--\n"), false,
	     false, "5.6.3", ""},
	    {"and need not be where 8 bits are carried",
	     SPAN(V1 "Content-Type: multipart/signed; boundary=s\n\n--s\n\n\xe9\n--s--\n"), true,
	     false, "", V1 "Content-Type: multipart/signed; boundary=s\n\n--s\n\n\xe9\n--s--\n"},
	    {"8-bit names in the header", SPAN("Subject: \xe9t\xe9 \xe9\nTo: \"J\xe9\" <j@e.example> (\xe9)\n\nx\n"),
	     false, false, "",
	     "Subject: =?unknown-8bit?q?=E9t=E9?= =?unknown-8bit?q?_?= =?unknown-8bit?q?=E9?=\n"
	     "To: =?unknown-8bit?q?J=E9?= <j@e.example> (=?unknown-8bit?q?=E9?=)\n"
	     V1 MIME("text/plain; charset=unknown-8bit", "quoted-printable") "\nx\n"},
	    {"8-bit names of files",
	     SPAN(V1 "Content-Type: image/gif; name=\"a \xe9\"\n"
	          "Content-Disposition: inline; filename=\xe9.gif (\xe9)\n"
	          "Content-Transfer-Encoding: base64\n\nAAAA\n"),
	     false, false, "",
	     V1 "Content-Type: image/gif; name=\"=?unknown-8bit?q?a_=E9?=\"\n"
	     "Content-Disposition: inline; filename=\"=?unknown-8bit?q?=E9.gif?=\""
	     " (=?unknown-8bit?q?=E9?=)\nContent-Transfer-Encoding: base64\n\nAAAA\n"},
	    {"an address that needs SMTPUTF8", SPAN("To: j\xc3\xb8rgen@e.example\n\nx\n"), true, true,
	     "5.6.7", ""},
	    {"a name alone does not", SPAN("To: J\xc3\xb8rgen <j@e.example>\n\nx\n"), true, true, "",
	     "To: =?utf-8?q?J=C3=B8rgen?= <j@e.example>\n\nx\n"},
	    {"CR and NUL in the header", SPAN("To: a\r\0@e.example\n\nx\n"), true, false, "",
	     "To: a  @e.example\n" V1 MIME("text/plain; charset=us-ascii",
	                                    "quoted-printable") "\nx\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		convert(&rows[i]);
}

/* Lines of 0 to 3000 octets of any kind: what is sent is 7-bit, within 998, without NUL and bare
 * CR; decoded it is what was stored. */
static void
quoted_printable_brings_every_octet(void **state)
{
	struct buf stored = {0}, out = {0}, decoded = {0};
	struct message_attrs a;
	struct render_job job;
	struct span content, body;
	unsigned seed = 2049;
	int i, k, n;
	size_t at;

	(void)state;
	for (i = 0; i < 200; i++) {
		buf_clear(&stored);
		buf_clear(&decoded);
		buf_str(&stored, "Subject: x\n\n");
		for (n = 1 + rand_r(&seed) % 4; n > 0; n--) {
			for (k = rand_r(&seed) % (i % 10 == 0 ? 3000 : 200); k > 0; k--) {
				char c = (char)(rand_r(&seed) % 3 ? "ab =\t.-"[rand_r(&seed) % 7]
				                                  : rand_r(&seed));

				buf_ch(&stored, c == '\n' ? 'n' : c);
			}
			buf_ch(&stored, '\n');
		}
		buf_str(&stored, "\xe9\n");
		content = buf_view(&stored);
		job = job_of(&content, &a);
		a.origin = ORIGIN_SMTP;
		job.eightbit = false;
		assert_string_equal(render(&job, 777, &out), "");
		undo_line_ends(&out);
		body = span_of(strstr(out.p, "quoted-printable\n\n") + 18);
		while (body.n > 0) {
			struct span line = span_cut(&body, '\n');
			bool soft = line.n > 0 && line.p[line.n - 1] == '=';

			assert_true(line.n <= 76);
			for (at = 0; at < line.n - soft; at++) {
				unsigned value;

				assert_true((unsigned char)line.p[at] < 0x80 && line.p[at] != '\r');
				if (line.p[at] != '=') {
					buf_ch(&decoded, line.p[at]);
					continue;
				}
				assert_int_equal(sscanf(line.p + at, "=%2X", &value), 1);
				buf_ch(&decoded, (char)value);
				at += 2;
			}
			assert_true(soft || line.n == 0 ||
				    (line.p[line.n - 1] != ' ' && line.p[line.n - 1] != '\t'));
			if (!soft)
				buf_ch(&decoded, '\n');
		}
		content.p += 12;
		content.n -= 12;
		assert_true(span_eq(content, buf_view(&decoded)));
	}
	buf_free(&stored);
	buf_free(&out);
	buf_free(&decoded);
}

static void
a_circle_is_seen(void **state)
{
	struct buf stored = {0}, out = {0};
	struct message_attrs a;
	struct render_job job;
	struct span content;
	int i;

	(void)state;
	for (i = 0; i < 50; i++)
		buf_fmt(&stored, "Received: by h%d; Sat, 22 Nov 86 12:31:12 PST\n", i);
	content = buf_view(&stored);
	job = job_of(&content, &a);
	assert_string_equal(render(&job, 4096, &out), "");
	buf_str(&stored, "received: once more\n");
	content = buf_view(&stored);
	job = job_of(&content, &a);
	assert_string_equal(render(&job, 4096, &out), "5.4.6");
	buf_free(&stored);
	buf_free(&out);
}

static void
a_maildir_gets_the_octets_and_a_return_path(void **state)
{
	struct span content = SPAN("From ernie Sat Nov 22 12:31:12 1986 remote from vax43\n"
				   "Return-Path: <somebody>\nTo: fred\nSubject: \xe9\n\n\xe9\0\rend");
	static const char want[] =
	    "Return-Path: <ernie@vax43.example.com>\n"
	    "Received: from vax43 by gw.example.com (bangway) via UUCP with rmail\n"
	    "\tid 00-1AD; Sat, 22 Nov 1986 20:31:20 +0000\n"
	    "To: fred@vax43.example.com\nSubject: \xe9\n"
	    "From: ernie@vax43.example.com\nDate: Sat, 22 Nov 1986 12:31:12 +0000\n"
	    "Message-ID: <198611220405060708090a0b0c0d0e0f@gw.example.com>\n\n\xe9\0\rend\n";
	struct message_attrs a;
	struct render_job job = job_of(&content, &a);
	struct buf out = {0};

	(void)state;
	job.maildir = true;
	assert_string_equal(render_all_ways(&job, &out), "");
	assert_true(span_eq(buf_view(&out), SPAN(want)));
	content = SPAN("To: x\n\n");
	job = job_of(&content, &a);
	job.maildir = true;
	job.sender = "";
	assert_string_equal(render_all_ways(&job, &out), "");
	assert_ptr_equal(strstr(buf_text(&out), "Return-Path: <>\n"), out.p);
	assert_non_null(strstr(buf_text(&out), "\nFrom: MAILER-DAEMON@vax43.example.com\n"));
	buf_free(&out);
}

/* What intake found out while it stored the letter is believed, and the octets are the same. */
static void
facts_save_a_reading(void **state)
{
	struct span content = SPAN("To: x@y.example\n\nline\nand \xe9\nend");
	struct message_attrs a;
	struct render_job job = job_of(&content, &a);
	struct buf with = {0}, without = {0};
	int eightbit;

	(void)state;
	for (eightbit = 0; eightbit < 2; eightbit++) {
		a.facts.known = false;
		job.eightbit = eightbit;
		assert_string_equal(render(&job, 100, &without), "");
		facts_begin(&a.facts);
		facts_add(&a.facts, content);
		facts_end(&a.facts);
		assert_string_equal(render(&job, 100, &with), "");
		assert_true(span_eq(buf_view(&with), buf_view(&without)));
	}
	/* facts that lie let no bare CR out */
	content = SPAN("To: x@y.example\n\na\rb\n");
	job = job_of(&content, &a);
	a.facts.known = true;
	a.facts.lines = 3;
	assert_string_equal(render(&job, 100, &with), "");
	undo_line_ends(&with);
	buf_free(&with);
	buf_free(&without);
}

static int
fail_to_read(void *arg, uint64_t offset, void *p, size_t room, size_t *n)
{
	return offset >= 8000 ? -1 : read_span(arg, offset, p, room, n);
}

static void
content_that_cannot_be_read_is_for_later(void **state)
{
	static char big[20000] = "To: x@y.example\n\n";
	struct span content = {big, sizeof big};
	struct message_attrs a;
	struct render_job job = job_of(&content, &a);
	struct render *r;
	struct verdict v;
	char piece[4096];
	size_t n;

	(void)state;
	memset(big + 18, 'x', sizeof big - 18);
	job.read = fail_to_read;
	assert_int_equal(render_new(&r, &job, &v), -1);
	assert_int_equal(v.outcome, OUTCOME_LATER);
	assert_null(r);
	a.facts.known = true;
	gateway.limit.header_bytes = 4000;
	assert_int_equal(render_new(&r, &job, &v), 0);
	gateway.limit.header_bytes = 65536;
	while (render_read(r, piece, sizeof piece, &n, &v) == 0)
		assert_true(n > 0);
	assert_int_equal(v.outcome, OUTCOME_LATER);
	render_free(r);
}

/*
 * Letters put together from pieces of MIME, damaged at random: nothing breaks,
 * and what leaves has 7 bits, whole line ends, and no line past 998 octets
 * (undo_line_ends() looks at the rest); or the letter has no sound form.
 */
static void
whatever_comes_only_sendable_octets_leave(void **state)
{
	static const struct span pieces[] = {
	    SPAN("MIME-Version: 1.0\n"),
	    SPAN("Content-Type: multipart/mixed; boundary=b\n"),
	    SPAN("Content-Type: multipart/digest;\n boundary=\"c d\"\n"),
	    SPAN("Content-Type: multipart/signed; boundary=s\n"),
	    SPAN("Content-Type: multipart/mixed\n"),
	    SPAN("Content-Type: message/rfc822\n"),
	    SPAN("Content-Type: text/plain; charset=x\n"),
	    SPAN("Content-Type: (a (b) image/gif\n"),
	    SPAN("Content-Type: image/gif\n"),
	    SPAN("Content-Transfer-Encoding: 8bit\n"),
	    SPAN("Content-Transfer-Encoding: base64\n"),
	    SPAN("Content-Transfer-Encoding: quoted-printable\n"),
	    SPAN("Content-Transfer-Encoding: x-uue\n"),
	    SPAN("To: \"J\xf8\" <a@b.example>, c\xf8 (\xc3\xa9\n"),
	    SPAN("Subject: \xc3\xa9t\xc3\xa9\n"),
	    SPAN("\n"),
	    SPAN("\n"),
	    SPAN("--b\n"),
	    SPAN("--b--\n"),
	    SPAN("--c d\n"),
	    SPAN("--c d--\n"),
	    SPAN("--s\n"),
	    SPAN("text \n"),
	    SPAN("\xe9\xff\n"),
	    SPAN("a\0b\rc=\n"),
	    SPAN("From a\xe9 Sat Nov 22 12:31:12 1986\n"),
	    SPAN(" folded\n"),
	    SPAN("no line end"),
	};
	struct buf stored = {0}, out = {0};
	struct message_attrs a;
	struct render_job job;
	struct span content, rest;
	unsigned seed = 6152;
	int i, k, sent = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		buf_clear(&stored);
		for (k = rand_r(&seed) % 30; k > 0; k--)
			buf_span(&stored,
				 pieces[rand_r(&seed) % (sizeof pieces / sizeof pieces[0])]);
		if (i % 7 == 0)
			for (k = 0; k < 1200; k++)
				buf_ch(&stored, (char)(rand_r(&seed) % 90 ? 'y' : ' '));
		content = buf_view(&stored);
		job = job_of(&content, &a);
		job.eightbit = false;
		if (render(&job, 4096, &out)[0] != '\0')
			continue;
		sent++;
		undo_line_ends(&out);
		rest = buf_view(&out);
		while (rest.n > 0) {
			struct span line = span_cut(&rest, '\n');

			for (k = 0; k < (int)line.n; k++)
				assert_true(line.p[k] != '\0' && (unsigned char)line.p[k] < 0x80);
			assert_true(line.n <= 998 || strstr(buf_text(&out), "signed") != NULL ||
				    strstr(buf_text(&out), "x-uue") != NULL ||
				    strstr(buf_text(&out), "multipart/mixed\n") != NULL);
		}
	}
	assert_true(sent > 5000);
	buf_free(&stored);
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
	    cmocka_unit_test(what_a_server_cannot_carry_is_encoded),
	    cmocka_unit_test(quoted_printable_brings_every_octet),
	    cmocka_unit_test(a_circle_is_seen),
	    cmocka_unit_test(a_maildir_gets_the_octets_and_a_return_path),
	    cmocka_unit_test(facts_save_a_reading),
	    cmocka_unit_test(content_that_cannot_be_read_is_for_later),
	    cmocka_unit_test(whatever_comes_only_sendable_octets_leave),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
