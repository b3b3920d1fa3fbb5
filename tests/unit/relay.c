/*
 * No relay: what strangers may ask for and what not, in a table written by
 * somebody who wants in (tests/data/relay), and over addresses put together at
 * random. The seed is printed; BANGWAY_SEED repeats a run, BANGWAY_ROUNDS makes
 * it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bridge/route/route.h"
#include "tests/unit/addr_tsv.h"
#include "tests/unit/ask.h"
#include "tests/unit/dice.h"
#include "tests/unit/gateway.h"
#include "tests/unit/remember.h"

/*
 * The gateway, and the same with what could open a door: a key, by which tags
 * and tokens are read; hops that are left out; users and a catch-all elsewhere.
 */
#define VARIANTS 4
static struct config variants[VARIANTS];
static struct route_table *tables[VARIANTS], *table;

static int
setup(void **state)
{
	static const char *none[] = {"nobody-of-the-table"};
	size_t i;

	(void)state;
	for (i = 0; i < VARIANTS; i++)
		variants[i] = gateway;
	variants[2].reroute = REROUTE_LAST_DOMAIN;
	variants[3].users = (struct config_strings){none, 1};
	for (i = 0; i < VARIANTS; i++) {
		if ((tables[i] = route_table_new(&variants[i])) == NULL)
			return -1;
		if (i > 0)
			remember(tables[i]);
	}
	table = tables[0];
	return 0;
}

static int
teardown(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < VARIANTS; i++)
		route_table_free(tables[i]);
	return 0;
}

/* Nobody knows the first; the second has relay = false; the third is no client of ours. */
static const struct route_ask strangers[] = {
    {.site = "stranger"}, {.site = "guest"}, {.client = "198.51.100.9"}};
#define STRANGERS (sizeof strangers / sizeof strangers[0])

static const char *
name_of(const struct route_ask *ask)
{
	return ask->site != NULL ? ask->site : ask->client != NULL ? ask->client : "we";
}

static bool
has_any(const char *text, const char *const *signs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strstr(text, signs[i]) != NULL)
			return true;
	return false;
}

