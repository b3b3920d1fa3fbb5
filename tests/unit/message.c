#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bridge/message/attrs.h"
#include "bridge/message/facts.h"
#include "bridge/message/header.h"

static void
attributes_come_back(void **state)
{
	struct message_attrs a = {
	    .origin = ORIGIN_BSMTP,
	    .site = SPAN("vax43"),
	    .client = SPAN(""),
	    .smtputf8 = true,
	    .ret = DSN_RET_HDRS,
	    .envid = SPAN("QQ314159"),
	    .facts = {.known = true, .eightbit = true, .utf8 = true, .lines = 0x1234567890},
	};
	struct recipient_attrs r = {.notify = DSN_SUCCESS | DSN_DELAY,
	                            .orcpt = SPAN("rfc822;piet@cwi.example"),
	                            .alias = SPAN("staff@gw.example.com")};
	struct message_attrs b;
	struct recipient_attrs s;
	struct buf out = {0};

	(void)state;
	message_attrs_encode(&a, &out);
	message_attrs_decode(buf_view(&out), &b);
	assert_int_equal(b.origin, ORIGIN_BSMTP);
	assert_true(span_is(b.site, "vax43"));
	assert_int_equal(b.client.n, 0);
	assert_true(b.smtputf8);
	assert_int_equal(b.ret, DSN_RET_HDRS);
	assert_true(span_is(b.envid, "QQ314159"));
	assert_true(b.facts.known && b.facts.eightbit && b.facts.utf8 && !b.facts.nul);
	assert_true(b.facts.lines == 0x1234567890);
	buf_clear(&out);
	recipient_attrs_encode(&r, &out);
	recipient_attrs_decode(buf_view(&out), &s);
	assert_int_equal(s.notify, DSN_SUCCESS | DSN_DELAY);
	assert_true(span_is(s.orcpt, "rfc822;piet@cwi.example"));
	assert_true(span_is(s.alias, "staff@gw.example.com"));
	buf_free(&out);
}

/* Every way to cut a record, and every octet of it changed, is read without a fault. */
static void
damaged_attributes_count_as_not_given(void **state)
{
	struct message_attrs a = {.origin = ORIGIN_SMTP,
	                          .site = SPAN("vax43"),
	                          .client = SPAN("[192.0.2.1]"),
	                          .facts = {.known = true}};
	struct message_attrs b;
	struct recipient_attrs r;
	struct buf out = {0};
	size_t i;
	int v;

	(void)state;
	message_attrs_encode(&a, &out);
	for (i = 0; i <= out.n; i++)
		message_attrs_decode((struct span){out.p, i}, &b);
	for (i = 0; i < out.n; i++) {
		char was = out.p[i];

		for (v = 0; v < 256; v++) {
			out.p[i] = (char)v;
			message_attrs_decode(buf_view(&out), &b);
			recipient_attrs_decode(buf_view(&out), &r);
			assert_true(b.origin <= ORIGIN_NOTICE && b.ret <= DSN_RET_HDRS);
			assert_non_null(origin_name(b.origin));
		}
		out.p[i] = was;
	}
	message_attrs_decode(SPAN(""), &b);
	assert_int_equal(b.origin, ORIGIN_LOCAL);
	assert_non_null(b.site.p);
	buf_free(&out);
}

static void
an_unknown_tag_is_skipped(void **state)
{
	struct message_attrs b;

	(void)state;
	message_attrs_decode(SPAN("\xc8\0\2xx\2\0\3abc"), &b);
	assert_true(span_is(b.site, "abc"));
}

