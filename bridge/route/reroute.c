/*
 * Which hop of a path do we go to first? The first, as the sender wrote it,
 * unless `reroute` says that we know better.
 *
 * None is the default: a path is all that is known of why its writer chose it.
 * a!b!c!user may be the only way to that c, for UUCP names were never unique,
 * and near!cwi.example!piet may go by near because cwi.example is not reached
 * otherwise. Rerouting was the cause of as much lost mail as it saved
 * telephone bills; a sender that wants it can leave the hops out.
 *
 * It is done for those who may send anywhere, and for nobody else: what a
 * stranger may ask of us is judged by the path as it was written, and no
 * refusal becomes a permission by leaving hops out, nor the other way round.
 * Nor for an address that we wrote ourselves: the way back is the way it came.
 */
#include "bridge/route/table.h"

/* Names a host by itself, wherever it is asked: cwi.example, and not decvax or [192.0.2.1]. */
static bool
is_full_domain(struct span hop)
{
	return hop.p[0] != '[' && addr_hop_is_domain(hop);
}

static bool
is_known(const struct route_table *t, enum reroute_policy policy, struct span hop)
{
	const struct path *p;

	if (route_is_ours(t, hop))
		return false;
	if (policy == REROUTE_LAST_DOMAIN)
		return is_full_domain(hop);
	p = paths_host(&t->paths, hop);
	return route_site(t, hop) != NULL || (p != NULL && p->hops.n > 0);
}

/* And where that is said. */
static enum reroute_policy
policy_for(const struct route_table *t, const struct route_ask *ask, struct config_place *place)
{
	const struct config_site *site =
	    ask->site != NULL ? route_site_exact(t, span_of(ask->site)) : NULL;

	if (site != NULL && site->reroute != REROUTE_UNSET) {
		*place = site->place;
		return site->reroute;
	}
	*place = config_place(t->config, "reroute");
	return t->config->reroute;
}

enum stage
reroute(const struct route_table *t, struct resolved *r, const struct route_ask *ask,
        struct route_steps *steps)
{
	struct config_place place;
	enum reroute_policy policy = policy_for(t, ask, &place);
	struct span rest = r->addr.path, hop;
	unsigned at, from = 0;

	if ((policy != REROUTE_LAST_DOMAIN && policy != REROUTE_PATHS) || r->addr.hops < 2 ||
	    r->licensed || r->to_postmaster || !route_may_relay(t, ask))
		return STAGE_ON;
	for (at = 0; addr_hop_next(&rest, &hop); at++)
		if (is_known(t, policy, addr_hop_name(hop)))
			from = at;
	if (from == 0)
		return STAGE_ON;
	while (from-- > 0)
		addr_drop_first(&r->addr);
	hop = addr_first_hop(&r->addr);
	route_step(steps, place, "reroute = \"%s\": straight to %.*s",
	           policy == REROUTE_PATHS ? "paths" : "last-domain", (int)hop.n, hop.p);
	return STAGE_ON;
}
