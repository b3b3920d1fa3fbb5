/*
 * Whose lifetime is over, and who should be told that mail waits? A delivery is
 * weighed whenever it is put off; the patrol sees to those that are not tried
 * at all, because their next hop cannot be reached or their link is down (for
 * which only the calendar's limit counts).
 *
 * It walks the messages from the oldest on, a slice a job, and stops at the
 * first that is too young for anything to happen to it: when nothing is old,
 * a patrol costs one look.
 */
#include "bridge/schedule/schedule_int.h"

#include "bridge/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATROL_MS  900000 /* between two patrols */
#define SLICE      64     /* messages in one job */
#define PAGE       64     /* deliveries read at once */
#define FINDS_MOST 512    /* deliveries in one job */

struct find {
	spool_id id;
	uint32_t rcpt;
	spool_dest dest;
	int64_t accepted_s;
	bool warned;
	/* decided in the loop */
	enum retry_fate fate;
	int64_t chance_s;
};

struct patrol {
	uv_work_t work;
	struct schedule *s;
	struct spool *spool;
	struct setup *setup; /* held */
	int64_t now_s;       /* at its start */
	int64_t old_s;       /* messages accepted later are not looked at */
	spool_id id;         /* the walk is through up to this one */
	spool_id part;       /* and has seen of this one what is before rcpt */
	uint32_t rcpt;       /* 0: all of it */
	bool last;
	struct find find[FINDS_MOST];
	size_t n;
	struct parcel *parcels; /* owned */
};

/* ---- first job: who is old? ---- */

static void
look_at(struct patrol *t, spool_id id, uint32_t from, int64_t accepted_s)
{
	struct spool_delivery d[PAGE];
	size_t n = PAGE, i;

	for (t->rcpt = from; n == PAGE && t->n + PAGE <= FINDS_MOST;) {
		if (spool_deliveries(t->spool, id, t->rcpt, d, &n) != 0)
			return;
		for (i = 0; i < n; i++) {
			t->rcpt = d[i].rcpt + 1;
			if (d[i].state == SPOOL_QUEUED)
				t->find[t->n++] = (struct find){.id = id,
				                                .rcpt = d[i].rcpt,
				                                .dest = d[i].dest,
				                                .accepted_s = accepted_s,
				                                .warned = d[i].warned};
			spool_delivery_free(&d[i]);
		}
	}
	if (n < PAGE)
		t->rcpt = 0; /* the message is through */
}

/*
 * Whether the walk goes on behind this message in the same slice. One that was
 * accepted while the clock was ahead says nothing of those that came after it.
 */
static bool
visit(struct patrol *t, spool_id id)
{
	struct spool_message m;
	bool old = true, ahead;

	if (spool_message_get(t->spool, id, &m) == 0) {
		ahead = m.accepted_s > t->now_s;
		old = ahead || m.accepted_s <= t->old_s;
		if (ahead)
			t->rcpt = 0;
		else if (old)
			look_at(t, id, id == t->part ? t->rcpt : 0, m.accepted_s);
		spool_message_free(&m);
	}
	t->last = !old;
	t->part = id;
	if (t->rcpt == 0 || !old)
		t->id = id;
	return old && t->rcpt == 0;
}

static void
on_walk(uv_work_t *work)
{
	struct patrol *t = work->data;
	spool_id id[SLICE];
	size_t n = SLICE, i;

	t->n = 0;
	if (spool_list(t->spool, t->id, id, &n) != 0)
		n = 0;
	t->last = n < SLICE;
	for (i = 0; i < n; i++)
		if (!visit(t, id[i]))
			break;
}

/* ---- second job: parcels of those whose time is over ---- */

static void
decide(struct addressee *a, const struct find *f)
{
	const char *words = a->d.words[0] != '\0' ? a->d.words : "it could not be sent in time";

	if (f->fate == RETRY_EXPIRE) {
		verdict_set(&a->verdict, OUTCOME_NEVER, SCOPE_DELIVERY, 0, "5.4.7", "%s", words);
		a->decided = a->expired = true;
	} else {
		verdict_set(&a->verdict, OUTCOME_LATER, SCOPE_SESSION, 0, "4.4.7", "%s", words);
		a->warn = true;
	}
}

