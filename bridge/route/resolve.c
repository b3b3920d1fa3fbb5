/*
 * From a recipient's text to the first hop that is not us.
 *
 * The text is read once; our own names are taken off its front; a path that
 * passes a host twice is cut; user%host is unfolded where an own name stood
 * before it and nowhere else. Then, and only then, it is asked whether the one
 * who brought it may send there: asked earlier, our own name in front would
 * hide a relay.
 */
#include "bridge/route/table.h"

#include <stdio.h>
#include <string.h>

enum stage
resolve_refuse(struct resolved *r, struct route_steps *steps, int code, const char *status,
               const char *words)
{
	r->kind = RESOLVED_REFUSED;
	verdict_set(&r->refusal, OUTCOME_NEVER, SCOPE_DELIVERY, code, status, "%s", words);
	route_step(steps, ROUTE_BUILT_IN, "refused: %s %s", status, words);
	return STAGE_REFUSED;
}

/*
 * user%example.org.@us and user%[192.0.2.1]@us: what stands before our name is
 * no mailbox by the grammar, but it need not be one, for its % is an @ here.
 */
static int
parse_gated(const struct route_table *t, struct span text, enum addr_reading how, struct buf *store,
            struct addr *out)
{
	enum own_front got = OWN_FRONT_DONE;
	struct addr front;
	struct span name;
	const char *why;
	bool own = false;

	if (memchr(text.p, '%', text.n) == NULL ||
	    addr_parse(text, how | ADDR_ANY_USER, store, out, &why) < 0)
		return -1;
	out->flags &= ~(unsigned)ADDR_QUOTED;
	front = *out;
	while ((got = own_front_next(t, &front, own, &name, &why)) == OWN_FRONT_NAME)
		own = true;
	return got == OWN_FRONT_PERCENT ? 0 : -1;
}

enum stage
resolve_text(const struct route_table *t, struct resolved *r, struct span text,
             enum addr_reading how, struct buf *store, struct route_steps *steps)
{
	const char *why = NULL;
	char words[VERDICT_WORDS];

	text = addr_unwrap(text);
	if (addr_parse(text, how, store, &r->addr, &why) < 0 &&
	    (store->bad || parse_gated(t, text, how, store, &r->addr) < 0)) {
		if (store->bad && store->max == 0)
			return STAGE_NO_MEMORY;
		snprintf(words, sizeof words, "the address cannot be read: %s", why);
		return resolve_refuse(r, steps, 553, "5.1.3", words);
	}
	if ((why = addr_refused(&r->addr, ADDR_MAY_BE_UTF8)) != NULL) {
		snprintf(words, sizeof words, "the address cannot be used: %s", why);
		return resolve_refuse(r, steps, 553, "5.1.3", words);
	}
	if (r->addr.route.n > 0)
		route_step(steps, ROUTE_BUILT_IN,
		           "the source route %.*s in front is left out (RFC 5321 F.2)",
		           (int)r->addr.route.n, r->addr.route.p);
	if (r->addr.hops == 0)
		route_step(steps, ROUTE_BUILT_IN, "read as the mailbox %.*s with no host",
		           (int)r->addr.user.n, r->addr.user.p);
	else
		route_step(steps, ROUTE_BUILT_IN, "read as the path %.*s to the mailbox %.*s",
		           (int)r->addr.path.n, r->addr.path.p, (int)r->addr.user.n,
		           r->addr.user.p);
	return STAGE_ON;
}

/*
 * What is no mailbox of ours, in words; NULL when it may be one. "a!b"@us is a
 * path for whoever forgets the quotes on the way; and what no door lets in
 * (|sh, -x) is not let in behind our own name.
 */
static const char *
mailbox_fault(const struct addr *a)
{
	size_t i;

	for (i = 0; i < a->user.n; i++)
		if ((a->flags & ADDR_QUOTED) != 0 && strchr("!%@", a->user.p[i]) != NULL)
			return "a path in quotes";
	return addr_refused(a, ADDR_MAY_BE_UTF8);
}

enum stage
resolve_own_names(const struct route_table *t, struct resolved *r, struct route_steps *steps)
{
	const char *why = NULL;
	char words[VERDICT_WORDS];
	struct span name;
	bool own = false;
	enum own_front got;

	r->host = span_of(route_our_domain(t));
	while ((got = own_front_next(t, &r->addr, own, &name, &why)) > OWN_FRONT_DONE) {
		if (got == OWN_FRONT_PERCENT) {
			route_step(steps, ROUTE_BUILT_IN,
			           "the last %% is an @, since we are the gate: to %.*s",
			           (int)name.n, name.p);
			continue;
		}
		route_step(steps, config_place(t->config, route_own_setting(t, name)),
		           "%.*s is ourselves: taken off the front", (int)name.n, name.p);
		r->host = route_local_domain(t, name);
		own = true;
	}
	if (got == OWN_FRONT_UNREADABLE)
		return resolve_refuse(r, steps, 553, "5.1.3", why);
	if (!own || r->addr.hops > 0 || (why = mailbox_fault(&r->addr)) == NULL)
		return STAGE_ON;
	snprintf(words, sizeof words, "no mailbox has that name: %s", why);
	return resolve_refuse(r, steps, 550, "5.1.1", words);
}

