/*
 * Which destinations of a next hop are asked next? Behind one smart host there
 * may be a hundred thousand: those that are ready stand in a heap by the rank
 * of their heads and, among equals, by their turn, so that a batch costs what
 * it asks and not what waits. Who was asked and has more gets a new turn.
 *
 * It is a skew heap: a node is three pointers, any node can leave, and all it
 * does is merge.
 */
#include "bridge/schedule/schedule_int.h"

static bool
goes_before(const struct destination *a, const struct destination *b)
{
	return a->head_rank != b->head_rank ? a->head_rank < b->head_rank : a->turn < b->turn;
}

static struct destination *
merge(struct destination *a, struct destination *b)
{
	struct destination *root = NULL, **at = &root, *up = NULL, *least, *right;

	while (a != NULL && b != NULL) {
		least = goes_before(b, a) ? b : a;
		if (least == b)
			b = a;
		*at = least;
		least->up = up;
		up = least;
		right = least->right;
		least->right = least->left;
		at = &least->left;
		a = right;
	}
	*at = a != NULL ? a : b;
	if (*at != NULL)
		(*at)->up = up;
	return root;
}

void
ready_add(struct destination *d)
{
	struct hop *h = d->hop;

	d->ready = true;
	d->turn = ++h->s->turn;
	d->up = d->left = d->right = NULL;
	h->first = merge(h->first, d);
	h->ready++;
}

void
ready_remove(struct destination *d)
{
	struct hop *h = d->hop;
	struct destination *rest = merge(d->left, d->right);

	if (rest != NULL)
		rest->up = d->up;
	if (d->up == NULL)
		h->first = rest;
	else if (d->up->left == d)
		d->up->left = rest;
	else
		d->up->right = rest;
	d->ready = false;
	h->ready--;
}
