/*
 * Names: which are ours, which are sites'.
 */
#include "bridge/route/table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Those that differ in case alone stand side by side. */
static int
compare_names(const void *a, const void *b)
{
	const struct name_entry *x = a, *y = b;
	int by_letters = strcasecmp(x->name, y->name);

	return by_letters != 0 ? by_letters : strcmp(x->name, y->name);
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

/* The name as a string, when it is of a length that a site's may have. */
static bool
name_text(struct span name, char text[ADDR_DOMAIN_MAX + 1])
{
	name = addr_hop_name(name);
	if (name.n == 0 || name.n > ADDR_DOMAIN_MAX)
		return false;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	return true;
}

const struct config_site *
route_site_exact(const struct route_table *t, struct span name)
{
	char text[ADDR_DOMAIN_MAX + 1];
	struct name_entry want = {.name = text}, *hit;

	if (!name_text(name, text))
		return NULL;
	hit = bsearch(&want, t->names, t->nnames, sizeof want, compare_names);
	if (hit == NULL)
		hit = bsearch(&want, t->domains, t->ndomains, sizeof want, compare_domains);
	return hit != NULL ? hit->site : NULL;
}

/* The one site that has the name in another case; NULL when there are two. */
static const struct config_site *
site_in_another_case(const struct route_table *t, const char *name)
{
	const struct config_site *found;
	size_t low = 0, high = t->nnames, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcasecmp(t->names[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == t->nnames || strcasecmp(t->names[low].name, name) != 0)
		return NULL;
	found = t->names[low].site;
	while (++low < t->nnames && strcasecmp(t->names[low].name, name) == 0)
		if (t->names[low].site != found)
			return NULL;
	return found;
}

const struct config_site *
route_site(const struct route_table *t, struct span name)
{
	const struct config_site *site = route_site_exact(t, name);
	char text[ADDR_DOMAIN_MAX + 1];

	if (site == NULL && name_text(name, text))
		site = site_in_another_case(t, text);
	return site;
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
	    ask->site != NULL ? route_site_exact(t, span_of(ask->site)) : NULL;

	return site != NULL && site->mixed == MIXED_BANG_FIRST ? ADDR_BANG_FIRST
	                                                       : ADDR_DOMAIN_FIRST;
}
