/*
 * One session and the parcels it carries. The session asks for the next
 * message; parcels are prepared by jobs of the pool, one batch ahead, so that
 * the wire does not wait for the disk; a large letter is read a piece at a
 * time while it is sent.
 *
 * The parcels are rendered for the server's abilities, so the first batch is
 * begun when EHLO was answered, and what a broken session leaves unsent is
 * given back and prepared anew.
 */
#include "bridge/schedule/carry_int.h"

#include "bridge/base/clock.h"
#include "bridge/base/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD    16  /* with fewer parcels in hand the next batch is begun */
#define LINGER_S 600 /* our batches may take long (a digest over 2 GiB): we end sessions */
/*
 * With nothing more to send a session stays so long: letters trickle in, and
 * each new session costs three round trips and more, seconds over a satellite.
 */
#define IDLE_MS  2000
#define STUCK_MS 60000 /* a session in which nothing moved for so long is stuck */

void
carry_tidy(struct carrier *c)
{
	struct hop *h = c->h;

	if (c->session != NULL || c->batch != NULL || c->piece != NULL || c->holds > 0)
		return;
	LIST_REMOVE(c, of_schedule);
	setup_release(c->setup);
	free(c);
	hop_tidy(h);
}

void
carry_hold(struct carrier *c)
{
	c->holds++;
	hop_hold(c->h);
}

void
carry_release(struct carrier *c)
{
	struct hop *h = c->h;

	c->holds--;
	carry_tidy(c);
	hop_release(h);
}

static void
set_idle(struct carrier *c, bool idle)
{
	if (c->idle == idle)
		return;
	c->idle = idle;
	c->h->idle += idle ? 1 : -1;
}

static void
set_leaving(struct carrier *c)
{
	set_idle(c, false);
	if (!c->leaving)
		c->h->leaving++;
	c->leaving = true;
}

/* ---- parcels ---- */

static void
give_back(struct carrier *c)
{
	struct parcel *p;

	while ((p = c->first) != NULL) {
		c->first = p->next;
		hop_settle(c->h, p);
	}
	c->tail = &c->first;
	c->waiting = 0;
}

static void
line_up(struct carrier *c, struct parcel *p)
{
	p->next = NULL;
	*c->tail = p;
	c->tail = &p->next;
	c->waiting++;
}

static void
take_parcels(struct carrier *c, struct batch *b)
{
	struct parcel *p, *last = NULL, **end = &last;
	bool stuck = false;

	while ((p = batch_take(b)) != NULL) {
		if (c->session == NULL || p->damaged || !parcel_is_open(p)) {
			stuck |= hop_is_stuck(p);
			hop_settle(c->h, p);
		} else if (carry_suspects(c->h, p->m.id)) {
			*end = p;
			end = &p->next;
		} else {
			line_up(c, p);
		}
	}
	while ((p = last) != NULL) {
		last = p->next;
		line_up(c, p);
	}
	if (stuck)
		hop_pause(c->h, "cannot read from the spool just now");
}

static void
on_batch(struct batch *b)
{
	struct carrier *c = b->owner;
	struct hop *h = c->h;
	struct schedule *s = h->s;

	carry_hold(c);
	c->batch = NULL;
	hop_batch_ended(h, b);
	take_parcels(c, b);
	batch_free(b);
	if (c->session != NULL && c->asking) {
		c->asking = false;
		session_ready(c->session);
	}
	hop_go(h);
	carry_release(c);
	schedule_check_stopped(s);
}

static bool
begin_batch(struct carrier *c)
{
	const struct client_abilities *can = session_abilities(c->session);
	struct hop *h = c->h;
	struct batch *b;

	if (c->leaving || h->s->stopping || h->refusal != NULL || h->again_ms > clock_mono_ms() ||
	    !hop_is_usable(h) || (b = hop_batch(h, BATCH_RENDER)) == NULL)
		return false;
	b->form = (struct parcel_form){.eightbit = can->eightbitmime, .utf8 = can->smtputf8};
	b->done = on_batch;
	b->owner = c;
	c->batch = b;
	batch_start(b, h->s->parts.loop);
	return true;
}

/* ---- what the session asks ---- */

static void
say_start(struct carrier *c)
{
	struct buf line = {0};

	c->begun = true;
	event_line(&line, EVENT_SESSION_START, event_text("link", c->link[0] ? c->link : NULL),
	           event_text("next-hop", c->h->name), event_text("host", session_peer(c->session)),
	           event_text("tls", session_tls(c->session)));
	event_log(EVENT_SESSION_START, NULL, &line);
	buf_free(&line);
}

