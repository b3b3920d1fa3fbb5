/*
 * A set of texts, by their hashes: has this one been here? Who writes two texts
 * of one hash on purpose loses only his own.
 */
#ifndef BASE_SEEN_H
#define BASE_SEEN_H

#include "bridge/base/buf.h"

#include <stdint.h>

struct seen {
	uint64_t *v; /* owned */
	size_t n, room;
};

int seen_add(struct seen *s, struct span text); /* 1 it is new, 0 it was there, -1 no memory */
void seen_clear(struct seen *s);                /* keeps the memory */
void seen_free(struct seen *s);

#endif
