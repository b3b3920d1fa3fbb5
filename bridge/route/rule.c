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

/* What a rule is worth here: 0 nothing; more than any other wins, the first of equals. */
static size_t
worth(const struct route_table *t, const struct config_route *rule, enum resolved_kind kind,
      struct span host, const struct config_site *site)
{
	size_t fits;

	if (is_exact(t, rule->to, host, site))
		return SIZE_MAX;
	if (kind == RESOLVED_LOCAL)
		return 0;
	if ((fits = suffix_fits(rule->to, host)) > 0)
		return 2 + fits;
	if (kind == RESOLVED_SITE && strcasecmp(rule->to, "site:*") == 0)
		return 2;
	return strcmp(rule->to, "*") == 0 ? 1 : 0;
}

const struct config_route *
route_rule(const struct route_table *t, enum resolved_kind kind, struct span host,
           const struct config_site *site)
{
	const struct config *c = t->config;
	const struct config_route *best = NULL;
	size_t i, most = 0, here;

	if (site != NULL && site->domain[0] != '\0')
		host = span_of(site->domain);
	for (i = 0; i < c->nroutes; i++) {
		here = worth(t, &c->routes[i], kind, host, site);
		if (here > most) {
			most = here;
			best = &c->routes[i];
		}
	}
	return best;
}
