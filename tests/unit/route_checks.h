/*
 * What holds for any octets whatever, taken for an address: it is routed the
 * same way twice, rewritten for either side into what that side reads, and
 * answered. route_property.c throws dice for them, the fuzzer looks for them.
 * Who includes this has fail_at(), which does not return.
 */
#ifndef TEST_ROUTE_CHECKS_H
#define TEST_ROUTE_CHECKS_H

#include "bridge/addr/fields.h"
#include "bridge/route/reply.h"
#include "bridge/route/rewrite.h"
#include "tests/unit/gateway.h"
#include "tests/unit/remember.h"

static void fail_at(const char *what, struct span text, struct span got);

/* A gateway for each form of a reply, and one without a key. */
static struct config configs[4];
static struct route_table *tables[4];

static inline int
gateways_open(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		configs[i] = gateway;
		configs[i].reply_form = i < 3 ? REPLY_FORM_TOKEN + i : REPLY_FORM_PATH;
		tables[i] = route_table_new(&configs[i]);
		if (tables[i] == NULL)
			return -1;
		if (i < 3)
			remember(tables[i]);
	}
	return 0;
}

static inline void
gateways_close(void)
{
	int i;

	for (i = 0; i < 4; i++)
		route_table_free(tables[i]);
	buf_free(&remembered);
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

static inline bool
has(struct span s, char c)
{
	return s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

/*
 * What we wrote may be another when it is read again, in two cases only: he who
 * brought it reads a!b@c as a path, and to SMTP we say it as SMTP reads it; or
 * it is user%host@ours, made of a mailbox user%host: with our name we are its
 * gate.
 */
static inline bool
may_be_another(const struct rewrite *w, const struct addr *said, const struct addr *his)
{
	return !span_eq(said->path, his->path) || !span_eq(said->user, his->user) ||
	       (said->hops == 1 && has(said->user, '%') &&
	        route_is_ours(w->table, addr_first_hop(said)));
}

static inline bool
sender_may_be_another(const struct rewrite *w, struct span made)
{
	struct buf store = {0}, his_store = {0};
	struct addr said, his;
	const char *why;
	bool may = addr_parse(made, ADDR_DOMAIN_FIRST, &store, &said, &why) == 0 &&
	           addr_parse(made, route_reading(w->table, w->ask), &his_store, &his, &why) == 0 &&
	           may_be_another(w, &said, &his);

	buf_free(&store);
	buf_free(&his_store);
	return may;
}

static inline bool
field_may_be_another(const struct rewrite *w, struct span made)
{
	struct buf store = {0}, his_store = {0};
	struct field_address said, his;
	struct fields walk, his_walk;
	bool may = false;

	fields_begin(&walk, made, ADDR_DOMAIN_FIRST);
	fields_begin(&his_walk, made, route_reading(w->table, w->ask));
	while (!may && fields_next(&walk, &store, &said) > 0 &&
	       fields_next(&his_walk, &his_store, &his) > 0)
		may = may_be_another(w, &said.addr, &his.addr);
	buf_free(&store);
	buf_free(&his_store);
	return may;
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
	if (!span_eq(buf_view(&once), buf_view(&twice)) &&
	    !sender_may_be_another(w, buf_view(&once)))
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
	if (replaced > 0 && rewrite_field(w, buf_view(&once), &twice, &why) != 0 &&
	    !field_may_be_another(w, buf_view(&once)))
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
	struct route_ask ask = {.site = froms[choice % 6], .now_s = NOON};
	struct rewrite w = {
	    .table = tables[choice / 6 % 4], .ask = &ask, .now_s = NOON, .tokens = &remembered};

	buf_clear(&remembered);
	is_routed(&w, text);
	is_a_sender(&w, text);
	is_said_to(gateway_sites[choice / 24 % gateway.nsites], choice / 24 % 3, &w, text);
	is_a_field(&w, text);
	return is_answered(&w, text);
}

#endif
