/*
 * Who lives here? The postmaster does, wherever he may be.
 */
#include "bridge/route/table.h"

static bool
is_postmaster(const struct addr *a)
{
	return a->hops == 0 &&
	       (span_is_nocase(a->user, "postmaster") || span_is_nocase(a->user, "mailer-daemon"));
}

/* The one who is our postmaster, who may live anywhere. 1, 0 when refused, -1 without memory. */
static int
become_postmaster(const struct route_table *t, struct resolved *r, struct route_steps *steps)
{
	const char *who = t->config->postmaster;
	struct span domain = r->host;
	int got;

	r->to_postmaster = true;
	r->addr.user = span_of("postmaster");
	if (who[0] == '\0')
		return 1;
	route_step(steps, config_place(t->config, "postmaster"), "our postmaster is %s", who);
	if ((got = resolve_text(r, span_of(who), ADDR_DOMAIN_FIRST, &r->again, NULL)) <= 0 ||
	    (got = resolve_own_names(t, r, NULL)) <= 0)
		return got;
	if (r->addr.hops == 0 && span_is_nocase(r->addr.user, "postmaster"))
		r->host = domain;
	return resolve_loops(r, steps);
}

int
local_resolve(const struct route_table *t, struct resolved *r, struct route_steps *steps)
{
	return is_postmaster(&r->addr) ? become_postmaster(t, r, steps) : 1;
}
