#include "bridge/link/chance.h"

#include <string.h>

#define CHANCE_FORM 1 /* the first octet of the durable form */

static int64_t
count_ms(const struct chance_clock *c, int64_t mono_ms)
{
	return c->count_ms + (c->running && mono_ms > c->mono_ms ? mono_ms - c->mono_ms : 0);
}

/*
 * Leaves out the point that is missed least: the one between the neighbours
 * that are nearest to each other. The first and the last stay.
 */
static void
thin(struct chance_clock *c)
{
	size_t i, least = 1;
	int64_t span, least_span = INT64_MAX;

	for (i = 1; i + 1 < c->n; i++) {
		span = c->point[i + 1].wall_s - c->point[i - 1].wall_s;
		if (span < least_span) {
			least_span = span;
			least = i;
		}
	}
	memmove(&c->point[least], &c->point[least + 1], (c->n - least - 1) * sizeof c->point[0]);
	c->n--;
}

static void
mark(struct chance_clock *c, int64_t wall_s, int64_t mono_ms)
{
	struct chance_point p = {wall_s, count_ms(c, mono_ms) / 1000};
	size_t i;

	/* The wall clock went back: what lies ahead of it happened by now. */
	for (i = c->n; i > 0 && c->point[i - 1].wall_s > wall_s; i--)
		c->point[i - 1].wall_s = wall_s;
	if (c->n > 0 && c->point[c->n - 1].wall_s == wall_s &&
	    c->point[c->n - 1].count_s == p.count_s)
		return;
	if (c->n == CHANCE_POINTS)
		thin(c);
	c->point[c->n++] = p;
}

void
chance_init(struct chance_clock *c, int64_t wall_s, int64_t mono_ms)
{
	memset(c, 0, sizeof *c);
	c->mono_ms = mono_ms;
	mark(c, wall_s, mono_ms);
}

void
chance_run(struct chance_clock *c, bool running, int64_t wall_s, int64_t mono_ms)
{
	if (running == c->running)
		return;
	c->count_ms = count_ms(c, mono_ms);
	c->mono_ms = mono_ms;
	c->running = running;
	mark(c, wall_s, mono_ms);
}

int64_t
chance_since(const struct chance_clock *c, int64_t then_wall_s, int64_t mono_ms)
{
	int64_t now_s = count_ms(c, mono_ms) / 1000, then_s;
	const struct chance_point *p = NULL;
	size_t i;

	for (i = 0; i < c->n && c->point[i].wall_s <= then_wall_s; i++)
		p = &c->point[i];
	if (p == NULL)
		then_s = c->n > 0 ? c->point[0].count_s : now_s;
	else
		then_s = p->count_s + (then_wall_s - p->wall_s);
	/* Never more than what was counted at the next point, or by now. */
	if (p != NULL && i < c->n && then_s > c->point[i].count_s)
		then_s = c->point[i].count_s;
	if (p != NULL && i == c->n && !c->running)
		then_s = p->count_s;
	return now_s > then_s ? now_s - then_s : 0;
}

static void
put64(unsigned char *p, int64_t v)
{
	int i;

	for (i = 0; i < 8; i++)
		p[i] = (unsigned char)((uint64_t)v >> (8 * i));
}

static int64_t
get64(const unsigned char *p)
{
	uint64_t v = 0;
	int i;

	for (i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return (int64_t)v;
}

size_t
chance_encode(const struct chance_clock *c, int64_t wall_s, int64_t mono_ms,
              unsigned char out[CHANCE_BYTES])
{
	struct chance_clock now = *c;
	size_t i;

	mark(&now, wall_s, mono_ms);
	put64(out, CHANCE_FORM);
	put64(out + 8, count_ms(c, mono_ms));
	for (i = 0; i < now.n; i++) {
		put64(out + 16 + 16 * i, now.point[i].wall_s);
		put64(out + 24 + 16 * i, now.point[i].count_s);
	}
	return 16 + 16 * now.n;
}

int
chance_decode(struct chance_clock *c, const void *p, size_t n, int64_t wall_s, int64_t mono_ms)
{
	const unsigned char *b = p;
	size_t i;

	chance_init(c, wall_s, mono_ms);
	if (n < 32 || n > CHANCE_BYTES || n % 16 != 0 || get64(b) != CHANCE_FORM)
		return -1;
	c->count_ms = get64(b + 8);
	c->n = n / 16 - 1;
	for (i = 0; i < c->n; i++) {
		c->point[i].wall_s = get64(b + 16 + 16 * i);
		c->point[i].count_s = get64(b + 24 + 16 * i);
		if (i > 0 && (c->point[i].wall_s < c->point[i - 1].wall_s ||
		              c->point[i].count_s < c->point[i - 1].count_s)) {
			chance_init(c, wall_s, mono_ms);
			return -1;
		}
	}
	mark(c, wall_s, mono_ms);
	return 0;
}
