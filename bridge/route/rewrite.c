/*
 * Any address as user@domain (rewrite.h has the forms).
 *
 * The address is read from where it was written (standpoint.c). Paths to a
 * site with a domain become rest@domain, and what is left goes by way of us:
 * path@our.domain, which resolve.c reads back to the path.
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

/* a!u@us and u%a@us: a mailbox of ours that means one elsewhere. */
static bool
leads_on(const struct route_table *t, const struct addr *a, struct span first)
{
	return route_is_ours(t, first) &&
	       (a->hops > 1 ||
	        ((a->flags & ADDR_QUOTED) == 0 && memchr(a->user.p, '%', a->user.n) != NULL));
}

bool
route_addr_is_fine(const struct route_table *t, const struct addr *a, enum addr_reading how)
{
	struct span rest = a->path, first;

	if ((a->flags & ADDR_AT) == 0 || a->route.n > 0 || !addr_hop_next(&rest, &first) ||
	    (how != ADDR_DOMAIN_FIRST && a->hops > 1))
		return false;
	/* a dot at its end is none of RFC 5322's, .UUCP none of DNS */
	return route_is_domain(first) && addr_hop_name(first).n == first.n &&
	       !leads_on(t, a, first);
}

/* Prints before!path!user by its first hop's domain, or by ours. */
static int
print_by_domain(const struct rewrite *w, const struct addr *a, struct span before, struct buf *out,
                const char **why)
{
	const struct route_table *t = w->table;
	const struct config_site *site;
	struct addr send = *a;
	struct span rest = a->path, first = before;
	struct buf path = {0};
	int rc;

	send.hops++;
	if (before.n == 0 && addr_hop_next(&rest, &first))
		send.hops--;
	first = addr_hop_name(first);
	site = route_site(t, first);
	if (site != NULL && site->domain[0] != '\0') {
		buf_str(&path, site->domain);
	} else if (route_is_domain(first) || first.n == 0) {
		buf_span(&path, first.n > 0 ? first : span_of(route_our_domain(t)));
	} else {
		buf_fmt(&path, "%s!%.*s", route_our_domain(t), (int)first.n, first.p);
		send.hops++;
	}
	if (rest.n > 0)
		buf_fmt(&path, "!%.*s", (int)rest.n, rest.p);
	send.path = buf_view(&path);
	out->bad |= path.bad;
	rc = path.bad ? -1 : addr_print_domain(&send, out);
	if (rc < 0)
		*why = "a quoted mailbox at the end of a path has no domain form";
	buf_free(&path);
	return rc;
}

int
route_addr_rewrite(const struct rewrite *w, const struct addr *given, enum addr_reading how,
                   struct buf *out, const char **why)
{
	struct standpoint from;

	if (w->to != NULL)
		return outward_address(w, given, out, why);
	if ((given->flags & ADDR_NULL) != 0)
		return 0;
	if (route_addr_is_fine(w->table, given, how))
		return print_by_domain(w, given, SPAN(""), out, why);
	standpoint_find(w, given, &from);
	return print_by_domain(w, &from.addr, from.before, out, why);
}

int
rewrite_address(const struct rewrite *w, struct span address, struct buf *out, const char **why)
{
	enum addr_reading how = route_reading(w->table, w->ask);
	struct buf store = {0};
	struct addr a;
	int rc;

	rc = addr_parse(address, how | ADDR_ANY_USER, &store, &a, why);
	if (rc == 0)
		rc = route_addr_rewrite(w, &a, how, out, why);
	out->bad |= store.bad;
	buf_free(&store);
	return rc;
}

int
rewrite_sender(const struct rewrite *w, struct span sender, struct buf *out,
               struct route_steps *steps, const char **why)
{
	size_t at = out->n;

	*why = "";
	if (w->to != NULL)
		return outward_sender(w, sender, out, steps, why);
	if (rewrite_address(w, sender, out, why) == 0) {
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

int
rewrite_explain_answer(const struct rewrite *w, struct span address, struct route_steps *steps)
{
	const struct route_ask anyone = {.now_s = w->now_s};
	struct route_answer answer = {.steps = steps};
	struct buf sender = {0};
	const char *why;
	int rc = rewrite_sender(w, address, &sender, steps, &why);

	if (rc >= 0 && sender.n > 0) {
		route_step(steps, ROUTE_BUILT_IN, "an answer to %s:", buf_text(&sender));
		rc = route_find(w->table, buf_view(&sender), &anyone, &answer);
	}
	route_answer_free(&answer);
	buf_free(&sender);
	return rc < 0 ? -1 : 0;
}
