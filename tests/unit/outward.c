/*
 * What a UUCP neighbour is given, by its class, and that it means the same
 * when it comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/addr/from_line.h"
#include "bridge/route/outward.h"
#include "bridge/route/reply.h"
#include "bridge/route/table.h"
#include "tests/unit/ask.h"
#include "tests/unit/gateway.h"

#define CLASSES 3

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

static void
expect(const char *asked, int class, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s, class %d: got \"%s\", want \"%s\"", asked, class + 1, got, want);
}

/* The neighbour of that name, of another class. */
static struct config_site
neighbour(const char *name, int class)
{
	struct config_site to = *route_site(table, span_of(name));

	to.class = (enum site_class) class;
	return to;
}

#define FOR(by, site) (&(struct rewrite){.table = (table), .ask = ASK(by), .to = (site)})

/*
 * For whom, who wrote it, the address; in the header for each class; the USER
 * of the From_ line for old and new, and for domain. NULL: as the one before.
 */
static const struct row {
	const char *to, *from, *address;
	const char *header[CLASSES];
	const char *user[2];
} rows[] = {
    /* a mailbox of ours, by all names we have */
    {"vax43", NULL, "fred", {"gw!fred", "fred@gw.example.com"}, {"fred", "gw.example.com!fred"}},
    {"vax43",
     NULL,
     "fred@gw.example.com",
     {"gw!fred", "fred@gw.example.com"},
     {"fred", "gw.example.com!fred"}},
    {"vax43",
     "alpha",
     "modern!fred",
     {"gw!fred", "fred@gw.example.com"},
     {"fred", "gw.example.com!fred"}},
    {"vax43",
     NULL,
     "fred@example.com",
     {"gw!example.com!fred", "fred@example.com"},
     {"example.com!fred"}},
    /* of the neighbour itself, with a domain and without */
    {"vax43",
     NULL,
     "vax43!ernie",
     {"vax43!ernie", "ernie@vax43.example.com"},
     {"vax43!ernie", "vax43.example.com!ernie"}},
    {"vax43",
     NULL,
     "ernie@vax43.example.com",
     {"vax43!ernie", "ernie@vax43.example.com"},
     {"vax43!ernie", "vax43.example.com!ernie"}},
    {"alpha",
     NULL,
     "alpha!bob",
     {"alpha!bob", NULL, "gw.example.com!alpha!bob"},
     {"alpha!bob", "gw.example.com!alpha!bob"}},
    /* behind the neighbour */
    {"vax43",
     NULL,
     "vax43!far!ernie",
     {"far!ernie", NULL, "vax43.example.com!far!ernie"},
     {"vax43!far!ernie", "vax43.example.com!far!ernie"}},
    {"alpha",
     NULL,
     "alpha!far!bob",
     {"far!bob"},
     {"alpha!far!bob", "gw.example.com!alpha!far!bob"}},
    {"vax43",
     NULL,
     "far!ernie@vax43.example.com",
     {"far!ernie", NULL, "vax43.example.com!far!ernie"},
     {"vax43!far!ernie", "vax43.example.com!far!ernie"}},
    /* behind it, by a name that means something else here */
    {"vax43",
     NULL,
     "vax43!alpha!x",
     {"vax43!alpha!x", NULL, "vax43.example.com!alpha!x"},
     {"vax43!alpha!x", "vax43.example.com!alpha!x"}},
    {"vax43",
     NULL,
     "vax43!cwi.example!x",
     {"vax43!cwi.example!x", NULL, "vax43.example.com!cwi.example!x"},
     {"vax43!cwi.example!x", "vax43.example.com!cwi.example!x"}},
    {"vax43",
     NULL,
     "vax43!gw!x",
     {"vax43!gw!x", NULL, "vax43.example.com!gw!x"},
     {"vax43!gw!x", "vax43.example.com!gw!x"}},
    /* another site, and behind it */
    {"vax43",
     "alpha",
     "bob",
     {"gw!alpha!bob", NULL, "gw.example.com!alpha!bob"},
     {"alpha!bob", "gw.example.com!alpha!bob"}},
    {"vax43",
     "alpha",
     "decvax!mcvax!piet",
     {"gw!alpha!decvax!mcvax!piet", NULL, "gw.example.com!alpha!decvax!mcvax!piet"},
     {"alpha!decvax!mcvax!piet", "gw.example.com!alpha!decvax!mcvax!piet"}},
    {"vax43",
     NULL,
     "bravo!x",
     {"gw!bravo!x", "x@bravo.example.net"},
     {"bravo!x", "bravo.example.net!x"}},
    {"vax43",
     NULL,
     "brv!far!x",
     {"gw!brv!far!x", NULL, "bravo.example.net!far!x"},
     {"brv!far!x", "bravo.example.net!far!x"}},
    {"vax43",
     NULL,
     "unknown!x",
     {"gw!unknown!x", NULL, "gw.example.com!unknown!x"},
     {"unknown!x", "gw.example.com!unknown!x"}},
    {"vax43",
     NULL,
     "bob@alpha.UUCP",
     {"gw!alpha!bob", NULL, "gw.example.com!alpha!bob"},
     {"alpha!bob", "gw.example.com!alpha!bob"}},
    /* a site by its name below our domain, as reply-form = "site" makes it */
    {"vax43",
     NULL,
     "bob@alpha.gw.example.com",
     {"gw!alpha!bob", NULL, "gw.example.com!alpha!bob"},
     {"alpha!bob", "gw.example.com!alpha!bob"}},
    /* domains */
    {"vax43",
     NULL,
     "piet@cwi.example",
     {"gw!cwi.example!piet", "piet@cwi.example"},
     {"cwi.example!piet"}},
    {"vax43",
     "alpha",
     "cwi.example!piet",
     {"gw!cwi.example!piet", "piet@cwi.example"},
     {"cwi.example!piet"}},
    {"vax43",
     NULL,
     "piet@cwi.example.",
     {"gw!cwi.example!piet", "piet@cwi.example"},
     {"cwi.example!piet"}},
    {"vax43",
     NULL,
     "piet@[192.0.2.9]",
     {"gw![192.0.2.9]!piet", "piet@[192.0.2.9]"},
     {"[192.0.2.9]!piet"}},
    {"vax43",
     NULL,
     "b!piet@cwi.example",
     {"gw!cwi.example!b!piet", NULL, "cwi.example!b!piet"},
     {"cwi.example!b!piet"}},
    {"vax43",
     "bravo",
     "b!piet@cwi.example",
     {"gw!bravo!b!cwi.example!piet", NULL, "bravo.example.net!b!cwi.example!piet"},
     {"bravo!b!cwi.example!piet", "bravo.example.net!b!cwi.example!piet"}},
    {"vax43",
     NULL,
     "@a.example,@b.example:u@c.example",
     {"gw!c.example!u", "u@c.example"},
     {"c.example!u"}},
    {"vax43",
     NULL,
     "u%far@gw.example.com",
     {"gw!far!u", NULL, "gw.example.com!far!u"},
     {"far!u", "gw.example.com!far!u"}},
    {"vax43",
     NULL,
     "u%far@cwi.example",
     {"gw!cwi.example!u%far", "u%far@cwi.example"},
     {"cwi.example!u%far"}},
    /* RFC 976 2.2: a domain without a dot */
    {"vax43",
     NULL,
     "piet@att",
     {"gw!att.!piet", NULL, "gw.example.com!att.!piet"},
     {"att.!piet", "gw.example.com!att.!piet"}},
    {"vax43",
     NULL,
     "att.!piet",
     {"gw!att.!piet", NULL, "gw.example.com!att.!piet"},
     {"att.!piet", "gw.example.com!att.!piet"}},
    {"vax43",
     NULL,
     "att!piet",
     {"gw!att!piet", NULL, "gw.example.com!att!piet"},
     {"att!piet", "gw.example.com!att!piet"}},
    /* nobody */
    {"vax43", NULL, "", {""}, {""}},
    {"vax43", "alpha", "alpha!<>", {""}, {""}},
    {"vax43",
     "alpha",
     "alpha!MAILER-DAEMON",
     {"gw!alpha!MAILER-DAEMON", NULL, "gw.example.com!alpha!MAILER-DAEMON"},
     {""}},
    /* what needs quotes may stand before an @ in a header, and nowhere else */
    {"vax43", NULL, "\"Joe Soap\"@cwi.example", {"-", "\"Joe Soap\"@cwi.example", NULL}, {"-"}},
    {"vax43", NULL, "alpha!\"Joe Soap\"", {"-"}, {"-"}},
    {"vax43", NULL, "j\303\270rgen@cwi.example", {"-"}, {"-"}},
    {"vax43", NULL, "a`id`@cwi.example", {"-", "a`id`@cwi.example"}, {"-"}},
    {"vax43",
     NULL,
     "o'brien@cwi.example",
     {"gw!cwi.example!o'brien", "o'brien@cwi.example"},
     {"cwi.example!o'brien"}},
};

