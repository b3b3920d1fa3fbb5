/*
 * Two properties of what we write into letters for the Internet side, over
 * addresses put together at random and over those of tests/data, in each reply
 * form and for letters of several neighbours:
 *
 *   Every answer comes home: a stranger who writes to it reaches whom it was
 *   written for, or rewrite_round_trip() says that he does not, and why.
 *
 *   No forged path reaches a domain: what a stranger makes of our addresses by
 *   changing them goes no further than our own domains and our sites.
 *
 * The seed is printed; BANGWAY_SEED repeats a run, BANGWAY_ROUNDS makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bridge/addr/fields.h"
#include "bridge/route/table.h"
#include "tests/unit/addr_tsv.h"
#include "tests/unit/gateway.h"
#include "tests/unit/remember.h"

static struct config config; /* the gateway, in some reply form */
static struct route_table *table;
static uint64_t seed, dice;
static unsigned long rounds;

static const char *const neighbours[] = {NULL, "vax43", "alpha", "bravo", "guest", "stranger"};
#define NEIGHBOURS (sizeof neighbours / sizeof neighbours[0])

/* What became of them. */
static unsigned long came_home, stayed_away;

static int
setup(void **state)
{
	(void)state;
	config = gateway;
	config.reply_days = 180;
	table = route_table_new(&config);
	if (table == NULL)
		return -1;
	remember(table);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	route_table_free(table);
	buf_free(&remembered);
	return 0;
}

/* xorshift64* */
static unsigned
roll(unsigned sides)
{
	dice ^= dice >> 12;
	dice ^= dice << 25;
	dice ^= dice >> 27;
	return (unsigned)((dice * 0x2545f4914f6cdd1dULL) >> 33) % sides;
}

static const char *
pick(const char *const *of, size_t n)
{
	return of[roll((unsigned)n)];
}

static void
add_hop(struct buf *b)
{
	static const char *const hops[] = {"alpha",
	                                   "vax43",
	                                   "bravo",
	                                   "brv",
	                                   "guest",
	                                   "far",
	                                   "decvax",
	                                   "mcvax",
	                                   "cwi.example",
	                                   "x.edu",
	                                   "gw",
	                                   "gw.example.com",
	                                   "example.com",
	                                   "localhost",
	                                   "Alpha",
	                                   "ALPHA",
	                                   "alpha.UUCP",
	                                   "vax43.example.com",
	                                   "CWI.Example",
	                                   "stranger",
	                                   "a.b.c.example",
	                                   "[192.0.2.7]",
	                                   "alpha.gw.example.com",
	                                   "a-very-long-name-for-a-host-of-the-eighties",
	                                   "att.",
	                                   "x_y",
	                                   "army.mil"};

	buf_str(b, pick(hops, sizeof hops / sizeof hops[0]));
}

static void
add_user(struct buf *b)
{
	static const char *const users[] = {
	    "piet",
	    "Piet.Beertema",
	    "u",
	    "fred+list",
	    "\"a b\"",
	    "\"x!y\"",
	    "u%far",
	    "u%x.edu",
	    "root",
	    "postmaster",
	    "MAILER-DAEMON",
	    "joe=abcdefg",
	    "joe+abcdefghij",
	    "/dev/null",
	    "o'brien",
	    "a#b",
	    "x&y",
	    "-x",
	    "\"-x\"",
	    "a.b.c",
	    "SRS0=abcde=ab=cwi.example=piet",
	    "SRS1=x=y.example==z",
	    "j\xc3\xb8rgen",
	    "a;b",
	    "(c)",
	    "x..y",
	    "a-mailbox-that-is-longer-than-sixty-four-octets-and-so-is-none-of-smtp",
	    "a-mailbox-of-sixty-four-octets-less-some-which-leaves-no-room"};

	buf_str(b, pick(users, sizeof users / sizeof users[0]));
}

static void
add_address(struct buf *b)
{
	unsigned n = roll(4);

	while (n-- > 0) {
		add_hop(b);
		buf_ch(b, '!');
	}
	add_user(b);
	if (roll(3) == 0) {
		buf_ch(b, '@');
		add_hop(b);
	}
}

/* ---- every answer comes home ---- */

static void
tell(const char *what, struct span address, struct span made, const char *from)
{
	fail_msg("seed %llu, form %d, from %s: %.*s as %.*s %s", (unsigned long long)seed,
	         (int)config.reply_form, from != NULL ? from : "us", (int)address.n, address.p,
	         (int)made.n, made.p, what);
}

/* Whether the host of user@host is one that a letter is brought to us for. */
static bool
is_ours_to_take(struct span made)
{
	const char *at = memrchr(made.p, '@', made.n);
	struct span host = {at + 1, (size_t)(made.p + made.n - at - 1)};

	assert_non_null(at);
	return route_is_ours(table, host) || route_site(table, host) != NULL ||
	       span_starts_nocase(host, "alpha.gw.example.com") ||
	       span_starts_nocase(host, "alpha.example.com") ||
	       span_starts_nocase(host, "guest.gw.example.com");
}

/* Such a sender is the null one to most: it keeps its form. */
static bool
from_daemon(struct span address)
{
	return memmem(address.p, address.n, "MAILER-DAEMON", 13) != NULL;
}

