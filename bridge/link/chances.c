#include "bridge/link/chances.h"

#include "bridge/base/clock.h"

#include <stdlib.h>
#include <string.h>

struct chance_set {
	char *key;                   /* owned: the names in order, blanks between */
	struct config_strings names; /* owned, with what it holds */
	bool needs_none;
	struct chance_clock clock;
	struct chance_set *next;
};

struct chances {
	struct spool *spool; /* borrowed */
	chances_keep *keep;
	void *owner;
	struct chance_set *sets; /* owned */
};

struct chances *
chances_new(struct spool *s, chances_keep *keep, void *owner)
{
	struct chances *c = calloc(1, sizeof *c);

	if (c != NULL)
		*c = (struct chances){.spool = s, .keep = keep, .owner = owner};
	return c;
}

static void
fact_of_set(const struct chance_set *s, struct buf *name)
{
	buf_fmt(name, "chance/%s", s->key);
}

static void
remember(struct chances *c, const struct chance_set *s)
{
	unsigned char value[CHANCE_BYTES];
	size_t n = chance_encode(&s->clock, clock_wall_s(), clock_mono_ms(), value);
	struct buf name = {0};

	fact_of_set(s, &name);
	if (!name.bad)
		c->keep(c->owner, buf_text(&name), (struct spool_bytes){value, n});
	buf_free(&name);
}

void
chances_remember(struct chances *c)
{
	struct chance_set *s;

	for (s = c->sets; s != NULL; s = s->next)
		if (s->clock.running)
			remember(c, s);
}

void
chances_run(struct chances *c, bool (*usable)(void *arg, const struct config_strings *names),
            void *arg)
{
	struct chance_set *s;
	bool run;

	for (s = c->sets; s != NULL; s = s->next) {
		run = usable != NULL && usable(arg, s->needs_none ? NULL : &s->names);
		if (run == s->clock.running)
			continue;
		chance_run(&s->clock, run, clock_wall_s(), clock_mono_ms());
		remember(c, s);
	}
}

static void
free_set(struct chance_set *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->names.n; i++)
		free((char *)s->names.v[i]);
	free(s->names.v);
	free(s->key);
	free(s);
}

static int
copy_names(struct config_strings *to, const struct config_strings *from)
{
	to->v = calloc(from->n + 1, sizeof to->v[0]);
	if (to->v == NULL)
		return -1;
	while (to->n < from->n && (to->v[to->n] = strdup(from->v[to->n])) != NULL)
		to->n++;
	return to->n == from->n ? 0 : -1;
}

static struct chance_set *
new_set(const char *key, const struct config_strings *names)
{
	struct chance_set *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->needs_none = names == NULL;
	s->key = strdup(key);
	if (s->key == NULL || (names != NULL && copy_names(&s->names, names) != 0)) {
		free_set(s);
		return NULL;
	}
	return s;
}

static struct chance_set *
add_set(struct chances *c, const char *key, const struct config_strings *names)
{
	struct chance_set *s = new_set(key, names);
	unsigned char value[CHANCE_BYTES];
	struct buf fact = {0};
	size_t n = 0;

	if (s == NULL)
		return NULL;
	fact_of_set(s, &fact);
	if (spool_fact_get(c->spool, buf_text(&fact), value, sizeof value, &n) != 0)
		n = 0;
	chance_decode(&s->clock, value, n, clock_wall_s(), clock_mono_ms());
	buf_free(&fact);
	s->next = c->sets;
	c->sets = s;
	return s;
}

struct chance_clock *
chances_clock(struct chances *c, const struct config_strings *names)
{
	struct buf key = {0};
	struct chance_set *s;
	size_t i;

	if (names == NULL)
		buf_str(&key, "/"); /* no link has this name */
	for (i = 0; names != NULL && i < names->n; i++)
		buf_fmt(&key, "%s%s", i > 0 ? " " : "", names->v[i]);
	for (s = c->sets; s != NULL && strcmp(s->key, buf_text(&key)) != 0; s = s->next)
		;
	if (s == NULL && !key.bad)
		s = add_set(c, buf_text(&key), names);
	buf_free(&key);
	return s != NULL ? &s->clock : NULL;
}

void
chances_free(struct chances *c)
{
	struct chance_set *s;

	if (c == NULL)
		return;
	while ((s = c->sets) != NULL) {
		c->sets = s->next;
		free_set(s);
	}
	free(c);
}
