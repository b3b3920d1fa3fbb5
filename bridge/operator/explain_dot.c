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
#include "bridge/operator/explain_words.h"
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

/* A node with a label that is quoted already. The style is ours. */
static void
node_at(struct graph *g, unsigned n, const char *style, const struct buf *label)
{
	buf_fmt(g->out, "\t\tn%u_%u [%s%slabel=\"", g->cluster, n, style,
	        style[0] != '\0' ? ", " : "");
	buf_span(g->out, buf_view(label));
	buf_str(g->out, "\"];\n");
}

/* The next node, with that text; answers its number. */
static unsigned
node(struct graph *g, const char *style, struct span text)
{
	struct buf label = {0};

	add_quoted(&label, text);
	node_at(g, g->nodes, style, &label);
	buf_free(&label);
	return g->nodes++;
}

static void
edge(struct graph *g, unsigned from, unsigned to, const char *style)
{
	buf_fmt(g->out, "\t\tn%u_%u -> n%u_%u%s;\n", g->cluster, from, g->cluster, to, style);
}

/* A node behind `from`, or none without text; answers the last node. */
static unsigned
add_after(struct graph *g, const char *style, const struct buf *text, unsigned from)
{
	unsigned n = from;

	if (text->n > 0) {
		n = node(g, style, buf_view(text));
		edge(g, from, n, "");
	}
	return n;
}

/* The same of text with its label. */
static unsigned
add_labelled(struct graph *g, const char *label, const struct buf *text, unsigned from)
{
	struct buf row = {0};

	if (text->n > 0) {
		buf_fmt(&row, "%s ", label);
		buf_span(&row, buf_view(text));
	}
	from = add_after(g, "", &row, from);
	buf_free(&row);
	return from;
}

static unsigned
add_candidate(struct graph *g, const struct route_steps *s, const struct route_candidate *c,
              unsigned from)
{
	bool chosen = route_candidate_chosen(s, c);
	struct buf text = {0};
	unsigned n;

	if (c->choice > 1)
		buf_fmt(&text, "for %s: ", route_choice_host(s, c->choice));
	explain_candidate(s, c, &text);
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
		buf_fmt(&text, "%zu. ", i + 1);
		explain_step(&s->v[i], &text);
		here = node(g, "", buf_view(&text));
		edge(g, last, here, "");
		last = add_choice(g, s, i + 1, here);
	}
	buf_clear(&text);
	explain_lost(s, &text);
	last = add_after(g, "style=dotted", &text, last);
	buf_free(&text);
	return last;
}

static unsigned
add_asker(struct graph *g)
{
	struct buf text = {0};
	unsigned n;

	explain_asker(g->explain, &text);
	if (text.n == 0)
		buf_str(&text, "somebody here");
	n = node(g, "shape=ellipse", buf_view(&text));
	buf_free(&text);
	return n;
}

/* A next hop on its way: its links are nodes of their own. */
struct hop_node {
	struct graph *g;
	unsigned n;
	struct buf label;
};

static void
add_row(void *arg, const char *label, struct span text)
{
	struct hop_node *hop = arg;
	struct buf row = {0};

	if (strcmp(label, EXPLAIN_LINK) == 0) {
		edge(hop->g, hop->n, node(hop->g, "shape=cds", text), "");
		return;
	}
	buf_fmt(&row, "%s ", label);
	buf_span(&row, text);
	add_quoted(&hop->label, buf_view(&row));
	buf_free(&row);
}

static unsigned
add_hop(struct graph *g, const struct route_answer *a, unsigned from)
{
	struct hop_node hop = {.g = g, .n = g->nodes++};

	explain_hop(g->explain, a, add_row, &hop);
	node_at(g, hop.n, a->hop == HOP_REJECT ? "shape=octagon" : "shape=box, style=bold",
	        &hop.label);
	edge(g, from, hop.n, "");
	buf_free(&hop.label);
	return hop.n;
}

static void
add_back(struct graph *g, const struct explained *x, unsigned from)
{
	const char *style =
	    x->comes_back == BACK_COMES ? "shape=ellipse, style=bold" : "shape=octagon";
	struct buf text = {0};
	unsigned first, last;

	first = node(g, "shape=ellipse", SPAN(EXPLAIN_BACK));
	edge(g, from, first, " [style=dotted]");
	last = add_steps(g, &x->back, first);
	last = add_labelled(g, "sender", &x->sender, last);
	if (x->answered.destination.n > 0)
		last = add_hop(g, &x->answered, last);
	last = add_labelled(g, "reaches", &x->reaches, last);
	explain_verdict(x, &text);
	add_after(g, style, &text, last);
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
	struct buf text = {0};

	if (!explained_is_alias(x))
		return add_hop(g, &x->answer, last);
	explain_members(x, &text);
	last = add_labelled(g, "members", &text, last);
	buf_free(&text);
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
