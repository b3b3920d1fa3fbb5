/*
 * Who may send where? Ourselves and configured neighbours, unless their
 * `relay` is off, anywhere; all others to what is ours, to our sites, and to
 * whom we wrote an address for ourselves.
 */
#include "bridge/route/table.h"

#include <stdio.h>

static int
refuse(struct resolved *r, struct route_steps *steps, const char *who, const char *why)
{
	char words[VERDICT_WORDS];

	snprintf(words, sizeof words, "%.100s may not send through us to %.*s: %s", who,
	         r->host.n > 100 ? 100 : (int)r->host.n, r->host.p, why);
	return resolve_refuse(r, steps, 550, "5.7.1", words);
}

int
relay_check(const struct route_table *t, struct resolved *r, const struct route_ask *ask,
            struct route_steps *steps)
{
	const struct config_site *site;

	if ((ask->site == NULL && ask->client == NULL) || r->kind == RESOLVED_LOCAL ||
	    r->site != NULL || r->to_postmaster || r->licensed)
		return 1;
	if (ask->site == NULL)
		return refuse(r, steps, ask->client, "it is no client of ours");
	site = route_site(t, span_of(ask->site));
	if (site == NULL)
		return refuse(r, steps, ask->site, "it has no entry in sites = { ... }");
	if (!site->relay)
		return refuse(r, steps, ask->site, "its relay is false");
	route_step(steps, site->place, "the site %s may send through us to anywhere", site->name);
	return 1;
}
