#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/route/rewrite.h"
#include "tests/unit/ask.h"
#include "tests/unit/dice.h"
#include "tests/unit/expect.h"
#include "tests/unit/gateway_table.h"

/*
 * An address, who brought it, its domain form, and where an answer to that
 * form goes (the destination that it must come home by).
 */
static const struct row {
	const char *address, *from, *form, *answer;
} rows[] = {
    {"user@cwi.example", "vax43", "user@cwi.example", "domain:cwi.example"},
    {"user@cwi\xe3\x80\x82"
     "example",
     "vax43",
     "user@cwi\xe3\x80\x82"
     "example",
     "domain:cwi\xe3\x80\x82"
     "example"},
    {"user@CWI.Example", "vax43", "user@CWI.Example", "domain:cwi.example"},
    {"a!user@cwi.example", "vax43", "a!user@cwi.example", "domain:cwi.example"},
    {"vax43!ernie", "vax43", "ernie@vax43.example.com", "site:vax43"},
    {"vax43!far!ernie", "vax43", "far!ernie@vax43.example.com", "site:vax43"},
    {"vax43!cwi.example!piet", "vax43", "cwi.example!piet@vax43.example.com", "site:vax43"},
    {"ernie", "vax43", "ernie@vax43.example.com", "site:vax43"},
    {"ernie", NULL, "ernie@gw.example.com", "local:gw.example.com"},
    {"far!ernie", "vax43", "far!ernie@vax43.example.com", "site:vax43"},
    {"far!ernie", NULL, "far!ernie@gw.example.com", "site:far"},
    {"modern!fred", "vax43", "fred@gw.example.com", "local:gw.example.com"},
    {"modern!next!barney", "vax43", "next!barney@gw.example.com", "site:next"},
    {"gw!user", "alpha", "user@gw.example.com", "local:gw.example.com"},
    {"fred@gw", "alpha", "fred@gw.example.com", "local:gw.example.com"},
    {"fred@gw.UUCP", "alpha", "fred@gw.example.com", "local:gw.example.com"},
    {"alpha!bob", "alpha", "alpha!bob@gw.example.com", "site:alpha"},
    {"bob", "alpha", "alpha!bob@gw.example.com", "site:alpha"},
    {"bob@alpha.UUCP", "alpha", "alpha!bob@gw.example.com", "site:alpha"},
    {"vax43!x", "alpha", "x@vax43.example.com", "site:vax43"},
    {"ernie@vax43", "alpha", "ernie@vax43.example.com", "site:vax43"},
    {"decvax!mcvax!piet", "alpha", "alpha!decvax!mcvax!piet@gw.example.com", "site:alpha"},
    {"cwi.example!piet", "alpha", "piet@cwi.example", "domain:cwi.example"},
    {"cwi.example!b!piet", "alpha", "cwi.example!b!piet@gw.example.com", "domain:cwi.example"},
    {"cwi.example.!piet", "alpha", "piet@cwi.example", "domain:cwi.example"},
    {"root@localhost", "vax43", "root@vax43.example.com", "site:vax43"},
    {"root@localhost", NULL, "root@gw.example.com", "local:gw.example.com"},
    {"brv!x", "bravo", "x@bravo.example.net", "site:bravo"},
    {"vax43!x@y.example", "bravo", "y.example!x@vax43.example.com", "site:vax43"},
    {"stranger!x", "stranger", "stranger!x@gw.example.com", "site:stranger"},
    {"@a.example:u@b.example", "vax43", "u@b.example", "domain:b.example"},
    {"u%far@gw.example.com", "vax43", "far!u@gw.example.com", "site:far"},
    {"u%cwi.example@gw.example.com", "vax43", "u@cwi.example", "domain:cwi.example"},
    {"gw!far!u@gw.example.com", "vax43", "far!u@gw.example.com", "site:far"},
    {"vax43!u@GW.example.com", "vax43", "u@vax43.example.com", "site:vax43"},
    {"u@a.b.UUCP", "vax43", "u@a.b", "domain:a.b"},
    {"", "vax43", "", NULL},
    {"<>", "vax43", "", NULL},
    {"vax43!<>", "vax43", "", NULL},
};

static void
each_address_has_a_domain_form(void **state)
{
	struct buf out = {0};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_clear(&out);
		why = "";
		if (rewrite_address(REWRITE(table, rows[i].from), span_of(rows[i].address), &out,
		                    &why) != 0)
			fail_msg("%s: %s", rows[i].address, why);
		expect(rows[i].address, buf_text(&out), rows[i].form);
	}
	buf_free(&out);
}

static void
an_answer_comes_home(void **state)
{
	struct buf out = {0}, home = {0};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_clear(&out);
		buf_clear(&home);
		if (rows[i].answer == NULL)
			continue;
		assert_int_equal(rewrite_sender(REWRITE(table, rows[i].from),
		                                span_of(rows[i].address), &out, NULL, &why),
		                 0);
		route_destination(table, buf_view(&out), ASK(NULL), &home);
		expect(buf_text(&out), buf_text(&home), rows[i].answer);
	}
	buf_free(&out);
	buf_free(&home);
}