/* What a stranger's answer reaches, as a path. False: it is refused. */
static bool
answer(struct span made, struct buf *reached)
{
	const struct route_ask stranger = {.client = "198.51.100.7", .now_s = NOON + DAY};
	struct resolved r;
	bool taken;

	assert_int_equal(resolve(table, made, &stranger, NULL, &r), 0);
	taken = r.kind != RESOLVED_REFUSED;
	if (taken && !r.to_postmaster)
		addr_print_bang(&r.addr, reached);
	resolved_free(&r);
	return taken;
}

/* The same way: a path as we wrote it down may call a site by its domain or its alias. */
static bool
is_same(struct span x, struct span y)
{
	struct buf sx = {0}, sy = {0}, cx = {0}, cy = {0};
	const struct config_site *site;
	struct addr a, b;
	const char *why;
	bool same = false;

	if (addr_parse(x, ADDR_ANY_USER, &sx, &a, &why) == 0 &&
	    addr_parse(y, ADDR_ANY_USER, &sy, &b, &why) == 0 && addr_cut_loops(&a, &cx, &a) == 0 &&
	    addr_cut_loops(&b, &cy, &b) == 0) {
		site = route_site(table, addr_first_hop(&a));
		if (site != NULL && site == route_site(table, addr_first_hop(&b))) {
			addr_drop_first(&a);
			addr_drop_first(&b);
		}
		same = addr_equal(&a, &b);
	}
	buf_free(&sx);
	buf_free(&sy);
	buf_free(&cx);
	buf_free(&cy);
	return same;
}

static void
goes_and_comes(struct span address, const char *from, bool srs)
{
	const struct route_ask ask = {.site = from, .now_s = NOON};
	const struct rewrite w = {
	    .table = table, .ask = &ask, .now_s = NOON, .srs = srs, .tokens = &remembered};
	struct buf made = {0}, reached = {0}, home = {0};
	const char *why = "";
	int trip, rc;

	buf_clear(&remembered);
	rc = rewrite_sender(&w, address, &made, NULL, &why);
	assert_in_range(rc, 0, 1);
	trip = rewrite_round_trip(&w, address, &home, &why);
	if (trip < 0 || (trip == 0 && (home.n > 0 || why[0] == '\0')))
		tell("has no verdict", address, buf_view(&made), from);
	if (trip > 0 && (rc != 0 || made.n == 0))
		tell("is no answer at all", address, buf_view(&made), from);
	if (trip > 0 && srs && !is_ours_to_take(buf_view(&made)) && !from_daemon(address))
		tell("leaves with a sender elsewhere", address, buf_view(&made), from);
	if (trip > 0 && is_ours_to_take(buf_view(&made))) {
		if (!answer(buf_view(&made), &reached))
			tell("is refused", address, buf_view(&made), from);
		if (reached.n > 0 && !is_same(buf_view(&reached), buf_view(&home)))
			tell("goes elsewhere", address, buf_view(&made), from);
	}
	came_home += trip > 0;
	stayed_away += trip == 0;
	if (trip == 0 && getenv("BANGWAY_TELL") != NULL)
		printf("# %s: %.*s -> %s: %s\n", from != NULL ? from : "us", (int)address.n,
		       address.p, buf_text(&made), why);
	buf_free(&made);
	buf_free(&reached);
	buf_free(&home);
}

static void
in_every_form(struct span address)
{
	size_t i;

	for (i = 0; i < NEIGHBOURS; i++)
		for (config.reply_form = REPLY_FORM_TOKEN; config.reply_form <= REPLY_FORM_PATH;
		     config.reply_form++)
			goes_and_comes(address, neighbours[i],
			               config.reply_form == REPLY_FORM_SITE);
}

static void
answers_to_random_addresses_come_home(void **state)
{
	struct buf address = {0};
	unsigned long i;

	(void)state;
	came_home = stayed_away = 0;
	for (i = 0; i < rounds; i++) {
		buf_clear(&address);
		add_address(&address);
		in_every_form(buf_view(&address));
	}
	print_message("# %lu came home, %lu could not\n", came_home, stayed_away);
	buf_free(&address);
}

static void
answers_to_the_corpus_come_home(void **state)
{
	struct buf file = {0}, text = {0};
	struct span rest, cells[TSV_CELLS];

	(void)state;
	came_home = stayed_away = 0;
	file_read("tests/data/addresses/addresses.tsv", &file);
	rest = buf_view(&file);
	while (tsv_next(&rest, cells)) {
		tsv_cell(cells[3], "addresses", &text);
		in_every_form(buf_view(&text));
	}
	print_message("# %lu came home, %lu could not\n", came_home, stayed_away);
	assert_true(came_home > 1000);
	buf_free(&file);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_to_random_addresses_come_home),
	    cmocka_unit_test(answers_to_the_corpus_come_home),
	};
	const char *given = getenv("BANGWAY_SEED"), *many = getenv("BANGWAY_ROUNDS");

	seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	rounds = many != NULL ? strtoul(many, NULL, 10) : 2000;
	dice = seed * 0x9e3779b97f4a7c15ULL | 1;
	printf("# seed %llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, setup, teardown);
}
