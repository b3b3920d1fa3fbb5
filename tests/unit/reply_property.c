/*
 * Three properties of what we write into letters for the Internet side, over
 * addresses put together at random and over those of tests/data, in each reply
 * form and for letters of several neighbours:
 *
 *   Every answer comes home: a stranger who writes to it reaches whom it was
 *   written for, or rewrite_round_trip() says that he does not, and why.
 *
 *   No answer does more than its writer might: what a stranger's letter had in
 *   it leads to no domain by the form that we gave it.
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
#include <string.h>

#include "bridge/addr/fields.h"
#include "bridge/route/reply_int.h"
#include "bridge/route/table.h"
#include "tests/unit/addr_tsv.h"
#include "tests/unit/dice.h"
#include "tests/unit/gateway.h"
#include "tests/unit/remember.h"

static struct config config; /* the gateway, in some reply form */
static struct route_table *table;
static struct dice dice;
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
	                                   "army.mil",
	                                   "cwi\xe3\x80\x82test"};

	buf_str(b, ROLL_ONE_OF(&dice, hops));
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
	    "joe+abcdefghijkl",
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
	    "p\xef\xbc\xa0q",
	    "x\xe2\x80\xbcq",
	    "a;b",
	    "(c)",
	    "x..y",
	    "a-mailbox-that-is-longer-than-sixty-four-octets-and-so-is-none-of-smtp",
	    "a-mailbox-of-sixty-four-octets-less-some-which-leaves-no-room"};

	buf_str(b, ROLL_ONE_OF(&dice, users));
}

static void
add_address(struct buf *b)
{
	unsigned n = roll(&dice, 4);

	while (n-- > 0) {
		add_hop(b);
		buf_ch(b, '!');
	}
	add_user(b);
	if (roll(&dice, 3) == 0) {
		buf_ch(b, '@');
		add_hop(b);
	}
}

/* ---- every answer comes home ---- */

