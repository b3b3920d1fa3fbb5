/*
 * Who may send where?
 *
 *	from                            to ours  to a site  to anywhere
 *	ourselves                       yes      yes        yes
 *	a site with relay = true        yes      yes        yes
 *	a client of relay-clients       yes      yes        yes
 *	a stranger: any other           yes      mostly     what we wrote ourselves
 *
 * What we wrote ourselves, a sender's address with our tag or our token, is an
 * answer's way home and anybody's to use. "Mostly": a path may lead on from a
 * site, but only by plain UUCP names. A domain further on, in whatever
 * disguise, is the classic hole: vax43 trusts us, and would send on for us
 * what nobody would take from the stranger.
 *
 * Asked of what is left when own names, replies, loops and rerouting are done
 * with: before, our own name in front would hide a relay. What a recipient's
 * route is plays no part in it; a route says how, not whose.
 */
#include "bridge/route/table.h"

#include <stdio.h>
#include <string.h>

/* What would have to be so for him to send anywhere; NULL: he may. */
static const char *
permit_of(const struct route_table *t, const struct route_ask *ask, struct route_steps *steps)
{
	const struct config *c = t->config;
	const struct config_site *site;
	size_t i;

	if (ask->site != NULL) {
		site = route_site_exact(t, span_of(ask->site));
		if (site == NULL)
			return "it has no entry in `sites`";
		if (!site->relay)
			return "its `relay` is not true";
		route_step(steps, site->place, "the site %s may send through us to anywhere",
		           site->name);
		return NULL;
	}
	for (i = 0; i < c->nrelay_clients; i++)
		if (network_has(&c->relay_clients[i], span_of(ask->client)))
			break;
	if (i == c->nrelay_clients)
		return "it is not in `relay-clients`";
	route_step(steps, config_place(c, "relay-clients"),
	           "the client %s may send through us to anywhere, by relay-clients", ask->client);
	return NULL;
}

/* A name that only a UUCP site can have: no dot, whatever IDNA takes for one, and no literal. */
static bool
is_plain(struct span hop)
{
	static const char pseudo[] = ".UUCP";
	size_t i, n = sizeof pseudo - 1;

	if (hop.n > n && span_is_nocase((struct span){hop.p + hop.n - n, n}, pseudo))
		hop.n -= n;
	for (i = 0; i < hop.n; i++)
		if (!((hop.p[i] >= 'a' && hop.p[i] <= 'z') ||
		      (hop.p[i] >= 'A' && hop.p[i] <= 'Z') ||
		      (hop.p[i] >= '0' && hop.p[i] <= '9') || hop.p[i] == '-' || hop.p[i] == '_'))
			return false;
	return hop.n > 0;
}

/* What the next host may take for ! % @, once it has dropped quotes or folded wide letters. */
static bool
hides_route(const struct addr *a)
{
	static const char *const signs[] = {"!",
	                                    "@",
	                                    "\xef\xbc\x81",
	                                    "\xef\xbc\x85",
	                                    "\xef\xbc\xa0",
	                                    "\xef\xb9\x97",
	                                    "\xef\xb9\xaa",
	                                    "\xef\xb9\xab",
	                                    "\xe2\x80\xbc",
	                                    "\xe2\x81\x88",
	                                    "\xe2\x81\x89"};
	size_t i;

	if ((a->flags & ADDR_QUOTED) != 0 && memchr(a->user.p, '%', a->user.n) != NULL)
		return true;
	for (i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (memmem(a->user.p, a->user.n, signs[i], strlen(signs[i])) != NULL)
			return true;
	return false;
}

struct span
relay_leads_out(const struct addr *a)
{
	struct span rest = a->path, hop;

	addr_hop_next(&rest, &hop);
	while (addr_hop_next(&rest, &hop))
		if (!is_plain(hop))
			return hop;
	if (hides_route(a))
		return a->user;
	rest = a->user;
	for (span_cut(&rest, '%'); rest.n > 0;)
		if (!is_plain(span_cut(&rest, '%')))
			return a->user;
	return SPAN("");
}

static enum stage
refuse(const struct route_table *t, struct resolved *r, struct route_steps *steps, const char *who,
       struct span out, const char *permit)
{
	struct span tag = reply_path_tag(t, &r->addr);
	char words[VERDICT_WORDS], way[120] = "", old[60] = "";

	if (r->site != NULL)
		snprintf(way, sizeof way, " by way of %.*s", r->host.n > 100 ? 100 : (int)r->host.n,
		         r->host.p);
	if (tag.n > 0)
		snprintf(old, sizeof old, ", and the tag %.*s is not ours, or too old", (int)tag.n,
		         tag.p);
	snprintf(words, sizeof words, "%.100s may not send through us to %.*s%s: %s%s", who,
	         out.n > 100 ? 100 : (int)out.n, out.p, way, permit, old);
	return resolve_refuse(r, steps, 550, "5.7.1", words);
}

bool
route_may_relay(const struct route_table *t, const struct route_ask *ask)
{
	return (ask->site == NULL && ask->client == NULL) || permit_of(t, ask, NULL) == NULL;
}

enum stage
relay_check(const struct route_table *t, struct resolved *r, const struct route_ask *ask,
            struct route_steps *steps)
{
	const char *who = ask->site != NULL ? ask->site : ask->client, *permit;
	struct span out = r->host;

	if (who == NULL || r->kind == RESOLVED_LOCAL || r->to_postmaster || r->licensed)
		return STAGE_ON;
	if (r->site != NULL && (out = relay_leads_out(&r->addr)).n == 0)
		return STAGE_ON;
	permit = permit_of(t, ask, steps);
	return permit == NULL ? STAGE_ON : refuse(t, r, steps, who, out, permit);
}

int
route_may_notify(const struct route_table *t, struct span sender, const struct route_ask *ask)
{
	const struct route_ask ourselves = {.now_s = ask->now_s};
	struct resolved r;
	int got = 1;

	if (route_may_relay(t, ask))
		return 1;
	/* The notice goes as from us: what is asked is where that would be. */
	if (resolve(t, sender, &ourselves, NULL, &r) < 0)
		got = -1;
	else if ((r.kind == RESOLVED_SITE || r.kind == RESOLVED_DOMAIN) && !r.licensed &&
	         !(ask->site != NULL && r.site != NULL &&
	           r.site == route_site(t, span_of(ask->site))))
		got = relay_leads_out(&r.addr).n == 0;
	resolved_free(&r);
	return got;
}
