/*
 * One message: RSET, MAIL, RCPT, DATA, the content.
 *
 * A transaction that fails before its content leaves its sender at the server
 * (Exim adds the next letter's recipients to it): RSET before the next MAIL,
 * exactly one, and none where none is needed.
 */
#include "bridge/smtp/client_int.h"

enum client_state
say_rset(struct client *c)
{
	buf_str(&c->out, "RSET\r\n");
	c->reset = false;
	return STATE_MAIL;
}

enum client_state
say_mail(struct client *c)
{
	struct letter *l = c->letter;

	l->next = l->asked = l->accepted = 0;
	l->mail_refused = l->muddled = false;
	command_mail(c, l->m);
	return STATE_RCPT;
}

static enum client_state
after_rcpt(struct client *c, struct letter *l)
{
	return l->asked < c->recipients_max && letter_is_waiting(l, &l->next) ? STATE_RCPT
	                                                                      : STATE_DATA;
}

enum client_state
say_rcpt(struct client *c)
{
	struct letter *l = c->letter;

	letter_is_waiting(l, &l->next);
	l->rcpt[l->next] = RCPT_ASKED;
	l->said = l->next;
	l->asked++;
	command_rcpt(c, &l->m->recipients[l->next]);
	return after_rcpt(c, l);
}

enum client_state
say_data(struct client *c)
{
	buf_str(&c->out, "DATA\r\n");
	return STATE_TEXT;
}

/* The final dot. The letter is through with being said, unless recipients are left. */
enum client_state
say_text(struct client *c)
{
	struct letter *l = c->letter;
	unsigned from = 0;

	dots_end(&c->dots, &c->out);
	l->dotted = true;
	if (letter_is_waiting(l, &from))
		c->again = l;
	c->letter = NULL;
	return STATE_NEXT;
}

enum client_state
say_lone_dot(struct client *c)
{
	buf_str(&c->out, ".\r\n");
	return STATE_NEXT;
}

/* Nothing more of this transaction is in flight, and none of its content will go. */
static enum client_state
transaction_failed(struct client *c, struct letter *l)
{
	unsigned from = 0;

	c->refusals++;
	if (letter_is_waiting(l, &from))
		c->again = l;
	c->letter = NULL;
	return STATE_NEXT;
}

/* The reply ends the session, whatever it answers: 421, 503, or a code that fits nowhere. */
static enum client_state
transaction_broken(struct client *c, const struct verdict *v)
{
	client_fail(c, v);
	letter_cut(c, v);
	return STATE_QUIT;
}

enum client_state
hear_rset(struct client *c, const struct step *s, const struct reply *r)
{
	struct verdict v;

	(void)s;
	if (r->code / 100 == 2)
		return STATE_MAIL;
	trouble_verdict(STAGE_BETWEEN, r, &v);
	return transaction_broken(c, &v);
}

enum client_state
hear_mail(struct client *c, const struct step *s, const struct reply *r)
{
	struct letter *l = s->letter;
	struct verdict v;

	if (r->code / 100 == 2)
		return STATE_RCPT;
	trouble_verdict(STAGE_MAIL, r, &v);
	if (v.scope >= SCOPE_SESSION)
		return transaction_broken(c, &v);
	l->mail_refused = true;
	letter_refuse(c, l, RCPT_WAITING, &v);
	letter_refuse(c, l, RCPT_ASKED, &v);
	if (l->in_flight == 0)
		return transaction_failed(c, l);
	if (c->letter == l && c->said != STATE_TEXT) { /* the rest of the group stays unsaid */
		c->letter = NULL;
		c->said = STATE_NEXT;
	}
	return STATE_NEXT;
}

enum client_state
hear_rcpt(struct client *c, const struct step *s, const struct reply *r)
{
	struct letter *l = s->letter;
	struct verdict v;

	trouble_verdict(STAGE_RCPT, r, &v);
	if (l->mail_refused) {
		l->muddled |= v.outcome == OUTCOME_SENT;
		return STATE_NEXT;
	}
	if (v.scope >= SCOPE_SESSION)
		return transaction_broken(c, &v);
	if (v.outcome == OUTCOME_SENT) {
		l->rcpt[s->rcpt] = RCPT_ACCEPTED;
		l->accepted++;
	} else if (l->accepted > 0 && trouble_too_many(r)) {
		l->rcpt[s->rcpt] = RCPT_WAITING; /* for another transaction */
	} else {
		letter_refuse_one(c, l, s->rcpt, &v);
	}
	if (l->in_flight > 0 || l->accepted > 0 || after_rcpt(c, l) == STATE_RCPT)
		return after_rcpt(c, l);
	c->reset = true;
	return transaction_failed(c, l);
}

/* 354 although nobody is left: RFC 2920 section 3.1 wants a lone dot, to be refused. */
static enum client_state
data_for_nobody(struct client *c, struct letter *l)
{
	if (!l->muddled) {
		transaction_failed(c, l);
		return STATE_LONE_DOT;
	}
	/* recipients of ours without our sender: whose letter that is, nobody knows */
	client_break(c, "the server took recipients after it had refused MAIL");
	return STATE_OVER;
}

enum client_state
hear_data(struct client *c, const struct step *s, const struct reply *r)
{
	struct letter *l = s->letter;
	struct verdict v;

	if (r->code == 354 && l->accepted > 0)
		return STATE_TEXT;
	if (r->code == 354)
		return data_for_nobody(c, l);
	trouble_verdict(STAGE_DATA, r, &v);
	/* 503 and 554 are what DATA gets when everybody was refused: they have their verdicts */
	if (v.scope >= SCOPE_SESSION && (l->accepted > 0 || r->code < 400))
		return transaction_broken(c, &v);
	if (l->accepted > 0)
		letter_refuse(c, l, RCPT_ACCEPTED, &v);
	c->reset = !l->mail_refused || l->muddled;
	return transaction_failed(c, l);
}

enum client_state
hear_text(struct client *c, const struct step *s, const struct reply *r)
{
	struct letter *l = s->letter;
	struct verdict v;

	l->dotted = r->code / 100 == 3; /* no answer to a final dot: still in doubt */
	trouble_verdict(STAGE_TEXT, r, &v);
	if (v.scope >= SCOPE_SESSION)
		return transaction_broken(c, &v);
	if (v.outcome == OUTCOME_SENT) {
		c->refusals = 0;
		letter_settle_in(c, l, RCPT_ACCEPTED, &v);
	} else {
		letter_refuse(c, l, RCPT_ACCEPTED, &v);
	}
	return STATE_NEXT;
}

enum client_state
hear_lone_dot(struct client *c, const struct step *s, const struct reply *r)
{
	(void)s;
	(void)r; /* nobody is waiting for it */
	c->reset = true;
	return STATE_NEXT;
}