static void
each_class_has_its_form(void **state)
{
	struct buf out = {0};
	const char *why, *want = NULL;
	size_t i;
	int c, rc;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (c = 0; c < CLASSES; c++) {
			struct config_site to = neighbour(rows[i].to, c);

			want = rows[i].header[c] != NULL ? rows[i].header[c] : want;
			buf_clear(&out);
			why = "";
			rc = rewrite_address(FOR(rows[i].from, &to), span_of(rows[i].address), &out,
			                     &why);
			assert_true(rc == 0 || (out.n == 0 && why[0] != '\0'));
			expect(rows[i].address, c, rc < 0 ? "-" : buf_text(&out), want);
		}
		for (c = 0; c < CLASSES; c++) {
			struct config_site to = neighbour(rows[i].to, c);
			const char *postmaster =
			    c == SITE_DOMAIN ? "gw.example.com!postmaster" : "postmaster";

			want = rows[i].user[c == SITE_DOMAIN && rows[i].user[1] != NULL];
			buf_clear(&out);
			rc = rewrite_sender(FOR(rows[i].from, &to), span_of(rows[i].address), &out,
			                    NULL, &why);
			assert_int_equal(rc, strcmp(want, "-") == 0);
			expect(rows[i].address, c, buf_text(&out), rc == 1 ? postmaster : want);
		}
	}
	buf_free(&out);
}

