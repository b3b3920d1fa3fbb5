/*
 * A map's life: made, given files, asked for routes once, freed; and its bounds.
 */
#include "bridge/map/map_int.h"

#include <stdio.h>
#include <stdlib.h>

void
map_give_up(struct map *m, const char *why)
{
	if (m->error[0] == '\0')
		m->error = why;
}

const char *
map_error(const struct map *m)
{
	return m->error;
}

static int
charge(struct map *m, size_t bytes)
{
	bytes = (bytes + 15) & ~(size_t)15; /* as the arena does */
	if (bytes > MAP_BYTES_MAX - m->bytes) {
		map_give_up(m, "the maps need more than 128 MiB of memory");
		return -1;
	}
	m->bytes += bytes;
	return 0;
}

void *
map_take(struct map *m, size_t bytes)
{
	void *p;

	if (charge(m, bytes) != 0)
		return NULL;
	p = arena_take(&m->arena, bytes);
	if (p == NULL)
		map_give_up(m, "out of memory");
	return p;
}

int
map_grow(struct map *m, void *v, size_t n, size_t *size, size_t each)
{
	size_t more = *size == 0 ? 64 : *size;
	void **array = v;
	void *p;

	if (n < *size)
		return 0;
	if (charge(m, more * each) != 0)
		return -1;
	p = realloc(*array, (*size + more) * each);
	if (p == NULL) {
		map_give_up(m, "out of memory");
		return -1;
	}
	*array = p;
	*size += more;
	return 0;
}

int
map_step(struct map *m)
{
	if (++m->steps <= MAP_STEPS_MAX)
		return 0;
	map_give_up(m, "the maps take too long to work out: more than 200 million steps");
	return -1;
}

void
map_tell(struct map *m, const char *fmt, ...)
{
	char words[MAP_NAME_MAX + 200];
	struct map_fault fault = {m->file, m->line, words};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	if (m->hooks.fault != NULL)
		m->hooks.fault(m->hooks.arg, &fault);
}

struct map *
map_new(struct span from, bool keep_case, const struct map_hooks *hooks)
{
	struct map *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->hooks = *hooks;
	m->keep_case = keep_case;
	m->error = "";
	m->file = "";
	m->last_node = &m->nodes;
	m->scope = 1;
	if (map_name_is_fit(from))
		m->home = map_node(m, from);
	if (m->home != NULL)
		return m;
	map_free(m);
	return NULL;
}

void
map_free(struct map *m)
{
	if (m == NULL)
		return;
	arena_free(&m->arena);
	free(m->members);
	free(m->heap);
	free(m);
}

int
map_read(struct map *m, const char *file, struct span text)
{
	struct map_posting posting;
	struct map_part part;

	map_posting_begin(&posting, text);
	while (m->error[0] == '\0' && map_posting_next(&posting, &part)) {
		m->file = file;
		map_parse(m, part.text, part.line);
		m->scope++; /* what was private is so no longer */
		if (part.cut)
			map_tell(m, "the shell archive ends in the middle of a map");
	}
	return m->error[0] == '\0' ? 0 : -1;
}

long
map_routes(struct map *m)
{
	if (m->error[0] != '\0' || map_find(m) != 0)
		return -1;
	return map_print(m);
}
