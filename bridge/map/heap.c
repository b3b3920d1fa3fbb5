/*
 * Which node is the cheapest not yet settled? A binary heap by cost.
 *
 * Among equals, nets rise above hosts and above domains: a way over a net is
 * then known in time to win the tie against one through a domain. These rules
 * decide which of several cheapest routes is written, so they are kept as
 * pathalias has them.
 */
#include "bridge/map/map_int.h"

static void
put(struct map *m, struct map_node *n, size_t place)
{
	m->heap[place] = n;
	n->place = (uint32_t)place;
}

/* Whether a child changes places with its parent on its way up. */
static bool
rises(const struct map_node *child, const struct map_node *parent)
{
	if (child->cost != parent->cost)
		return child->cost < parent->cost;
	return parent->domain && child->net && !child->domain;
}

void
map_heap_rise(struct map *m, struct map_node *n)
{
	size_t place = n->place;

	for (; place > 1 && rises(n, m->heap[place / 2]); place /= 2)
		put(m, m->heap[place / 2], place);
	put(m, n, place);
}

/* Whether a parent changes places with its (lesser) child on its way down. */
static bool
sinks(const struct map_node *parent, const struct map_node *child)
{
	if (parent->cost != child->cost)
		return parent->cost > child->cost;
	return map_is_net(child) && !(map_is_net(parent) && child->domain);
}

static size_t
lesser_child(const struct map *m, size_t place)
{
	const struct map_node *left = m->heap[2 * place], *right;

	if (2 * place == m->nheap)
		return 2 * place;
	right = m->heap[2 * place + 1];
	if (right->cost < left->cost || (right->cost == left->cost && map_is_net(right)))
		return 2 * place + 1;
	return 2 * place;
}

void
map_heap_sink(struct map *m, struct map_node *n)
{
	size_t place = n->place, child;

	while (2 * place <= m->nheap) {
		child = lesser_child(m, place);
		if (!sinks(n, m->heap[child]))
			break;
		put(m, m->heap[child], place);
		place = child;
	}
	put(m, n, place);
}

int
map_heap_push(struct map *m, struct map_node *n)
{
	if (map_grow(m, &m->heap, m->nheap + 1, &m->heap_size, sizeof m->heap[0]) != 0)
		return -1;
	put(m, n, ++m->nheap);
	map_heap_rise(m, n);
	return 0;
}

struct map_node *
map_heap_pop(struct map *m)
{
	struct map_node *first, *last;

	if (m->nheap == 0)
		return NULL;
	first = m->heap[1];
	last = m->heap[m->nheap--];
	if (last != first) {
		put(m, last, 1);
		map_heap_sink(m, last);
	}
	first->place = 0;
	return first;
}
