/*
 * A parcel is settled in up to three steps: in the loop its verdicts are weighed
 * and told to the log's text; a job of the pool writes notices, if there are
 * any; the writer makes it durable. Only then is the log told, and the leases
 * returned: a line in the log is true.
 */
#include "bridge/schedule/settle.h"

#include "bridge/base/clock.h"
#include "bridge/base/event.h"
#include "bridge/message/replies.h"
#include "bridge/schedule/settle_say.h"
#include "bridge/schedule/told.h"

#include <stdlib.h>
#include <string.h>

/* What is written of one addressee. */
enum deed {
	DEED_NONE,
	DEED_SETTLE,
	DEED_REDIRECT,
};

struct deed_one {
	enum deed deed;
	struct spool_settlement st;
	enum event event;
	struct buf line; /* owned */
};

#define NOTICE_KINDS 3

struct settling {
	struct writer_job job; /* first */
	uv_work_t work;
	struct settler *s;
	struct parcel *p;       /* owned */
	struct deed_one *deeds; /* owned; one an addressee */
	struct buf remarks;     /* owned: the line of them; empty: none, or nothing was sent */
	struct told told[NOTICE_KINDS]; /* owned */
	bool no_memory;                 /* for a notice */
	int64_t now_s;
};

static void
free_settling(struct settling *g)
{
	size_t i;

	for (i = 0; g->deeds != NULL && i < g->p->n; i++)
		buf_free(&g->deeds[i].line);
	for (i = 0; i < NOTICE_KINDS; i++)
		told_free(&g->told[i]);
	buf_free(&g->remarks);
	free(g->deeds);
	parcel_free(g->p);
	free(g);
}

/* ---- weighing ---- */

static bool
is_charged(const struct addressee *a)
{
	return a->decided &&
	       (a->verdict.outcome != OUTCOME_LATER || a->verdict.scope <= SCOPE_MESSAGE);
}

/* Put off, and its time may be over, or be long enough that its sender should know. */
static void
weigh_later(const struct parcel *p, struct addressee *a, int64_t now_s)
{
	char words[VERDICT_WORDS];

	switch (retry_fate(&p->setup->retry, a->chance_s, retry_age_s(p->m.accepted_s, now_s),
	                   a->d.warned)) {
	case RETRY_EXPIRE:
		memcpy(words, a->verdict.words, sizeof words);
		verdict_set(&a->verdict, OUTCOME_NEVER, SCOPE_DELIVERY, a->verdict.code, "5.4.7",
		            "%s", words);
		a->expired = true;
		break;
	case RETRY_WARN:
		a->warn = true;
		break;
	case RETRY_AGAIN:
		break;
	}
}

static enum spool_outcome
spool_outcome_of(enum outcome o)
{
	return o == OUTCOME_SENT ? SPOOL_SENT : o == OUTCOME_NEVER ? SPOOL_NEVER : SPOOL_LATER;
}

static void
weigh_settlement(struct settling *g, struct addressee *a, struct deed_one *d)
{
	const struct retry_limits *retry = &g->p->setup->retry;
	uint32_t failures = a->d.attempts + 1;
	bool put_off = a->decided && a->verdict.outcome == OUTCOME_LATER;

	if (put_off)
		weigh_later(g->p, a, g->now_s);
	d->deed = DEED_SETTLE;
	d->st = (struct spool_settlement){
	    .id = g->p->m.id,
	    .rcpt = a->d.rcpt,
	    .outcome = a->decided ? spool_outcome_of(a->verdict.outcome) : SPOOL_LATER,
	    .now_s = g->now_s,
	    .due_s = put_off ? g->now_s + retry_wait_s(retry, failures, g->p->m.id + a->d.rcpt)
	                     : a->d.due_s,
	    .chance_s = (uint32_t)a->chance_s,
	    .attempted = put_off,
	    .warned = a->warn || a->d.warned,
	    .words = a->decided ? a->verdict.words : NULL,
	};
}

