/*
 * Which parts of a batch could not be used: ranges of its octets, in order,
 * none within another.
 */
#ifndef INTAKE_PIECES_H
#define INTAKE_PIECES_H

#include "bridge/intake/aside.h"

#include <stddef.h>
#include <stdint.h>

#define PIECES_MAX 64 /* with more, the whole batch is one piece */

struct piece {
	uint64_t from, to;
	struct aside_why why; /* its words static */
};

struct pieces {
	struct piece v[PIECES_MAX];
	size_t n;
};

/* One that holds earlier ones takes their place. */
void pieces_add(struct pieces *p, uint64_t from, uint64_t to, struct aside_why why);

#endif
