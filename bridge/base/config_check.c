/*
 * Do the settings agree with one another? Names that must differ, names that
 * must be known, bounds that must leave room. What one setting alone may be is
 * asked where it is read.
 */
#include "bridge/base/config_int.h"

#include <stdlib.h>
#include <strings.h>
#include <sys/un.h>

static const config_setting_t *
setting_in(struct config_reader *r, const char *group, const char *name)
{
	const config_setting_t *g = config_setting_get_member(r->root, group);

	return g != NULL ? config_setting_get_member(g, name) : NULL;
}

/* The place of a setting in a group at the top, or else of the group, for words about two. */
static struct config_place
place_in(struct config_reader *r, const char *group, const char *name)
{
	const config_setting_t *s = setting_in(r, group, name);

	return config_place_of(r, s != NULL ? s : config_setting_get_member(r->root, group));
}

static struct config_place
place_top(struct config_reader *r, const char *name)
{
	return config_place_of(r, config_setting_get_member(r->root, name));
}

/* ---- names that must differ ---- */

struct named {
	const char *name;
	struct config_place place;
	size_t order;
};

struct names {
	struct named *v;
	size_t n;
	int (*compare)(const char *, const char *);
};

static void
names_add(struct names *names, const char *name, struct config_place place)
{
	if (name[0] == '\0')
		return;
	names->v[names->n] = (struct named){name, place, names->n};
	names->n++;
}

static int
named_order(const struct named *x, const struct named *y,
            int (*compare)(const char *, const char *))
{
	int by_name = compare(x->name, y->name);

	if (by_name != 0)
		return by_name;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int
exact_order(const void *a, const void *b)
{
	return named_order(a, b, strcmp);
}

static int
nocase_order(const void *a, const void *b)
{
	return named_order(a, b, strcasecmp);
}

static void
names_check(struct config_reader *r, const struct names *names, const char *what)
{
	const struct named *a, *b;
	size_t i;

	if (names->n > 1)
		qsort(names->v, names->n, sizeof *names->v,
		      names->compare == strcmp ? exact_order : nocase_order);
	for (i = 1; i < names->n; i++) {
		a = &names->v[i - 1];
		b = &names->v[i];
		if (names->compare(a->name, b->name) == 0)
			config_fault(r, b->place, "%s \"%s\" is taken already, by line %d of %s",
			             what, b->name, a->place.line, a->place.file);
	}
}

/* Case counts in UUCP names: vax and VAX were two machines. */
static void
check_uucp_names(struct config_reader *r)
{
	const struct config *c = r->out;
	struct names names = {.compare = strcmp};
	size_t i, j, most = c->uucp_names.n;

	for (i = 0; i < c->nsites; i++)
		most += 1 + c->sites[i].aliases.n;
	if ((names.v = arena_array(r->arena, most, sizeof *names.v)) == NULL)
		return;
	for (i = 0; i < c->uucp_names.n; i++)
		names_add(&names, c->uucp_names.v[i], place_top(r, "uucp-name"));
	for (i = 0; i < c->nsites; i++) {
		names_add(&names, c->sites[i].name, c->sites[i].place);
		for (j = 0; j < c->sites[i].aliases.n; j++)
			names_add(&names, c->sites[i].aliases.v[j], c->sites[i].place);
	}
	names_check(r, &names, "the UUCP name");
}

static void
check_domains(struct config_reader *r)
{
	const struct config *c = r->out;
	struct names names = {.compare = strcasecmp};
	size_t i;

	names.v = arena_array(r->arena, c->domains.n + c->nsites, sizeof *names.v);
	if (names.v == NULL)
		return;
	for (i = 0; i < c->domains.n; i++)
		names_add(&names, c->domains.v[i], c->own[i].place);
	for (i = 0; i < c->nsites; i++)
		names_add(&names, c->sites[i].domain, c->sites[i].place);
	names_check(r, &names, "the domain");
}

static void
check_link_names(struct config_reader *r)
{
	const struct config *c = r->out;
	struct names names = {.compare = strcmp};
	size_t i;

	if ((names.v = arena_array(r->arena, c->nlinks, sizeof *names.v)) == NULL)
		return;
	for (i = 0; i < c->nlinks; i++)
		names_add(&names, c->links[i].name, c->links[i].place);
	names_check(r, &names, "the name");
}

static void
check_route_targets(struct config_reader *r)
{
	const struct config *c = r->out;
	struct names names = {.compare = strcasecmp};
	size_t i;

	if ((names.v = arena_array(r->arena, c->nroutes, sizeof *names.v)) == NULL)
		return;
	for (i = 0; i < c->nroutes; i++)
		if (strncmp(c->routes[i].to, "site:", 5) != 0)
			names_add(&names, c->routes[i].to, c->routes[i].place);
	names_check(r, &names, "mail to");
	names.n = 0;
	names.compare = strcmp;
	for (i = 0; i < c->nroutes; i++)
		if (strncmp(c->routes[i].to, "site:", 5) == 0)
			names_add(&names, c->routes[i].to, c->routes[i].place);
	names_check(r, &names, "mail to");
}

/* ---- names that must be known ---- */

static bool
link_known(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->nlinks; i++)
		if (strcmp(c->links[i].name, name) == 0)
			return true;
	return false;
}

