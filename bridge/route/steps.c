/*
 * The way to an answer, step by step, for whoever asks why.
 */
#include "bridge/route/route.h"

#include <stdlib.h>

/* Room for one more, or NULL. */
static struct route_step *
step_next(struct route_steps *s)
{
	size_t size = s->size == 0 ? 16 : 2 * s->size;
	struct route_step *v;

	if (s->n == ROUTE_STEPS)
		return NULL;
	if (s->n < s->size)
		return &s->v[s->n];
	if ((v = realloc(s->v, size * sizeof *v)) == NULL)
		return NULL;
	s->v = v;
	s->size = size;
	return &s->v[s->n];
}

void
route_step(struct route_steps *s, struct config_place place, const char *fmt, ...)
{
	struct route_step *step;
	struct buf words = {0};
	va_list ap;

	if (s == NULL)
		return;
	va_start(ap, fmt);
	buf_vfmt(&words, fmt, ap);
	va_end(ap);
	if (words.bad || words.p == NULL || (step = step_next(s)) == NULL) {
		buf_free(&words);
		s->lost++;
		return;
	}
	*step = (struct route_step){.words = words.p, .place = place};
	s->n++;
}

void
route_steps_free(struct route_steps *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i].words);
	for (i = 0; i < s->ncandidates; i++)
		free(s->candidates[i].words);
	free(s->v);
	free(s->candidates);
	buf_free(&s->hosts);
	*s = (struct route_steps){0};
}