/* A dot, or what IDNA takes for one. */
static bool
has_dot(const char *from, const char *to)
{
	static const char *const dots[] = {"\xe3\x80\x82", "\xef\xbd\xa1", "\xef\xbc\x8e"};
	char text[300];
	const char *dot;

	snprintf(text, sizeof text, "%.*s", (int)(to - from), from);
	for (dot = strchr(text, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
		if (strncasecmp(dot, ".uucp", 5) != 0)
			return true;
	return has_any(text, dots, sizeof dots / sizeof dots[0]);
}

/*
 * Whether what is sent leads out of ours and the sites': by another first hop,
 * or by anything behind a site that its mailer could take for a domain.
 */
static bool
is_relayed(const struct route_answer *a)
{
	static const char *const wide[] = {"\xef\xbc\x81", "\xef\xbc\x85", "\xef\xbc\xa0"};
	const char *address = buf_text(&a->address), *at = strrchr(address, '@'), *bang, *percent;

	if (a->hop == HOP_REJECT || a->hop == HOP_MAILDIR ||
	    strcmp(address, "owner@example.org") == 0) /* our postmaster's */
		return false;
	if (a->site == NULL || has_any(address, wide, sizeof wide / sizeof wide[0]))
		return true;
	if (strchr(address, '"') != NULL && strpbrk(address, "!%@") < at)
		return true;
	if (at == NULL)
		at = address + strlen(address);
	bang = memrchr(address, '!', (size_t)(at - address));
	percent = strchr(bang != NULL ? bang : address, '%');
	return (bang != NULL && has_dot(address, bang)) ||
	       (percent != NULL && has_dot(percent, at));
}

static void
ask_as_stranger(const struct route_table *t, const char *recipient, const struct route_ask *ask,
                struct route_answer *a)
{
	assert_int_equal(route_find(t, span_of(recipient), ask, a), 0);
	if (is_relayed(a))
		fail_msg("%s relays by %s to %s", name_of(ask), recipient, buf_text(&a->address));
}

/* What somebody tries who wants to reach cwi.example through us: none of it is even taken. */
static void
nothing_of_this_gets_out(void **state)
{
	struct buf file = {0}, recipient = {0};
	struct span rest, cells[TSV_CELLS];
	struct route_answer a = {0};
	size_t n, k;

	(void)state;
	file_read("tests/data/relay/strangers.tsv", &file);
	rest = buf_view(&file);
	tsv_next(&rest, cells);
	for (n = 0; tsv_next(&rest, cells); n++) {
		tsv_cell(cells[1], "relay", &recipient);
		for (k = 0; k < STRANGERS * VARIANTS; k++) {
			const struct route_ask *ask = &strangers[k % STRANGERS];

			ask_as_stranger(tables[k / STRANGERS], buf_text(&recipient), ask, &a);
			if (a.hop != HOP_REJECT || a.verdict.outcome != OUTCOME_NEVER)
				fail_msg("%s may send to %s", name_of(ask), buf_text(&recipient));
		}
	}
	assert_int_equal(n, 222);
	buf_free(&file);
	buf_free(&recipient);
	route_answer_free(&a);
}

/* And what a stranger needs: ours, the sites', and sites behind a site. */
static void
what_is_ours_is_open(void **state)
{
	static const struct {
		const char *recipient, *destination;
	} rows[] = {
	    {"fred", "local:gw.example.com"},
	    {"fred@gw.example.com", "local:gw.example.com"},
	    {"fred@example.com", "local:example.com"},
	    {"gw!gw!fred", "local:gw.example.com"},
	    {"fred%gw@gw.example.com", "local:gw.example.com"},
	    {"fred%example.com%gw@gw", "local:example.com"},
	    {"@cwi.example:fred@gw.example.com", "local:gw.example.com"},
	    {"\"fred\"@gw.example.com", "local:gw.example.com"},
	    {"vax43!ernie", "site:vax43"},
	    {"gw!vax43!ernie", "site:vax43"},
	    {"ernie@vax43.example.com", "site:vax43"},
	    {"ernie@VAX43.Example.COM.", "site:vax43"},
	    {"VAX43!ernie", "site:vax43"},
	    {"Alpha!bob", "site:alpha"},
	    {"ernie@vax43.UUCP", "site:vax43"},
	    {"ernie%vax43@gw.example.com", "site:vax43"},
	    {"john.doe@vax43.example.com", "site:vax43"},
	    {"\"john doe\"@vax43.example.com", "site:vax43"},
	    {"gr\xc3\xbc\xc3\x9f@vax43.example.com", "site:vax43"},
	    {"vax43!far!ernie", "site:vax43"},
	    {"vax43!far!further-off!x_1!ernie", "site:vax43"},
	    {"vax43!far.UUCP!ernie", "site:vax43"},
	    {"far!ernie@vax43.example.com", "site:vax43"},
	    {"ernie%far@vax43.example.com", "site:vax43"},
	    {"john.doe%far@vax43.example.com", "site:vax43"},
	    {"john.doe%far.uucp@vax43.example.com", "site:vax43"},
	    {"alpha!bob", "site:alpha"},
	    {"guest!wilma", "site:guest"},
	    {"brv!x!y", "site:bravo"},
	    {"vax43!cwi.example!vax43!ernie", "site:vax43"}, /* the loop is cut first */
	};
	struct buf out = {0};
	struct route_answer a = {0};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (k = 0; k < STRANGERS; k++) {
			buf_clear(&out);
			route_destination(table, span_of(rows[i].recipient), &strangers[k], &out);
			if (strcmp(buf_text(&out), rows[i].destination) != 0)
				fail_msg("%s asks for %s: got %s, want %s", name_of(&strangers[k]),
				         rows[i].recipient, buf_text(&out), rows[i].destination);
			ask_as_stranger(table, rows[i].recipient, &strangers[k], &a);
		}
	buf_free(&out);
	route_answer_free(&a);
}

static void
who_may_is_told_why(void **state)
{
	static const struct {
		struct route_ask ask;
		const char *recipient, *words; /* NULL: it goes */
	} rows[] = {
	    {{.site = "vax43"}, "piet@cwi.example", NULL},
	    {{.site = "brv"}, "cwi.example!piet", NULL},
	    {{.site = "vax43"}, "alpha!cwi.example!piet", NULL},
	    {{.client = "127.0.0.1"}, "piet@cwi.example", NULL},
	    {{.client = "192.0.2.77"}, "piet%cwi.example@gw", NULL},
	    {{.client = "::ffff:192.0.2.77"}, "piet@cwi.example", NULL},
	    {{.client = "2001:db8::25"}, "decvax!mcvax!piet", NULL},
	    {{.client = NULL}, "piet@cwi.example", NULL},
	    {{.client = "192.0.3.1"},
	     "piet@cwi.example",
	     "192.0.3.1 may not send through us to cwi.example: it is not in `relay-clients`"},
	    {{.client = "::1"},
	     "gw!cwi.example!piet",
	     "::1 may not send through us to cwi.example: it is not in `relay-clients`"},
	    {{.client = ""},
	     "piet@cwi.example",
	     " may not send through us to cwi.example: it is not in `relay-clients`"},
	    {{.site = "guest"},
	     "piet@cwi.example",
	     "guest may not send through us to cwi.example: its `relay` is not true"},
	    /* a site is judged as a site, wherever it calls from */
	    {{.site = "guest", .client = "127.0.0.1"},
	     "piet@cwi.example",
	     "guest may not send through us to cwi.example: its `relay` is not true"},
	    {{.site = "stranger"},
	     "decvax!piet",
	     "stranger may not send through us to decvax: it has no entry in `sites`"},
	    {{.site = "Vax43"},
	     "decvax!piet",
	     "Vax43 may not send through us to decvax: it has no entry in `sites`"},
	    {{.site = "guest"},
	     "vax43!far!cwi.example!piet",
	     "guest may not send through us to cwi.example by way of vax43: its `relay` is not "
	     "true"},
	    {{.site = "guest"},
	     "piet%cwi.example@vax43",
	     "guest may not send through us to piet%cwi.example by way of vax43: its `relay` is "
	     "not true"},
	};
	struct route_answer a = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(route_find(table, span_of(rows[i].recipient), &rows[i].ask, &a),
		                 0);
		if (rows[i].words == NULL) {
			assert_int_not_equal(a.hop, HOP_REJECT);
			continue;
		}
		assert_int_equal(a.hop, HOP_REJECT);
		assert_int_equal(a.verdict.code, 550);
		assert_string_equal(a.verdict.status, "5.7.1");
		assert_string_equal(a.verdict.words, rows[i].words);
	}
	route_answer_free(&a);
}

/* ---- at random ---- */

static struct dice dice;

static void
make_recipient(struct buf *out)
{
	static const char *const words[] = {
	    "gw",
	    "modern",
	    "localhost",
	    "gw.example.com",
	    "gw.UUCP",
	    "vax43",
	    "alpha",
	    "far",
	    "cwi.example",
	    "fred",
	    "a.UUCP",
	    "[192.0.2.1]",
	    "\"x!y\"",
	    "\"p@cwi.example\"",
	    "postmaster",
	    "x",
	    "hq.army.mil",
	    "com.",
	    "guest",
	    "vax43.example.com",
	    "brv",
	    "cwi\xe3\x80\x82test",
	    "p\xef\xbc\xa0q",
	    "vax43.example.com.",
	};
	static const char *const joints[] = {"!", "!",  "!", "!", "@",  "@", "%",
	                                     "%", ",@", ":", ".", "\"", "\\"};
	unsigned k;

	buf_clear(out);
	if (roll(&dice, 8) == 0)
		buf_ch(out, '@');
	buf_str(out, ROLL_ONE_OF(&dice, words));
	for (k = roll(&dice, 6); k > 0; k--) {
		buf_str(out, ROLL_ONE_OF(&dice, joints));
		buf_str(out, ROLL_ONE_OF(&dice, words));
	}
}

static void
nobody_gets_out_by_chance(void **state)
{
	unsigned long i, rounds = dice_rounds(100000), taken = 0;
	struct buf text = {0};
	struct route_answer a = {0};

	(void)state;
	dice_by_clock(&dice);
	for (i = 0; i < rounds; i++) {
		make_recipient(&text);
		ask_as_stranger(tables[i % VARIANTS], buf_text(&text),
		                &strangers[i / VARIANTS % STRANGERS], &a);
		taken += a.hop != HOP_REJECT && a.site != NULL;
	}
	assert_true(taken > rounds / 100); /* it is tried at all */
	buf_free(&text);
	route_answer_free(&a);
}

/* A notice goes to whom a stranger names: what he could not send himself, it does not either. */
static void
no_notice_goes_out_for_a_stranger(void **state)
{
	static const struct {
		const char *sender, *by;
		bool may;
	} rows[] = {
	    {"vax43!evil.example!victim", "guest", false},
	    {"victim%evil.example@vax43.example.com", "guest", false},
	    {"gw!vax43!evil.example!victim", "guest", false},
	    {"vax43!evil.example!victim@gw.example.com", "stranger", false},
	    {"\"victim@evil.example\"@vax43.example.com", "guest", false},
	    {"far!evil.example!victim", "guest", false},
	    {"cwi.example!evil.example!victim", "guest", false},
	    {"victim%evil.example@cwi.example", "stranger", false},
	    {"victim@evil.example", "guest", true},
	    {"evil.example!victim@gw.example.com", "guest", true},
	    {"vax43!far!piet", "guest", true},
	    {"piet@vax43.example.com", "stranger", true},
	    {"guest!x!piet", "guest", true},
	    {"guest!cwi.example!piet", "guest", true},
	    {"fred@gw.example.com", "guest", true},
	    {"vax43!cwi.example!piet", "vax43", true},
	    {"far!evil.example!victim", NULL, true},
	};
	size_t i;
	int got;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		got = route_may_notify(table, span_of(rows[i].sender), ASK(rows[i].by));
		if (got != rows[i].may)
			fail_msg("%s by %s: %d", rows[i].sender, rows[i].by, got);
	}
	assert_int_equal(route_may_notify(table, SPAN("vax43!evil.example!victim"), &strangers[2]),
	                 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_of_this_gets_out),
	    cmocka_unit_test(what_is_ours_is_open),
	    cmocka_unit_test(who_may_is_told_why),
	    cmocka_unit_test(nobody_gets_out_by_chance),
	    cmocka_unit_test(no_notice_goes_out_for_a_stranger),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