static bool
site_known(const struct config *c, const char *name)
{
	size_t i, j;

	for (i = 0; i < c->nsites; i++) {
		if (strcmp(c->sites[i].name, name) == 0)
			return true;
		for (j = 0; j < c->sites[i].aliases.n; j++)
			if (strcmp(c->sites[i].aliases.v[j], name) == 0)
				return true;
	}
	return false;
}

static void
check_references(struct config_reader *r, const struct config_route *route)
{
	size_t i;

	for (i = 0; i < route->links.n; i++)
		if (!link_known(r->out, route->links.v[i]))
			config_fault(
			    r, route->place,
			    "this route names the link \"%s\", which `links` does not have",
			    route->links.v[i]);
	if (strncmp(route->to, "site:", 5) == 0 && strcmp(route->to, "site:*") != 0 &&
	    !site_known(r->out, route->to + 5))
		config_fault(r, route->place,
		             "this route names the site \"%s\", which `sites` does not have",
		             route->to + 5);
}

/* ---- what must be there for another, and what must leave room ---- */

static bool
is_ours(const struct config *c, const char *domain)
{
	size_t i;

	for (i = 0; i < c->domains.n; i++)
		if (strcasecmp(c->domains.v[i], domain) == 0)
			return true;
	return strcasecmp(c->hostname, domain) == 0;
}

/* The domain keeps mail: by a `local` of its own, or by the one for all. */
static bool
has_local(const struct config *c, const char *domain)
{
	size_t i;

	for (i = 0; i < c->domains.n; i++)
		if (strcasecmp(c->domains.v[i], domain) == 0 && c->own[i].local[0] != '\0')
			return true;
	return c->local[0] != '\0';
}

/* An address at one of our own domains goes nowhere unless `local` says where. */
static void
check_kept(struct config_reader *r, struct config_place place, const char *who, const char *address)
{
	const struct config *c = r->out;
	const char *at = strrchr(address, '@');

	if (at != NULL && is_ours(c, at + 1) && !has_local(c, at + 1))
		config_fault(r, place,
		             "mail for the %s is delivered here, but `local` does not say "
		             "where: local = \"maildir:PATH\"",
		             who);
}

static void
check_people(struct config_reader *r)
{
	const struct config *c = r->out;
	size_t i;

	check_kept(r, place_top(r, "postmaster"), "postmaster", c->postmaster);
	check_kept(r, place_top(r, "catch-all"), "catch-all", c->catch_all);
	for (i = 0; i < c->domains.n; i++) {
		check_kept(r, c->own[i].place, "postmaster", c->own[i].postmaster);
		check_kept(r, c->own[i].place, "catch-all", c->own[i].catch_all);
	}
}

static void
check_retry(struct config_reader *r)
{
	const struct config *c = r->out;

	if (c->retry.backoff_min_s > c->retry.backoff_max_s)
		config_fault(r, place_in(r, "retry", "backoff-min"),
		             "`backoff-min` is longer than `backoff-max`");
	if (c->retry.lifetime_s > c->retry.lifetime_absolute_s)
		config_fault(r, place_in(r, "retry", "lifetime"),
		             "`lifetime` is longer than `lifetime-absolute`");
}

static void
check_spool(struct config_reader *r)
{
	struct config *c = r->out;
	struct sockaddr_un sa;

	if (c->spool.limit_bytes != 0 && c->spool.message_bytes > c->spool.limit_bytes) {
		if (setting_in(r, "spool", "message-size") != NULL)
			config_fault(
			    r, place_in(r, "spool", "limit"),
			    "the spool's `limit` is less than `message-size`: such a message "
			    "would be put off for ever");
		c->spool.message_bytes = c->spool.limit_bytes;
	}
	if (strlen(c->control_socket) >= sizeof sa.sun_path)
		config_fault(
		    r, place_top(r, "control-socket"),
		    "the control socket's path is longer than a socket's may be (%zu): set "
		    "`control-socket` to a shorter one",
		    sizeof sa.sun_path - 1);
}

/* ---- defaults that follow from other settings ---- */

/* Their names alone, for those who need no more. */
static void
default_domains(struct config_reader *r)
{
	struct config *c = r->out;
	size_t i, n = c->domains.n;

	c->domains.n = 0;
	if (n == 0 || (c->domains.v = arena_array(r->arena, n, sizeof *c->domains.v)) == NULL)
		return;
	for (i = 0; i < n; i++)
		c->domains.v[c->domains.n++] = c->own[i].name;
}

static void
default_uucp_name(struct config_reader *r)
{
	struct config_strings *names = &r->out->uucp_names;
	struct span rest = span_of(r->out->hostname);

	if (names->n > 0 || (names->v = arena_array(r->arena, 1, sizeof *names->v)) == NULL)
		return;
	names->v[names->n++] = arena_text(r->arena, span_cut(&rest, '.'));
}

static void
default_control_socket(struct config_reader *r)
{
	struct buf path = {0};

	if (r->out->control_socket[0] != '\0')
		return;
	buf_fmt(&path, "%s/control", r->out->spool.directory);
	r->out->control_socket = arena_text(r->arena, buf_view(&path));
	buf_free(&path);
}

void
config_check(struct config_reader *r)
{
	size_t i;

	default_domains(r);
	default_uucp_name(r);
	default_control_socket(r);
	check_uucp_names(r);
	check_domains(r);
	check_link_names(r);
	check_route_targets(r);
	for (i = 0; i < r->out->nroutes; i++)
		check_references(r, &r->out->routes[i]);
	check_people(r);
	check_retry(r);
	check_spool(r);
}
