/*
 * The cheapest way to every node.
 *
 * Dijkstra's algorithm, bent by what a mailer can do: a dead link, a dead host
 * on the way, a net entered elsewhere than at its gateway, and a!b@c that the
 * next mailer may read either way cost MAP_DEAD more, once. So costs depend on
 * the way taken so far, the cheapest way need not begin with the cheapest way
 * to its middle, and the order in which equals are settled counts: order and
 * ties are decided as pathalias decides them.
 *
 * What cannot be reached at all is then tried backwards: a host that calls
 * somebody can perhaps be called by him. Each round gives such hosts a link
 * from the cheapest neighbour that has a way, and goes on from there.
 */
#include "bridge/map/map_int.h"

static int64_t
cost_of(const struct map_node *from, const struct map_link *l)
{
	int64_t cost = map_cost_add(from->cost, l->cost);

	if (l->alias)
		return from->cost;
	if (cost >= MAP_DEAD)
		return map_cost_add(cost, 1); /* it is a last resort already; of two, the shorter */
	if (l->dead)
		return cost + MAP_DEAD;
	if ((from->dead || from->terminal) && !map_is_net(from))
		return cost + MAP_DEAD;
	if (map_wants_gateway(l->to) && !l->gateway)
		return cost + MAP_DEAD;
	if (!map_is_net(from) && (l->right ? from->has_left : from->has_right))
		return cost + MAP_DEAD;
	return cost;
}

/* ---- ties ---- */

/* Octets that both have at their beginning, the end of both too. */
static size_t
common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n + (a[n] == b[n]);
}

/*
 * Of two names of a last hop: the one that has more in common with the host's
 * own (decvax for decwrl), then the shorter, then the later in the alphabet.
 */
static bool
name_keeps(const char *host, const char *old, const char *new)
{
	size_t old_n = common(old, host), new_n = common(new, host);

	if (old_n != new_n)
		return old_n > new_n;
	if (strlen(old) != strlen(new))
		return strlen(old) < strlen(new);
	return strcmp(old, new) >= 0;
}

/* Two settled nodes by which n costs the same: does n keep its parent? */
static bool
tie_keeps(const struct map_node *n, const struct map_node *old, const struct map_node *new)
{
	if (map_wants_gateway(old) != map_wants_gateway(new))
		return !map_wants_gateway(old);
	old = old->host;
	new = new->host;
	if (old->hops != new->hops)
		return old->hops < new->hops;
	return name_keeps(n->name->text, old->name->text, new->name->text);
}

/* n waits in the heap with another way. Does that one stay? */
static bool
old_way_stays(const struct map_node *n, const struct map_node *from, const struct map_link *l,
              int64_t cost)
{
	if (map_wants_gateway(n) && n->via->gateway != l->gateway)
		return n->via->gateway; /* at whatever cost */
	if (cost != n->cost)
		return cost > n->cost;
	return tie_keeps(n, n->parent, from);
}

/* ---- ways ---- */

static int
take_way(struct map *m, struct map_node *n, struct map_node *from, struct map_link *l, int64_t cost)
{
	int64_t before = n->cost;

	n->parent = from;
	n->via = l;
	n->cost = cost;
	n->by_alias = l->alias;
	n->terminal |= l->alias && from->terminal;
	n->has_left = !l->right || from->has_left;
	n->has_right = l->right || from->has_right;
	if (n->place == 0)
		return map_heap_push(m, n);
	if (cost < before)
		map_heap_rise(m, n);
	else if (cost > before)
		map_heap_sink(m, n); /* from no gateway to one */
	return 0;
}

/* An alias of a copy that comes back to where it began. */
static bool
goes_round(struct map *m, const struct map_node *n, const struct map_node *next)
{
	while (n->by_alias) {
		n = n->parent;
		if (n->original == next->original || map_step(m) != 0)
			return true;
	}
	return false;
}

static int
follow(struct map *m, struct map_node *n, struct map_link *l)
{
	struct map_node *next;
	int64_t cost;

	if (l->terminal && (l->to = map_copy(m, n, l)) == NULL)
		return -1;
	if (n->terminal && l->alias) {
		if (goes_round(m, n, l->to))
			return 0;
		if ((l->to = map_copy(m, n, l)) == NULL)
			return -1;
	}
	next = l->to;
	if (next->mapped || next->left_out)
		return 0;
	cost = cost_of(n, l);
	if (next->place != 0 && old_way_stays(next, n, l, cost))
		return 0;
	return take_way(m, next, n, l, cost);
}

/* n's way is final. */
static int
settle(struct map *m, struct map_node *n)
{
	const struct map_node *p = n->parent;
	struct map_link *l;

	n->mapped = true;
	n->hops = p == NULL ? 0 : p->hops + (p->domain || !p->net);
	n->host = p != NULL && n->net ? p->host : n;
	for (l = n->links; l != NULL; l = l->next)
		if (map_step(m) != 0 || follow(m, n, l) != 0)
			return -1;
	return 0;
}

/* ---- backwards ---- */

static struct map_node *
mapped_copy(struct map *m, struct map_node *n)
{
	struct map_node *copy = n;

	do {
		if (copy->mapped)
			return copy;
		copy = copy->copies;
	} while (copy != n && map_step(m) == 0);
	return NULL;
}

/* The cheapest settled node that n has a link to, but for domains. */
static struct map_node *
way_back(struct map *m, const struct map_node *n)
{
	struct map_node *best = NULL, *to;
	const struct map_link *l;

	for (l = n->links; l != NULL && map_step(m) == 0; l = l->next) {
		if (l->to->domain || (to = mapped_copy(m, l->to)) == NULL)
			continue;
		if (best == NULL || to->cost < best->cost ||
		    (to->cost == best->cost && !tie_keeps(n, best, to)))
			best = to;
	}
	return best;
}

/* pathalias counts the neighbour's own cost twice, and so do we. */
static int
link_back(struct map *m, struct map_node *n, struct map_node *neighbour)
{
	struct map_link *l =
	    map_link_insert(m, neighbour, n, map_cost_add(MAP_DEAD, neighbour->cost));

	return l == NULL ? -1 : take_way(m, n, neighbour, l, cost_of(neighbour, l));
}

/* One round. A node whose copy has a way needs none of its own. */
static int
link_all_back(struct map *m)
{
	struct map_node *n, *neighbour;

	for (n = m->nodes; n != NULL; n = n->next) {
		if (map_step(m) != 0)
			return -1;
		if (n->mapped)
			continue;
		n->left_out = n->copies != n;
		if (n->left_out || (neighbour = way_back(m, n)) == NULL)
			continue;
		if (link_back(m, n, neighbour) != 0)
			return -1;
	}
	return 0;
}

int
map_find(struct map *m)
{
	struct map_node *n;

	if (map_heap_push(m, m->home) != 0)
		return -1;
	do {
		while ((n = map_heap_pop(m)) != NULL)
			if (settle(m, n) != 0)
				return -1;
		if (link_all_back(m) != 0)
			return -1;
	} while (m->nheap > 0);
	return m->error[0] == '\0' ? 0 : -1;
}
