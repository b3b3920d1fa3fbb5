#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/route/route.h"
#include "tests/unit/ask.h"
#include "tests/unit/dice.h"
#include "tests/unit/expect.h"
#include "tests/unit/gateway_table.h"

static void
every_recipient_has_a_destination(void **state)
{
	static const struct {
		const char *recipient, *from, *destination;
	} rows[] = {
	    {"fred", NULL, "local:gw.example.com"},
	    {"Fred@GW.Example.COM", NULL, "local:gw.example.com"},
	    {"fred@example.com", NULL, "local:example.com"},
	    {"gw!fred", NULL, "local:gw.example.com"},
	    {"GW!modern!fred", NULL, "local:gw.example.com"},
	    {"fred@gw.UUCP", NULL, "local:gw.example.com"},
	    {"(gw!fred)", NULL, "local:gw.example.com"},
	    {"localhost!fred", NULL, "local:gw.example.com"},
	    {"vax43!ernie", NULL, "site:vax43"},
	    {"gw!vax43!ernie", NULL, "site:vax43"},
	    {"ernie@VAX43.example.com", NULL, "site:vax43"},
	    {"ernie@vax43.UUCP", NULL, "site:vax43"},
	    {"brv!x!y", NULL, "site:bravo"},
	    {"Vax43!ernie", NULL, "site:vax43"},
	    {"ernie@VAX43", NULL, "site:vax43"},
	    {"VAX43.UUCP!ernie", NULL, "site:vax43"},
	    {"ernie@Vax43.UUCP", NULL, "site:vax43"},
	    {"BRV!x!y", NULL, "site:bravo"},
	    {"decvax!mcvax!piet", NULL, "site:decvax"},
	    {"piet@CWI.example", NULL, "domain:cwi.example"},
	    {"cwi.example!piet", NULL, "domain:cwi.example"},
	    {"cwi.example.!piet", NULL, "domain:cwi.example"},
	    {"a!piet@cwi.example", NULL, "domain:cwi.example"},
	    {"vax43!piet@cwi.example", "bravo", "site:vax43"},
	    {"vax43!piet@cwi.example", "vax43", "domain:cwi.example"},
	    {"@relay.example:piet@cwi.example", NULL, "domain:cwi.example"},
	    {"piet%cwi.example@gw.example.com", NULL, "domain:cwi.example"},
	    {"piet%cwi.example@cwi2.example", NULL, "domain:cwi2.example"},
	    {"piet%cwi.example.@gw.example.com", NULL, "domain:cwi.example"},
	    {"piet%alpha.@gw.example.com", NULL, "site:alpha"},
	    {"gw!piet%alpha.", NULL, "site:alpha"},
	    {"piet%[192.0.2.1]@gw.example.com", NULL, "domain:[192.0.2.1]"},
	    {"piet%[192.0.2.1]@gw.example.com", "stranger", "refused:"},
	    {"piet%cwi.example.@gw.example.com", "stranger", "refused:"},
	    {"piet%cwi.example.@cwi2.example", NULL, "refused:"},
	    {"piet%[192.0.2.1]@cwi2.example", NULL, "refused:"},
	    {"a b%cwi.example.@gw.example.com", NULL, "refused:"},
	    {"\"piet%cwi.example.\"@gw.example.com", NULL, "refused:"},
	    {"piet%@gw.example.com", NULL, "refused:"},
	    {"gw!piet%cwi.example", NULL, "domain:cwi.example"},
	    {"piet%cwi.example%gw@gw.example.com", NULL, "domain:cwi.example"},
	    {"u@[192.0.2.1]", NULL, "domain:[192.0.2.1]"},
	    {"decvax!vax43!decvax!u", NULL, "site:decvax"},
	    {"Boss@cwi.example", NULL, "user:boss@cwi.example"},
	    {"cwi.example!boss", NULL, "user:boss@cwi.example"},
	    {"x!boss@cwi.example", NULL, "domain:cwi.example"},
	    {"postmaster", NULL, "domain:example.org"},
	    {"POSTMASTER@example.com", "stranger", "domain:example.org"},
	    {"gw!MAILER-DAEMON", "stranger", "domain:example.org"},
	    {"piet@cwi.example", "vax43", "domain:cwi.example"},
	    {"piet@cwi.example", "guest", "refused:"},
	    {"piet@cwi.example", "stranger", "refused:"},
	    {"gw!cwi.example!piet", "stranger", "refused:"},
	    {"piet%cwi.example@gw", "stranger", "refused:"},
	    {"@gw:piet@cwi.example", "stranger", "refused:"},
	    {"vax43!ernie", "stranger", "site:vax43"},
	    {"fred", "stranger", "local:gw.example.com"},
	    {"", NULL, "refused:"},
	    {"a!!b", NULL, "refused:"},
	    {"a@b@c", NULL, "refused:"},
	    {"user@foo!bar", NULL, "refused:"},
	};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_clear(&out);
		route_destination(table, span_of(rows[i].recipient), ASK(rows[i].from), &out);
		expect(rows[i].recipient, buf_text(&out), rows[i].destination);
	}
	buf_free(&out);
}