static void
weigh(struct settling *g, struct addressee *a, struct deed_one *d)
{
	if (a->redirect.n > 0)
		d->deed = DEED_REDIRECT;
	else if (a->warn || is_charged(a))
		weigh_settlement(g, a, d);
	else
		return;
	d->event = settle_say(g->p, a, g->now_s, d->st.due_s, &d->line);
	if (d->event == EVENT_SENT && g->p->remarks.n > 0 && g->remarks.n == 0)
		settle_say_remarks(g->p, &g->remarks);
}

/* ---- in the writer's thread ---- */

static int
accept_told(struct settling *g, const struct told *t, struct spool *s, struct spool_change *c)
{
	const struct notice_letter letter = {.content = buf_view(&t->content),
	                                     .to = g->p->m.sender,
	                                     .whom = &t->whom,
	                                     .kind = notice_kind_name(t->kind),
	                                     .about = g->p->m.id,
	                                     .recipients = t->recipients,
	                                     .words = buf_text(&t->words)};
	struct span tokens = buf_view(&t->tokens);

	replies_keep(c, &tokens, SIZE_MAX, g->now_s);
	return notice_accept(s, c, &letter, g->now_s);
}

static int
fill_one(struct settling *g, const struct addressee *a, const struct deed_one *d,
         struct spool_change *c)
{
	if (d->deed == DEED_NONE)
		return 0;
	if (d->line.bad)
		return -1;
	if (d->deed == DEED_REDIRECT)
		spool_redirect(c, g->p->m.id, a->d.rcpt, buf_text(&a->redirect), a->d.rank);
	else
		spool_settle(c, &d->st);
	/* What went wrong sticks to the change: commit says it. */
	spool_note(c, g->p->m.id, g->now_s, buf_text(&d->line));
	return 0;
}

static int
fill(struct writer_job *job, struct spool *s, struct spool_change *c)
{
	struct settling *g = (struct settling *)job;
	size_t i;

	if (g->p->damaged) {
		spool_damaged(c, g->p->m.id, g->now_s);
		return 0;
	}
	if (g->remarks.n > 0 && !g->remarks.bad)
		spool_note(c, g->p->m.id, g->now_s, buf_text(&g->remarks));
	for (i = 0; i < g->p->n; i++)
		if (fill_one(g, &g->p->to[i], &g->deeds[i], c) != 0)
			return -1;
	for (i = 0; i < NOTICE_KINDS; i++) {
		if (g->told[i].recipients > 0 && accept_told(g, &g->told[i], s, c) != 0)
			return -1;
		if (g->told[i].untold.n > 0)
			spool_note(c, g->p->m.id, g->now_s, buf_text(&g->told[i].untold));
	}
	return 0;
}

/* ---- in the loop again ---- */

static void
log_deeds(struct settling *g)
{
	char id[SPOOL_ID_TEXT];
	struct buf line = {0};
	size_t i;

	spool_id_text(g->p->m.id, id);
	if (g->remarks.n > 0)
		event_log(EVENT_HEADER_KEPT, id, &g->remarks);
	for (i = 0; i < g->p->n; i++)
		if (g->deeds[i].deed != DEED_NONE)
			event_log(g->deeds[i].event, id, &g->deeds[i].line);
	for (i = 0; i < NOTICE_KINDS; i++)
		if (g->told[i].untold.n > 0)
			event_log(EVENT_UNTOLD, id, &g->told[i].untold);
	if (g->p->damaged) {
		event_line(&line, EVENT_DAMAGED,
		           event_text("words", "the content does not match its digest"));
		event_log(EVENT_DAMAGED, id, &line);
		buf_free(&line);
	}
}

static void
return_leases(struct settling *g, bool written)
{
	struct settler *s = g->s;
	const struct addressee *a;
	int64_t due_s;
	size_t i;

	for (i = 0; i < g->p->n; i++) {
		a = &g->p->to[i];
		due_s = a->d.due_s;
		if (written && g->p->damaged)
			due_s = 0;
		else if (written && g->deeds[i].deed == DEED_SETTLE)
			due_s = g->deeds[i].st.outcome == SPOOL_LATER ? g->deeds[i].st.due_s : 0;
		else if (written && g->deeds[i].deed == DEED_REDIRECT)
			due_s = 0;
		lease_return(s->leases, g->p->m.id, a->d.rcpt);
		s->through(s->owner, g->p, a, due_s);
	}
}

