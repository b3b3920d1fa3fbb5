/*
 * Any address in the form that the other side reads (rewrite.h).
 *
 * The address is read from where it was written (standpoint.c); what is made
 * of it, rewrite_domain.c knows for the Internet side and outward.c for UUCP.
 *
 * Rejected: rerouting by the last domain of a path (near!cwi.example!piet to
 * piet@cwi.example). It is shorter, and wrong whenever the sender chose the
 * path because the domain is not reached otherwise.
 */
#include "bridge/route/rewrite.h"
#include "bridge/addr/fields.h"
#include "bridge/route/outward.h"
#include "bridge/route/table.h"

#include <string.h>

static int
rewrite_parsed(const struct rewrite *w, const struct addr *a, enum addr_reading how,
               struct buf *out, const char **why)
{
	if (w->to != NULL)
		return outward_address(w, a, out, why);
	return route_addr_to_domain(w, a, how, out, why);
}

static int
rewrite_text(const struct rewrite *w, struct span address, struct buf *out, const char **why)
{
	enum addr_reading how = route_reading(w->table, w->ask);
	const char *fault;
	struct buf store = {0};
	struct addr a;
	int rc;

	if (addr_parse(address, how | ADDR_ANY_USER, &store, &a, &fault) == 0) {
		rc = rewrite_parsed(w, &a, how, out, why);
	} else {
		*why = fault;
		rc = -1;
	}
	out->bad |= store.bad;
	buf_free(&store);
	return rc;
}

int
route_addr_rewrite(const struct rewrite *given, const struct addr *a, enum addr_reading how,
                   struct buf *out, const char **why)
{
	struct rewrite w = *given;

	w.srs = false;
	return rewrite_parsed(&w, a, how, out, why);
}

int
rewrite_address(const struct rewrite *given, struct span address, struct buf *out, const char **why)
{
	struct rewrite w = *given;

	w.srs = false;
	return rewrite_text(&w, address, out, why);
}

int
rewrite_sender(const struct rewrite *w, struct span sender, struct buf *out,
               struct route_steps *steps, const char **why)
{
	size_t at = out->n;

	if (w->to != NULL)
		return outward_sender(w, sender, out, steps, why);
	if (rewrite_text(w, sender, out, why) == 0) {
		if (out->n == at)
			route_step(steps, ROUTE_BUILT_IN, "no sender: nothing can answer it");
		else
			route_step(steps, ROUTE_BUILT_IN, "as a sender it is written %s",
			           buf_text(out) + at);
		return 0;
	}
	if (out->bad)
		return -1;
	buf_fmt(out, "postmaster@%s", route_our_domain(w->table));
	route_step(steps, ROUTE_BUILT_IN, "as a sender it has no form (%s): %s stands for it", *why,
	           buf_text(out) + at);
	return 1;
}