/* The recipient, its form for each class; "5.x" a refusal. */
static const struct {
	const char *address, *form[CLASSES];
} recipients[] = {
    {"vax43!ernie", {"ernie"}},
    {"ernie@vax43.example.com", {"ernie"}},
    {"gw!vax43!far!ernie", {"far!ernie"}},
    {"vax43!u%far", {"u%far"}},
    {"vax43!cwi.example!piet", {"cwi.example!piet", "piet@cwi.example"}},
    {"cwi.example!piet@vax43.example.com", {"cwi.example!piet", "piet@cwi.example"}},
    {"vax43!cwi.example.!piet", {"cwi.example.!piet", "piet@cwi.example"}},
    {"vax43!cwi.example!b!piet", {"cwi.example!b!piet"}},
    {"vax43!b!cwi.example!piet", {"b!cwi.example!piet"}},
    {"vax43!o'brien", {"o'brien"}},
    {"vax43!-x", {"vax43!-x"}},
    {"vax43!far!-x", {"far!-x"}},
    {"vax43!cwi.example!-oQ/tmp", {"cwi.example!-oQ/tmp"}},
    {"vax43!~uucp", {"vax43!~uucp"}},
    {"vax43!cwi.example!~/x", {"cwi.example!~/x"}},
    {"vax43!cwi.example!x~y", {"cwi.example!x~y", "x~y@cwi.example"}},
    {"\"Joe Soap\"@vax43.example.com", {"5.1.3"}},
    {"\"a!b\"@vax43.example.com", {"5.1.3"}},
    {"vax43!a`id`", {"5.1.3"}},
    {"j\303\270rgen@vax43.example.com", {"5.6.7"}},
    {"vax43!b\303\274cher.example!x", {"5.6.7"}},
};

