/*
 * Addresses explained as one graph in Graphviz's language: from whom the
 * letter is, step by step to the next hop and its links, with the rules that
 * were not chosen beside the one that was; and the way of an answer.
 *
 * All text stands in quoted strings, escaped twice: as for a terminal, and
 * then as Graphviz wants it, to whom a quote ends a string, a backslash begins
 * a word of its own, and &lt; is a character. So nothing that an address says
 * is more than text. Names of nodes are numbers of ours.
 */
#include "bridge/operator/explain.h"
#include "bridge/operator/hop.h"
#include "bridge/operator/link.h"
#include "bridge/operator/show.h"

#define LABEL_COLUMNS 40
#define LABEL_OCTETS  2000 /* of one text; the text form has it all */

struct graph {
	const struct explain *explain;
	struct buf *out;
	unsigned cluster;
	unsigned nodes;
};

/* Shown text, folded, as what stands between quotes; each line is set to the left. */
static void
add_quoted(struct buf *out, struct span text)
{
	struct buf shown = {0}, folded = {0};
	size_t column = 0, i;
	char c;

	if (text.n > LABEL_OCTETS)
		text.n = LABEL_OCTETS;
	buf_escape(&shown, text);
	show_fold(&folded, buf_view(&shown), 0, &column, LABEL_COLUMNS);
	for (i = 0; i < folded.n; i++) {
		c = folded.p[i];
		if (c == '\n')
			buf_str(out, "\\l");
		else if (c == '&')
			buf_str(out, "&amp;");
		else if (c == '"' || c == '\\')
			buf_fmt(out, "\\%c", c);
		else
			buf_ch(out, c);
	}
	buf_str(out, "\\l");
	buf_free(&shown);
	buf_free(&folded);
}

/* A node with that text, and its number. The style is ours. */
static unsigned
node(struct graph *g, const char *style, struct span text)
{
	buf_fmt(g->out, "\t\tn%u_%u [%s%slabel=\"", g->cluster, g->nodes, style,
	        style[0] != '\0' ? ", " : "");
	add_quoted(g->out, text);
	buf_str(g->out, "\"];\n");
	return g->nodes++;
}

static void
edge(struct graph *g, unsigned from, unsigned to, const char *style)
{
	buf_fmt(g->out, "\t\tn%u_%u -> n%u_%u%s;\n", g->cluster, from, g->cluster, to, style);
}

static unsigned
add_candidate(struct graph *g, const struct route_steps *s, const struct route_candidate *c,
              unsigned from)
{
	bool chosen = route_candidate_chosen(s, c);
	struct buf text = {0};
	unsigned n;

	buf_str(&text, c->words);
	hop_place_add(c->place, &text);
	buf_fmt(&text, ": %s", route_candidate_why(s, c));
	n = node(g, chosen ? "style=bold" : "style=dashed", buf_view(&text));
	edge(g, from, n, chosen ? "" : " [style=dashed]");
	buf_free(&text);
	return n;
}

/* What was considered once `told` steps were told; answers the one that was chosen, or `from`. */
static unsigned
add_choice(struct graph *g, const struct route_steps *s, size_t told, unsigned from)
{
	const struct route_candidate *c;
	unsigned here, last = from;

	for (c = s->candidates; c < s->candidates + s->ncandidates; c++) {
		if (c->after != told)
			continue;
		here = add_candidate(g, s, c, from);
		if (route_candidate_chosen(s, c))
			last = here;
	}
	return last;
}

/* The steps as a chain that begins after `from`; answers the last node. */
static unsigned
add_steps(struct graph *g, const struct route_steps *s, unsigned from)
{
	unsigned last = add_choice(g, s, 0, from), here;
	struct buf text = {0};
	size_t i;

	for (i = 0; i < s->n; i++) {
		buf_clear(&text);
		buf_fmt(&text, "%zu. %s", i + 1, s->v[i].words);
		hop_place_add(s->v[i].place, &text);
		here = node(g, "", buf_view(&text));
		edge(g, last, here, "");
		last = add_choice(g, s, i + 1, here);
	}
	buf_free(&text);
	return last;
}