static struct parcel *
parcel_for(struct patrol *t, spool_id id)
{
	struct parcel *p = t->parcels;

	if (p != NULL && p->m.id == id && p->n < BATCH_RECIPIENTS)
		return p;
	p = parcel_new(t->spool, t->setup, id);
	if (p == NULL)
		return NULL;
	p->next = t->parcels;
	t->parcels = p;
	return p;
}

static void
on_make(uv_work_t *work)
{
	struct patrol *t = work->data;
	struct leases *leases = t->s->leases;
	const struct find *f;
	struct parcel *p;
	size_t i;

	for (i = 0; i < t->n; i++) {
		f = &t->find[i];
		if (f->fate == RETRY_AGAIN || !lease_take(leases, f->id, f->rcpt))
			continue;
		p = parcel_for(t, f->id);
		if (p != NULL && parcel_add(p, f->rcpt, NULL, INT64_MAX) == 0)
			decide(&p->to[p->n - 1], f);
		else
			lease_return(leases, f->id, f->rcpt);
	}
}

/* ---- in the loop ---- */

static void on_walked(uv_work_t *work, int status);

static void
go_on(struct patrol *t)
{
	struct schedule *s = t->s;

	if (!t->last && !s->stopping) {
		uv_queue_work(s->parts.loop, &t->work, on_walk, on_walked);
		return;
	}
	s->jobs--;
	s->patrolling = false;
	setup_release(t->setup);
	free(t);
	schedule_check_stopped(s);
}

static void
on_made(uv_work_t *work, int status)
{
	struct patrol *t = work->data;
	struct schedule *s = t->s;
	struct destination *d;
	struct parcel *p;
	size_t i;

	(void)status;
	while ((p = t->parcels) != NULL) {
		t->parcels = p->next;
		for (i = 0; i < p->n; i++)
			if ((d = destination_find(s, p->to[i].d.dest)) != NULL) {
				destination_lease(d, 1);
				snprintf(p->hop, sizeof p->hop, "%s", d->hop->name);
				p->to[i].chance_s =
				    chance_since(d->hop->clock, p->m.accepted_s, clock_mono_ms());
			}
		settle_parcel(&s->settler, p);
	}
	go_on(t);
}

/* The clocks are the loop's: it weighs what the job found. */
static void
on_walked(uv_work_t *work, int status)
{
	struct patrol *t = work->data;
	const struct destination *d;
	int64_t now_s = clock_wall_s();
	struct find *f;
	size_t i, due = 0;

	(void)status;
	for (i = 0; i < t->n; i++) {
		f = &t->find[i];
		d = destination_find(t->s, f->dest);
		if (d == NULL)
			continue;
		f->chance_s = chance_since(d->hop->clock, f->accepted_s, clock_mono_ms());
		f->fate = retry_fate(&t->setup->retry, f->chance_s,
		                     retry_age_s(f->accepted_s, now_s), f->warned);
		due += f->fate != RETRY_AGAIN;
	}
	if (due > 0)
		uv_queue_work(t->s->parts.loop, &t->work, on_make, on_made);
	else
		go_on(t);
}

/*
 * What a killed bringer promised is finished, and all destinations are read
 * again: those without mail are forgotten, and mail is found whose bringer died
 * between his commit and the wake-up.
 */
static void
on_timer(uv_timer_t *timer)
{
	sweep_start(timer->data);
	token_forget_start(timer->data);
	patrol_start(timer->data);
}

void
patrol_start(struct schedule *s)
{
	int64_t least_s = retry_least_age_s(&s->setup->retry);
	uint64_t again_ms = PATROL_MS;
	struct patrol *t;

	/* With lifetimes of minutes, as tests have them, it comes sooner. */
	if (least_s * 1000 / 4 < PATROL_MS)
		again_ms = least_s < 4 ? 1000 : (uint64_t)least_s * 250;
	uv_timer_start(s->patrol_timer, on_timer, again_ms, 0);
	if (s->patrolling || s->stopping || (t = calloc(1, sizeof *t)) == NULL)
		return;
	t->s = s;
	t->spool = s->parts.spool;
	t->setup = setup_hold(s->setup);
	t->now_s = clock_wall_s();
	t->old_s = t->now_s - least_s;
	t->work.data = t;
	s->patrolling = true;
	s->jobs++;
	uv_queue_work(s->parts.loop, &t->work, on_walk, on_walked);
}
