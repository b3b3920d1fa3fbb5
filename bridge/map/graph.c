/*
 * Names, nodes and links, and what the declarations make of them.
 *
 * Declarations hold in the order in which they are read: a net wants gateways
 * from the moment it is declared dead, a private name is private from there to
 * the end of its file, an adjustment counts for links to come as well.
 */
#include "bridge/map/map_int.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- names ---- */

static uint64_t
hash_of(const char *text) /* FNV-1a; whoever makes names collide meets map_step() */
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3;
	return h ^ h >> 32;
}

static int
more_slots(struct map *m)
{
	size_t n = m->nslots == 0 ? 1024 : 2 * m->nslots, i;
	struct map_name **slots, *name, *next;

	if (m->nnames < m->nslots)
		return 0;
	if ((slots = map_take(m, n * sizeof *slots)) == NULL)
		return -1;
	for (i = 0; i < m->nslots; i++) {
		for (name = m->slots[i]; name != NULL; name = next) {
			next = name->next;
			name->next = slots[name->hash & (n - 1)];
			slots[name->hash & (n - 1)] = name;
		}
	}
	m->slots = slots;
	m->nslots = n;
	return 0;
}

static struct map_name *
name_new(struct map *m, const char *text)
{
	struct map_name *name = map_take(m, sizeof *name);
	size_t n = strlen(text) + 1;
	char *copy = map_take(m, n);

	if (name == NULL || copy == NULL)
		return NULL;
	name->text = memcpy(copy, text, n);
	return name;
}

static struct map_name *
name_find(struct map *m, const char *text)
{
	uint64_t hash = hash_of(text);
	struct map_name *name;

	if (more_slots(m) != 0)
		return NULL;
	for (name = m->slots[hash & (m->nslots - 1)]; name != NULL; name = name->next) {
		if (name->hash == hash && strcmp(name->text, text) == 0)
			return name;
		if (map_step(m) != 0)
			return NULL;
	}
	if ((name = name_new(m, text)) == NULL)
		return NULL;
	name->hash = hash;
	name->next = m->slots[hash & (m->nslots - 1)];
	m->slots[hash & (m->nslots - 1)] = name;
	m->nnames++;
	return name;
}

static struct map_name *
name_of(struct map *m, struct span s)
{
	char text[MAP_NAME_MAX + 1];
	size_t i;

	for (i = 0; i < s.n && i < MAP_NAME_MAX; i++)
		text[i] =
		    !m->keep_case && s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
	text[i] = '\0';
	return name_find(m, text);
}

/* ---- nodes ---- */

struct map_node *
map_node_add(struct map *m, struct map_name *name)
{
	struct map_node *n = map_take(m, sizeof *n);

	if (n == NULL)
		return NULL;
	n->name = name;
	n->domain = name->text[0] == '.';
	n->copies = n->original = n;
	*m->last_node = n;
	m->last_node = &n->next;
	m->nnodes++;
	return n;
}

struct map_node *
map_node(struct map *m, struct span text)
{
	struct map_name *name = name_of(m, text);

	if (name == NULL)
		return NULL;
	if (name->private != NULL && name->scope == m->scope)
		return name->private;
	if (name->shared == NULL)
		name->shared = map_node_add(m, name);
	return name->shared;
}

struct map_node *
map_node_private(struct map *m, struct span text)
{
	struct map_name *name = name_of(m, text);

	if (name == NULL)
		return NULL;
	if (name->private != NULL && name->scope == m->scope)
		return name->private;
	name->scope = m->scope;
	if ((name->private = map_node_add(m, name)) != NULL)
		name->private->private = true;
	return name->private;
}

struct map_node *
map_node_unnamed(struct map *m)
{
	char text[40];
	struct map_name *name;
	struct map_node *n;

	snprintf(text, sizeof text, "[unnamed net %zu]", m->nunnamed++);
	if ((name = name_new(m, text)) == NULL || (n = map_node_add(m, name)) == NULL)
		return NULL;
	n->unnamed = true;
	return n;
}

/* Others may still have links to it; whoever names it from now on means a new one. */
void
map_delete_node(struct map *m, struct map_node *n)
{
	n->links = NULL;
	n->private = true;
	if (n->name->shared == n)
		n->name->shared = NULL;
	if (n == m->home)
		m->home = map_node(m, span_of(n->name->text));
}

/* ---- links ---- */

static void
set_op(struct map_link *l, char op, bool right)
{
	l->op = op;
	l->right = right;
}

