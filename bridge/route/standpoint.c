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

static void
drop_own_names(const struct rewrite *w, struct standpoint *s)
{
	enum own_front got;
	const char *why;
	struct span name;

	while ((got = own_front_next(w->table, &s->addr, s->ours.n > 0, &name, &why)) >
	       OWN_FRONT_DONE)
		/* a neighbour's localhost is the neighbour */
		if (got == OWN_FRONT_NAME &&
		    (w->ask->site == NULL || s->ours.n > 0 || !span_is_nocase(name, "localhost")))
			s->ours = name;
}

/* The hop that a path or bare name from this neighbour starts behind; "" none. */
static struct span
hop_before(const struct rewrite *w, const struct standpoint *s)
{
	const char *from = w->ask->site;
	struct span first = addr_first_hop(&s->addr);

	if (from == NULL || s->ours.n > 0 || addr_hop_is_domain(first) ||
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

int
standpoint_way(const struct standpoint *s, struct span first, struct addr *way, struct buf *path)
{
	struct span rest = s->addr.path;

	*way = s->addr;
	way->flags &= ~(unsigned)(ADDR_AT | ADDR_LITERAL);
	if (s->before.n > 0)
		way->hops++;
	else
		span_cut(&rest, '!');
	buf_span(path, first);
	if (rest.n > 0)
		buf_fmt(path, "!%.*s", (int)rest.n, rest.p);
	way->path = buf_view(path);
	return path->bad ? -1 : 0;
}

struct route_ask
standpoint_of_reader(const struct rewrite *w)
{
	const struct route_ask anybody = ROUTE_STRANGER(w->now_s);

	if (w->to == NULL)
		return anybody;
	return (struct route_ask){.site = w->to->name, .now_s = w->now_s};
}
