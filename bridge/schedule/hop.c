/*
 * When may a next hop go, and what is started for it?
 */
#include "bridge/schedule/schedule_int.h"

#include "bridge/base/clock.h"
#include "bridge/link/links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
hop_set_words(struct hop *h, const char *words)
{
	free(h->words);
	h->words = strdup(words); /* for people: without memory there are none */
}

void
hop_refuse(struct hop *h, const struct verdict *v)
{
	if (h->refusal == NULL)
		h->refusal = malloc(sizeof *h->refusal);
	if (h->refusal != NULL)
		*h->refusal = *v;
}

static void
withdraw_refusal(struct hop *h)
{
	free(h->refusal);
	h->refusal = NULL;
}

/* ---- when they may go ---- */

/* A link that came up makes all failures of the time before meaningless. */
bool
hop_is_usable(struct hop *h)
{
	const char *link = links_usable(h->s->parts.links, h->links);

	if (link != NULL && link != h->link) {
		h->failures = 0;
		h->again_ms = 0;
	}
	h->link = link;
	return link != NULL;
}

static bool
is_spared(struct hop *h)
{
	if (h->again_ms <= clock_mono_ms())
		h->again_ms = 0;
	else
		schedule_plan(h->s, h->again_ms);
	return h->again_ms > 0;
}

static void
spare(struct hop *h, int64_t wait_ms, const char *words)
{
	h->again_ms = clock_mono_ms() + wait_ms;
	hop_set_words(h, words);
	schedule_plan(h->s, h->again_ms);
}

void
hop_pause(struct hop *h, const char *words)
{
	spare(h, PAUSE_MS, words);
}

void
hop_failed(struct hop *h, const char *words)
{
	h->failures++;
	spare(h, 1000 * (int64_t)retry_wait_s(&h->setup->retry, h->failures, h->n), words);
}

/* ---- batches ---- */

static void
ask(struct batch *b, struct destination *d)
{
	b->ask[b->n++] = (struct batch_ask){
	    .dest = d->dest, .name = d->name, .leased = d->leased, .owner = d, .news = d->news};
	d->asked++;
}

/* The ready destinations with the most urgent heads, a batch's worth; each gets a new turn. */
static void
ask_some(struct batch *b, struct hop *h)
{
	size_t most = h->ready < BATCH_DESTINATIONS ? h->ready : BATCH_DESTINATIONS, i;

	while (b->n < most) {
		ask(b, h->first);
		ready_remove(h->first);
	}
	for (i = 0; i < b->n; i++)
		ready_add(b->ask[i].owner);
}

struct batch *
hop_batch(struct hop *h, enum batch_kind kind)
{
	struct batch *b;

	if (h->ready == 0 || schedule_is_crowded(h->s))
		return NULL;
	b = batch_new(h->s->parts.spool, h->s->parts.writer, h->s->leases, h->setup);
	if (b == NULL)
		return NULL;
	b->kind = kind;
	b->now_s = clock_wall_s();
	if (h->refusal != NULL)
		b->verdict = *h->refusal;
	ask_some(b, h);
	h->batches++;
	h->s->jobs++;
	return b;
}

static void
take_up(struct batch *b, struct batch_ask *a)
{
	struct destination *d = a->owner;

	d->asked--;
	if (b->trouble != SPOOL_OK || d->news != a->news)
		return;
	if (d->ready && (a->exhausted || d->head_rank != a->head_rank))
		ready_remove(d);
	if (a->exhausted) {
		d->due_s = INT64_MAX;
		destination_rest(d, a->next_due_s);
	} else if (!d->ready) {
		d->head_rank = a->head_rank;
		ready_add(d);
	}
}

void
hop_batch_ended(struct hop *h, struct batch *b)
{
	struct destination *d;
	struct parcel *p;
	size_t i;

	h->batches--;
	h->s->jobs--;
	for (i = 0; i < b->n; i++)
		take_up(b, &b->ask[i]);
	for (p = b->first; p != NULL; p = p->next)
		for (i = 0; i < p->n; i++)
			if ((d = destination_find(h->s, p->to[i].d.dest)) != NULL)
				destination_lease(d, 1);
	if (b->keep.tokens.n > 0)
		token_forget_kept(h->s, b->keep.tokens.n);
	h->plenty = h->ready > 0;
	if (b->trouble != SPOOL_OK) {
		hop_pause(h, b->words);
		schedule_trouble(h->s, b->trouble, b->words);
	}
	if (h->ready == 0 && h->kind != HOP_REJECT)
		withdraw_refusal(h);
}

void
hop_settle(struct hop *h, struct parcel *p)
{
	size_t i;

	snprintf(p->hop, sizeof p->hop, "%s", h->name);
	for (i = 0; i < p->n; i++)
		p->to[i].chance_s = chance_since(h->clock, p->m.accepted_s, clock_mono_ms());
	settle_parcel(&h->s->settler, p);
}

/* ---- next hops without a session ---- */

bool
hop_is_stuck(const struct parcel *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!p->to[i].decided || p->to[i].verdict.outcome != OUTCOME_LATER ||
		    p->to[i].verdict.scope < SCOPE_SESSION)
			return false;
	return p->n > 0;
}

static void
on_batch(struct batch *b)
{
	struct hop *h = b->owner;
	struct parcel *p;
	bool stuck = false;

	hop_batch_ended(h, b);
	while ((p = batch_take(b)) != NULL) {
		p->dsn = h->kind == HOP_MAILDIR;
		/* Nothing is charged for want of memory: without a pause it would spin. */
		stuck |= hop_is_stuck(p);
		hop_settle(h, p);
	}
	batch_free(b);
	if (stuck)
		hop_pause(h, "cannot read or write just now");
	hop_go(h);
	hop_tidy(h);
	schedule_check_stopped(h->s);
}

static void
start_batch(struct hop *h, enum batch_kind kind)
{
	struct batch *b;

	if (h->batches > 0 || is_spared(h) || (b = hop_batch(h, kind)) == NULL)
		return;
	b->form = (struct parcel_form){.maildir = true, .eightbit = true, .utf8 = true};
	b->done = on_batch;
	b->owner = h;
	batch_start(b, h->s->parts.loop);
}

void
hop_go(struct hop *h)
{
	unsigned most = h->rule != NULL ? h->rule->connections : 2;

	if (h->ready == 0 || h->s->stopping)
		return;
	if (h->refusal != NULL) {
		start_batch(h, BATCH_DECIDE);
		return;
	}
	if (h->kind == HOP_MAILDIR)
		start_batch(h, BATCH_MAILDIR);
	if ((h->kind != HOP_SMTP && h->kind != HOP_MX) || !hop_is_usable(h) || is_spared(h))
		return;
	if (h->idle > 0 && carry_rouse(h))
		return;
	if (h->sessions >= most || (h->sessions > h->leaving && !h->plenty))
		return;
	if (carry_has_room(h->s))
		carry_start(h);
	else
		carry_make_room(h->s);
}

void
hops_go(struct schedule *s)
{
	struct hop *h, *next, *last = TAILQ_LAST(&s->hops, hops);

	/* Who was served goes to the end: with more next hops than sessions all get a turn. */
	for (h = TAILQ_FIRST(&s->hops); h != NULL; h = next) {
		next = h == last ? NULL : TAILQ_NEXT(h, of_schedule);
		hop_go(h);
	}
}
