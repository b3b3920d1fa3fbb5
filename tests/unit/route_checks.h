/*
 * What holds for any octets whatever, taken for an address: it is routed the
 * same way twice, rewritten for either side into what that side reads, and
 * answered. route_property.c throws dice for them, the fuzzer looks for them.
 * Who includes this has fail_at(), which does not return.
 */
#ifndef TEST_ROUTE_CHECKS_H
#define TEST_ROUTE_CHECKS_H

#include "bridge/route/reply.h"
#include "bridge/route/rewrite.h"
#include "tests/unit/gateway.h"

#define NOW_S 1795000000

static void fail_at(const char *what, struct span text, struct span got);

/* A gateway for each form of a reply, and one without a key. */
static struct config configs[4];
static struct route_table *tables[4];
static struct buf kept; /* the tokens of the address in hand */

static inline int
token_kept(void *arg, struct span token, struct buf *address)
{
	struct span rest = buf_view(&kept), name, stands_for;

	(void)arg;
	while (reply_tokens_next(&rest, &name, &stands_for))
		if (span_eq_nocase(name, token)) {
			buf_span(address, stands_for);
			return 1;
		}
	return 0;
}

static inline int
gateways_open(void)
{
	struct route_memory memory = {.keyed = true, .key = {1, 9, 8, 6}, .token = token_kept};
	int i;

	for (i = 0; i < 4; i++) {
		configs[i] = gateway;
		configs[i].reply_form = i < 3 ? REPLY_FORM_TOKEN + i : REPLY_FORM_PATH;
		tables[i] = route_table_new(&configs[i]);
		if (tables[i] == NULL)
			return -1;
		if (i < 3)
			route_table_remember(tables[i], &memory);
	}
	return 0;
}

static inline void
gateways_close(void)
{
	int i;

	for (i = 0; i < 4; i++)
		route_table_free(tables[i]);
	buf_free(&kept);
}

/* What is said when it is accepted is what is said when it is sent. */
static inline void
is_routed(const struct rewrite *w, struct span text)
{
	struct route_answer a = {.steps = NULL};
	struct buf destination = {0};

	route_destination(w->table, text, w->ask, &destination);
	if (route_find(w->table, text, w->ask, &a) < 0)
		fail_at("no answer", text, SPAN(""));
	if (!span_eq(buf_view(&destination), buf_view(&a.destination)))
		fail_at("two destinations", text, buf_view(&a.destination));
	if (route_of_destination(w->table, buf_view(&destination), &a) < 0)
		fail_at("no way", text, buf_view(&destination));
	route_answer_free(&a);
	buf_free(&destination);
}

/* He who brought it reads a!b@c as a path: what we say to SMTP is not what he says to us. */
static inline bool
reads_otherwise(const struct rewrite *w)
{
	return route_reading(w->table, w->ask) != ADDR_DOMAIN_FIRST;
}

static inline bool
has(struct span s, char c)
{
	return s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

/* user%host without a host of its own is a mailbox here; written with our name, we are its gate. */
static inline bool
is_gated(struct span made)
{
	return has(made, '%');
}

/* A mailbox that SMTP can carry, the same when it is rewritten again. */
static inline void
is_a_sender(const struct rewrite *w, struct span text)
{
	struct buf once = {0}, twice = {0}, store = {0};
	struct addr a;
	const char *why;

	if (rewrite_sender(w, text, &once, NULL, &why) < 0 ||
	    addr_parse(buf_view(&once), ADDR_DOMAIN_FIRST, &store, &a, &why) < 0)
		fail_at(why, text, buf_view(&once));
	if (once.n > 0 && (a.flags & ADDR_AT) == 0)
		fail_at("no user@domain", text, buf_view(&once));
	if (rewrite_sender(w, buf_view(&once), &twice, NULL, &why) < 0)
		fail_at(why, text, buf_view(&once));
	if (!reads_otherwise(w) && !is_gated(buf_view(&once)) &&
	    !span_eq(buf_view(&once), buf_view(&twice)))
		fail_at("another when made again", buf_view(&once), buf_view(&twice));
	buf_free(&once);
	buf_free(&twice);
	buf_free(&store);
}

/* One reading for a neighbour of any class, whatever his `mixed`; one word for his rmail. */
static inline void
is_said_to(struct config_site site, unsigned class, const struct rewrite *w, struct span text)
{
	struct rewrite to = *w;
	struct buf out = {0}, store = {0};
	struct addr a;
	const char *why;
	size_t i;

	site.class = (enum site_class) class;
	to.to = &site;
	if (rewrite_sender(&to, text, &out, NULL, &why) < 0)
		fail_at(why, text, buf_view(&out));
	for (i = 0; i < out.n; i++)
		if ((unsigned char)out.p[i] <= ' ' || out.p[i] == 0x7f)
			fail_at("blanks for a site", text, buf_view(&out));
	if (addr_parse(buf_view(&out), ADDR_DOMAIN_FIRST | ADDR_ANY_USER, &store, &a, &why) < 0)
		fail_at(why, text, buf_view(&out));
	if (!has(buf_view(&out), '"') && has(buf_view(&out), '@') && has(buf_view(&out), '!'))
		fail_at("! and @ for a site", text, buf_view(&out));
	buf_free(&out);
	buf_free(&store);
}

/* A field that is not changed keeps every octet; one that is, is right then. */
static inline void
is_a_field(const struct rewrite *w, struct span text)
{
	struct buf once = {0}, twice = {0};
	const char *why;
	int replaced = rewrite_field(w, text, &once, &why);

	if (replaced <= 0 && !span_eq(text, buf_view(&once)))
		fail_at("not replaced, and changed", text, buf_view(&once));
	if (replaced > 0 && !reads_otherwise(w) && !is_gated(buf_view(&once)) &&
	    rewrite_field(w, buf_view(&once), &twice, &why) != 0)
		fail_at("a field to be rewritten again", buf_view(&once), buf_view(&twice));
	buf_free(&once);
	buf_free(&twice);
}

/* An answer comes home, or there is a reason. */
static inline unsigned
is_answered(const struct rewrite *w, struct span text)
{
	struct buf home = {0};
	const char *why = "";
	int got = rewrite_round_trip(w, text, &home, &why);

	if (got < 0 || (got > 0 ? home.n == 0 : why[0] == '\0'))
		fail_at("neither home nor a reason", text, buf_view(&home));
	buf_free(&home);
	return (unsigned)got;
}

/* All of it; whose letter it stands in and so on are chosen by `choice`. 1 when its answer comes
 * home. */
static inline unsigned
check_address(unsigned choice, struct span text)
{
	static const char *const froms[] = {NULL, "vax43", "guest", "bravo", "alpha", "xyz"};
	struct route_ask ask = {.site = froms[choice % 6], .now_s = NOW_S};
	struct rewrite w = {
	    .table = tables[choice / 6 % 4], .ask = &ask, .now_s = NOW_S, .tokens = &kept};

	buf_clear(&kept);
	is_routed(&w, text);
	is_a_sender(&w, text);
	is_said_to(gateway_sites[choice / 24 % gateway.nsites], choice / 24 % 3, &w, text);
	is_a_field(&w, text);
	return is_answered(&w, text);
}

#endif
