/*
 * Memory that is freed all at once. Allocation that failed leaves `bad` set:
 * ask once, when all is built.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "bridge/base/buf.h"

struct arena {
	struct arena_block *blocks; /* owned; newest first */
	bool bad;
};

void *arena_take(struct arena *a, size_t n); /* zeroed; NULL and bad without memory */
void *arena_array(struct arena *a, size_t n, size_t size);
/* A NUL-terminated copy; "" and bad without memory, so never NULL. */
const char *arena_text(struct arena *a, struct span s);
void arena_free(struct arena *a);

#endif
