/*
 * What a UUCP neighbour is given means the same when it comes back: over
 * addresses put together at random, always the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/addr/from_line.h"
#include "tests/unit/dice.h"
#include "tests/unit/outward.h"

static struct dice dice;

static const char *
any_hop(void)
{
	static const char *const hops[] = {
	    "vax43",
	    "alpha",
	    "bravo",
	    "brv",
	    "far",
	    "further",
	    "att",
	    "att.",
	    "gw",
	    "modern",
	    "vax43.UUCP",
	    "unknown.UUCP",
	    "localhost",
	    "gw.example.com",
	    "example.com",
	    "EXAMPLE.com",
	    "cwi.example",
	    "CWI.Example.",
	    "vax43.example.com",
	    "bravo.example.net",
	    "[192.0.2.9]",
	    "[IPv6:2001:db8::1]",
	};

	return ROLL_ONE_OF(&dice, hops);
}

static void
any_address(struct buf *out)
{
	static const char *const users[] = {
	    "fred",          "ernie",        "joe.soap", "o'brien",
	    "a+b",           "u%far",        "-x",       "u%cwi.example",
	    "x_y",           "\"Joe Soap\"", "x$y",      "j\303\270rgen",
	    "mailer-daemon", "\"u%far\"",    "\"x\"",
	};
	unsigned n = roll(&dice, 5);

	buf_clear(out);
	if (roll(&dice, 20) == 0)
		buf_fmt(out, "@relay.example:");
	while (n-- > 0)
		buf_fmt(out, "%s!", any_hop());
	buf_str(out, ROLL_ONE_OF(&dice, users));
	if (roll(&dice, 2) == 0)
		buf_fmt(out, "@%s", any_hop());
}

static const char *
any_neighbour(bool or_nobody)
{
	static const char *const names[] = {"vax43", "alpha", "bravo", NULL};

	return names[roll(&dice, or_nobody ? 4 : 3)];
}

/* The whole way that an address in his letter means, in one spelling. */
static void
meaning(const struct route_ask *ask, struct span text, struct buf *out)
{
	const struct rewrite w = {.table = table, .ask = ask};
	const struct config_site *site;
	struct buf store = {0};
	struct standpoint from;
	struct addr a;
	struct span rest, hop;
	const char *why;

	buf_clear(out);
	if (addr_parse(text, route_reading(table, ask) | ADDR_ANY_USER, &store, &a, &why) < 0)
		fail_msg("%.*s: %s", (int)text.n, text.p, why);
	standpoint_find(&w, &a, &from);
	rest = from.addr.path;
	if (from.before.n > 0) {
		buf_span(out, from.before);
	} else if (addr_hop_next(&rest, &hop)) {
		site = route_site(table, hop);
		hop = addr_hop_name(hop);
		route_add_lower(out, site != NULL ? span_of(site->name) : hop);
	} else {
		buf_span(out, route_local_domain(table, from.ours));
	}
	while (addr_hop_next(&rest, &hop)) {
		buf_ch(out, '!');
		route_add_lower(out, addr_hop_name(hop));
	}
	buf_ch(out, ' ');
	addr_print_user(&from.addr, out);
	buf_free(&store);
}

/* Of a bare user%host nobody can say that it is a mailbox here: with our name before it, it is a
 * way. */
static bool
is_bare_percent(const struct buf *address)
{
	return strchr(buf_text(address), '%') != NULL && strchr(buf_text(address), '!') == NULL &&
	       strrchr(buf_text(address) + 1, '@') == NULL;
}

static void
expect_meaning(const struct buf *address, const char *from, const struct config_site *to,
               struct span form)
{
	struct buf before = {0}, after = {0};

	meaning(ASK(from), buf_view(address), &before);
	meaning(ASK(to->name), form, &after);
	if (!span_eq(buf_view(&before), buf_view(&after)))
		fail_msg("%s from %s, to %s of class %d: %.*s is %s, was %s", buf_text(address),
		         from != NULL ? from : "us", to->name, to->class + 1, (int)form.n, form.p,
		         buf_text(&after), buf_text(&before));
	buf_free(&before);
	buf_free(&after);
}

/* Never both: no a!b@c leaves. */
static void
expect_no_hybrid(struct span form)
{
	const char *at = memrchr(form.p, '@', form.n);

	if (at != NULL && memchr(form.p, '"', form.n) == NULL)
		assert_null(memchr(form.p, '!', form.n));
}

/* Property: what the neighbour reads in the header and answers is what it was. */
static void
headers_come_back(void **state)
{
	struct buf address = {0}, form = {0};
	const char *from, *why;
	int i, made = 0;

	(void)state;
	for (i = 0; i < 40000; i++) {
		struct config_site to = neighbour(any_neighbour(false), (int)roll(&dice, CLASSES));

		from = any_neighbour(true);
		any_address(&address);
		buf_clear(&form);
		if (is_bare_percent(&address) ||
		    rewrite_address(FOR(from, &to), buf_view(&address), &form, &why) < 0 ||
		    form.n == 0)
			continue;
		made++;
		expect_no_hybrid(buf_view(&form));
		expect_meaning(&address, from, &to, buf_view(&form));
	}
	assert_true(made > 25000);
	buf_free(&address);
	buf_free(&form);
}

/* A hop by one name for each host. False: the path has passed there before. */
static bool
add_host(struct span hop, struct buf *out)
{
	const struct config_site *site = route_site(table, hop);
	struct buf name = {0};
	bool before;

	buf_ch(&name, '!');
	route_add_lower(&name, site != NULL ? span_of(site->name) : addr_hop_name(hop));
	buf_ch(&name, '!');
	before = strstr(buf_text(out), buf_text(&name)) != NULL;
	buf_str(out, buf_text(&name) + 1);
	buf_free(&name);
	return !before;
}

