/*
 * What is new in the spool? A wake-up says only that something came. Message
 * ids rise, so the messages after the last one seen are read, and their
 * destinations become ready; the cost is that of what is new. When that is
 * much, and at the start, the list of all destinations is read instead, whose
 * cost is their number and not that of the messages.
 */
#include "bridge/schedule/schedule_int.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_MESSAGES   128
#define LOOK_DELIVERIES 64
#define LOOK_PAGE       256 /* destinations in one job */

struct look {
	uv_work_t work;
	struct schedule *s;
	struct spool *spool;
	bool whole;
	spool_id seen;    /* in: after this one; out: up to this one */
	spool_dest after; /* whole: the page begins after this one */
	struct spool_destination found[LOOK_PAGE];
	size_t n;
	bool too_many;              /* more is new than one job reads */
	struct spool_counts counts; /* whole: at the first page */
	bool last;                  /* whole: the last page */
	enum spool_status trouble;
	char words[160];
};

/* ---- in the pool ---- */

static void
trouble(struct look *k)
{
	k->trouble = spool_status(k->spool);
	if (k->trouble == SPOOL_NONE) /* gone meanwhile */
		k->trouble = SPOOL_OK;
	strncpy(k->words, spool_error(k->spool), sizeof k->words - 1);
}

static bool
is_found(const struct look *k, spool_dest dest)
{
	size_t i;

	for (i = k->n; i > 0; i--)
		if (k->found[i - 1].dest == dest)
			return true;
	return false;
}

static void
find(struct look *k, spool_dest dest)
{
	if (is_found(k, dest))
		return;
	if (k->n == LOOK_PAGE)
		k->too_many = true;
	else if (spool_destination_get(k->spool, dest, &k->found[k->n]) == 0)
		k->n++;
	else
		trouble(k);
}

static void
look_at(struct look *k, spool_id id)
{
	struct spool_delivery d[LOOK_DELIVERIES];
	uint32_t from = 0;
	size_t n = LOOK_DELIVERIES, i;

	while (n == LOOK_DELIVERIES && !k->too_many) {
		if (spool_deliveries(k->spool, id, from, d, &n) != 0) {
			trouble(k);
			return;
		}
		for (i = 0; i < n; i++) {
			find(k, d[i].dest);
			from = d[i].rcpt + 1;
			spool_delivery_free(&d[i]);
		}
	}
}

static void
look_new(struct look *k)
{
	spool_id id[LOOK_MESSAGES];
	size_t n = LOOK_MESSAGES, i;

	if (spool_list(k->spool, k->seen, id, &n) != 0) {
		trouble(k);
		return;
	}
	k->too_many = n == LOOK_MESSAGES;
	for (i = 0; i < n && !k->too_many; i++) {
		look_at(k, id[i]);
		k->seen = id[i];
	}
}

static void
look_whole(struct look *k)
{
	/* Before the list: what comes in between is found by the next look. */
	if (k->after == 0) {
		if (spool_counts(k->spool, &k->counts) != 0) {
			trouble(k);
			return;
		}
		k->seen = k->counts.newest;
	}
	k->n = LOOK_PAGE;
	if (spool_destinations(k->spool, k->after, k->found, &k->n) != 0) {
		k->n = 0;
		trouble(k);
		return;
	}
	k->last = k->n < LOOK_PAGE;
	if (k->n > 0)
		k->after = k->found[k->n - 1].dest;
}

static void
on_work(uv_work_t *work)
{
	struct look *k = work->data;

	if (k->whole)
		look_whole(k);
	else
		look_new(k);
}

/* ---- in the loop ---- */

static void on_looked(uv_work_t *work, int status);

static void
take_found(struct look *k)
{
	struct schedule *s = k->s;
	struct destination *d;
	size_t i;

	for (i = 0; i < k->n; i++) {
		d = destination_learn(s, k->found[i].dest, k->found[i].name);
		if (d == NULL) {
			s->look_again = s->look_whole = true;
			return;
		}
		d->round = s->look_round;
		destination_news(d);
	}
}

static void
finish(struct look *k)
{
	struct schedule *s = k->s;
	bool again = s->look_again || k->too_many, whole = s->look_whole || k->too_many;

	s->looking = s->look_again = s->look_whole = false;
	if (k->trouble != SPOOL_OK) {
		schedule_trouble(s, k->trouble, k->words);
	} else {
		s->seen = k->seen;
		if (k->whole)
			destinations_forget(s, s->look_round);
	}
	if (k->whole && k->trouble == SPOOL_OK && !s->ready) {
		s->ready = true;
		s->calls.ready(s->owner, &k->counts);
	}
	free(k);
	if (again && !s->stopping)
		look_start(s, whole);
	hops_go(s);
	schedule_check_stopped(s);
}

static void
on_looked(uv_work_t *work, int status)
{
	struct look *k = work->data;
	struct schedule *s = k->s;

	(void)status;
	take_found(k);
	if (k->whole && !k->last && k->trouble == SPOOL_OK && !s->stopping) {
		uv_queue_work(s->parts.loop, &k->work, on_work, on_looked);
		return;
	}
	s->jobs--;
	finish(k);
}

void
look_start(struct schedule *s, bool whole)
{
	struct look *k;

	if (s->looking || s->stopping || (k = calloc(1, sizeof *k)) == NULL) {
		s->look_again = true;
		s->look_whole |= whole;
		return;
	}
	k->s = s;
	k->spool = s->parts.spool;
	k->whole = whole;
	k->seen = s->seen;
	k->work.data = k;
	s->look_round += whole;
	s->looking = true;
	s->jobs++;
	uv_queue_work(s->parts.loop, &k->work, on_work, on_looked);
}
