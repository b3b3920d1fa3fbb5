/*
 * From the tree of ways to routes in writing.
 *
 * A route is a form for printf: "%s" is the user at home, and each hop puts
 * itself around it, "hop!%s" or "%s@hop". Only the last hop may have an '@';
 * those before it become '%', for a mailer reads user%b@a as "to b by way of
 * a" (and a domain whose gateway is not our own neighbour gets '%' at once,
 * for distant gateways understand that better). Nets, domains and aliases add
 * nothing: what is reached through a net is written as the net was entered,
 * and what is reached through domains has their names behind its own.
 *
 * The tree is walked from home, each node before those behind it, and finds
 * for each what its route is made of. Nothing recurs; no way back towards home
 * is followed further than a route is long.
 */
#include "bridge/map/map_int.h"

#include <stdlib.h>

struct printer {
	struct map *map;
	struct line {
		const char *host;
		struct map_node *node;
	} * lines; /* in the arena */
	size_t n;
	struct buf route;
};

static uint32_t
written(const char *name) /* octets, with each % twice */
{
	uint32_t n = 0;

	for (; *name != '\0'; name++)
		n += 1 + (*name == '%');
	return n;
}

static uint32_t
at_most(uint32_t n)
{
	return n > MAP_ROUTE_MAX ? MAP_ROUTE_MAX + 1 : n;
}

/* How n is written when it is a hop: its operator, its side, its length. */
static void
measure(struct map_node *n)
{
	const struct map_node *p = n->parent;

	if (map_is_net(n) || n->via->alias) {
		n->hop = p->hop;
		n->length = p->length;
		return;
	}
	if (n->op == '@' && n->has_at)
		n->op = '%';
	n->has_at |= n->op == '@';
	n->hop = n;
	n->length = at_most(p->length + n->name_length + 1 + (n->op == '%'));
}

static void
describe(const struct map *m, struct map_node *n)
{
	const struct map_node *p = n->parent;
	bool inherits = p != NULL && p->parent != NULL && map_is_net(p);

	n->site = p != NULL && map_is_net(n) ? p->site : n;
	if (n->original->best == NULL || n->cost < n->original->best->cost ||
	    (n->cost == n->original->best->cost && !n->terminal))
		n->original->best = n;
	n->name_length =
	    at_most(written(n->name->text) + (p != NULL && p->domain ? p->name_length : 0));
	if (p == NULL)
		return;
	n->first = p->parent == NULL ? n : p->first;
	n->op = inherits ? p->op : n->via->op;
	n->right = inherits ? p->right : n->via->right;
	n->has_at = p->has_at || (n->domain && p->site != m->home);
	measure(n);
}

/* ---- what has a line of its own ---- */

/* Hosts, domains, and those subdomains whose domains are all private. */
static bool
has_line(struct map *m, const struct map_node *n)
{
	const struct map_node *p;

	if (n->original->best != n)
		return false;
	if (n->parent == NULL)
		return true;
	if (n->private || (n->net && !n->domain))
		return false;
	for (p = n->parent; n->domain && p != NULL && p->domain; p = p->parent)
		if (!p->private || map_step(m) != 0)
			return false;
	return true;
}

/* ".b.a" of .b in the private .a */
static const char *
line_host(struct map *m, const struct map_node *n)
{
	struct buf whole = {.max = MAP_ROUTE_MAX};
	const struct map_node *p = n;
	char *text;

	if (!n->domain || n->parent == NULL || !n->parent->domain)
		return n->name->text;
	for (; p != NULL && p->domain && !whole.bad; p = p->parent)
		buf_str(&whole, p->name->text);
	if (!whole.bad && (text = map_take(m, whole.n + 1)) != NULL)
		memcpy(text, buf_text(&whole), whole.n);
	else
		text = NULL;
	buf_free(&whole);
	return text != NULL ? text : n->name->text;
}

static int
compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = strcmp(x->host, y->host);

	return order != 0 ? order
	                  : (x->node->cost > y->node->cost) - (x->node->cost < y->node->cost);
}

