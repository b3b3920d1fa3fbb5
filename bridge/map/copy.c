/*
 * Nodes at the end of a terminal link.
 *
 * "a <b>" says that a reaches b, but that nothing goes on from b that way. The
 * way there must not spoil b's own, by which mail for others may pass, so it
 * ends in a copy of b: a node with b's name and links whose ways onward cost
 * as much as those over a dead host. A copy's aliases are copies too. Of all
 * nodes for one host (a ring: the original, then the copies, the newest first)
 * the cheapest gives the route.
 */
#include "bridge/map/map_int.h"

/*
 * The links of n for its copy. Left out: what is settled, what leads back, and
 * terminal links, for n is an end itself. Through a copied net one reaches its
 * members, and no further.
 */
static int
copy_links(struct map *m, const struct map_node *parent, const struct map_node *n,
           struct map_node *copy)
{
	struct map_link **at = &copy->links, *l;

	for (l = n->links; l != NULL; l = l->next) {
		if (map_step(m) != 0)
			return -1;
		if (l->to->mapped || l->terminal || l->to->original == parent->original)
			continue;
		if ((*at = map_take(m, sizeof *l)) == NULL)
			return -1;
		**at = *l;
		(*at)->terminal = map_is_net(n);
		at = &(*at)->next;
		*at = NULL;
	}
	return 0;
}

/* Links that are no aliases share a copy. */
static bool
shared(const struct map_node *n, const struct map_link *l)
{
	return !n->terminal && n->copies->terminal && !n->copies->by_alias && !l->alias;
}

/* What the link l of parent leads to instead of l->to. NULL: the map is given up. */
struct map_node *
map_copy(struct map *m, const struct map_node *parent, const struct map_link *l)
{
	struct map_node *n = l->to, *copy;

	if (shared(n, l))
		return n->copies;
	if ((copy = map_node_add(m, n->name)) == NULL || copy_links(m, parent, n, copy) != 0)
		return NULL;
	copy->private = n->private;
	copy->dead = n->dead;
	copy->net = n->net;
	copy->unnamed = n->unnamed;
	copy->terminal = true;
	copy->original = n->original;
	copy->copies = n->copies;
	n->copies = copy;
	return copy;
}