/* Nothing is there to send: whether the session waits all the same. */
static bool
waits(struct carrier *c)
{
	struct schedule *s = c->h->s;

	if (c->batch != NULL || (!c->leaving && schedule_is_crowded(s)))
		return true;
	/* Others wait for its place, or it has seen no letter that another could follow. */
	if (c->leaving || s->stopping || c->messages == 0 || s->sessions >= SESSIONS_MOST ||
	    c->h->again_ms > clock_mono_ms() || !hop_is_usable(c->h))
		return false;
	set_idle(c, true);
	c->idle_until_ms = clock_mono_ms() + IDLE_MS;
	schedule_plan(s, c->idle_until_ms);
	return true;
}

static enum session_next
on_next(void *owner, struct session *session, const struct client_message **m)
{
	struct carrier *c = owner;
	struct parcel *p = c->first;

	c->session = session;
	if (!c->begun)
		say_start(c);
	if (c->batch == NULL && c->waiting < AHEAD)
		begin_batch(c);
	if (p == NULL) {
		c->asking = waits(c);
		if (c->asking)
			return SESSION_WAIT;
		set_leaving(c);
		return SESSION_NO_MORE;
	}
	c->first = p->next;
	if (c->first == NULL)
		c->tail = &c->first;
	c->waiting--;
	p->next = NULL;
	p->began_ms = c->moved_ms = clock_mono_ms();
	c->messages++;
	*m = &p->cm;
	return SESSION_MESSAGE;
}

static void
count(struct carrier *c, const struct verdict *v)
{
	c->sent += v->outcome == OUTCOME_SENT;
	c->later += v->outcome == OUTCOME_LATER;
	c->never += v->outcome == OUTCOME_NEVER;
	c->progress |= v->outcome != OUTCOME_LATER || v->scope < SCOPE_SESSION;
}

static void
on_verdict(void *owner, struct session *session, const struct client_message *m, unsigned rcpt,
           const struct verdict *v)
{
	struct parcel *p = m->owner;
	struct addressee *a = parcel_addressee(p, rcpt);

	(void)session;
	a->verdict = *v;
	a->decided = true;
	count(owner, v);
	((struct carrier *)owner)->moved_ms = clock_mono_ms();
}

static void
on_done(void *owner, struct session *session, const struct client_message *m)
{
	struct carrier *c = owner;
	struct parcel *p = m->owner;

	p->dsn = session_abilities(session)->dsn;
	snprintf(p->host, sizeof p->host, "%s", session_peer(session));
	snprintf(p->link, sizeof p->link, "%s", c->link);
	carry_judge(c, p);
	if (!carry_settles_later(c, p))
		hop_settle(c->h, p);
}

/* ---- its end ---- */

static void
on_ended(void *owner, struct session *session, const struct verdict *v, uint64_t in, uint64_t out)
{
	struct carrier *c = owner;
	struct hop *h = c->h;
	struct schedule *s = h->s;

	(void)session;
	carry_hold(c);
	c->session = NULL;
	h->sessions--;
	h->leaving -= c->leaving;
	s->sessions--;
	carry_say_end(c, v, in, out);
	carry_learn(c, v);
	set_idle(c, false);
	give_back(c);
	hops_go(s);
	carry_release(c);
	schedule_check_stopped(s);
}

/* ---- all of them ---- */

/* It waits for us: now it asks again. */
static void
go_on(struct carrier *c)
{
	c->asking = false;
	session_ready(c->session);
}

void
carry_wake(struct schedule *s)
{
	struct carrier *c, *next;

	for (c = LIST_FIRST(&s->carriers); c != NULL; c = next) {
		next = LIST_NEXT(c, of_schedule);
		if (c->asking && !c->idle && c->batch == NULL && c->session != NULL)
			go_on(c);
	}
}

bool
carry_rouse(struct hop *h)
{
	struct carrier *c;

	LIST_FOREACH(c, &h->s->carriers, of_schedule) {
		if (c->h == h && c->idle) {
			set_idle(c, false);
			go_on(c);
			return true;
		}
	}
	return false;
}