static bool
tells_someone(const struct settling *g)
{
	size_t i;

	for (i = 0; i < NOTICE_KINDS; i++)
		if (g->told[i].recipients > 0)
			return true;
	return false;
}

static size_t
kept_bytes(const struct settling *g)
{
	size_t i, n = 0;

	for (i = 0; i < NOTICE_KINDS; i++)
		n += g->told[i].tokens.n;
	return n;
}

static bool
moves_any(const struct settling *g)
{
	size_t i;

	for (i = 0; i < g->p->n; i++)
		if (g->deeds[i].deed == DEED_REDIRECT)
			return true;
	return false;
}

static void
end(struct settling *g, bool written)
{
	struct settler *s = g->s;
	bool moved = written && moves_any(g), told = written && tells_someone(g);
	size_t kept = written ? kept_bytes(g) : 0;

	s->under_way--;
	return_leases(g, written);
	free_settling(g);
	if (moved || told)
		s->accepted(s->owner, moved);
	if (kept > 0)
		s->kept(s->owner, kept);
}

static void
on_written(struct writer_job *job, struct writer_result result)
{
	struct settling *g = (struct settling *)job;
	char id[SPOOL_ID_TEXT];

	if (result.status == SPOOL_OK)
		log_deeds(g);
	else if (result.status != SPOOL_NONE) /* NONE: deleted meanwhile, there is nothing to say */
		log_line(LEVEL_ERROR, "%s: cannot settle: %s", spool_id_text(g->p->m.id, id),
		         result.error);
	end(g, result.status == SPOOL_OK);
}

static void
put(struct settling *g)
{
	g->job.fill = fill;
	g->job.done = on_written;
	g->job.must = true;
	writer_put(g->s->writer, &g->job);
}

static void
on_tell(uv_work_t *work)
{
	struct settling *g = work->data;
	static const enum notice_kind kinds[NOTICE_KINDS] = {NOTICE_FAILED, NOTICE_DELAYED,
	                                                     NOTICE_RELAYED};
	size_t i;

	for (i = 0; i < NOTICE_KINDS && !g->no_memory; i++)
		g->no_memory = told_write(g->p, kinds[i], &g->told[i]) != 0;
}

static void
on_told(uv_work_t *work, int status)
{
	struct settling *g = work->data;

	(void)status;
	if (g->no_memory) /* it stays queued: a NEVER without its notice would be a loss */
		end(g, false);
	else
		put(g);
}

void
settle_parcel(struct settler *s, struct parcel *p)
{
	struct settling *g = calloc(1, sizeof *g);
	enum notice_kind kind;
	bool deeds = p->damaged, tell = false;
	size_t i;

	p->next = NULL;
	parcel_shed(p);
	if (g != NULL)
		g->deeds = calloc(p->n + 1, sizeof *g->deeds);
	if (g == NULL || g->deeds == NULL) {
		log_line(LEVEL_ERROR, "out of memory: a settlement is put off");
		for (i = 0; i < p->n; i++) {
			lease_return(s->leases, p->m.id, p->to[i].d.rcpt);
			s->through(s->owner, p, &p->to[i], p->to[i].d.due_s);
		}
		free(g);
		parcel_free(p);
		return;
	}
	g->s = s;
	g->p = p;
	g->now_s = clock_wall_s();
	s->under_way++;
	for (i = 0; i < p->n && !p->damaged; i++) {
		weigh(g, &p->to[i], &g->deeds[i]);
		deeds |= g->deeds[i].deed != DEED_NONE;
		tell |= g->deeds[i].deed == DEED_SETTLE && told_is_wanted(p, &p->to[i], &kind);
	}
	if (!deeds) {
		end(g, false);
	} else if (tell) {
		g->work.data = g;
		uv_queue_work(s->loop, &g->work, on_tell, on_told);
	} else
		put(g);
}