/* "smtp ADDRESS", "mx DOMAIN ADDRESS", "maildir PATH", "uucp ADDRESS", "reject STATUS" */
static void
describe(const struct route_answer *a, struct buf *out)
{
	buf_clear(out);
	if (a->hop == HOP_SMTP)
		buf_fmt(out, "smtp %s %s", a->rule->hosts[0].host, buf_text(&a->address));
	else if (a->hop == HOP_MX)
		buf_fmt(out, "mx %s %s", buf_text(&a->domain), buf_text(&a->address));
	else if (a->hop == HOP_MAILDIR)
		buf_fmt(out, "maildir %s %s", buf_text(&a->path), buf_text(&a->address));
	else if (a->hop == HOP_UUCP)
		buf_fmt(out, "uucp %s %s", buf_text(&a->address), outcome_name(a->verdict.outcome));
	else
		buf_fmt(out, "reject %s", a->verdict.status);
}

static void
every_recipient_has_an_answer(void **state)
{
	static const struct {
		const char *recipient, *from, *answer;
	} rows[] = {
	    {"piet@cwi.example", NULL, "mx cwi.example piet@cwi.example"},
	    {"cwi.example!piet", NULL, "mx cwi.example piet@cwi.example"},
	    {"cwi.example!b!piet", NULL, "mx cwi.example b!piet@cwi.example"},
	    {"vax43!ernie", NULL, "smtp vax43-smtp.example.com ernie@vax43.example.com"},
	    {"vax43!b!user", NULL, "smtp vax43-smtp.example.com b!user@vax43.example.com"},
	    {"ernie@vax43.UUCP", NULL, "smtp vax43-smtp.example.com ernie@vax43.example.com"},
	    {"decvax!mcvax!piet", NULL, "smtp hub.example decvax!mcvax!piet@hub.example"},
	    {"alpha!bob", NULL, "smtp hub.example alpha!bob@hub.example"},
	    {"bravo!user", NULL, "smtp hub.example user@bravo.example.net"},
	    {"guest!wilma", NULL, "uucp wilma later"},
	    {"guest!b!wilma", NULL, "uucp b!wilma later"},
	    {"x@navy.mil", NULL, "reject 5.7.27"},
	    {"x@hq.army.mil", NULL, "smtp 192.0.2.7 x@hq.army.mil"},
	    {"boss@cwi.example", NULL, "smtp direct.example boss@cwi.example"},
	    {"fred", NULL, "maildir /var/mail/gw.example.com/fred fred@gw.example.com"},
	    {"Fred@example.com", NULL, "maildir /var/mail/example.com/fred Fred@example.com"},
	    {"../fred", NULL, "reject 5.1.3"},
	    {"etc/passwd", NULL, "reject 5.1.1"},
	    {"\"x!y\"@gw.example.com", NULL, "reject 5.1.1"},
	    {"postmaster@gw", NULL, "mx example.org owner@example.org"},
	    {"piet@cwi.example", "guest", "reject 5.7.1"},
	    {"a@b@c", NULL, "reject 5.1.3"},
	};
	struct buf got = {0};
	struct route_answer a = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
		    route_find(table, span_of(rows[i].recipient), ASK(rows[i].from), &a), 0);
		describe(&a, &got);
		expect(rows[i].recipient, buf_text(&got), rows[i].answer);
	}
	route_answer_free(&a);
	buf_free(&got);
}

