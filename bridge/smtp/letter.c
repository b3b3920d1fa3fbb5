/*
 * Verdicts: each recipient's way from RCPT_WAITING to RCPT_SETTLED.
 *
 * A 554 is held back until another reply follows. Servers that have had enough
 * of a session (too many RSETs, a list their operator keeps) say 554 to
 * whatever command comes next and hang up: that speaks of the session, and
 * the letter that happened to be there must not be returned for it. One reply
 * is held at a time, since the next one decides.
 */
#include "bridge/smtp/client_int.h"

#include <stdlib.h>

struct letter *
letter_new(const struct client_message *m)
{
	struct letter *l = calloc(1, sizeof *l + m->nrecipients);

	if (l == NULL)
		return NULL;
	l->m = m;
	l->unsettled = m->nrecipients;
	return l;
}

void
letter_settle(struct client *c, struct letter *l, unsigned rcpt, const struct verdict *v)
{
	if (l->rcpt[rcpt] == RCPT_SETTLED)
		return;
	l->rcpt[rcpt] = RCPT_SETTLED;
	l->unsettled--;
	c->calls.verdict(c->owner, l->m, rcpt, v);
}

void
letter_settle_in(struct client *c, struct letter *l, enum rcpt_state in, const struct verdict *v)
{
	unsigned i;

	for (i = 0; i < l->m->nrecipients && l->unsettled > 0; i++)
		if (l->rcpt[i] == in)
			letter_settle(c, l, i, v);
}

void
letter_settle_all(struct client *c, struct letter *l, const struct verdict *v)
{
	unsigned i;

	for (i = 0; i < l->m->nrecipients && l->unsettled > 0; i++)
		letter_settle(c, l, i, v);
}

static void
letter_hold(struct client *c, struct letter *l, const struct verdict *v)
{
	l->held = *v;
	c->holding = l;
}

void
letter_refuse(struct client *c, struct letter *l, enum rcpt_state in, const struct verdict *v)
{
	unsigned i;

	if (v->code != 554) {
		letter_settle_in(c, l, in, v);
		return;
	}
	for (i = 0; i < l->m->nrecipients; i++)
		if (l->rcpt[i] == in)
			l->rcpt[i] = RCPT_HELD;
	letter_hold(c, l, v);
}

void
letter_refuse_one(struct client *c, struct letter *l, unsigned rcpt, const struct verdict *v)
{
	if (v->code != 554) {
		letter_settle(c, l, rcpt, v);
		return;
	}
	l->rcpt[rcpt] = RCPT_HELD;
	letter_hold(c, l, v);
}

void
letter_release_held(struct client *c)
{
	struct letter *l = c->holding;

	c->holding = NULL;
	if (l != NULL)
		letter_settle_in(c, l, RCPT_HELD, &l->held);
}

/*
 * An unanswered final dot leaves its recipients in doubt: the server may have
 * taken the message (RFC 1047). They are tried again, and the words say so.
 */
static void
letter_in_doubt(struct client *c, struct letter *l, const struct verdict *why)
{
	struct verdict v;

	verdict_set(&v, OUTCOME_LATER, SCOPE_SESSION, why->code, why->status,
	            "in doubt, it may have arrived: %s", why->words);
	v.in_doubt = true;
	letter_settle_in(c, l, RCPT_ACCEPTED, &v);
}

void
letter_cut(struct client *c, const struct verdict *v)
{
	struct letter *l;
	struct verdict held;

	c->holding = NULL;
	for (l = c->letters; l != NULL; l = l->later) {
		if (l->dotted)
			letter_in_doubt(c, l, v);
		verdict_set(&held, OUTCOME_LATER, SCOPE_SESSION, l->held.code, "4.3.2",
		            "the server closed after: %s", l->held.words);
		letter_settle_in(c, l, RCPT_HELD, &held);
		letter_settle_all(c, l, v);
		l->in_flight = 0;
	}
	c->letter = c->again = NULL;
}

bool
letter_is_waiting(const struct letter *l, unsigned *rcpt)
{
	for (; *rcpt < l->m->nrecipients; (*rcpt)++)
		if (l->rcpt[*rcpt] == RCPT_WAITING)
			return true;
	return false;
}

void
letter_sweep(struct client *c)
{
	struct letter **at = &c->letters, *l;

	while ((l = *at) != NULL) {
		if (l->unsettled > 0 || l->in_flight > 0 || l == c->letter) {
			at = &l->later;
			continue;
		}
		*at = l->later;
		if (c->letters_end == &l->later)
			c->letters_end = at;
		c->calls.done(c->owner, l->m);
		free(l);
	}
}