static void
tell(const char *what, struct span address, struct span made, const char *from)
{
	fail_msg("seed %llu, form %d, from %s: %.*s as %.*s %s", (unsigned long long)dice.seed,
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

/* A name that no mailer can take for a domain's. */
static bool
is_plain(struct span hop)
{
	size_t i;

	hop = addr_hop_name(hop);
	for (i = 0; i < hop.n; i++)
		if (strchr("-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
		           hop.p[i]) == NULL)
			return false;
	return hop.n > 0;
}

/* Goes on behind its first hop, to what may be a domain. */
static bool
leads_to_a_domain(const struct resolved *r)
{
	struct span rest = r->addr.path, hop;
	size_t i;

	addr_hop_next(&rest, &hop);
	while (addr_hop_next(&rest, &hop))
		if (!is_plain(hop))
			return true;
	rest = r->addr.user;
	for (span_cut(&rest, '%'); rest.n > 0;)
		if (!is_plain(span_cut(&rest, '%')))
			return true;
	for (i = 0; i < r->addr.user.n; i++) /* wide ! % @ . and two ! in one */
		if (r->addr.user.p[i] == '\xef' || r->addr.user.p[i] == '\xe2')
			return true;
	return false;
}

/* Leads out of ours and of what the sites are by themselves. */
static bool
reaches_a_domain(const struct resolved *r)
{
	if (r->kind == RESOLVED_REFUSED || r->kind == RESOLVED_LOCAL || r->to_postmaster)
		return false;
	return r->site == NULL || leads_to_a_domain(r);
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

static bool
is_stranger(const char *from)
{
	return from != NULL && !route_may_relay(table, &(struct route_ask){.site = from});
}

/* What SRS has no form for, and of a stranger no token is made for: it stays. */
static bool
is_no_sender_for(const char *from, const char *made)
{
	return is_stranger(from) && strpbrk(made, "%!\"[\xc3\xe2\xe3\xef") != NULL;
}

/*
 * What a stranger's letter had in it licenses no way to a domain, whoever
 * answers; but for its sender's own, which is in an SRS address to be read.
 */
static void
licenses_no_relay(struct span address, struct span made, const char *from, bool srs)
{
	const struct route_ask anybody = {.client = "198.51.100.7", .now_s = NOON + DAY};
	struct resolved r;

	if (!is_stranger(from))
		return;
	assert_int_equal(resolve(table, made, &anybody, NULL, &r), 0);
	if (r.licensed && ((r.kind == RESOLVED_DOMAIN && !srs) || leads_to_a_domain(&r)))
		tell("is a relay", address, made, from);
	resolved_free(&r);
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

/*
 * Could its writer himself send to that address, as it is seen from us? Then
 * answers must, unless it is too long for the memory.
 */
static bool
could_be_reached(const struct rewrite *w, struct span address)
{
	struct resolved way, r;
	struct buf path = {0};
	const char *why;
	bool could = false;

	if (route_way(w, address, &way, &why) > 0 && !addr_is_null_sender(&way.addr)) {
		addr_print_bang(&way.addr, &path);
		if (path.n > 0 && path.n <= REPLY_ADDRESS_MOST && path.p[0] != '"') {
			assert_int_equal(resolve(table, buf_view(&path), w->ask, NULL, &r), 0);
			could = r.kind != RESOLVED_REFUSED && r.kind != RESOLVED_LOCAL;
			resolved_free(&r);
		}
	}
	resolved_free(&way);
	buf_free(&path);
	return could;
}

/* A path with each site by its one name, so that a host that comes twice is seen. */
static void
add_by_names(const struct addr *a, struct buf *out)
{
	struct span rest = a->path, hop;
	const struct config_site *site;

	while (addr_hop_next(&rest, &hop)) {
		site = route_site(table, hop);
		if (site == NULL)
			site = reply_site_read(table, hop);
		buf_span(out, site != NULL ? span_of(site->name) : addr_hop_name(hop));
		buf_ch(out, '!');
	}
	addr_print_user(a, out);
}

/* A path that passes a host twice is cut, here or there, and may be cut in two ways. */
static bool
comes_twice(struct span path)
{
	struct buf store = {0}, cuts = {0};
	struct addr a, cut;
	const char *why;
	bool twice = addr_parse(path, ADDR_ANY_USER, &store, &a, &why) == 0 &&
	             addr_cut_loops(&a, &cuts, &cut) == 0 && cut.hops < a.hops;

	buf_free(&store);
	buf_free(&cuts);
	return twice;
}

/* By a reading of both that is none of the verdict's: whom the answer reached is who wrote. */
static bool
is_writer(const struct rewrite *w, struct span address, struct span reached)
{
	struct buf store = {0}, wrote = {0}, got = {0};
	struct resolved way;
	struct addr a;
	const char *why;
	bool same = true;

	/* an SRS1 address is answered at the host that it names */
	if (route_way(w, address, &way, &why) > 0 && way.addr.hops > 0 &&
	    !(w->srs && srs_is(way.addr.user)) &&
	    addr_parse(reached, ADDR_ANY_USER, &store, &a, &why) == 0) {
		add_by_names(&way.addr, &wrote);
		add_by_names(&a, &got);
		same = is_same(buf_view(&wrote), buf_view(&got)) || comes_twice(buf_view(&wrote));
	}
	resolved_free(&way);
	buf_free(&store);
	buf_free(&wrote);
	buf_free(&got);
	return same;
}

static void
goes_and_comes(struct span address, const char *from, bool srs)
{
	const struct route_ask ask = {.site = from, .now_s = NOON};
	const struct rewrite w = {
	    .table = table, .ask = &ask, .now_s = NOON, .srs = srs, .tokens = &remembered};
	struct buf made = {0}, reached = {0}, home = {0};
	static const char unsaid[] = "";
	const char *why = unsaid;
	int trip, rc;

	buf_clear(&remembered);
	rc = rewrite_sender(&w, address, &made, NULL, &why);
	assert_in_range(rc, 0, 1);
	assert_true((rc == 0) == (why == unsaid));
	why = unsaid;
	trip = rewrite_round_trip(&w, address, &home, &why);
	assert_true((trip != 0) == (why == unsaid));
	if (trip < 0 || (trip == 0 && (home.n > 0 || why[0] == '\0')))
		tell("has no verdict", address, buf_view(&made), from);
	if (trip > 0 && (rc != 0 || made.n == 0))
		tell("is no answer at all", address, buf_view(&made), from);
	if (trip > 0 && srs && !is_ours_to_take(buf_view(&made)) && !from_daemon(address) &&
	    !is_no_sender_for(from, buf_text(&made)))
		tell("leaves with a sender elsewhere", address, buf_view(&made), from);
	if (trip > 0 && is_ours_to_take(buf_view(&made))) {
		if (!answer(buf_view(&made), &reached))
			tell("is refused", address, buf_view(&made), from);
		if (reached.n > 0 && !is_same(buf_view(&reached), buf_view(&home)))
			tell("goes elsewhere", address, buf_view(&made), from);
		if (reached.n > 0 && !is_writer(&w, address, buf_view(&reached)))
			tell("reaches somebody else", address, buf_view(&reached), from);
	}
	if (trip == 0 && rc == 0 && could_be_reached(&w, address))
		tell(why, address, buf_view(&made), from);
	licenses_no_relay(address, buf_view(&made), from, srs);
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

/* What cannot come home proves nothing: so many of a hundred must. */
static void
expect_most_home(unsigned percent)
{
	unsigned long all = came_home + stayed_away;

	print_message("# %lu came home, %lu could not\n", came_home, stayed_away);
	assert_true(all > 0 && came_home * 100 >= all * percent);
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
	expect_most_home(75);
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
	expect_most_home(65);
	buf_free(&file);
	buf_free(&text);
}

/* Of one header, lines joined by " \\n ": the addresses of its fields. */
static void
every_address_of(struct span header, void each(struct span address))
{
	struct buf store = {0};
	struct field_address f;
	struct fields walk;
	struct span line, name;
	const char *end;

	while (header.n > 0) {
		end = memmem(header.p, header.n, " \\n ", 4);
		line = (struct span){header.p, end != NULL ? (size_t)(end - header.p) : header.n};
		header.n -= end != NULL ? line.n + 4 : line.n;
		header.p += end != NULL ? line.n + 4 : line.n;
		name = span_cut(&line, ':');
		if (!rewrite_is_address_field(name))
			continue;
		fields_begin(&walk, line, ADDR_DOMAIN_FIRST);
		while (fields_next(&walk, &store, &f) > 0)
			each((struct span){line.p + f.at, f.n});
	}
	buf_free(&store);
}

static void
answers_to_old_headers_come_home(void **state)
{
	struct buf file = {0};
	struct span rest, cells[TSV_CELLS];

	(void)state;
	came_home = stayed_away = 0;
	file_read("tests/data/headers/headers.tsv", &file);
	rest = buf_view(&file);
	while (tsv_next(&rest, cells))
		every_address_of(cells[6], in_every_form);
	expect_most_home(95);
	buf_free(&file);
}

/* ---- no forged path reaches a domain ---- */

/* One of our reply forms, for an address that no stranger could write to. */
static void
make_licensed(struct buf *made, struct buf *home)
{
	static const char *const addresses[] = {"far!ernie",
	                                        "alpha!x.edu!piet",
	                                        "vax43!cwi.example!piet",
	                                        "far!x.edu!u",
	                                        "alpha!decvax!y.mil!u",
	                                        "piet@cwi.example",
	                                        "u%x.edu@vax43.example.com"};
	const struct route_ask ask = {.site = "vax43", .now_s = NOON};
	struct rewrite w = {
	    .table = table, .ask = &ask, .now_s = NOON, .srs = true, .tokens = &remembered};
	struct span address = span_of(ROLL_ONE_OF(&dice, addresses));
	const char *why;

	config.reply_form = REPLY_FORM_TOKEN + roll(&dice, 3);
	buf_clear(&remembered);
	buf_clear(made);
	buf_clear(home);
	assert_int_equal(rewrite_sender(&w, address, made, NULL, &why), 0);
	assert_int_equal(rewrite_round_trip(&w, address, home, &why), 1);
}

/* One change: an octet, a hop more or less, another order of the hops. */
static void
mutate(struct buf *text)
{
	static const char octets[] = "abcdefghijklmnopqrstuvwxyz234567=+-!@%.\"A_";
	struct buf was = {0};
	size_t at = roll(&dice, (unsigned)text->n), end = at + roll(&dice, 6);
	const char *p;

	buf_span(&was, buf_view(text));
	buf_clear(text);
	switch (roll(&dice, 6)) {
	case 0: /* an octet */
		buf_span(text, buf_view(&was));
		text->p[at] = octets[roll(&dice, sizeof octets - 1)];
		break;
	case 1: /* one more */
		buf_add(text, was.p, at);
		buf_ch(text, octets[roll(&dice, sizeof octets - 1)]);
		buf_str(text, was.p + at);
		break;
	case 2: /* some less */
		buf_add(text, was.p, at);
		buf_str(text, end < was.n ? was.p + end : "");
		break;
	case 3: /* a hop in front */
		add_hop(text);
		buf_ch(text, '!');
		buf_str(text, was.p);
		break;
	case 4: /* a hop behind it, of old mailers */
		p = strrchr(was.p, '@');
		p = p != NULL ? p : was.p + was.n;
		buf_add(text, was.p, (size_t)(p - was.p));
		buf_ch(text, '%');
		add_hop(text);
		buf_str(text, p);
		break;
	case 5: /* a source route */
		buf_ch(text, '@');
		add_hop(text);
		buf_ch(text, ':');
		buf_str(text, was.p);
		break;
	}
	buf_free(&was);
}

/* Read by a stranger's hand; whom it was made for it may still reach, and nobody else. */
static bool
try_forged(struct span text, struct span home)
{
	const struct route_ask stranger = {.client = "198.51.100.7", .now_s = NOON};
	struct buf reached = {0}, low_reached = {0}, low = {0};
	struct resolved r;
	bool there;

	assert_int_equal(resolve(table, text, &stranger, NULL, &r), 0);
	if (r.kind != RESOLVED_REFUSED)
		addr_print_bang(&r.addr, &reached);
	route_add_lower(&low, home);
	route_add_lower(&low_reached, buf_view(&reached));
	there = r.kind != RESOLVED_REFUSED && is_same(buf_view(&low_reached), buf_view(&low));
	if (!there && (reaches_a_domain(&r) || (r.licensed && r.kind != RESOLVED_REFUSED)))
		fail_msg("seed %llu: %.*s, made for %.*s, reaches %s",
		         (unsigned long long)dice.seed, (int)text.n, text.p, (int)home.n, home.p,
		         buf_text(&reached));
	resolved_free(&r);
	buf_free(&reached);
	buf_free(&low_reached);
	buf_free(&low);
	return there;
}

static void
no_forged_path_reaches_a_domain(void **state)
{
	struct buf made = {0}, home = {0};
	unsigned long i, reached = 0;
	unsigned n;

	(void)state;
	for (i = 0; i < rounds * 10; i++) {
		make_licensed(&made, &home);
		assert_true(try_forged(buf_view(&made), buf_view(&home)));
		for (n = 1 + roll(&dice, 3); n > 0; n--)
			mutate(&made);
		reached += try_forged(buf_view(&made), buf_view(&home));
	}
	print_message("# of %lu changed ones %lu still came home\n", i, reached);
	assert_true(reached > 0 && reached < i / 4);
	buf_free(&made);
	buf_free(&home);
}

/* Tags, tokens and SRS addresses of somebody who has read the manual and not the key. */
static void
nor_does_one_made_up(void **state)
{
	static const char *const shapes[] = {"far!x.edu!u=%7@gw.example.com",
	                                     "alpha!x.edu!u=%7@gw",
	                                     "x.edu!u=%7@gw.example.com",
	                                     "u+%A@gw.example.com",
	                                     "SRS0=%5=%2=x.edu=u@gw.example.com",
	                                     "SRS1=%7=x.edu==a=b=c.example=u@example.com",
	                                     "gw!SRS0+%5=%2=x.edu=u"};
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	struct buf text = {0};
	const char *p;
	unsigned long i;
	int n;

	(void)state;
	for (i = 0; i < rounds * 10; i++) {
		buf_clear(&text);
		for (p = ROLL_ONE_OF(&dice, shapes); *p != '\0'; p++) {
			if (*p != '%') {
				buf_ch(&text, *p);
				continue;
			}
			p++;
			for (n = *p == 'A' ? REPLY_TOKEN : *p - '0'; n > 0; n--)
				buf_ch(&text, letters[roll(&dice, 32)]);
		}
		assert_false(try_forged(buf_view(&text), SPAN("nobody")));
	}
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_to_random_addresses_come_home),
	    cmocka_unit_test(answers_to_the_corpus_come_home),
	    cmocka_unit_test(answers_to_old_headers_come_home),
	    cmocka_unit_test(no_forged_path_reaches_a_domain),
	    cmocka_unit_test(nor_does_one_made_up),
	};

	dice_by_clock(&dice);
	rounds = dice_rounds(2000);
	return cmocka_run_group_tests(tests, setup, teardown);
}
