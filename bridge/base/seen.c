#include "bridge/base/seen.h"

#include <stdbool.h>
#include <stdlib.h>
#include <xxhash.h>

static bool
put(uint64_t *table, size_t room, uint64_t h)
{
	size_t i = (size_t)h & (room - 1);

	for (; table[i] != 0; i = (i + 1) & (room - 1))
		if (table[i] == h)
			return false;
	table[i] = h;
	return true;
}

/* Twice as large, at a power of two. 0, or -1 without memory. */
static int
grow(struct seen *s)
{
	size_t room = s->room ? 2 * s->room : 32, i;
	uint64_t *v = calloc(room, sizeof *v);

	if (v == NULL)
		return -1;
	for (i = 0; i < s->room; i++)
		if (s->v[i] != 0)
			put(v, room, s->v[i]);
	free(s->v);
	s->v = v;
	s->room = room;
	return 0;
}

int
seen_add(struct seen *s, struct span text)
{
	uint64_t h = XXH3_64bits(text.p, text.n) | 1;

	if (2 * (s->n + 1) > s->room && grow(s) != 0)
		return -1;
	if (!put(s->v, s->room, h))
		return 0;
	s->n++;
	return 1;
}

void
seen_clear(struct seen *s)
{
	s->n = 0;
	if (s->v != NULL)
		memset(s->v, 0, s->room * sizeof *s->v);
}

void
seen_free(struct seen *s)
{
	free(s->v);
	*s = (struct seen){0};
}