void
carry_rest(struct schedule *s)
{
	int64_t now_ms = clock_mono_ms();
	struct carrier *c, *next;

	for (c = LIST_FIRST(&s->carriers); c != NULL; c = next) {
		next = LIST_NEXT(c, of_schedule);
		if (!c->idle)
			continue;
		if (c->idle_until_ms > now_ms) {
			schedule_plan(s, c->idle_until_ms);
		} else {
			set_leaving(c);
			go_on(c);
		}
	}
}

void
carry_make_room(struct schedule *s)
{
	struct carrier *c;

	LIST_FOREACH(c, &s->carriers, of_schedule) {
		if (c->idle) {
			set_leaving(c);
			go_on(c);
			return;
		}
	}
}

/*
 * A server may take ten minutes for a reply and be within its rights (RFC 5321
 * section 4.5.3.2). A few dozen such servers must not keep all other mail
 * waiting: sessions in which nothing moves do not count, up to a limit.
 */
bool
carry_has_room(struct schedule *s)
{
	int64_t now_ms = clock_mono_ms(), next_ms = INT64_MAX;
	struct carrier *c;
	size_t stuck = 0;

	if (s->sessions < SESSIONS_MOST)
		return true;
	if (s->sessions >= SESSIONS_LIMIT || s->full_until_ms > now_ms)
		return false;
	LIST_FOREACH(c, &s->carriers, of_schedule) {
		if (c->session != NULL && c->moved_ms + STUCK_MS <= now_ms)
			stuck++;
		else if (c->session != NULL && c->moved_ms + STUCK_MS < next_ms)
			next_ms = c->moved_ms + STUCK_MS;
	}
	if (s->sessions - stuck < SESSIONS_MOST)
		return true;
	/* Thousands of next hops may ask: they are told without counting again. */
	s->full_until_ms = now_ms + 1000 < next_ms ? now_ms + 1000 : next_ms;
	schedule_plan(s, next_ms);
	return false;
}

void
carry_start(struct hop *h)
{
	static const struct session_source source = {on_next, carry_read, on_verdict, on_done,
	                                             on_ended};
	struct schedule *s = h->s;
	struct carrier *c = calloc(1, sizeof *c);
	struct session_options o = {
	    .route = h->rule, .domain = h->domain, .source = "", .linger_s = LINGER_S};

	if (c == NULL)
		return;
	c->h = h;
	c->setup = setup_hold(h->setup);
	c->tail = &c->first;
	c->began_ms = c->moved_ms = clock_mono_ms();
	snprintf(c->link, sizeof c->link, "%s", h->link != NULL ? h->link : "");
	c->session = session_open(&s->common, &o, &source, c);
	if (c->session == NULL) {
		setup_release(c->setup);
		free(c);
		hop_pause(h, "out of memory");
		return;
	}
	LIST_INSERT_HEAD(&s->carriers, c, of_schedule);
	h->sessions++;
	s->sessions++;
	h->plenty = false;
	TAILQ_REMOVE(&s->hops, h, of_schedule);
	TAILQ_INSERT_TAIL(&s->hops, h, of_schedule);
}

static void
finish(struct carrier *c)
{
	if (c->session == NULL)
		return;
	set_leaving(c);
	give_back(c);
	session_finish(c->session);
}

static void
abandon(struct carrier *c, const char *words)
{
	if (c->session == NULL)
		return;
	set_leaving(c);
	c->abandoned = true;
	session_abandon(c->session, words);
}

/* The link it was begun over; another may be up, and then the next session goes over that. */
static bool
has_its_link(const struct carrier *c)
{
	const char *name = c->link;
	struct config_strings one = {&name, 1};

	return name[0] == '\0' || links_usable(c->h->s->parts.links, &one) != NULL;
}

void
carry_check(struct schedule *s)
{
	struct carrier *c, *next;

	for (c = LIST_FIRST(&s->carriers); c != NULL; c = next) {
		next = LIST_NEXT(c, of_schedule);
		if (!has_its_link(c) || !hop_is_usable(c->h))
			abandon(c, "the link is down");
		else if (c->h->n == 0 || c->h->setup != s->setup)
			finish(c);
	}
}

void
carry_finish(struct schedule *s)
{
	struct carrier *c, *next;

	for (c = LIST_FIRST(&s->carriers); c != NULL; c = next) {
		next = LIST_NEXT(c, of_schedule);
		finish(c);
	}
}

void
carry_abandon(struct schedule *s, const char *words)
{
	struct carrier *c, *next;

	for (c = LIST_FIRST(&s->carriers); c != NULL; c = next) {
		next = LIST_NEXT(c, of_schedule);
		abandon(c, words);
	}
}
