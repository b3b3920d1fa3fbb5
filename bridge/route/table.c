/*
 * Names: which are ours, which are sites'.
 */
#include "bridge/route/table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
compare_names(const void *a, const void *b)
{
	const struct name_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
compare_domains(const void *a, const void *b)
{
	const struct name_entry *x = a, *y = b;

	return strcasecmp(x->name, y->name);
}

static int
index_sites(struct route_table *t)
{
	const struct config *c = t->config;
	size_t i, k, names = 0;

	for (i = 0; i < c->nsites; i++)
		names += 1 + c->sites[i].aliases.n;
	t->names = calloc(names + 1, sizeof *t->names);
	t->domains = calloc(c->nsites + 1, sizeof *t->domains);
	if (t->names == NULL || t->domains == NULL)
		return -1;
	for (i = 0; i < c->nsites; i++) {
		const struct config_site *s = &c->sites[i];

		t->names[t->nnames++] = (struct name_entry){s->name, s};
		for (k = 0; k < s->aliases.n; k++)
			t->names[t->nnames++] = (struct name_entry){s->aliases.v[k], s};
		if (s->domain[0] != '\0')
			t->domains[t->ndomains++] = (struct name_entry){s->domain, s};
	}
	qsort(t->names, t->nnames, sizeof *t->names, compare_names);
	qsort(t->domains, t->ndomains, sizeof *t->domains, compare_domains);
	return 0;
}

struct route_table *
route_table_new(const struct config *c)
{
	struct route_table *t = calloc(1, sizeof *t);
	size_t i;

	if (t == NULL)
		return NULL;
	t->config = c;
	if (index_sites(t) < 0 || own_build(t) < 0) {
		route_table_free(t);
		return NULL;
	}
	for (i = 0; i < c->nroutes; i++)
		if (strchr(c->routes[i].to, '@') != NULL)
			t->has_user_rules = true;
	return t;
}

void
route_table_free(struct route_table *t)
{
	if (t == NULL)
		return;
	free(t->names);
	free(t->domains);
	paths_free(&t->paths);
	free(t->files);
	own_free(t);
	arena_free(&t->arena);
	free(t);
}

void
route_table_remember(struct route_table *t, const struct route_memory *m)
{
	t->memory = *m;
}

bool
route_table_keyed(const struct route_table *t)
{
	return t->memory.keyed;
}

const struct config *
route_table_config(const struct route_table *t)
{
	return t->config;
}

const struct config_site *
route_site(const struct route_table *t, struct span name)
{
	char text[ADDR_DOMAIN_MAX + 1];
	struct name_entry want = {.name = text}, *hit;

	name = addr_hop_name(name);
	if (name.n == 0 || name.n >= sizeof text)
		return NULL;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	hit = bsearch(&want, t->names, t->nnames, sizeof want, compare_names);
	if (hit == NULL)
		hit = bsearch(&want, t->domains, t->ndomains, sizeof want, compare_domains);
	return hit != NULL ? hit->site : NULL;
}

static bool
is_among(const struct config_strings *list, struct span name)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (span_is_nocase(name, list->v[i]))
			return true;
	return false;
}

const char *
route_own_setting(const struct route_table *t, struct span name)
{
	const struct config *c = t->config;

	name = addr_hop_name(name);
	if (is_among(&c->uucp_names, name))
		return "uucp-name";
	if (is_among(&c->domains, name))
		return "domains";
	if (c->hostname[0] != '\0' && span_is_nocase(name, c->hostname))
		return "hostname";
	return span_is_nocase(name, "localhost") ? "" : NULL;
}

bool
route_is_ours(const struct route_table *t, struct span name)
{
	return route_own_setting(t, name) != NULL;
}

const char *
route_our_domain(const struct route_table *t)
{
	const struct config *c = t->config;

	return c->domains.n > 0 ? c->domains.v[0] : c->hostname;
}

enum addr_reading
route_reading(const struct route_table *t, const struct route_ask *ask)
{
	const struct config_site *site =
	    ask->site != NULL ? route_site(t, span_of(ask->site)) : NULL;

	return site != NULL && site->mixed == MIXED_BANG_FIRST ? ADDR_BANG_FIRST
	                                                       : ADDR_DOMAIN_FIRST;
}