/* The node after n in the order of the tree; NULL: n is the last. */
static struct map_node *
next_node(const struct map_node *n)
{
	const struct map_link *l = n->links;

	for (;;) {
		for (; l != NULL; l = l->next)
			if (l->to->via == l)
				return l->to;
		if (n->parent == NULL)
			return NULL;
		l = n->via->next;
		n = n->parent;
	}
}

static int
gather(struct printer *pr)
{
	struct map *m = pr->map;
	struct map_node *n;

	pr->lines = map_take(m, m->nnodes * sizeof *pr->lines);
	if (pr->lines == NULL)
		return -1;
	for (n = m->home; n != NULL; n = next_node(n))
		describe(m, n);
	for (n = m->nodes; n != NULL; n = n->next)
		if (n->mapped && has_line(m, n))
			pr->lines[pr->n++] = (struct line){line_host(m, n), n};
	qsort(pr->lines, pr->n, sizeof *pr->lines, compare_lines);
	return m->error[0] == '\0' ? 0 : -1;
}

/* ---- one route ---- */

static void
add_escaped(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		buf_ch(out, *text);
		if (*text == '%')
			buf_ch(out, '%');
	}
}

static void
add_op(struct buf *out, char op)
{
	buf_ch(out, op);
	if (op == '%')
		buf_ch(out, op);
}

static void
add_name(struct buf *out, const struct map_node *n)
{
	add_escaped(out, n->name->text);
	for (n = n->parent; n != NULL && n->domain; n = n->parent)
		add_escaped(out, n->name->text);
}

/* The hop before n on its way; NULL: n is the first. */
static const struct map_node *
hop_before(const struct map_node *n)
{
	return n->parent->hop;
}

static void
add_route(struct buf *out, const struct map_node *n)
{
	const struct map_node *hops[MAP_ROUTE_MAX], *hop;
	size_t count = 0, i;

	for (hop = n->hop; hop != NULL && count < MAP_ROUTE_MAX; hop = hop_before(hop))
		hops[count++] = hop;
	for (i = count; i-- > 0;) {
		if (!hops[i]->right) {
			add_name(out, hops[i]);
			add_op(out, hops[i]->op);
		}
	}
	buf_str(out, "%s");
	for (i = 0; i < count; i++) {
		if (hops[i]->right) {
			add_op(out, hops[i]->op);
			add_name(out, hops[i]);
		}
	}
}

static bool
print_line(struct printer *pr, const struct line *line)
{
	const struct map_node *n = line->node;
	struct map *m = pr->map;
	struct map_route route = {.host = line->host, .cost = n->cost, .file = ""};

	if (n->length > MAP_ROUTE_MAX) {
		map_tell(m, "the route to %s is longer than 1024 octets; left out", line->host);
		return false;
	}
	buf_clear(&pr->route);
	add_route(&pr->route, n);
	if (pr->route.bad) {
		map_give_up(m, "out of memory");
		return false;
	}
	route.route = buf_text(&pr->route);
	route.first_cost = n->first == NULL ? 0 : n->first->cost;
	if (n->via != NULL) {
		route.file = n->via->file;
		route.line = n->via->line;
	}
	if (m->hooks.route != NULL)
		m->hooks.route(m->hooks.arg, &route);
	return true;
}

/* Nets that nobody could name are not asked for. */
static void
tell_unreached(struct map *m)
{
	const struct map_node *n;

	for (n = m->nodes; n != NULL && m->hooks.unreached != NULL; n = n->next)
		if (!n->mapped && !n->private && !n->unnamed && n->copies == n)
			m->hooks.unreached(m->hooks.arg, n->name->text);
}

long
map_print(struct map *m)
{
	struct printer pr = {.map = m};
	long printed = 0;
	size_t i;

	m->file = "";
	m->line = 0;
	if (gather(&pr) == 0) {
		for (i = 0; i < pr.n; i++)
			printed += print_line(&pr, &pr.lines[i]);
		tell_unreached(m);
	}
	buf_free(&pr.route);
	return m->error[0] == '\0' ? printed : -1;
}
