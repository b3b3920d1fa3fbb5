/*
 * Sites as domains below ours: piet@decvax.gw.example.com is decvax!piet, for
 * a gateway whose DNS has a wildcard MX record, *.gw.example.com.
 *
 * UUCP names know case and DNS does not, and some are no DNS labels at all:
 * what could be read as another site, or as a host that the configuration
 * speaks of, is never written.
 */
#include "bridge/route/reply_int.h"

#include <stdlib.h>
#include <strings.h>

#define LABEL_MOST 63

static bool
is_label(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-')
			return false;
	return s.n > 0 && s.n <= LABEL_MOST && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

/* The one site of that name, whatever the case; NULL: none, or two. */
static const struct config_site *
site_of_label(const struct route_table *t, struct span label)
{
	const struct config_site *found = NULL;
	size_t i;

	if (!is_label(label))
		return NULL;
	for (i = 0; i < t->config->nsites; i++)
		if (span_is_nocase(label, t->config->sites[i].name)) {
			if (found != NULL)
				return NULL;
			found = &t->config->sites[i];
		}
	return found;
}

/* A host of its own, by the configuration. */
static bool
is_taken(const struct route_table *t, struct span host)
{
	size_t i;

	if (route_is_ours(t, host) || route_site(t, host) != NULL)
		return true;
	for (i = 0; i < t->config->nroutes; i++)
		if (span_is_nocase(host, t->config->routes[i].to))
			return true;
	return false;
}

static bool
is_one_of_our_domains(const struct route_table *t, struct span name)
{
	return addr_hop_is_domain(name) && route_is_ours(t, name);
}

const struct config_site *
reply_site_read(const struct route_table *t, struct span host)
{
	struct span rest, label;

	host = addr_hop_name(host);
	rest = host;
	label = span_cut(&rest, '.');
	if (rest.n == 0 || !is_one_of_our_domains(t, rest) || is_taken(t, host))
		return NULL;
	return site_of_label(t, label);
}

int
reply_site(const struct rewrite *w, const struct addr *a, struct buf *out)
{
	const struct config_site *site = route_site(w->table, addr_first_hop(a));
	struct buf host = {0};
	int got = 0;

	if (a->hops != 1 || site == NULL || (a->flags & ADDR_QUOTED) != 0 ||
	    !reply_is_plain(a->user))
		return 0;
	buf_fmt(&host, "%s.%s", site->name, route_our_domain(w->table));
	if (host.bad)
		got = -1;
	else if (host.n <= ADDR_DOMAIN_MAX && reply_site_read(w->table, buf_view(&host)) == site) {
		buf_fmt(out, "%.*s@%s", (int)a->user.n, a->user.p, buf_text(&host));
		got = out->bad ? -1 : 1;
	}
	buf_free(&host);
	return got;
}