static void
a_destination_has_the_answer_of_its_recipients(void **state)
{
	static const struct {
		const char *destination, *answer;
	} rows[] = {
	    {"domain:cwi.example", "mx cwi.example "},
	    {"site:vax43", "smtp vax43-smtp.example.com "},
	    {"domain:vax43.example.com", "smtp vax43-smtp.example.com "},
	    {"site:guest", "uucp  later"},
	    {"site:decvax", "smtp hub.example "},
	    {"local:gw.example.com", "maildir  "},
	    {"domain:gw.example.com", "maildir  "},
	    {"local:old.example.com", "mx old.example.com "},
	    {"user:boss@cwi.example", "smtp direct.example "},
	    {"user:gone@cwi.example", "mx cwi.example "},
	    {"domain:navy.mil", "reject 5.7.27"},
	    {"refused:", "reject 5.1.3"},
	    {"", "reject 5.1.3"},
	};
	struct buf got = {0};
	struct route_answer a = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(route_of_destination(table, span_of(rows[i].destination), &a), 0);
		describe(&a, &got);
		expect(rows[i].destination, buf_text(&got), rows[i].answer);
		assert_string_equal(buf_text(&a.destination), rows[i].destination);
	}
	route_answer_free(&a);
	buf_free(&got);
}

/* The smallest configuration: what is missing is said, with the line to add. */
static void
without_a_route_the_line_to_add_is_told(void **state)
{
	struct config c = {
	    .files = LIST("/etc/bangway/bangway.conf"),
	    .hostname = "gw.example.com",
	    .uucp_names = LIST("gw"),
	    .local = "",
	    .postmaster = "",
	};
	static const struct {
		const char *recipient, *status, *words;
	} rows[] = {
	    {"piet@cwi.example", "5.4.4",
	     "no route to cwi.example: /etc/bangway/bangway.conf needs a rule such as"
	     " { to = \"*\"; next-hop = \"mx\"; }"},
	    {"decvax!piet", "5.4.4",
	     "no route to the site decvax: /etc/bangway/bangway.conf needs a rule such as"
	     " { to = \"site:decvax\"; next-hop = \"smtp:HOST\"; }"},
	    {"fred", "5.3.5",
	     "gw.example.com is ours, but no mail is kept here: /etc/bangway/bangway.conf needs"
	     " local = \"maildir:/var/mail/%u\";"},
	};
	struct route_table *t = route_table_new(&c);
	struct route_answer a = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(route_find(t, span_of(rows[i].recipient), ASK(NULL), &a), 0);
		assert_int_equal(a.hop, HOP_REJECT);
		assert_int_equal(a.verdict.outcome, OUTCOME_NEVER);
		expect(rows[i].recipient, a.verdict.status, rows[i].status);
		expect(rows[i].recipient, a.verdict.words, rows[i].words);
	}
	route_answer_free(&a);
	route_table_free(t);
}

static void
a_smart_host_for_everything_gets_no_dotless_name(void **state)
{
	struct config_route all[] = {
	    {.to = "*", .hop = HOP_SMTP, .hosts = {{"smart.example", 25}}, .nhosts = 1}};
	struct config c = gateway;
	struct route_table *t;
	struct route_answer a = {0};

	(void)state;
	c.routes = all;
	c.nroutes = 1;
	t = route_table_new(&c);
	assert_int_equal(route_find(t, SPAN("zulu!user"), ASK(NULL), &a), 0);
	expect("zulu!user", a.verdict.status, "5.1.2");
	assert_int_equal(route_find(t, SPAN("alpha!user"), ASK(NULL), &a), 0);
	expect("alpha!user", a.verdict.words,
	       "the site alpha has no domain to be sent to by SMTP: give it one in gw.conf, sites ="
	       " { alpha = { domain = \"...\"; }; }");
	assert_int_equal(route_find(t, SPAN("vax43!b!user"), ASK(NULL), &a), 0);
	expect("vax43!b!user", buf_text(&a.address), "b!user@vax43.example.com");
	assert_int_equal(route_find(t, SPAN("fred@gw.example.com"), ASK(NULL), &a), 0);
	assert_int_equal(a.hop, HOP_MAILDIR);
	route_answer_free(&a);
	route_table_free(t);
}