static void
octets_are_known_for_what_they_are(void **state)
{
	static char long_line[1001];
	static const struct {
		struct span text;
		const char *facts; /* 8 eightbit, u utf8, l long, n nul, c bare CR, e unended */
		unsigned lines;
	} rows[] = {
	    {SPAN(""), "u", 0},
	    {SPAN("plain\n"), "u", 1},
	    {SPAN("plain\ntail"), "ue", 1},
	    {SPAN("caf\xc3\xa9\n"), "8u", 1},
	    {SPAN("caf\xe9\n"), "8", 1},
	    {SPAN("caf\xc3\n\xa9\n"), "8", 2},
	    {SPAN("\xed\xa0\x80\n"), "8", 1},
	    {SPAN("\xf4\x90\x80\x80\n"), "8", 1},
	    {SPAN("\xe0\x80\x80\n"), "8", 1},
	    {SPAN("\xf0\x9f\x9a\xa2\n"), "8u", 1},
	    {SPAN("tail\xc3"), "8e", 0},
	    {SPAN("a\rb\n"), "uc", 1},
	    {SPAN("a\0b\n"), "un", 1},
	    {{long_line, 998}, "ue", 0},
	    {{long_line, 999}, "ule", 0},
	};
	struct facts f;
	char got[8], *p;
	size_t i, step, at;

	(void)state;
	memset(long_line, 'x', sizeof long_line);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (step = 1; step <= 1000; step += 333) {
			facts_begin(&f);
			for (at = 0; at < rows[i].text.n; at += step)
				facts_add(&f, (struct span){rows[i].text.p + at,
				                            rows[i].text.n - at < step
				                                ? rows[i].text.n - at
				                                : step});
			facts_end(&f);
			p = got;
			if (f.eightbit)
				*p++ = '8';
			if (f.utf8)
				*p++ = 'u';
			if (f.long_line)
				*p++ = 'l';
			if (f.nul)
				*p++ = 'n';
			if (f.bare_cr)
				*p++ = 'c';
			if (f.unended)
				*p++ = 'e';
			*p = '\0';
			assert_true(f.known);
			assert_string_equal(got, rows[i].facts);
			assert_int_equal(f.lines, rows[i].lines);
		}
}

static void
headers_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *names, *body;
	} rows[] = {
	    {"From: a\nTo: b\n\nbody\n", "From,To,", "body\n"},
	    {"From: a\n b\n\tc\nTo: b\n\nbody\n", "From,To,", "body\n"},
	    {"hello from 4.3BSD /bin/mail -d\n\n", "", "hello from 4.3BSD /bin/mail -d\n\n"},
	    {"From root Sat Nov 22 12:30:15 1986 remote from vax43\nhello\n", "", "hello\n"},
	    {"From root Sat Nov 22 12:30:15 1986 remote from vax43\n\nhello\n", "", "hello\n"},
	    {"From root Sat Nov 22 12:30:15 1986 remote from vax43\nTo: x\n\nhello\n", "To,",
	     "hello\n"},
	    {"To: x\nthis is no field: so the body starts\n", "To,",
	     "this is no field: so the body starts\n"},
	    {"To : x\n\nbody\n", "To,", "body\n"},
	    {": x\n\nbody\n", "", ": x\n\nbody\n"},
	    {" To: x\n\nbody\n", "", " To: x\n\nbody\n"},
	    {"To: x\n", "To,", ""},
	    {"To: x\nSubject: cut", "To,", "Subject: cut"},
	    {"\nbody\n", "", "body\n"},
	    {"", "", ""},
	};
	struct header h;
	struct buf names = {0};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(header_parse(span_of(rows[i].text), &h), 0);
		buf_clear(&names);
		for (k = 0; k < h.n; k++) {
			buf_span(&names, h.v[k].name);
			buf_ch(&names, ',');
		}
		assert_string_equal(buf_text(&names), rows[i].names);
		assert_string_equal(rows[i].text + h.body_at, rows[i].body);
		header_free(&h);
	}
	buf_free(&names);
}

static void
fields_are_found_and_unfolded(void **state)
{
	struct header h;
	struct buf b = {0};

	(void)state;
	assert_int_equal(
	    header_parse(SPAN("Received: x\nreceived: y\nSubject: a\n  long\n\tway\n\n"), &h), 0);
	assert_int_equal(header_count(&h, "Received"), 2);
	assert_null(header_find(&h, "To"));
	header_unfold(header_find(&h, "subject")->body, &b);
	assert_string_equal(buf_text(&b), "a  long\tway");
	buf_free(&b);
	header_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(attributes_come_back),
	    cmocka_unit_test(damaged_attributes_count_as_not_given),
	    cmocka_unit_test(an_unknown_tag_is_skipped),
	    cmocka_unit_test(octets_are_known_for_what_they_are),
	    cmocka_unit_test(headers_are_taken_apart),
	    cmocka_unit_test(fields_are_found_and_unfolded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