/* Where it goes, in one spelling; a refusal is as good as another. */
static void
where(struct span recipient, const struct route_ask *ask, struct buf *out)
{
	struct span rest, hop;
	struct resolved r;

	buf_clear(out);
	assert_int_equal(resolve(table, recipient, ask, NULL, &r), 0);
	buf_fmt(out, "%d !", r.kind);
	rest = r.addr.path;
	if (r.kind == RESOLVED_LOCAL)
		buf_span(out, r.host);
	while (r.kind != RESOLVED_REFUSED && addr_hop_next(&rest, &hop))
		add_host(hop, out);
	if (r.kind != RESOLVED_REFUSED)
		addr_print_user(&r.addr, out);
	resolved_free(&r);
}

/* Property: a From_ line that the neighbour answers, with our name before it and without, brings
 * the answer to the same mailbox. */
static void
senders_come_back(void **state)
{
	struct buf address = {0}, user = {0}, line = {0}, path = {0}, with = {0}, without = {0};
	struct from_chain chain;
	const char *from, *why;
	int i, made = 0;

	(void)state;
	for (i = 0; i < 40000; i++) {
		struct config_site to = neighbour(any_neighbour(false), (int)roll(&dice, CLASSES));

		from = any_neighbour(true);
		any_address(&address);
		buf_clear(&user);
		buf_clear(&line);
		if (is_bare_percent(&address) ||
		    rewrite_sender(FOR(from, &to), buf_view(&address), &user, NULL, &why) != 0 ||
		    user.n == 0)
			continue;
		made++;
		assert_null(memchr(user.p, '@', user.n));
		assert_int_equal(from_line_write(&line, buf_view(&user), 533075480, SPAN("gw")), 0);
		buf_str(&line, "\nbody\n");
		assert_int_equal(
		    from_chain_read(buf_view(&line), true, ADDR_DOMAIN_FIRST, &path, &chain), 0);
		expect_meaning(&address, from, &to, chain.path);
		where(chain.path, ASK(to.name), &with);
		where(buf_view(&user), ASK(to.name), &without);
		assert_string_equal(buf_text(&with), buf_text(&without));
	}
	assert_true(made > 25000);
	buf_free(&address);
	buf_free(&user);
	buf_free(&line);
	buf_free(&path);
	buf_free(&with);
	buf_free(&without);
}

/* Its path from here, to be read by us. False: it passes a host twice, and may be cut. */
static bool
whole(const char *from, const struct buf *address, struct buf *out)
{
	const struct rewrite w = {.table = table, .ask = ASK(from)};
	struct buf store = {0}, hosts = {0};
	struct span hop, rest;
	struct standpoint s;
	struct addr a;
	const char *why;
	bool once = true;

	buf_clear(out);
	assert_int_equal(
	    addr_parse(buf_view(address), route_reading(table, ASK(from)), &store, &a, &why), 0);
	standpoint_find(&w, &a, &s);
	hop = s.before.n == 0 && s.addr.hops == 0 ? route_local_domain(table, s.ours) : s.before;
	if (hop.n > 0)
		buf_fmt(out, "%.*s!", (int)hop.n, hop.p);
	addr_print_bang(&s.addr, out);
	buf_ch(&hosts, '!');
	if (s.before.n > 0)
		add_host(s.before, &hosts);
	for (rest = s.addr.path; addr_hop_next(&rest, &hop);)
		once &= add_host(hop, &hosts);
	buf_free(&hosts);
	buf_free(&store);
	return once;
}

/* Property: with a key every address has a form, and rmail takes its answer to the same place. */
static void
all_come_back_with_a_key(void **state)
{
	struct buf address = {0}, form = {0}, path = {0}, was = {0}, is = {0};
	const char *from, *why;
	int i, made = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct config_site to = neighbour(any_neighbour(false), (int)roll(&dice, CLASSES));
		const struct rewrite w = {.table = table,
		                          .ask = ASK(from = any_neighbour(true)),
		                          .to = &to,
		                          .tokens = &remembered};

		any_address(&address);
		if (is_bare_percent(&address))
			continue;
		buf_clear(&remembered);
		buf_clear(&form);
		if (rewrite_sender(&w, buf_view(&address), &form, NULL, &why) != 0)
			fail_msg("%s has no form: %s", buf_text(&address), why);
		if (form.n == 0 || !whole(from, &address, &path))
			continue;
		made++;
		where(buf_view(&path), ASK(NULL), &was);
		where(buf_view(&form), ASK(to.name), &is);
		if (strcmp(buf_text(&was), buf_text(&is)) != 0)
			fail_msg("%s from %s, to %s of class %d: %s goes to %s, was %s",
			         buf_text(&address), from != NULL ? from : "us", to.name,
			         to.class + 1, buf_text(&form), buf_text(&is), buf_text(&was));
	}
	assert_true(made > 10000);
	buf_free(&address);
	buf_free(&form);
	buf_free(&path);
	buf_free(&was);
	buf_free(&is);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(headers_come_back, gateway_open, gateway_close),
	    cmocka_unit_test_setup_teardown(senders_come_back, gateway_open, gateway_close),
	    cmocka_unit_test_setup_teardown(all_come_back_with_a_key, gateway_open_keyed,
	                                    gateway_close),
	};

	dice_seed(&dice, 976);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