/* Behind the dead links of `from`. NULL: the map is given up. */
struct map_link *
map_link_insert(struct map *m, struct map_node *from, struct map_node *to, int64_t cost)
{
	struct map_link *l = map_take(m, sizeof *l), **at = &from->links;

	if (l == NULL)
		return NULL;
	for (; *at != NULL && (*at)->dead; at = &(*at)->next)
		if (map_step(m) != 0)
			return NULL;
	l->next = *at;
	*at = l;
	l->to = to;
	l->cost = cost;
	l->file = m->file;
	l->line = m->line;
	set_op(l, '!', false);
	return l;
}

/* A dead link stays dead when it is declared again, by the cheaper of the two. */
static struct map_link *
find_dead(struct map *m, struct map_node *from, const struct map_node *to)
{
	struct map_link *l;

	for (l = from->links; l != NULL && l->dead; l = l->next)
		if (l->to == to || map_step(m) != 0)
			return l;
	return NULL;
}

struct map_link *
map_link_add(struct map *m, struct map_node *from, struct map_node *to, int64_t cost, char op,
             bool right)
{
	struct map_link *l = find_dead(m, from, to);

	if (l != NULL) {
		if (cost < l->cost) {
			l->cost = cost;
			l->file = m->file;
			l->line = m->line;
			set_op(l, op, right);
		}
		return l;
	}
	l = map_link_insert(m, from, to, map_cost_add(cost, from->penalty));
	if (l == NULL)
		return NULL;
	set_op(l, op, right);
	l->dead = l->cost < 0;
	if (l->dead)
		map_tell(m, "the link to %s costs less than nothing; taken for dead",
		         to->name->text);
	return l;
}

void
map_alias(struct map *m, struct map_node *a, struct map_node *b)
{
	struct map_link *l;

	if (a->domain && b->domain) {
		map_tell(m, "domains have no aliases: %s = %s", a->name->text, b->name->text);
		return;
	}
	if ((l = map_link_add(m, a, b, 0, '!', false)) != NULL)
		l->alias = true;
	if ((l = map_link_add(m, b, a, 0, '!', false)) != NULL)
		l->alias = true;
}

/*
 * Of m->members: into the net it costs, out of it nothing, and nothing leads
 * out of a domain by way of a host in it. A net that wants gateways is one to
 * its own such members (".rutgers" of ".edu"), but they are none to it.
 */
void
map_net(struct map *m, struct map_node *net, int64_t cost, char op, bool right)
{
	struct map_link *l;
	size_t i;

	net->net = true;
	for (i = m->nmembers; i-- > 0 && m->error[0] == '\0';) {
		l = map_link_add(m, net, m->members[i], 0, op, right);
		if (l != NULL && map_wants_gateway(net) && map_wants_gateway(m->members[i]))
			l->gateway = true;
		if (!net->domain)
			map_link_add(m, m->members[i], net, cost, op, right);
	}
}

/* Takes every link from one to the other out; answers them, the last first. */
static struct map_link *
take_out(struct map *m, struct map_node *from, const struct map_node *to)
{
	struct map_link **at = &from->links, *l, *out = NULL;

	while ((l = *at) != NULL && map_step(m) == 0) {
		if (l->to != to) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		l->next = out;
		out = l;
	}
	return out;
}

/* One dead link takes the place of all there were. */
void
map_dead_link(struct map *m, struct map_node *from, struct map_node *to)
{
	struct map_link *out = take_out(m, from, to), *l;

	if (out == NULL && (l = map_link_add(m, from, to, MAP_DEAD / 2, '!', false)) != NULL)
		l->dead = true;
	for (; out != NULL; out = out->next)
		if ((l = map_link_add(m, from, to, out->cost, out->op, out->right)) != NULL)
			l->dead = true;
}

/* By name: a private host's links to its namesake go too. */
void
map_delete_link(struct map *m, struct map_node *from, struct map_node *to)
{
	struct map_link **at = &from->links;

	while (*at != NULL && map_step(m) == 0) {
		if ((*at)->to->name == to->name)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
}

void
map_adjust(struct map *m, struct map_node *n, int64_t cost)
{
	struct map_link *l;

	n->penalty = map_cost_add(n->penalty, cost);
	for (l = n->links; l != NULL && map_step(m) == 0; l = l->next) {
		l->cost = map_cost_add(l->cost, cost);
		if (l->cost >= 0)
			continue;
		l->dead = true;
		map_tell(m, "the link to %s costs less than nothing; taken for dead",
		         l->to->name->text);
	}
}
