/*
 * Do the routes make sense? Every question is put to the router itself: a rule
 * that does not answer for its own pattern is never used, and a site or a
 * domain that is refused cannot get mail.
 */
#include "bridge/operator/check.h"
#include "bridge/operator/hop.h"
#include "bridge/route/route.h"

#include <strings.h>

static const struct config_place nowhere;

/* A destination that the rule is there for, as route.h names it. */
static void
example_of(const char *to, struct buf *out)
{
	if (strcmp(to, "*") == 0)
		buf_str(out, "domain:elsewhere.invalid");
	else if (strcasecmp(to, "site:*") == 0)
		buf_str(out, "site:some-other-site");
	else if (strncasecmp(to, "site:", 5) == 0)
		buf_str(out, to);
	else if (strchr(to, '@') != NULL)
		buf_fmt(out, "user:%s", to);
	else
		buf_fmt(out, "domain:%s%s", to[0] == '.' ? "some-host" : "", to);
}

static void
check_used(const struct route_table *t, const struct config_route *rule, struct findings *f)
{
	struct route_answer a = {0};
	struct buf example = {0}, place = {0};

	example_of(rule->to, &example);
	if (route_of_destination(t, buf_view(&example), &a) == 0 && a.rule != rule) {
		if (a.rule != NULL)
			hop_place_text(a.rule->place, &place);
		finding_add(f, true, rule->place, "the route to \"%s\" is never used: %s%s",
		            rule->to,
		            place.n > 0 ? "the same mail is taken by " : "that mail is our own",
		            buf_text(&place));
	}
	route_answer_free(&a);
	buf_free(&example);
	buf_free(&place);
}

/* Mail for a destination that is returned, or that waits for what never comes, is worth a word. */
static void
check_destination(const struct route_table *t, const char *kind, const char *name,
                  struct config_place place, const char *what, struct findings *f)
{
	struct route_answer a = {0};
	struct buf destination = {0};

	buf_fmt(&destination, "%s:%s", kind, name);
	if (route_of_destination(t, buf_view(&destination), &a) == 0 &&
	    a.verdict.outcome != OUTCOME_SENT)
		finding_add(f, true, place, "mail for %s %s %s: %s", what, name,
		            a.verdict.outcome == OUTCOME_NEVER ? "is returned" : "waits",
		            a.verdict.words);
	route_answer_free(&a);
	buf_free(&destination);
}

/* A paths file that was made for another host, or sites that were forgotten. */
static void
check_paths(const struct route_table *t, struct findings *f)
{
	struct route_astray astray;

	if (route_paths_astray(t, &astray) == 0 && astray.n > 0)
		finding_add(f, true, astray.place,
		            "of the paths, %zu lead nowhere; the first is to %.*s: %s", astray.n,
		            (int)astray.host.n, astray.host.p, astray.verdict.words);
}

static bool
link_is_used(const struct config *c, const char *name)
{
	size_t i, j;

	for (i = 0; i < c->nroutes; i++)
		for (j = 0; j < c->routes[i].links.n; j++)
			if (strcmp(c->routes[i].links.v[j], name) == 0)
				return true;
	return false;
}

static bool
has_rule_for_all(const struct config *c)
{
	size_t i;

	for (i = 0; i < c->nroutes; i++)
		if (strcmp(c->routes[i].to, "*") == 0)
			return true;
	return false;
}

void
check_routes(const struct config *c, struct findings *f)
{
	struct route_table *t = route_table_new(c);
	struct config_faults faults = {0};
	size_t i;

	if (t == NULL) {
		finding_add(f, false, nowhere, "out of memory");
		return;
	}
	if (route_table_read(t, ROUTE_FILES, &faults) != 0 && config_faults_first(&faults) == NULL)
		finding_add(f, false, nowhere, "out of memory");
	findings_take(f, &faults);
	for (i = 0; i < c->nroutes; i++)
		check_used(t, &c->routes[i], f);
	for (i = 0; i < c->nsites; i++)
		check_destination(t, "site", c->sites[i].name, c->sites[i].place, "site", f);
	for (i = 0; i < c->domains.n; i++)
		check_destination(t, "local", c->domains.v[i], nowhere, "our own domain", f);
	if (c->nsites == 0)
		finding_add(f, true, nowhere,
		            "no sites: a UUCP neighbour may send to us, but not through us;"
		            " sites = { NAME = { domain = \"...\"; }; } lets it");
	if (!has_rule_for_all(c))
		finding_add(f, true, nowhere,
		            "no route has to = \"*\": mail for any other place is returned");
	for (i = 0; i < c->nlinks; i++)
		if (!link_is_used(c, c->links[i].name))
			finding_add(f, true, c->links[i].place,
			            "the link \"%s\" is in no route's links", c->links[i].name);
	check_paths(t, f);
	route_check_own(t, &faults);
	findings_take(f, &faults);
	route_table_free(t);
}
