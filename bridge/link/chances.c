#include "bridge/link/chances.h"

#include "bridge/base/clock.h"

#include <stdlib.h>
#include <string.h>

struct chance_set {
	char *fact;                  /* owned: chances_fact() of its names */
	struct config_strings names; /* owned, with what it holds */
	bool needs_none;
	struct chance_clock clock;
	struct chance_set *next;
};

struct chances {
	chances_keep *keep;
	void *owner;
	struct chance_set *sets; /* owned */
};

struct chances *
chances_new(chances_keep *keep, void *owner)
{
	struct chances *c = calloc(1, sizeof *c);

	if (c != NULL)
		*c = (struct chances){.keep = keep, .owner = owner};
	return c;
}

void
chances_fact(const struct config_strings *names, struct buf *out)
{
	size_t i;

	buf_str(out, names == NULL ? "chance//" : "chance/"); /* no link is called "/" */
	for (i = 0; names != NULL && i < names->n; i++)
		buf_fmt(out, "%s%s", i > 0 ? " " : "", names->v[i]);
}

static void
remember(struct chances *c, const struct chance_set *s)
{
	unsigned char value[CHANCE_BYTES];
	size_t n = chance_encode(&s->clock, clock_wall_s(), clock_mono_ms(), value);

	c->keep(c->owner, s->fact, (struct spool_bytes){value, n});
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
	free(s->fact);
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
new_set(const char *fact, const struct config_strings *names)
{
	struct chance_set *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->needs_none = names == NULL;
	s->fact = strdup(fact);
	if (s->fact == NULL || (names != NULL && copy_names(&s->names, names) != 0)) {
		free_set(s);
		return NULL;
	}
	return s;
}

/* The set of those names; a new one begins as `past` says. NULL: no memory. */
static struct chance_set *
set_of(struct chances *c, const struct config_strings *names, struct spool_bytes past)
{
	struct buf fact = {0};
	struct chance_set *s = NULL;

	chances_fact(names, &fact);
	if (!fact.bad) {
		for (s = c->sets; s != NULL && strcmp(s->fact, buf_text(&fact)) != 0; s = s->next)
			;
		if (s == NULL && (s = new_set(buf_text(&fact), names)) != NULL) {
			chance_decode(&s->clock, past.p, past.n, clock_wall_s(), clock_mono_ms());
			s->next = c->sets;
			c->sets = s;
		}
	}
	buf_free(&fact);
	return s;
}

int
chances_learn(struct chances *c, const struct config_strings *names, struct spool_bytes past)
{
	return set_of(c, names, past) != NULL ? 0 : -1;
}

struct chance_clock *
chances_clock(struct chances *c, const struct config_strings *names)
{
	struct chance_set *s = set_of(c, names, (struct spool_bytes){"", 0});

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