enum stage
resolve_loops(struct resolved *r, struct route_steps *steps)
{
	struct addr cut;

	if (addr_cut_loops(&r->addr, &r->cut, &cut) < 0)
		return STAGE_NO_MEMORY;
	if (cut.hops < r->addr.hops)
		route_step(steps, ROUTE_BUILT_IN, "the path passes a host twice: cut to %.*s",
		           (int)cut.path.n, cut.path.p);
	r->addr = cut;
	return STAGE_ON;
}

/* The rule whose `to` is user@host; of a path with hops to come there is none. */
const struct config_route *
resolve_user_rule(const struct route_table *t, const struct resolved *r)
{
	const struct config *c = t->config;
	size_t i;

	if (!t->has_user_rules || r->addr.hops > 1)
		return NULL;
	for (i = 0; i < c->nroutes; i++) {
		struct span to = span_of(c->routes[i].to);
		const char *at = memrchr(to.p, '@', to.n);
		struct span host;

		if (at == NULL)
			continue;
		host = span_of(at + 1);
		if (span_eq_nocase((struct span){to.p, (size_t)(at - to.p)}, r->addr.user) &&
		    (span_eq_nocase(host, r->host) ||
		     (r->site != NULL && route_site(t, host) == r->site)))
			return &c->routes[i];
	}
	return NULL;
}

void
route_kind_of(const struct route_table *t, struct span host, enum resolved_kind *kind,
              const struct config_site **site)
{
	*site = route_site(t, host);
	*kind = *site != NULL || !addr_hop_is_domain(host) ? RESOLVED_SITE : RESOLVED_DOMAIN;
}

static void
find_first_hop(const struct route_table *t, struct resolved *r, struct route_steps *steps)
{
	if (r->addr.hops == 0) {
		r->kind = RESOLVED_LOCAL;
		route_step(steps, ROUTE_BUILT_IN, "no host is left: for %.*s here, domain %.*s",
		           (int)r->addr.user.n, r->addr.user.p, (int)r->host.n, r->host.p);
		return;
	}
	r->host = addr_first_hop(&r->addr);
	route_kind_of(t, r->host, &r->kind, &r->site);
	if (r->site != NULL)
		route_step(steps, r->site->place, "%.*s is the site %s%s%s", (int)r->host.n,
		           r->host.p, r->site->name, r->site->domain[0] ? ", domain " : "",
		           r->site->domain);
	else if (r->kind == RESOLVED_SITE)
		route_step(steps, ROUTE_BUILT_IN,
		           "%.*s has no dot: a UUCP site, not one of the configuration",
		           (int)r->host.n, r->host.p);
}

/*
 * The stages between own names and the first hop. A mailbox of ours that
 * stands for an address starts it again from that address, once: what it
 * stands for was made here, and is no other such mailbox.
 */
static enum stage
walk(const struct route_table *t, struct resolved *r, const struct route_ask *ask,
     struct route_steps *steps)
{
	enum stage got;

	if ((got = resolve_own_names(t, r, steps)) <= STAGE_REFUSED ||
	    (got = reply_resolve(t, r, ask, steps)) <= STAGE_REFUSED)
		return got;
	if (got == STAGE_BECAME && (got = resolve_own_names(t, r, steps)) <= STAGE_REFUSED)
		return got;
	if ((got = resolve_loops(r, steps)) <= STAGE_REFUSED ||
	    (got = local_resolve(t, r, steps)) <= STAGE_REFUSED)
		return got;
	return reroute(t, r, ask, steps);
}

static enum stage
stages(const struct route_table *t, struct span recipient, const struct route_ask *ask,
       struct route_steps *steps, struct resolved *r)
{
	enum stage got;

	if ((got = resolve_text(t, r, recipient, route_reading(t, ask), &r->text, steps)) <=
	        STAGE_REFUSED ||
	    (got = walk(t, r, ask, steps)) <= STAGE_REFUSED)
		return got;
	find_first_hop(t, r, steps);
	r->user_rule = resolve_user_rule(t, r);
	return relay_check(t, r, ask, steps);
}

int
resolve(const struct route_table *t, struct span recipient, const struct route_ask *ask,
        struct route_steps *steps, struct resolved *r)
{
	*r = (struct resolved){0};
	return stages(t, recipient, ask, steps, r) == STAGE_NO_MEMORY ? -1 : 0;
}

int
resolve_expanding(const struct route_table *t, struct span recipient, const struct route_ask *ask,
                  struct route_steps *steps, struct resolved *r)
{
	*r = (struct resolved){.expanding = true};
	return stages(t, recipient, ask, steps, r) == STAGE_NO_MEMORY ? -1 : 0;
}

void
resolved_free(struct resolved *r)
{
	buf_free(&r->text);
	buf_free(&r->cut);
	buf_free(&r->again);
	buf_free(&r->reply);
	buf_free(&r->reply_store);
	buf_free(&r->way);
}