static void
users_are_those_of_the_list_and_a_postmaster(void **state)
{
	static const struct {
		const char *postmaster, *recipient, *path, *status;
	} rows[] = {
	    {"owner@example.org", "fred", "/var/mail/gw.example.com/Fred", ""},
	    {"owner@example.org", "FRED", "/var/mail/gw.example.com/Fred", ""},
	    {"owner@example.org", "barney", "", "5.1.1"},
	    {"", "postmaster", "/var/mail/gw.example.com/postmaster", ""},
	    {"postmaster@gw.example.com", "Postmaster@example.com",
	     "/var/mail/example.com/postmaster", ""},
	    {"radio@gw.example.com", "postmaster", "/var/mail/gw.example.com/radio", ""},
	    {"vax43!root", "gw!postmaster", "", ""},
	};
	struct route_answer a = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct config c = gateway;
		struct config_strings users = LIST("Fred", "wilma");
		struct route_table *t;

		c.users = users;
		c.postmaster = rows[i].postmaster;
		t = route_table_new(&c);
		assert_int_equal(route_find(t, span_of(rows[i].recipient), ASK(NULL), &a), 0);
		expect(rows[i].recipient, buf_text(&a.path), rows[i].path);
		expect(rows[i].recipient, a.verdict.status, rows[i].status);
		route_table_free(t);
	}
	route_answer_free(&a);
}

static void
each_step_is_told(void **state)
{
	static const char *const want[] = {
	    "read as the path gw!vax43!far to the mailbox ernie",
	    "gw is ourselves: taken off the front",
	    "vax43 is the site vax43, domain vax43.example.com",
	    "rule to = \"vax43.example.com\"",
	    "next hop smtp, host vax43-smtp.example.com port 25",
	    "the next hop is given far!ernie@vax43.example.com",
	};
	struct route_steps steps = {0};
	struct route_answer a = {.steps = &steps};
	size_t i;

	(void)state;
	assert_int_equal(route_find(table, SPAN("gw!vax43!far!ernie"), ASK(NULL), &a), 0);
	for (i = 0; i < sizeof want / sizeof want[0]; i++) {
		assert_true(i < steps.n);
		expect("step", steps.v[i].words, want[i]);
	}
	assert_int_equal(steps.n, i);
	assert_int_equal(steps.v[2].place.line, 10);
	assert_int_equal(steps.v[3].place.line, 21);
	route_steps_free(&steps);
	route_answer_free(&a);
}

/*
 * Property: from one who may not relay, an address goes to our own users, to a
 * site of the configuration, or nowhere, whatever stands in it and around it.
 */
static void
nobody_relays_who_may_not(void **state)
{
	static const char *const words[] = {
	    "gw",     "modern",      "localhost", "gw.example.com", "gw.UUCP", "cwi.example",
	    "vax43",  "alpha",       "far",       "navy.mil",       "fred",    "vax43.example.com",
	    "a.UUCP", "[192.0.2.1]", "\"x!y\"",   "postmaster",     "x",       "hq.army.mil",
	};
	static const char *const joints[] = {"!", "!", "!", "@", "%", ",@", ":", "."};
	struct buf text = {0};
	struct route_answer a = {0};
	struct dice dice;
	int i, k, carried = 0;

	(void)state;
	dice_seed(&dice, 821);
	for (i = 0; i < 100000; i++) {
		buf_clear(&text);
		if (roll(&dice, 8) == 0)
			buf_ch(&text, '@');
		buf_str(&text, ROLL_ONE_OF(&dice, words));
		for (k = (int)roll(&dice, 5); k > 0; k--) {
			buf_str(&text, ROLL_ONE_OF(&dice, joints));
			buf_str(&text, ROLL_ONE_OF(&dice, words));
		}
		assert_int_equal(
		    route_find(table, buf_view(&text), ASK(i % 2 ? "stranger" : "guest"), &a), 0);
		if (a.hop == HOP_REJECT || a.hop == HOP_MAILDIR || a.site != NULL)
			carried += a.site != NULL;
		else if (strcmp(buf_text(&a.address), "owner@example.org") != 0)
			fail_msg("%s went to %s", buf_text(&text), buf_text(&a.address));
	}
	assert_true(carried > 1000);
	buf_free(&text);
	route_answer_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_recipient_has_a_destination),
	    cmocka_unit_test(every_recipient_has_an_answer),
	    cmocka_unit_test(a_destination_has_the_answer_of_its_recipients),
	    cmocka_unit_test(without_a_route_the_line_to_add_is_told),
	    cmocka_unit_test(a_smart_host_for_everything_gets_no_dotless_name),
	    cmocka_unit_test(users_are_those_of_the_list_and_a_postmaster),
	    cmocka_unit_test(each_step_is_told),
	    cmocka_unit_test(nobody_relays_who_may_not),
	};

	return cmocka_run_group_tests(tests, gateway_open, gateway_close);
}
