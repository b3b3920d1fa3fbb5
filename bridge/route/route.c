/*
 * The answers, as they are asked for: what of a recipient decides its route,
 * the whole answer for a recipient, the answer all of a destination share.
 */
#include "bridge/route/table.h"

#include <stdio.h>
#include <string.h>

void
resolved_destination(const struct resolved *r, struct buf *out)
{
	if (r->kind == RESOLVED_REFUSED) {
		buf_str(out, "refused:");
	} else if (r->user_rule != NULL) {
		buf_str(out, "user:");
		route_add_lower(out, span_of(r->user_rule->to));
	} else if (r->kind == RESOLVED_LOCAL) {
		buf_str(out, "local:");
		route_add_lower(out, r->host);
	} else if (r->kind == RESOLVED_SITE) {
		buf_str(out, "site:");
		buf_span(out, r->site != NULL ? span_of(r->site->name) : r->host);
	} else {
		buf_str(out, "domain:");
		route_add_lower(out, r->host);
	}
}

void
route_destination(const struct route_table *t, struct span recipient, const struct route_ask *ask,
                  struct buf *out)
{
	struct resolved r;

	if (resolve(t, recipient, ask, NULL, &r) < 0)
		out->bad = true;
	else
		resolved_destination(&r, out);
	resolved_free(&r);
}

static void
answer_clear(struct route_answer *a)
{
	buf_clear(&a->destination);
	buf_clear(&a->domain);
	buf_clear(&a->address);
	buf_clear(&a->path);
	buf_clear(&a->stands_for);
	a->rule = NULL;
	a->site = NULL;
	a->cost = -1;
	a->utf8 = false;
}

static int
answer_status(const struct route_answer *a)
{
	return a->destination.bad || a->domain.bad || a->address.bad || a->path.bad ||
	               a->stands_for.bad
	           ? -1
	           : 0;
}

/* The next hop by which it is reached; a refusal there names the path that led to it. */
static void
answer_by_reach(const struct route_table *t, const struct route_reach *w, struct route_answer *a)
{
	size_t n;

	route_hop(t, w->kind, w->host, w->site, w->rule, a);
	if (w->path == NULL)
		return;
	a->cost = w->path->cost;
	n = strlen(a->verdict.words);
	if (a->verdict.outcome == OUTCOME_NEVER && a->hop == HOP_REJECT)
		snprintf(a->verdict.words + n, sizeof a->verdict.words - n,
		         " (the way to %.*s, by %s:%d)", (int)w->path->host.n, w->path->host.p,
		         w->path->place.file, w->path->place.line);
}

/* What is left to be said of a recipient that is not refused. 0, or -1 without memory. */
static int
answer_resolved(const struct route_table *t, struct resolved *r, struct route_answer *a)
{
	struct route_reach reach;

	if (r->stands_for.hops > 0)
		addr_print_bang(&r->stands_for, &a->stands_for);
	route_rules_considered(t, r, a->steps);
	route_reach_find(t, r->kind, r->host, r->site, r->user_rule, a->steps, &reach);
	answer_by_reach(t, &reach, a);
	if (route_reach_take(&reach, r, a->steps) < 0)
		return -1;
	route_form(t, r, a);
	return 0;
}

int
route_find(const struct route_table *t, struct span recipient, const struct route_ask *ask,
           struct route_answer *a)
{
	struct resolved r;
	int rc = 0;

	answer_clear(a);
	if (resolve(t, recipient, ask, a->steps, &r) < 0) {
		resolved_free(&r);
		return -1;
	}
	resolved_destination(&r, &a->destination);
	if (r.kind == RESOLVED_REFUSED) {
		a->hop = HOP_REJECT;
		a->verdict = r.refusal;
	} else {
		rc = answer_resolved(t, &r, a);
	}
	resolved_free(&r);
	return rc < 0 ? -1 : answer_status(a);
}

/* "user:USER@HOST": the rule of that `to`; NULL when it is gone. */
static const struct config_route *
rule_of_user(const struct route_table *t, struct span to)
{
	size_t i;

	for (i = 0; i < t->config->nroutes; i++)
		if (span_is_nocase(to, t->config->routes[i].to))
			return &t->config->routes[i];
	return NULL;
}

static void
answer_by_name(const struct route_table *t, struct span host, const struct config_route *rule,
               struct route_answer *a)
{
	const struct config_site *site;
	enum resolved_kind kind;
	struct route_reach reach;

	host = addr_hop_name(host);
	route_kind_of(t, host, &kind, &site);
	if (route_is_ours(t, host))
		kind = RESOLVED_LOCAL;
	route_reach_find(t, kind, host, site, rule, a->steps, &reach);
	answer_by_reach(t, &reach, a);
}

int
route_of_destination(const struct route_table *t, struct span destination, struct route_answer *a)
{
	const struct config_route *rule = NULL;
	struct span rest = destination, word = span_cut(&rest, ':');

	answer_clear(a);
	buf_span(&a->destination, destination);
	if (rest.n == 0) {
		route_refuse(a, 553, "5.1.3", "the address cannot be used");
		return answer_status(a);
	}
	if (span_is(word, "user")) {
		rule = rule_of_user(t, rest);
		span_cut(&rest, '@');
	}
	answer_by_name(t, rest, rule, a);
	return answer_status(a);
}

void
route_answer_free(struct route_answer *a)
{
	buf_free(&a->destination);
	buf_free(&a->domain);
	buf_free(&a->address);
	buf_free(&a->path);
	buf_free(&a->stands_for);
}