static void
each_class_has_its_recipient(void **state)
{
	const char *status, *why, *want = NULL;
	struct buf out = {0};
	struct resolved r;
	size_t i;
	int c, code;

	(void)state;
	for (i = 0; i < sizeof recipients / sizeof recipients[0]; i++)
		for (c = 0; c < CLASSES; c++) {
			struct config_site to = neighbour("vax43", c);

			want = recipients[i].form[c] != NULL ? recipients[i].form[c] : want;
			assert_int_equal(
			    resolve(table, span_of(recipients[i].address), ASK(NULL), NULL, &r), 0);
			assert_int_equal(r.kind, RESOLVED_SITE);
			buf_clear(&out);
			code = outward_recipient(&to, &r.addr, &out, &status, &why);
			assert_true(code == 0 || (code == 553 && out.n == 0));
			expect(recipients[i].address, c, code != 0 ? status : buf_text(&out), want);
			resolved_free(&r);
		}
	buf_free(&out);
}

/* ---- what comes back is what went out ---- */

static unsigned seed;

static unsigned
below(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

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

	return hops[below(sizeof hops / sizeof hops[0])];
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
	unsigned n = below(5);

	buf_clear(out);
	if (below(20) == 0)
		buf_fmt(out, "@relay.example:");
	while (n-- > 0)
		buf_fmt(out, "%s!", any_hop());
	buf_str(out, users[below(sizeof users / sizeof users[0])]);
	if (below(2) == 0)
		buf_fmt(out, "@%s", any_hop());
}

static const char *
any_neighbour(bool or_nobody)
{
	static const char *const names[] = {"vax43", "alpha", "bravo", NULL};

	return names[below(or_nobody ? 4 : 3)];
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
		struct config_site to = neighbour(any_neighbour(false), (int)below(CLASSES));

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
		struct config_site to = neighbour(any_neighbour(false), (int)below(CLASSES));

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

/* ---- tokens ---- */

static struct buf tokens; /* as struct rewrite has them: what the daemon keeps */

static int
find_token(void *arg, struct span token, struct buf *address)
{
	struct span rest = buf_view(&tokens), have, stands_for;

	(void)arg;
	while (reply_tokens_next(&rest, &have, &stands_for))
		if (span_eq(have, token)) {
			buf_span(address, stands_for);
			return 1;
		}
	return 0;
}

static struct route_table *
keyed_table(void)
{
	const struct route_memory memory = {
	    .keyed = true, .key = "of these tests", .token = find_token};
	struct route_table *t = route_table_new(&gateway);

	assert_non_null(t);
	route_table_remember(t, &memory);
	return t;
}

static void
what_no_path_can_hold_is_a_token(void **state)
{
	static const struct {
		const char *address, *header, *user;
	} held[] = {
	    {"\"Joe Soap\"@cwi.example", "gw!Joe_Soap+", "Joe_Soap+"},
	    {"alpha!\"Joe Soap\"", "gw!Joe_Soap+", "Joe_Soap+"},
	    {"j\303\270rgen@cwi.example", "gw!j__rgen+", "j__rgen+"},
	    {"o'brien@cwi.example", "gw!o_brien+", "o_brien+"},
	    {"a`id`@cwi.example", "gw!a_id_+", "a_id_+"},
	    {"vax43!a;b", "gw!a_b+", "a_b+"},
	};
	struct config_site to = neighbour("vax43", SITE_OLD);
	struct route_table *keyed = keyed_table();
	const struct rewrite w = {.table = keyed, .ask = ASK(NULL), .to = &to, .tokens = &tokens};
	struct buf out = {0};
	const char *why;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof held / sizeof held[0]; i++) {
		buf_clear(&out);
		assert_int_equal(rewrite_address(&w, span_of(held[i].address), &out, &why), 0);
		n = strlen(held[i].header);
		assert_int_equal(out.n, n + REPLY_TOKEN);
		assert_memory_equal(out.p, held[i].header, n);
		buf_clear(&out);
		assert_int_equal(rewrite_sender(&w, span_of(held[i].address), &out, NULL, &why), 0);
		n = strlen(held[i].user);
		assert_int_equal(out.n, n + REPLY_TOKEN);
		assert_memory_equal(out.p, held[i].user, n);
	}
	buf_free(&out);
	buf_free(&tokens);
	route_table_free(keyed);
}

