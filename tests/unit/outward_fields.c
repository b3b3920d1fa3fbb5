/*
 * A field of the header for a UUCP neighbour, by its class: its addresses
 * change, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/dice.h"
#include "tests/unit/outward.h"

static void
fields_change_in_their_addresses_only(void **state)
{
	static const struct {
		int class;
		const char *body, *want;
		int replaced;
	} fields[] = {
	    {SITE_OLD, " piet@cwi.example (Piet)", " gw!cwi.example!piet (Piet)", 1},
	    {SITE_OLD, " \"Q, Public\" <q@a.example> ,\n\tvax43!x (c (d) e)",
	     " \"Q, Public\" <gw!a.example!q> ,\n\tvax43!x (c (d) e)", 1},
	    {SITE_OLD, " =?utf-8?q?J=C3=B8rgen?= <j@e.example>, gw!fred",
	     " =?utf-8?q?J=C3=B8rgen?= <gw!e.example!j>, gw!fred", 1},
	    {SITE_OLD, " crew: vax43!a, b@c.example;", " crew: vax43!a, gw!c.example!b;", 1},
	    {SITE_NEW, " piet@cwi.example, vax43!far!x", " piet@cwi.example, far!x", 1},
	    {SITE_NEW, " <@r.example:s@t.example>", " <s@t.example>", 1},
	    {SITE_NEW, " a!b@c.example", " gw!c.example!a!b", 1},
	    {SITE_DOMAIN, " a!b@c.example, alpha!x", " c.example!a!b, gw.example.com!alpha!x", 2},
	    {SITE_OLD, " \"Joe Soap\"@cwi.example, x@y.example",
	     " \"Joe Soap\"@cwi.example, gw!y.example!x", 1},
	    {SITE_OLD, " <>", " <>", 0},
	    {SITE_OLD, " broken <a@b", " broken <a@b", -1},
	};
	struct buf out = {0};
	const char *why = "";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct config_site to = neighbour("vax43", fields[i].class);

		buf_clear(&out);
		assert_int_equal(rewrite_field(FOR(NULL, &to), span_of(fields[i].body), &out, &why),
		                 fields[i].replaced);
		expect_of_class(fields[i].body, fields[i].class, buf_text(&out), fields[i].want);
	}
	buf_free(&out);
}

/* Property: a list of addresses that the class reads, however written, keeps every octet. */
static void
fields_that_need_nothing_keep_every_octet(void **state)
{
	static const char *const pieces[CLASSES][8] = {
	    {"gw!cwi.example!piet", "Piet <gw!cwi.example!piet>", "\"P, (x)\" <gw!alpha!p>",
	     "(note) vax43!x", "gw!far!b", "gw!fred", "\n\tgw!y", "g: gw!h, gw!k.example!l;"},
	    {"piet@cwi.example", "Piet <piet @ cwi . example>", "\"P, (x)\" <p@a.example>",
	     "(note) ernie@vax43.example.com", "\"odd one\"@d.example", "u@[192.0.2.9]",
	     "\n\tgw!alpha!bob", "g: gw!far!h, k@l.example;"},
	    {"piet@cwi.example", "Piet <PIET@CWI.example>", "\"P, (x)\" <c.example!a!p>",
	     "(note) fred@gw.example.com", "\"odd one\"@d.example", "u%x@e.example",
	     "\n\tgw.example.com!alpha!bob", "g: vax43.example.com!far!h, k@l.example;"},
	};
	static const char *const joints[] = {",", ", ", " ,\n ", ",\n\t", ", (c) "};
	struct dice dice;
	struct buf body = {0}, out = {0};
	const char *why;
	int i, c;
	unsigned k, n;

	(void)state;
	dice_seed(&dice, 976);
	for (i = 0; i < 3000; i++) {
		struct config_site to = neighbour("vax43", c = i % CLASSES);

		buf_clear(&body);
		buf_clear(&out);
		n = 1 + roll(&dice, 5);
		for (k = 0; k < n; k++) {
			buf_str(&body, k > 0 ? ROLL_ONE_OF(&dice, joints) : " ");
			buf_str(&body, ROLL_ONE_OF(&dice, pieces[c]));
		}
		if (rewrite_field(FOR(NULL, &to), buf_view(&body), &out, &why) != 0)
			fail_msg("class %d: changed or not read:%s: %s", c + 1, buf_text(&body),
			         buf_text(&out));
		expect_of_class("field", c, buf_text(&out), buf_text(&body));
	}
	buf_free(&body);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_change_in_their_addresses_only),
	    cmocka_unit_test(fields_that_need_nothing_keep_every_octet),
	};

	return cmocka_run_group_tests(tests, gateway_open, gateway_close);
}
