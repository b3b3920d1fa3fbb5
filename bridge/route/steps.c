#include "bridge/route/route.h"

#include <stdio.h>
#include <stdlib.h>

void
route_step(struct route_steps *s, struct config_place place, const char *fmt, ...)
{
	struct buf words = {0};
	va_list ap;

	if (s == NULL || s->n == ROUTE_STEPS)
		return;
	va_start(ap, fmt);
	buf_vfmt(&words, fmt, ap);
	va_end(ap);
	if (words.bad || words.p == NULL) {
		buf_free(&words);
		return;
	}
	s->v[s->n].words = words.p;
	s->v[s->n].place = place;
	s->n++;
}

void
route_steps_free(struct route_steps *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i].words);
	s->n = 0;
}