/* A path that an old rmail's line has no room for; without a key it goes as it is. */
static void
what_is_too_long_is_a_token(void **state)
{
	struct config_site to = neighbour("vax43", SITE_OLD);
	struct route_table *keyed = keyed_table();
	const struct rewrite w = {.table = keyed, .ask = ASK(NULL), .to = &to, .tokens = &tokens};
	struct buf path = {0}, out = {0};
	const char *why;
	int i;

	(void)state;
	for (i = 0; i < 50; i++)
		buf_fmt(&path, "hopnum%02d!", i);
	buf_str(&path, "piet");
	assert_int_equal(rewrite_sender(&w, buf_view(&path), &out, NULL, &why), 0);
	assert_int_equal(out.n, strlen("piet+") + REPLY_TOKEN);
	buf_clear(&out);
	assert_int_equal(rewrite_sender(FOR(NULL, &to), buf_view(&path), &out, NULL, &why), 0);
	assert_string_equal(buf_text(&out), buf_text(&path));
	buf_free(&path);
	buf_free(&out);
	buf_free(&tokens);
	route_table_free(keyed);
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
	struct route_table *keyed = keyed_table(), *plain = table;
	const char *from, *why;
	int i;

	(void)state;
	table = keyed;
	for (i = 0; i < 20000; i++) {
		struct config_site to = neighbour(any_neighbour(false), (int)below(CLASSES));
		const struct rewrite w = {.table = keyed,
		                          .ask = ASK(from = any_neighbour(true)),
		                          .to = &to,
		                          .tokens = &tokens};

		any_address(&address);
		if (is_bare_percent(&address))
			continue;
		buf_clear(&tokens);
		buf_clear(&form);
		if (rewrite_sender(&w, buf_view(&address), &form, NULL, &why) != 0)
			fail_msg("%s has no form: %s", buf_text(&address), why);
		if (form.n == 0 || !whole(from, &address, &path))
			continue;
		where(buf_view(&path), ASK(NULL), &was);
		where(buf_view(&form), ASK(to.name), &is);
		if (strcmp(buf_text(&was), buf_text(&is)) != 0)
			fail_msg("%s from %s, to %s of class %d: %s goes to %s, was %s",
			         buf_text(&address), from != NULL ? from : "us", to.name,
			         to.class + 1, buf_text(&form), buf_text(&is), buf_text(&was));
	}
	table = plain;
	buf_free(&address);
	buf_free(&form);
	buf_free(&path);
	buf_free(&was);
	buf_free(&is);
	buf_free(&tokens);
	route_table_free(keyed);
}

/* ---- fields ---- */

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
		expect(fields[i].body, fields[i].class, buf_text(&out), fields[i].want);
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
	struct buf body = {0}, out = {0};
	const char *why;
	int i, c;
	unsigned k, n;

	(void)state;
	for (i = 0; i < 3000; i++) {
		struct config_site to = neighbour("vax43", c = i % CLASSES);

		buf_clear(&body);
		buf_clear(&out);
		n = 1 + below(5);
		for (k = 0; k < n; k++) {
			buf_str(&body, k > 0 ? joints[below(5)] : " ");
			buf_str(&body, pieces[c][below(8)]);
		}
		if (rewrite_field(FOR(NULL, &to), buf_view(&body), &out, &why) != 0)
			fail_msg("class %d: changed or not read:%s: %s", c + 1, buf_text(&body),
			         buf_text(&out));
		expect("field", c, buf_text(&out), buf_text(&body));
	}
	buf_free(&body);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_class_has_its_form),
	    cmocka_unit_test(each_class_has_its_recipient),
	    cmocka_unit_test(headers_come_back),
	    cmocka_unit_test(senders_come_back),
	    cmocka_unit_test(what_no_path_can_hold_is_a_token),
	    cmocka_unit_test(what_is_too_long_is_a_token),
	    cmocka_unit_test(all_come_back_with_a_key),
	    cmocka_unit_test(fields_change_in_their_addresses_only),
	    cmocka_unit_test(fields_that_need_nothing_keep_every_octet),
	};

	seed = 976;
	return cmocka_run_group_tests(tests, setup, teardown);
}
