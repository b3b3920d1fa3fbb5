#include "bridge/operator/explain_words.h"
#include "bridge/operator/hop.h"
#include "bridge/operator/link.h"

void
explain_step(const struct route_step *s, struct buf *out)
{
	buf_str(out, s->words);
	hop_place_add(s->place, out);
}

void
explain_lost(const struct route_steps *s, struct buf *out)
{
	if (s->lost > 0)
		buf_fmt(out, "and %zu more, which are not shown", s->lost);
}

void
explain_candidate(const struct route_steps *s, const struct route_candidate *c, struct buf *out)
{
	buf_str(out, c->words);
	hop_place_add(c->place, out);
	buf_fmt(out, ": %s", route_candidate_why(s, c));
}

void
explain_asker(const struct explain *e, struct buf *out)
{
	const struct route_ask *ask = &e->ask;
	const struct config_site *site;

	if (ask->client != NULL) {
		buf_fmt(out, "the SMTP client %s", ask->client);
	} else if (ask->site != NULL) {
		site = route_site_exact(e->why.table, span_of(ask->site));
		buf_fmt(out, "the UUCP neighbour %s", ask->site);
		if (site != NULL)
			hop_place_add(site->place, out);
		else
			buf_str(out, ", which has no entry in sites");
	}
}

void
explain_members(const struct explained *x, struct buf *out)
{
	if (x->alias.too_many)
		buf_fmt(out, "more than %zu, of whom these are told", x->nmembers);
	else
		buf_fmt(out, "%zu", x->nmembers);
}

void
explain_verdict(const struct explained *x, struct buf *out)
{
	buf_fmt(out, "%s%s%s", comes_back_words(x->comes_back), x->why[0] != '\0' ? ": " : "",
	        x->why);
}

const struct config_link *
explain_next_link(const struct explain *e, const struct route_answer *a,
                  const struct config_link *link)
{
	const struct config *c = e->con->config;
	const struct config_link *end = c->links + c->nlinks;

	if (c->nlinks == 0 || !hop_wants_link(a))
		return NULL;
	for (link = link == NULL ? c->links : link + 1; link < end; link++)
		if (hop_has_link(a, link->name))
			return link;
	return NULL;
}

static void
links_rows(const struct explain *e, const struct route_answer *a, explain_row *row, void *arg)
{
	const struct config_link *l = NULL;
	struct buf text = {0};

	if (hop_wants_link(a) && a->rule->links.n == 0)
		row(arg, "links",
		    e->con->config->nlinks > 0 ? SPAN("any of them") : SPAN("none needed"));
	while ((l = explain_next_link(e, a, l)) != NULL) {
		buf_clear(&text);
		link_text(e->con, &e->why, l, &text);
		row(arg, EXPLAIN_LINK, buf_view(&text));
	}
	buf_free(&text);
}

static void
verdict_row(const struct verdict *v, explain_row *row, void *arg)
{
	struct buf text = {0};

	if (v->outcome == OUTCOME_SENT)
		return;
	buf_fmt(&text, "%s%s%s", v->status, v->status[0] != '\0' ? " " : "", v->words);
	row(arg, v->outcome == OUTCOME_NEVER ? "refused" : "waits", buf_view(&text));
	buf_free(&text);
}

void
explain_hop(const struct explain *e, const struct route_answer *a, explain_row *row, void *arg)
{
	struct buf text = {0};

	if (a->stands_for.n > 0)
		row(arg, "stands for", buf_view(&a->stands_for));
	hop_text(a, &text);
	if (a->hop == HOP_MX)
		buf_str(&text, " (DNS is asked when it is sent)");
	row(arg, "next hop", buf_view(&text));
	if (a->cost >= 0) {
		buf_clear(&text);
		buf_fmt(&text, "%lld", (long long)a->cost);
		row(arg, "cost", buf_view(&text));
	}
	links_rows(e, a, row, arg);
	if (a->hop != HOP_REJECT && a->address.n > 0)
		row(arg, "to", buf_view(&a->address));
	verdict_row(&a->verdict, row, arg);
	buf_free(&text);
}