static unsigned
add_asker(struct graph *g)
{
	const struct route_ask *ask = &g->explain->ask;
	struct buf text = {0};
	unsigned n;

	if (ask->client != NULL)
		buf_fmt(&text, "the SMTP client %s", ask->client);
	else if (ask->site != NULL)
		buf_fmt(&text, "the UUCP neighbour %s", ask->site);
	else
		buf_str(&text, "somebody here");
	n = node(g, "shape=ellipse", buf_view(&text));
	buf_free(&text);
	return n;
}

static void
add_links(struct graph *g, const struct route_answer *a, unsigned hop)
{
	const struct config *c = g->explain->con->config;
	struct buf text = {0};
	size_t i;

	for (i = 0; i < c->nlinks; i++) {
		if (!hop_wants_link(a) || !hop_has_link(a, c->links[i].name))
			continue;
		buf_clear(&text);
		link_text(g->explain->con, &g->explain->why, &c->links[i], &text);
		edge(g, hop, node(g, "shape=cds", buf_view(&text)), "");
	}
	buf_free(&text);
}

static unsigned
add_hop(struct graph *g, const struct route_answer *a, unsigned from)
{
	const char *style = a->hop == HOP_REJECT ? "shape=octagon" : "shape=box, style=bold";
	struct buf text = {0};
	unsigned n;

	hop_text(a, &text);
	if (a->hop != HOP_REJECT && a->address.n > 0)
		buf_fmt(&text, " to %s", buf_text(&a->address));
	if (a->cost >= 0)
		buf_fmt(&text, ", cost %lld", (long long)a->cost);
	if (a->verdict.outcome != OUTCOME_SENT)
		buf_fmt(&text, " (%s)", a->verdict.words);
	n = node(g, style, buf_view(&text));
	edge(g, from, n, "");
	add_links(g, a, n);
	buf_free(&text);
	return n;
}

static void
add_back(struct graph *g, const struct explained *x, unsigned from)
{
	struct buf text = {0};
	unsigned first, last;

	first = node(g, "shape=ellipse", SPAN("a letter from there, and an answer to it"));
	edge(g, from, first, " [style=dotted]");
	last = add_steps(g, &x->back, first);
	if (x->answered.destination.n > 0)
		last = add_hop(g, &x->answered, last);
	buf_str(&text, comes_back_words(x->comes_back));
	if (x->why[0] != '\0')
		buf_fmt(&text, ": %s", x->why);
	edge(g, last,
	     node(g, x->comes_back == BACK_COMES ? "shape=ellipse, style=bold" : "shape=octagon",
	          buf_view(&text)),
	     "");
	buf_free(&text);
}

/* We, and who we are: our names. */
static unsigned
add_us(struct graph *g, unsigned from)
{
	const struct config *c = g->explain->con->config;
	struct buf text = {0};
	unsigned n;

	buf_str(&text, c->hostname);
	if (c->uucp_names.n > 0)
		buf_fmt(&text, " (%s)", c->uucp_names.v[0]);
	n = node(g, "shape=house", buf_view(&text));
	edge(g, from, n, "");
	buf_free(&text);
	return n;
}

/* Where it goes; each member of an alias its own way. Answers the node that an answer starts at. */
static unsigned
add_there(struct graph *g, const struct explained *x, unsigned from)
{
	unsigned last = add_steps(g, &x->forth, from);
	const struct explained *m;

	if (!explained_is_alias(x))
		return add_hop(g, &x->answer, last);
	for (m = x->members; m < x->members + x->nmembers; m++) {
		unsigned member = node(g, "shape=ellipse", m->address);

		edge(g, last, member, "");
		add_there(g, m, member);
	}
	return last;
}

void
explain_dot_begin(struct buf *out)
{
	buf_str(out, "digraph bangway {\n"
	             "\tcharset=\"UTF-8\";\n"
	             "\tnode [shape=box, fontname=\"Helvetica\", fontsize=10];\n"
	             "\tgraph [fontname=\"Helvetica\", fontsize=12];\n");
}

void
explain_dot(const struct explain *e, const struct explained *x, unsigned number, struct buf *out)
{
	struct graph g = {.explain = e, .out = out, .cluster = number};

	buf_fmt(out, "\tsubgraph cluster_%u {\n\t\tlabel=\"", number);
	add_quoted(out, x->address);
	buf_str(out, "\";\n");
	add_back(&g, x, add_there(&g, x, add_us(&g, add_asker(&g))));
	buf_str(out, "\t}\n");
}

void
explain_dot_end(struct buf *out)
{
	buf_str(out, "}\n");
}
