#include "bridge/intake/pieces.h"

void
pieces_add(struct pieces *p, uint64_t from, uint64_t to, struct aside_why why)
{
	if (from >= to)
		return;
	while (p->n > 0 && p->v[p->n - 1].from >= from)
		p->n--;
	if (p->n > 0 && p->v[p->n - 1].to >= to)
		return;
	if (p->n == PIECES_MAX) {
		p->v[0] = (struct piece){0, UINT64_MAX,
		                         aside_words("more than 64 parts of it are of no use")};
		p->n = 1;
		return;
	}
	p->v[p->n++] = (struct piece){from, to, why};
}
