/*
 * One address explained to a person, in 80 columns.
 */
#include "bridge/operator/explain.h"
#include "bridge/operator/hop.h"
#include "bridge/operator/link.h"
#include "bridge/operator/show.h"

#define STEP_COLUMN     6
#define STEP_END        80
#define ADDRESS_COLUMNS 400 /* of an address, on a line of its own */

static void
step_text(const struct route_step *s, struct buf *out)
{
	struct buf words = {0}, shown = {0};
	size_t column = STEP_COLUMN;

	buf_str(&words, s->words);
	hop_place_add(s->place, &words);
	buf_escape(&shown, buf_view(&words));
	show_fold(out, buf_view(&shown), STEP_COLUMN + 2, &column, STEP_END);
	buf_ch(out, '\n');
	buf_free(&words);
	buf_free(&shown);
}

static void
steps_text(const struct route_steps *s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		buf_fmt(out, "  %2zu. ", i + 1);
		step_text(&s->v[i], out);
	}
	if (s->lost > 0)
		buf_fmt(out, "      and %zu more, which are not shown\n", s->lost);
}

static void
candidate_text(const struct route_steps *s, const struct route_candidate *c, struct buf *out)
{
	struct buf text = {0};

	buf_str(&text, c->words);
	hop_place_add(c->place, &text);
	buf_fmt(&text, ": %s", route_candidate_why(s, c));
	show_line(out, route_candidate_chosen(s, c) ? "  chosen" : "  not chosen", buf_view(&text));
	buf_free(&text);
}

/* Choice by choice, the one that was chosen first. */
static void
candidates_text(const struct route_steps *s, struct buf *out)
{
	const struct route_candidate *c, *end = s->candidates + s->ncandidates;
	unsigned choice;

	for (choice = 1; choice <= s->choices; choice++) {
		for (c = s->candidates; c < end; c++)
			if (c->choice == choice && route_candidate_chosen(s, c))
				candidate_text(s, c, out);
		for (c = s->candidates; c < end; c++)
			if (c->choice == choice && !route_candidate_chosen(s, c))
				candidate_text(s, c, out);
	}
}

static void
asker_text(const struct explain *e, struct buf *out)
{
	const struct config_site *site;
	struct buf text = {0};

	if (e->ask.client != NULL) {
		show_linef(out, "  as", "the SMTP client %s", e->ask.client);
	} else if (e->ask.site != NULL) {
		site = route_site_exact(e->why.table, span_of(e->ask.site));
		buf_fmt(&text, "the UUCP neighbour %s", e->ask.site);
		if (site != NULL)
			hop_place_add(site->place, &text);
		else
			buf_str(&text, ", which has no entry in sites");
		show_line(out, "  as", buf_view(&text));
	}
	buf_free(&text);
}

static void
links_text(const struct explain *e, const struct route_answer *a, struct buf *out)
{
	const struct config *c = e->con->config;
	struct buf text = {0};
	size_t i;

	if (!hop_wants_link(a))
		return;
	if (a->rule->links.n == 0)
		show_line(out, "  links",
		          c->nlinks > 0 ? SPAN("any of them") : SPAN("none needed"));
	for (i = 0; i < c->nlinks; i++) {
		if (!hop_has_link(a, c->links[i].name))
			continue;
		buf_clear(&text);
		link_text(e->con, &e->why, &c->links[i], &text);
		show_line(out, "  link", buf_view(&text));
	}
	buf_free(&text);
}

static void
hop_lines(const struct explain *e, const struct route_answer *a, struct buf *out)
{
	struct buf text = {0};

	if (a->stands_for.n > 0)
		show_line(out, "  stands for", buf_view(&a->stands_for));
	hop_text(a, &text);
	if (a->hop == HOP_MX)
		buf_str(&text, " (DNS is asked when it is sent)");
	show_line(out, "  next hop", buf_view(&text));
	if (a->cost >= 0)
		show_linef(out, "  cost", "%lld", (long long)a->cost);
	links_text(e, a, out);
	if (a->hop != HOP_REJECT && a->address.n > 0)
		show_line(out, "  to", buf_view(&a->address));
	if (a->verdict.outcome != OUTCOME_SENT)
		show_linef(out, a->verdict.outcome == OUTCOME_NEVER ? "  refused" : "  waits",
		           "%s%s%s", a->verdict.status, a->verdict.status[0] != '\0' ? " " : "",
		           a->verdict.words);
	buf_free(&text);
}

static void
back_text(const struct explain *e, const struct explained *x, struct buf *out)
{
	buf_str(out, "a letter from there, and an answer to it\n");
	steps_text(&x->back, out);
	candidates_text(&x->back, out);
	if (x->sender.n > 0)
		show_line(out, "  sender", buf_view(&x->sender));
	if (x->answered.destination.n > 0)
		hop_lines(e, &x->answered, out);
	if (x->reaches.n > 0)
		show_line(out, "  reaches", buf_view(&x->reaches));
	show_linef(out, "  verdict", "%s%s%s", comes_back_words(x->comes_back),
	           x->why[0] != '\0' ? ": " : "", x->why);
}

static void
members_text(const struct explain *e, const struct explained *x, struct buf *out)
{
	const struct explained *m;

	show_linef(out, "  members",
	           x->alias.too_many ? "more than %zu, of whom these are told" : "%zu",
	           x->nmembers);
	for (m = x->members; m < x->members + x->nmembers; m++) {
		buf_str(out, "  to ");
		show_last(out, m->address, ADDRESS_COLUMNS);
		buf_ch(out, '\n');
		steps_text(&m->forth, out);
		candidates_text(&m->forth, out);
		hop_lines(e, &m->answer, out);
	}
}

void
explain_text(const struct explain *e, const struct explained *x, struct buf *out)
{
	show_last(out, x->address, ADDRESS_COLUMNS);
	buf_ch(out, '\n');
	asker_text(e, out);
	steps_text(&x->forth, out);
	candidates_text(&x->forth, out);
	if (explained_is_alias(x))
		members_text(e, x, out);
	else
		hop_lines(e, &x->answer, out);
	back_text(e, x, out);
}
