/*
 * An operator's changes. One waits for the leases it needs (what is under way
 * is settled first), holds them while the writer works, and only then is
 * answered. The waits are few and rare, so they are tried on a short timer.
 */
#include "bridge/schedule/schedule_int.h"

#include "bridge/base/clock.h"
#include "bridge/base/event.h"

#include <stdio.h>
#include <stdlib.h>

#define TRY_MS        50
#define NOTED_AT_ONCE 16

struct change {
	struct writer_job job; /* first */
	TAILQ_ENTRY(change) of_schedule;
	struct schedule *s;
	struct schedule_change what;
	char by[64];
	struct buf
	    lines; /* of the journal and the log, one a delivery: the writer's, then the loop's */
	int64_t until_ms;
	int64_t now_s;
	schedule_changed *done;
	void *owner;
};

static enum event
event_of(enum schedule_deed deed)
{
	static const enum event events[] = {
	    [SCHEDULE_HOLD] = EVENT_HELD,
	    [SCHEDULE_RELEASE] = EVENT_RELEASED,
	    [SCHEDULE_RETRY] = EVENT_RETRIED,
	    [SCHEDULE_DELETE] = EVENT_DELETED,
	};

	return events[deed];
}

/* ---- in the writer's thread ---- */

/* What is held already is not held now: that is no event. */
static bool
is_concerned(const struct change *g, const struct spool_delivery *d)
{
	if (g->what.rcpt != SPOOL_ALL && g->what.rcpt != d->rcpt)
		return false;
	if (g->what.deed == SCHEDULE_HOLD)
		return d->state == SPOOL_QUEUED;
	return g->what.deed != SCHEDULE_RELEASE || d->state == SPOOL_HELD;
}

static void
note(struct change *g, struct spool_change *c, const struct spool_delivery *d)
{
	struct buf line = {0};

	if (!is_concerned(g, d))
		return;
	event_line(&line, event_of(g->what.deed), event_text("to", d->recipient),
	           event_text("by", g->by));
	spool_note(c, d->id, g->now_s, buf_text(&line));
	buf_span(&g->lines, buf_view(&line));
	buf_ch(&g->lines, '\n');
	buf_free(&line);
}

/* A message that is gone has none; the change itself says that to who asked. */
static void
note_each(struct change *g, struct spool *s, struct spool_change *c)
{
	struct spool_delivery d[NOTED_AT_ONCE];
	uint32_t from = g->what.rcpt == SPOOL_ALL ? 0 : g->what.rcpt;
	size_t i, n;

	buf_clear(&g->lines);
	do {
		n = g->what.rcpt == SPOOL_ALL ? NOTED_AT_ONCE : 1;
		if (spool_deliveries(s, g->what.id, from, d, &n) != 0)
			return;
		for (i = 0; i < n; i++) {
			note(g, c, &d[i]);
			from = d[i].rcpt + 1;
			spool_delivery_free(&d[i]);
		}
	} while (n == NOTED_AT_ONCE);
}

static int
fill(struct writer_job *job, struct spool *s, struct spool_change *c)
{
	struct change *g = (struct change *)job;
	struct spool_settlement gone = {
	    .id = g->what.id, .rcpt = g->what.rcpt, .outcome = SPOOL_DELETED, .now_s = g->now_s};

	note_each(g, s, c);
	switch (g->what.deed) {
	case SCHEDULE_HOLD:
		spool_hold(c, g->what.id, g->what.rcpt);
		break;
	case SCHEDULE_RELEASE:
		spool_release(c, g->what.id, g->what.rcpt, g->now_s);
		break;
	case SCHEDULE_RETRY:
		spool_retry(c, g->what.id, g->what.rcpt, g->now_s);
		break;
	case SCHEDULE_DELETE:
		spool_settle(c, &gone);
		break;
	}
	return g->lines.bad ? -1 : 0;
}

/* ---- in the loop ---- */

static void
end(struct change *g, struct writer_result result)
{
	g->done(g->owner, result);
	buf_free(&g->lines);
	free(g);
}

/* Who asks for a retry does not want to hear of backoffs. */
static void
make_due(struct schedule *s)
{
	struct hop *h;

	TAILQ_FOREACH(h, &s->hops, of_schedule) {
		h->again_ms = 0;
	}
	look_start(s, true);
}

static void
log_each(const struct change *g)
{
	struct span rest = buf_view(&g->lines), one;
	char id[SPOOL_ID_TEXT];
	struct buf line = {0};

	spool_id_text(g->what.id, id);
	while (rest.n > 0) {
		one = span_cut(&rest, '\n');
		buf_clear(&line);
		buf_span(&line, one);
		event_log(event_of(g->what.deed), id, &line);
	}
	buf_free(&line);
}

static void
on_written(struct writer_job *job, struct writer_result result)
{
	struct change *g = (struct change *)job;
	struct schedule *s = g->s;

	lease_return(s->leases, g->what.id, g->what.rcpt);
	if (result.status == SPOOL_OK) {
		log_each(g);
		if (g->what.deed == SCHEDULE_RELEASE || g->what.deed == SCHEDULE_RETRY)
			make_due(s);
	}
	end(g, result);
	schedule_check_stopped(s);
}

static void changes_try(struct schedule *s);

static void
on_timer(uv_timer_t *timer)
{
	changes_try(timer->data);
}

static void
changes_try(struct schedule *s)
{
	struct change *g, *next;

	for (g = TAILQ_FIRST(&s->changes); g != NULL; g = next) {
		next = TAILQ_NEXT(g, of_schedule);
		if (lease_take(s->leases, g->what.id, g->what.rcpt)) {
			TAILQ_REMOVE(&s->changes, g, of_schedule);
			g->now_s = clock_wall_s();
			writer_put(s->parts.writer, &g->job);
		} else if (clock_mono_ms() >= g->until_ms) {
			TAILQ_REMOVE(&s->changes, g, of_schedule);
			end(g, (struct writer_result){SPOOL_BUSY, "it is under way just now"});
		}
	}
	if (!TAILQ_EMPTY(&s->changes))
		uv_timer_start(s->change_timer, on_timer, TRY_MS, 0);
}

void
changes_refuse(struct schedule *s)
{
	struct change *g;

	while ((g = TAILQ_FIRST(&s->changes)) != NULL) {
		TAILQ_REMOVE(&s->changes, g, of_schedule);
		end(g, (struct writer_result){SPOOL_BUSY, "the daemon is being stopped"});
	}
}

int
schedule_change(struct schedule *s, const struct schedule_change *c, schedule_changed *done,
                void *owner)
{
	struct change *g = calloc(1, sizeof *g);

	if (g == NULL)
		return -1;
	g->job = (struct writer_job){.fill = fill, .done = on_written, .prompt = true};
	g->s = s;
	g->what = *c;
	snprintf(g->by, sizeof g->by, "%s", c->by);
	g->what.by = g->by;
	g->until_ms = clock_mono_ms() + c->wait_ms;
	g->done = done;
	g->owner = owner;
	TAILQ_INSERT_TAIL(&s->changes, g, of_schedule);
	/* From the timer, never from here: `done` comes later. */
	uv_timer_start(s->change_timer, on_timer, 0, 0);
	return 0;
}
