#include "bridge/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define BLOCK_BYTES 4000

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

static struct arena_block *
block_new(struct arena *a, size_t n)
{
	size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
	struct arena_block *b;

	if (size > SIZE_MAX - sizeof *b || (b = calloc(1, sizeof *b + size)) == NULL) {
		a->bad = true;
		return NULL;
	}
	b->size = size;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

void *
arena_take(struct arena *a, size_t n)
{
	struct arena_block *b = a->blocks;
	size_t whole = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	void *p;

	if (whole < n) {
		a->bad = true;
		return NULL;
	}
	if (b == NULL || b->size - b->used < whole)
		b = block_new(a, whole);
	if (b == NULL)
		return NULL;
	p = b->bytes + b->used;
	b->used += whole;
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size) {
		a->bad = true;
		return NULL;
	}
	return arena_take(a, n * size);
}

const char *
arena_text(struct arena *a, struct span s)
{
	char *p = s.n < SIZE_MAX ? arena_take(a, s.n + 1) : NULL;

	if (p == NULL)
		return "";
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

void
arena_free(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){0};
}
