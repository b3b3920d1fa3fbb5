/*
 * One address explained to a person, in 80 columns.
 */
#include "bridge/operator/explain_words.h"
#include "bridge/operator/show.h"

#define STEP_COLUMN     6
#define STEP_END        80
#define ADDRESS_COLUMNS 400 /* of an address, on a line of its own */

static void
step_text(const struct route_step *s, struct buf *out)
{
	struct buf words = {0}, shown = {0};
	size_t column = STEP_COLUMN;

	explain_step(s, &words);
	buf_escape(&shown, buf_view(&words));
	show_fold(out, buf_view(&shown), STEP_COLUMN + 2, &column, STEP_END);
	buf_ch(out, '\n');
	buf_free(&words);
	buf_free(&shown);
}

static void
steps_text(const struct route_steps *s, struct buf *out)
{
	struct buf lost = {0};
	size_t i;

	for (i = 0; i < s->n; i++) {
		buf_fmt(out, "  %2zu. ", i + 1);
		step_text(&s->v[i], out);
	}
	explain_lost(s, &lost);
	if (lost.n > 0)
		buf_fmt(out, "      %s\n", buf_text(&lost));
	buf_free(&lost);
}

static void
candidate_text(const struct route_steps *s, const struct route_candidate *c, struct buf *out)
{
	struct buf text = {0};

	explain_candidate(s, c, &text);
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
		if (choice > 1)
			show_linef(out, "  for", "%s:", route_choice_host(s, choice));
		for (c = s->candidates; c < end; c++)
			if (c->choice == choice && route_candidate_chosen(s, c))
				candidate_text(s, c, out);
		for (c = s->candidates; c < end; c++)
			if (c->choice == choice && !route_candidate_chosen(s, c))
				candidate_text(s, c, out);
	}
}

/* A row of the next hop, or of all the rest; none without text. */
static void
row_text(void *out, const char *label, struct span text)
{
	struct buf indented = {0};

	buf_fmt(&indented, "  %s", label);
	if (text.n > 0)
		show_line(out, buf_text(&indented), text);
	buf_free(&indented);
}

static void
asker_text(const struct explain *e, struct buf *out)
{
	struct buf text = {0};

	explain_asker(e, &text);
	row_text(out, "as", buf_view(&text));
	buf_free(&text);
}

static void
back_text(const struct explain *e, const struct explained *x, struct buf *out)
{
	struct buf verdict = {0};

	buf_str(out, EXPLAIN_BACK "\n");
	steps_text(&x->back, out);
	candidates_text(&x->back, out);
	row_text(out, "sender", buf_view(&x->sender));
	if (x->answered.destination.n > 0)
		explain_hop(e, &x->answered, row_text, out);
	row_text(out, "reaches", buf_view(&x->reaches));
	explain_verdict(x, &verdict);
	row_text(out, "verdict", buf_view(&verdict));
	buf_free(&verdict);
}

static void
members_text(const struct explain *e, const struct explained *x, struct buf *out)
{
	const struct explained *m;
	struct buf text = {0};

	explain_members(x, &text);
	row_text(out, "members", buf_view(&text));
	buf_free(&text);
	for (m = x->members; m < x->members + x->nmembers; m++) {
		buf_str(out, "  to ");
		show_last(out, m->address, ADDRESS_COLUMNS);
		buf_ch(out, '\n');
		steps_text(&m->forth, out);
		candidates_text(&m->forth, out);
		explain_hop(e, &m->answer, row_text, out);
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
		explain_hop(e, &x->answer, row_text, out);
	back_text(e, x, out);
}
