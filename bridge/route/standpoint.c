/*
 * From where is an address to be read?
 *
 * A path in a letter from a neighbour is a path from there: vax43 writes
 * `To: modern!next!barney` because modern is its neighbour. So our own names
 * in front are dropped; a first hop we know by name or by its domain stands
 * for itself; and any other is behind the neighbour, whose name is put before
 * it. The envelope's sender has that name in front already and needs no other
 * rule.
 */
#include "bridge/route/table.h"

#include <string.h>

bool
route_is_domain(struct span name)
{
	return name.n > 0 && (name.p[0] == '[' || memchr(name.p, '.', name.n) != NULL);
}

/* Own names off the front. */
static void
drop_own_names(const struct rewrite *w, struct standpoint *s)
{
	struct addr *a = &s->addr, unfolded;
	const char *why;
	struct span first;

	for (;;) {
		while (a->hops > 0 && route_is_ours(w->table, addr_first_hop(a))) {
			first = addr_first_hop(a);
			addr_drop_first(a);
			/* a neighbour's localhost is the neighbour */
			if (w->ask->site == NULL || s->ours.n > 0 ||
			    !span_is_nocase(first, "localhost"))
				s->ours = first;
		}
		if (s->ours.n == 0 || a->hops > 0 || addr_unfold_percent(a, &unfolded, &why) <= 0)
			return;
		*a = unfolded;
	}
}

/* The hop that a path or bare name from this neighbour starts behind; "" none. */
static struct span
hop_before(const struct rewrite *w, const struct standpoint *s)
{
	const char *from = w->ask->site;
	struct span first = addr_first_hop(&s->addr);

	if (from == NULL || s->ours.n > 0 || route_is_domain(first) ||
	    (s->addr.hops > 0 &&
	     (route_site(w->table, first) != NULL || addr_hop_equal(first, span_of(from)))))
		return SPAN("");
	return span_of(from);
}

void
standpoint_find(const struct rewrite *w, const struct addr *given, struct standpoint *out)
{
	*out = (struct standpoint){.addr = *given, .ours = SPAN(""), .before = SPAN("")};
	drop_own_names(w, out);
	out->before = hop_before(w, out);
}

struct route_ask
standpoint_of_reader(const struct rewrite *w)
{
	const struct route_ask anybody = ROUTE_STRANGER(w->now_s);

	if (w->to == NULL)
		return anybody;
	return (struct route_ask){.site = w->to->name, .now_s = w->now_s};
}
