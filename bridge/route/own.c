/*
 * What is said of a domain of ours? What it says itself counts, and else what
 * the settings at the top say for all. Lists are sorted once, since a letter to
 * a hundred users asks a hundred times.
 */
#include "bridge/route/own.h"
#include "bridge/route/table.h"

#include <stdlib.h>
#include <strings.h>

/* ---- building ---- */

static int
compare_texts(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static const struct own_users *
users_build(struct arena *arena, const struct config_strings *list, struct config_place place)
{
	struct own_users *u = arena_take(arena, sizeof *u);
	size_t i;

	if (u == NULL)
		return NULL;
	u->any = list->v == NULL;
	u->place = place;
	u->v = arena_array(arena, list->n, sizeof *u->v);
	for (i = 0; u->v != NULL && i < list->n; i++)
		if (strcmp(list->v[i], "*") == 0)
			u->any = true;
		else
			u->v[u->n++] = list->v[i];
	if (u->n > 1)
		qsort(u->v, u->n, sizeof *u->v, compare_texts);
	return u;
}

/* Those of the same files, which are the same list when both left it to the top. */
static struct own_aliases *
aliases_of(struct route_table *t, const struct config_strings *files, const char *domain)
{
	struct own_aliases **at, *a;

	if (files->n == 0)
		return NULL;
	for (at = &t->aliases; *at != NULL; at = &(*at)->next)
		if ((*at)->files.v == files->v)
			return *at;
	if ((a = arena_take(&t->arena, sizeof *a)) == NULL)
		return NULL;
	a->files = *files;
	a->domain = domain;
	*at = a;
	return a;
}

/* What the domain says, or else the setting of that name at the top. */
static struct own_text
text_of(const struct config *c, const struct config_domain *said, const char *own,
        const char *general, const char *name)
{
	if (said != NULL && own[0] != '\0')
		return (struct own_text){own, said->place};
	return (struct own_text){general != NULL ? general : "", config_place(c, name)};
}

static void
domain_build(struct route_table *t, struct own_domain *d, const char *name,
             const struct config_domain *said, const struct own_users *users)
{
	static const struct config_domain nothing = {
	    .catch_all = "", .postmaster = "", .local = ""};
	const struct config_domain *s = said != NULL ? said : &nothing;
	const struct config *c = t->config;

	d->name = name;
	d->users = s->users.v != NULL ? users_build(&t->arena, &s->users, s->place) : users;
	d->aliases = aliases_of(t, s->aliases.v != NULL ? &s->aliases : &c->aliases, name);
	d->catch_all = text_of(c, said, s->catch_all, c->catch_all, "catch-all");
	d->postmaster = text_of(c, said, s->postmaster, c->postmaster, "postmaster");
	d->local = text_of(c, said, s->local, c->local, "local");
	if (strcmp(d->catch_all.text, "none") == 0)
		d->catch_all.text = "";
}

static int
compare_domains(const void *a, const void *b)
{
	const struct own_domain *x = a, *y = b;

	return strcasecmp(x->name, y->name);
}

static bool
is_listed(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->domains.n; i++)
		if (strcasecmp(c->domains.v[i], name) == 0)
			return true;
	return false;
}

int
own_build(struct route_table *t)
{
	const struct config *c = t->config;
	const struct own_users *users = users_build(&t->arena, &c->users, config_place(c, "users"));
	size_t i;

	t->own = arena_array(&t->arena, c->domains.n + 1, sizeof *t->own);
	if (t->own == NULL || users == NULL)
		return -1;
	for (i = 0; i < c->domains.n; i++)
		domain_build(t, &t->own[t->nown++], c->domains.v[i],
		             c->own != NULL ? &c->own[i] : NULL, users);
	if (!is_listed(c, c->hostname))
		domain_build(t, &t->own[t->nown++], c->hostname, NULL, users);
	qsort(t->own, t->nown, sizeof *t->own, compare_domains);
	return t->arena.bad ? -1 : 0;
}

/* ---- reading ---- */

struct opening {
	struct route_table *t;
	struct config_faults *faults;
};

static int
open_included(void *arg, const char *path, struct config_place from, struct buf *text)
{
	const struct opening *o = arg;
	struct buf named = {0};
	int rc;

	buf_fmt(&named, "%s:%d", from.file, from.line);
	rc = route_file_include(o->t, path, buf_text(&named), text, o->faults);
	buf_free(&named);
	return rc;
}

static bool
is_ours(void *arg, struct span host)
{
	const struct opening *o = arg;

	return route_is_ours(o->t, host);
}

static int
read_one(struct opening *o, struct own_aliases *set, const char *file)
{
	const struct alias_source from = {
	    .file = file, .open = open_included, .arg = o, .faults = o->faults};
	struct buf text = {0};
	int rc = route_file_read(o->t, file, "aliases", &text, o->faults);

	if (rc == 0)
		rc = aliases_read(&set->aliases, &from, buf_view(&text));
	buf_free(&text);
	return rc;
}

int
own_read(struct route_table *t, struct config_faults *faults)
{
	struct opening o = {t, faults};
	struct own_aliases *set;
	size_t i;
	int rc = 0;

	for (set = t->aliases; set != NULL; set = set->next) {
		for (i = 0; i < set->files.n; i++)
			rc |= read_one(&o, set, set->files.v[i]);
		rc |= aliases_index(&set->aliases, is_ours, &o, faults);
	}
	return rc;
}

void
own_free(struct route_table *t)
{
	struct own_aliases *set;

	for (set = t->aliases; set != NULL; set = set->next)
		aliases_free(&set->aliases);
}

/* ---- finding ---- */

static const struct own_domain *
find(const struct route_table *t, struct span name)
{
	size_t low = 0, high = t->nown, middle;
	int d;

	while (low < high) {
		middle = low + (high - low) / 2;
		if ((d = span_order_nocase(name, t->own[middle].name)) == 0)
			return &t->own[middle];
		if (d < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct own_domain *
own_find(const struct route_table *t, struct span name)
{
	const struct own_domain *d = find(t, addr_hop_name(name));

	if (d == NULL)
		d = find(t, span_of(route_our_domain(t)));
	return d != NULL ? d : &t->own[0];
}

struct span
route_local_domain(const struct route_table *t, struct span own_name)
{
	return span_of(own_find(t, own_name)->name);
}

struct span
own_user(const struct own_domain *d, struct span name)
{
	size_t low = 0, high = d->users->n, middle;
	int way;

	while (low < high) {
		middle = low + (high - low) / 2;
		if ((way = span_order_nocase(name, d->users->v[middle])) == 0)
			return span_of(d->users->v[middle]);
		if (way < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return SPAN("");
}