/* What is a domain form already stays as it is: rewriting twice is rewriting once. */
static void
rewriting_again_changes_nothing(void **state)
{
	struct buf once = {0}, twice = {0};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_clear(&once);
		buf_clear(&twice);
		rewrite_address(REWRITE(table, rows[i].from), span_of(rows[i].address), &once,
		                &why);
		rewrite_address(REWRITE(table, rows[i].from), buf_view(&once), &twice, &why);
		/* from bravo a!b@c is a path: what we say to SMTP is not what bravo says to us */
		if (rows[i].from == NULL || strcmp(rows[i].from, "bravo") != 0)
			expect(rows[i].address, buf_text(&twice), buf_text(&once));
	}
	buf_free(&once);
	buf_free(&twice);
}

static void
a_sender_without_a_form_is_the_postmaster(void **state)
{
	struct buf out = {0};
	const char *why;

	(void)state;
	assert_int_equal(
	    rewrite_sender(REWRITE(table, "alpha"), SPAN("alpha!\"q r\""), &out, NULL, &why), 1);
	assert_string_equal(buf_text(&out), "postmaster@gw.example.com");
	assert_true(why[0] != '\0');
	buf_free(&out);
}

static void
fields_change_in_their_addresses_only(void **state)
{
	static const struct {
		const char *from, *body, *want;
		int replaced;
	} fields[] = {
	    {"vax43", " vax43!ernie (Ernie CoVax)", " ernie@vax43.example.com (Ernie CoVax)", 1},
	    {"vax43", " modern!fred, ernie", " fred@gw.example.com, ernie@vax43.example.com", 2},
	    {"vax43", " modern!next!barney", " next!barney@gw.example.com", 1},
	    {"vax43", " \"Q, Public\" <q@a.example> ,\n\tvax43!x (c (d) e)",
	     " \"Q, Public\" <q@a.example> ,\n\tx@vax43.example.com (c (d) e)", 1},
	    {"vax43", " Q <vax43!q>", " Q <q@vax43.example.com>", 1},
	    {"vax43", " crew: vax43!a, b@c.example;", " crew: a@vax43.example.com, b@c.example;",
	     1},
	    {"vax43", " vax43!a vax43!b", " a@vax43.example.com, b@vax43.example.com", 2},
	    {"vax43", " piet@cwi.example", " piet@cwi.example", 0},
	    {"vax43", " Piet  (at  CWI) <piet @ cwi . example>",
	     " Piet  (at  CWI) <piet @ cwi . example>", 0},
	    {"vax43", " <>", " <>", 0},
	    {"vax43", " P <@r.example:p@t.example>", " P <p@t.example>", 1},
	    {"vax43", " p@t.example. (P), q@r.s.UUCP", " p@t.example (P), q@r.s", 2},
	    {"vax43", "", "", 0},
	    {"vax43", " broken <a@b", " broken <a@b", -1},
	    {"vax43", " vax43!a, broken <a@b", " vax43!a, broken <a@b", -1},
	};
	struct buf out = {0};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		int got;

		buf_clear(&out);
		why = "";
		got = rewrite_field(REWRITE(table, fields[i].from), span_of(fields[i].body), &out,
		                    &why);
		expect(fields[i].body, buf_text(&out), fields[i].want);
		assert_int_equal(got, fields[i].replaced);
		assert_true(got >= 0 || why[0] != '\0');
	}
	buf_free(&out);
}

/* Property: a list of domain addresses, however written, keeps every octet. */
static void
fields_that_need_nothing_keep_every_octet(void **state)
{
	static const char *const pieces[] = {
	    "piet@cwi.example",
	    "Piet <piet@cwi.example>",
	    "\"P, (x)\" <p@a.example>",
	    "(note) x@b.example",
	    "a!b@c.example",
	    "\"odd one\"@d.example",
	    "=?utf-8?q?J=C3=B8rgen?= <j@e.example>",
	    "\n\ty@f.example",
	    "g: h@i.example, k@l.example;",
	    "<s@t.example>",
	    "u@[192.0.2.9]",
	};
	static const char *const joints[] = {",", ", ", " ,\n ", ",\n\t", ", (c) "};
	struct buf body = {0}, out = {0};
	const char *why;
	struct dice dice;
	int i, k, n;

	(void)state;
	dice_seed(&dice, 1986);
	for (i = 0; i < 2000; i++) {
		buf_clear(&body);
		buf_clear(&out);
		n = 1 + (int)roll(&dice, 5);
		for (k = 0; k < n; k++) {
			buf_str(&body, k > 0 ? ROLL_ONE_OF(&dice, joints) : " ");
			buf_str(&body, ROLL_ONE_OF(&dice, pieces));
		}
		if (rewrite_field(REWRITE(table, "vax43"), buf_view(&body), &out, &why) != 0)
			fail_msg("changed or not read: %s", buf_text(&body));
		expect("field", buf_text(&out), buf_text(&body));
	}
	buf_free(&body);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_address_has_a_domain_form),
	    cmocka_unit_test(an_answer_comes_home),
	    cmocka_unit_test(rewriting_again_changes_nothing),
	    cmocka_unit_test(a_sender_without_a_form_is_the_postmaster),
	    cmocka_unit_test(fields_change_in_their_addresses_only),
	    cmocka_unit_test(fields_that_need_nothing_keep_every_octet),
	};

	return cmocka_run_group_tests(tests, gateway_open, gateway_close);
}
