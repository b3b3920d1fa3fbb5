/*
 * The destinations that have mail, as far as they are known: an array in the
 * order of their numbers (which rise, so that a new one nearly always goes to
 * the end), each counted by its next hop.
 */
#include "bridge/schedule/schedule_int.h"

#include "bridge/base/clock.h"

#include <stdlib.h>
#include <string.h>

/* Where dest is, or would be. */
static size_t
place_of(const struct schedule *s, spool_dest dest)
{
	size_t low = 0, high = s->ndest, middle;

	if (high > 0 && s->dest[high - 1]->dest < dest)
		return high;
	while (low < high) {
		middle = (low + high) / 2;
		if (s->dest[middle]->dest < dest)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct destination *
destination_find(struct schedule *s, spool_dest dest)
{
	size_t i = place_of(s, dest);

	return i < s->ndest && s->dest[i]->dest == dest ? s->dest[i] : NULL;
}

static int
make_room(struct schedule *s)
{
	size_t room = s->dest_room == 0 ? 16 : s->dest_room * 2;
	struct destination **v;

	if (s->ndest < s->dest_room)
		return 0;
	v = realloc(s->dest, room * sizeof *v);
	if (v == NULL)
		return -1;
	s->dest = v;
	s->dest_room = room;
	return 0;
}

static void
join(struct destination *d, struct hop *h, bool ready)
{
	d->hop = h;
	h->n++;
	h->leased += d->leased;
	if (ready)
		ready_add(d);
}

static void
leave(struct destination *d)
{
	if (d->ready)
		ready_remove(d);
	d->hop->leased -= d->leased;
	d->hop->n--;
}

void
destination_lease(struct destination *d, int n)
{
	d->leased += (unsigned)n;
	d->hop->leased += (unsigned)n;
}

struct destination *
destination_learn(struct schedule *s, spool_dest dest, const char *name)
{
	struct destination *d = destination_find(s, dest);
	struct hop *h;
	size_t at = place_of(s, dest);

	if (d != NULL)
		return d;
	d = calloc(1, sizeof *d);
	h = hop_of(s, s->setup, name);
	if (d == NULL || h == NULL || make_room(s) != 0 || (d->name = strdup(name)) == NULL) {
		free(d);
		if (h != NULL)
			hop_tidy(h);
		return NULL;
	}
	d->dest = dest;
	d->due_s = INT64_MAX;
	memmove(&s->dest[at + 1], &s->dest[at], (s->ndest - at) * sizeof s->dest[0]);
	s->dest[at] = d;
	s->ndest++;
	join(d, h, false);
	return d;
}

void
destination_news(struct destination *d)
{
	d->news++;
	if (d->ready && d->head_rank == 0)
		return;
	if (d->ready)
		ready_remove(d);
	d->head_rank = 0;
	ready_add(d);
}

void
destination_rest(struct destination *d, int64_t due_s)
{
	int64_t now_s = clock_wall_s();

	if (retry_is_due(&d->hop->setup->retry, due_s, now_s)) {
		destination_news(d);
		return;
	}
	if (due_s < d->due_s)
		d->due_s = due_s;
	if (d->due_s != INT64_MAX)
		schedule_plan(d->hop->s, clock_mono_ms() + (d->due_s - now_s) * 1000);
}

int
destinations_route(struct schedule *s, struct setup *setup)
{
	struct hop **to = calloc(s->ndest + 1, sizeof *to);
	struct hop *old;
	bool ready;
	size_t i;

	for (i = 0; to != NULL && i < s->ndest; i++)
		if ((to[i] = hop_of(s, setup, s->dest[i]->name)) == NULL)
			break;
	if (to == NULL || i < s->ndest) {
		free(to);
		return -1;
	}
	for (i = 0; i < s->ndest; i++) {
		old = s->dest[i]->hop;
		if (old == to[i])
			continue;
		ready = s->dest[i]->ready;
		leave(s->dest[i]);
		join(s->dest[i], to[i], ready);
		hop_tidy(old);
	}
	free(to);
	return 0;
}

static void
forget(struct destination *d)
{
	struct hop *h = d->hop;

	leave(d);
	free(d->name);
	free(d);
	hop_tidy(h);
}

void
destinations_forget(struct schedule *s, unsigned round)
{
	size_t i, kept = 0;

	for (i = 0; i < s->ndest; i++)
		if (s->dest[i]->round == round || s->dest[i]->asked > 0 || s->dest[i]->leased > 0)
			s->dest[kept++] = s->dest[i];
		else
			forget(s->dest[i]);
	s->ndest = kept;
}

void
destinations_free(struct schedule *s)
{
	size_t i;

	for (i = 0; i < s->ndest; i++)
		forget(s->dest[i]);
	free(s->dest);
	s->dest = NULL;
	s->ndest = 0;
}
