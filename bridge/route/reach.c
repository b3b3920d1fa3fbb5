/*
 * How is a first hop reached? By itself, as a rule of the configuration says;
 * or, when no rule speaks of it, the way that the paths files know, whose
 * first hop the rules are then asked about.
 *
 * A site of the configuration is a neighbour, whom we reach ourselves: any rule
 * that takes it, and be it site:* or *, goes before what the paths say of it.
 *
 * The paths are asked once and never about what they answered: `decvax
 * decvax!%s` is no loop, and two files that send to one another are none. The
 * destination stays what the recipient says, mcvax and not decvax, so a queue
 * follows when the paths change.
 *
 * A route with one of our own names in it was made for another host, or before
 * we had that name: what stands behind the name is the route from here.
 */
#include "bridge/route/table.h"

#include <stdio.h>

/* What of a path's hops is left behind the last own name in it. */
static struct span
hops_from_here(const struct route_table *t, struct span hops)
{
	struct span rest = hops, hop;

	while (addr_hop_next(&rest, &hop))
		if (route_is_ours(t, addr_hop_name(hop)))
			hops = rest;
	return hops;
}

/*
 * A site of the configuration is looked for by its name and by its domain,
 * whatever it was called, and never behind a domain's gateway.
 */
static const struct path *
path_to(const struct route_table *t, struct span host, const struct config_site *site, bool *end)
{
	const struct path *p;

	*end = false;
	if (site == NULL) {
		p = paths_host(&t->paths, host);
		if (p == NULL && (p = paths_end(&t->paths, host)) != NULL)
			*end = true;
		return p;
	}
	p = paths_host(&t->paths, span_of(site->name));
	if (p == NULL && site->domain[0] != '\0')
		p = paths_host(&t->paths, span_of(site->domain));
	return p;
}

/* Maps of 1987 may know the name of a site of ours too, and mean another, or another way. */
static struct route_worth
worth_of(const struct path *p, const struct config_site *site, bool end)
{
	if (site != NULL)
		return (struct route_worth){FIT_PATHS_SITE, 0};
	return end ? (struct route_worth){FIT_PATHS_END, p->host.n}
	           : (struct route_worth){FIT_PATHS_HOST, 0};
}

/* From w->hops: where we go first. */
static void
first_hop(const struct route_table *t, struct route_reach *w)
{
	struct span rest = w->hops, hop;

	addr_hop_next(&rest, &hop);
	w->host = addr_hop_name(hop);
	route_kind_of(t, w->host, &w->kind, &w->site);
	w->rule = route_rule(t, w->kind, w->host, w->site);
}

/* Goes by w->path from here on. */
static void
take(const struct route_table *t, struct route_reach *w, struct route_steps *steps)
{
	char cost[40] = "";

	if (w->path->cost >= 0)
		snprintf(cost, sizeof cost, ", cost %lld", (long long)w->path->cost);
	route_step(steps, w->path->place, "%.*s is reached%s by the path %.*s%s%s%.*s",
	           (int)w->host.n, w->host.p, w->end ? " like all of that domain" : "",
	           (int)w->path->route.n, w->path->route.p, cost,
	           w->path->from.n > 0 ? ", from the map " : "", (int)w->path->from.n,
	           w->path->from.p);
	first_hop(t, w);
	route_rules_considered(
	    t, &(struct resolved){.kind = w->kind, .host = w->host, .site = w->site}, steps);
}

void
route_reach_find(const struct route_table *t, enum resolved_kind kind, struct span host,
                 const struct config_site *site, const struct config_route *user_rule,
                 struct route_steps *steps, struct route_reach *w)
{
	const struct path *p;
	bool end;

	*w = (struct route_reach){.kind = kind, .host = host, .site = site, .rule = user_rule};
	if (user_rule != NULL)
		return;
	w->rule = route_rule(t, kind, host, site);
	if (kind == RESOLVED_LOCAL || host.p[0] == '[' ||
	    (p = path_to(t, host, site, &end)) == NULL)
		return;
	w->hops = hops_from_here(t, p->hops);
	if (w->hops.n == 0) {
		route_step(steps, p->place,
		           "the path %.*s says that %.*s is ourselves; the configuration does "
		           "not: that path is not taken",
		           (int)p->route.n, p->route.p, (int)host.n, host.p);
		return;
	}
	route_candidate(steps, p->place, worth_of(p, site, end), "%.*s by the path %.*s",
	                (int)p->host.n, p->host.p, (int)p->route.n, p->route.p);
	if (w->rule != NULL && route_worth_more(route_rule_worth(t, w->rule, kind, host, site),
	                                        worth_of(p, site, end)))
		return;
	w->path = p;
	w->end = end;
	take(t, w, steps);
}

/* The path's hops, then what was asked: all of it for a domain's gateway, else behind the host. */
static void
join(const struct route_reach *w, const struct addr *a, struct buf *out)
{
	struct span rest = a->path, hop;

	buf_clear(out);
	buf_span(out, w->hops);
	if (!w->end)
		addr_hop_next(&rest, &hop);
	if (rest.n > 0)
		buf_fmt(out, "!%.*s", (int)rest.n, rest.p);
}

int
route_reach_take(const struct route_reach *w, struct resolved *r, struct route_steps *steps)
{
	struct span rest, hop;

	if (w->path == NULL)
		return 0;
	join(w, &r->addr, &r->way);
	if (r->way.bad)
		return -1;
	r->addr.path = rest = buf_view(&r->way);
	for (r->addr.hops = 0; addr_hop_next(&rest, &hop);)
		r->addr.hops++;
	r->addr.flags &= ~(unsigned)(ADDR_AT | ADDR_LITERAL);
	if (r->addr.path.p[0] == '[')
		r->addr.flags |= ADDR_LITERAL;
	r->kind = w->kind;
	r->host = w->host;
	r->site = w->site;
	return resolve_loops(r, steps) == STAGE_NO_MEMORY ? -1 : 0;
}

int
route_paths_astray(const struct route_table *t, struct route_astray *out)
{
	struct route_answer a = {0};
	struct route_reach w = {0};
	const struct path *p;
	bool bad = false;
	size_t i;

	*out = (struct route_astray){0};
	for (i = 0; i < t->paths.n; i++) {
		p = &t->paths.v[i];
		if ((w.hops = hops_from_here(t, p->hops)).n == 0)
			continue;
		first_hop(t, &w);
		if (w.rule != NULL && w.rule->hop == HOP_REJECT) /* as it is wanted */
			continue;
		buf_clear(&a.domain);
		route_hop(t, w.kind, w.host, w.site, w.rule, &a);
		bad |= a.domain.bad;
		if (a.verdict.outcome != OUTCOME_NEVER || out->n++ > 0)
			continue;
		out->place = p->place;
		out->host = p->host;
		out->verdict = a.verdict;
	}
	route_answer_free(&a);
	return bad ? -1 : 0;
}
