/*
 * Does an answer come home? We make of an address what the other side is to
 * see, and ask as a stranger who writes to that, with the tokens that were
 * made on the way as if they were kept already.
 */
#include "bridge/route/reply_int.h"

static int
token_of_trip(void *arg, struct span token, struct buf *address)
{
	const struct trip *trip = arg;
	struct span rest = buf_view(&trip->tokens), kept, text;

	while (reply_tokens_next(&rest, &kept, &text))
		if (span_eq(kept, token)) {
			buf_span(address, text);
			return 1;
		}
	return trip->memory->token != NULL ? trip->memory->token(trip->memory->arg, token, address)
	                                   : 0;
}

void
trip_begin(struct trip *trip, const struct rewrite *w)
{
	*trip = (struct trip){.there = *w, .table = *w->table, .memory = &w->table->memory};
	trip->table.memory.token = token_of_trip;
	trip->table.memory.arg = trip;
	trip->there.table = &trip->table;
	trip->there.tokens = &trip->tokens;
}

void
trip_end(struct trip *trip)
{
	buf_free(&trip->tokens);
}

/* Compared as hops are looked up: a site by its name, whatever it was called. */
static bool
same_way(const struct route_table *t, const struct addr *a, const struct addr *b)
{
	const struct config_site *site = route_site(t, addr_first_hop(a));
	struct addr x = *a, y = *b;

	if (a->hops == 0 || site == NULL || site != route_site(t, addr_first_hop(b)))
		return addr_equal(a, b);
	addr_drop_first(&x);
	addr_drop_first(&y);
	return addr_equal(&x, &y);
}

bool
trip_is_elsewhere(const struct route_table *t, struct span host)
{
	return !route_is_ours(t, host) && route_site(t, host) == NULL &&
	       reply_site_read(t, host) == NULL;
}

/* A mailbox of ours becomes what it stands for. As a stage of resolve(). */
static enum stage
stand_for(const struct route_table *t, struct resolved *r, const struct route_ask *ask)
{
	enum stage got = resolve_own_names(t, r, NULL);

	if (got > STAGE_REFUSED && (got = reply_resolve(t, r, ask, NULL)) == STAGE_BECAME)
		got = resolve_own_names(t, r, NULL);
	return got;
}

/* Where a stranger's letter to that text goes. 1, 0 when it is refused, -1 without memory. */
static int
read_back(const struct route_table *t, struct span made, const struct route_ask *ask,
          struct resolved *r)
{
	struct resolved whole = {0};
	const char *why;
	int got;

	if (addr_parse(made, ADDR_DOMAIN_FIRST, &r->text, &r->addr, &why) < 0)
		return r->text.bad ? -1 : 0;
	if (trip_is_elsewhere(t, addr_first_hop(&r->addr)))
		return 1;
	if ((got = resolve_expanding(t, made, ask, NULL, &whole)) == 0)
		got = whole.kind != RESOLVED_REFUSED;
	resolved_free(&whole);
	return got > 0 ? stand_for(t, r, ask) : got;
}

/* 1 when `made` reaches who was `written`, which may be a reply form itself. */
static int
compare(const struct rewrite *w, struct resolved *written, struct span made,
        struct buf *answer_goes_to, const char **why)
{
	const struct route_ask reader = standpoint_of_reader(w);
	struct resolved r = {0};
	int got = stand_for(w->table, written, &reader);

	if (got > 0 && w->srs && srs_is(made) && written->addr.hops == 1 &&
	    trip_is_elsewhere(w->table, addr_first_hop(&written->addr)) &&
	    srs_origin(written->addr.user, &written->again))
		got = resolve_text(w->table, written, buf_view(&written->again), ADDR_DOMAIN_FIRST,
		                   &written->text, NULL);
	if (got > 0)
		got = read_back(w->table, made, &reader, &r);
	*why = "an answer to it is refused";
	if (got == 0 && reply_may(w, &written->addr) == 0)
		*why = "who brought it may not send there himself, and no answer may do more";
	if (got > 0 && !same_way(w->table, &written->addr, &r.addr)) {
		*why = "an answer to it goes to somebody else";
		got = 0;
	}
	if (got > 0)
		addr_print_bang(&r.addr, answer_goes_to);
	resolved_free(&r);
	return got;
}

static int
travel(const struct rewrite *w, struct span address, struct buf *made, struct buf *answer_goes_to,
       const char **why)
{
	struct resolved written = {0};
	int got = rewrite_sender(w, address, made, NULL, why);

	if (got != 0)
		return got < 0 ? -1 : 0;
	*why = "the null sender is never answered";
	if (made->n == 0)
		return 0;
	if ((got = route_way(w, address, &written, why)) > 0)
		got = compare(w, &written, buf_view(made), answer_goes_to, why);
	resolved_free(&written);
	return got;
}

int
rewrite_round_trip(const struct rewrite *w, struct span address, struct buf *answer_goes_to,
                   const char **why)
{
	const char *fault = "";
	struct buf made = {0};
	struct trip trip;
	int got;

	trip_begin(&trip, w);
	got = travel(&trip.there, address, &made, answer_goes_to, &fault);
	if (got == 0)
		*why = fault;
	trip_end(&trip);
	buf_free(&made);
	return answer_goes_to->bad ? -1 : got;
}
