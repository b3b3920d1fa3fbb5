/*
 * Which rule of the configuration speaks of a first hop?
 */
#include "bridge/route/table.h"

#include <string.h>
#include <strings.h>

/* The rule names this host, or this site, and no other. */
static bool
is_exact(const struct route_table *t, const char *to, struct span host,
         const struct config_site *site)
{
	struct span name = span_of(to);

	if (to[0] == '*' || to[0] == '.' || strchr(to, '@') != NULL)
		return false;
	if (!span_starts_nocase(name, "site:"))
		return addr_hop_equal(addr_hop_name(name), host) ||
		       (site != NULL && route_site(t, name) == site);
	name = span_of(to + 5);
	if (span_is(name, "*"))
		return false;
	return site != NULL ? route_site(t, name) == site : addr_hop_equal(name, host);
}

/* How many octets of the host's end the rule `.x` names; 0 when it does not fit. */
static size_t
suffix_fits(const char *to, struct span host)
{
	size_t n = strlen(to);

	if (to[0] != '.' || n < 2 || host.n <= n)
		return 0;
	return strncasecmp(host.p + host.n - n, to, n) == 0 ? n : 0;
}

struct route_worth
route_rule_worth(const struct route_table *t, const struct config_route *rule,
                 enum resolved_kind kind, struct span host, const struct config_site *site)
{
	size_t fits;

	if (site != NULL && site->domain[0] != '\0')
		host = span_of(site->domain);
	if (is_exact(t, rule->to, host, site))
		return (struct route_worth){FIT_HOST, 0};
	if (kind == RESOLVED_LOCAL)
		return (struct route_worth){FIT_NONE, 0};
	if ((fits = suffix_fits(rule->to, host)) > 0)
		return (struct route_worth){FIT_END, fits};
	if (kind == RESOLVED_SITE && strcasecmp(rule->to, "site:*") == 0)
		return (struct route_worth){FIT_SITES, 0};
	return (struct route_worth){strcmp(rule->to, "*") == 0 ? FIT_OTHERS : FIT_NONE, 0};
}

const struct config_route *
route_rule(const struct route_table *t, enum resolved_kind kind, struct span host,
           const struct config_site *site)
{
	const struct config *c = t->config;
	const struct config_route *best = NULL;
	struct route_worth most = {FIT_NONE, 0}, here;
	size_t i;

	for (i = 0; i < c->nroutes; i++) {
		here = route_rule_worth(t, &c->routes[i], kind, host, site);
		if (route_worth_more(here, most)) {
			most = here;
			best = &c->routes[i];
		}
	}
	return best;
}

/* The rule as the configuration has it. */
static void
add_rule(const struct config_route *rule, struct buf *out)
{
	size_t i;

	buf_fmt(out, "to = \"%s\", ", rule->to);
	switch (rule->hop) {
	case HOP_SMTP:
		for (i = 0; i < rule->nhosts; i++)
			buf_fmt(out, "%s%s port %u", i > 0 ? ", then " : "smtp, host ",
			        rule->hosts[i].host, (unsigned)rule->hosts[i].port);
		break;
	case HOP_MX:
		buf_str(out, "mx");
		break;
	case HOP_MAILDIR:
		buf_fmt(out, "maildir:%s", rule->path);
		break;
	case HOP_UUCP:
		buf_str(out, "uucp");
		break;
	case HOP_REJECT:
		buf_fmt(out, "reject:%s", rule->words);
		break;
	}
}

void
route_rules_considered(const struct route_table *t, const struct resolved *r,
                       struct route_steps *steps)
{
	const struct config *c = t->config;
	const struct config_route *rule;
	const struct own_text *local;
	struct route_worth worth;
	struct buf words = {0};

	if (steps == NULL)
		return;
	route_choice(steps, r->host);
	for (rule = c->routes; rule < c->routes + c->nroutes; rule++) {
		worth = route_rule_worth(t, rule, r->kind, r->host, r->site);
		if (rule == r->user_rule)
			worth.fit = FIT_USER;
		if (worth.fit == FIT_NONE)
			continue;
		buf_clear(&words);
		add_rule(rule, &words);
		route_candidate(steps, rule->place, worth, "%s", buf_text(&words));
	}
	local = &own_find(t, r->host)->local;
	if (r->kind == RESOLVED_LOCAL && local->text[0] != '\0')
		route_candidate(steps, local->place, (struct route_worth){FIT_OURS, 0},
		                "local = \"%s\"", local->text);
	buf_free(&words);
}
