/*
 * The client's dialogue: a table of states and two cursors over it.
 *
 * The first cursor, `said`, is what will be said next. The second is the
 * oldest command in `flight`: said, and not yet answered. Without PIPELINING
 * they move in step; with it the first runs ahead, by the rule of RFC 2920: a
 * state marked `group` may be followed by another command before its reply is
 * there, the others (EHLO, DATA, AUTH, QUIT) end their group. The content with
 * its final dot counts as the first of a group, so that one write carries the
 * end of a message and MAIL, RCPT and DATA of the next: one round trip each.
 *
 * `say` writes a command and returns what to say next if all goes well. `hear`
 * takes the reply and returns what to say next as things are. When more of the
 * same letter is already in flight, what hear returns is not used: the last
 * reply of the group decides. So no branch can forget to move, and none moves
 * what has been said already.
 *
 * Nothing is ever assumed from order alone: a reply that answers nothing, that
 * came before the command it would answer was said, or whose code fits no
 * stage is a broken session (a 250 waiting in the socket before the final dot
 * would otherwise "accept" the letter). A broken session costs a repetition; a
 * wrong guess costs a letter.
 *
 * The states' own lines are in opening.c and transaction.c.
 */
#include "bridge/smtp/client_int.h"

#include <stdio.h>
#include <stdlib.h>

static struct step *
flight_oldest(struct client *c)
{
	return c->n > 0 ? &c->flight[c->first] : NULL;
}

void
flight_push(struct client *c, struct step s)
{
	if (s.letter != NULL)
		s.letter->in_flight++;
	if (c->n == 0)
		c->turn++;
	c->flight[(c->first + c->n++) % CLIENT_FLIGHT] = s;
}

static struct step
flight_pop(struct client *c)
{
	struct step s = c->flight[c->first];

	c->first = (c->first + 1) % CLIENT_FLIGHT;
	c->n--;
	c->turn++;
	if (s.letter != NULL)
		s.letter->in_flight--;
	return s;
}

static enum client_state
say_quit(struct client *c)
{
	buf_str(&c->out, "QUIT\r\n");
	return STATE_OVER;
}

static enum client_state
hear_quit(struct client *c, const struct step *s, const struct reply *r)
{
	(void)c;
	(void)s;
	(void)r; /* a server that does not like to be left is left all the same */
	return STATE_OVER;
}

/* Timeouts: RFC 5321 section 4.5.3.2, where it names them. */
static const struct state {
	const char *name;
	enum client_state (*say)(struct client *c);
	enum client_state (*hear)(struct client *c, const struct step *s, const struct reply *r);
	unsigned timeout_s;
	bool group; /* another command may follow before the reply */
	const char *words;
} states[] = {
    [STATE_GREETING] = {"greeting", NULL, hear_greeting, 300, false, "the greeting"},
    [STATE_EHLO] = {"ehlo", say_hello, hear_hello, 300, false, "the reply to EHLO"},
    [STATE_HELO] = {"helo", say_helo, hear_helo, 300, false, "the reply to HELO"},
    [STATE_STARTTLS] = {"starttls", say_starttls, hear_starttls, 300, false,
                        "the reply to STARTTLS"},
    [STATE_SECURE] = {"secure", NULL, NULL, 120, false, "the TLS handshake"},
    [STATE_AUTH] = {"auth", say_auth, hear_auth, 300, false, "the reply to AUTH"},
    [STATE_NEXT] = {"next", NULL, NULL, 0, false, "the next message"},
    [STATE_RSET] = {"rset", say_rset, hear_rset, 300, true, "the reply to RSET"},
    [STATE_MAIL] = {"mail", say_mail, hear_mail, 300, true, "the reply to MAIL"},
    [STATE_RCPT] = {"rcpt", say_rcpt, hear_rcpt, 300, true, "the reply to RCPT"},
    [STATE_DATA] = {"data", say_data, hear_data, 120, false, "the reply to DATA"},
    [STATE_TEXT] = {"text", say_text, hear_text, 600, true, "the reply to the message"},
    [STATE_LONE_DOT] = {"lone-dot", say_lone_dot, hear_lone_dot, 600, false,
                        "the reply to the message"},
    [STATE_QUIT] = {"quit", say_quit, hear_quit, 10, false, "the reply to QUIT"},
    [STATE_OVER] = {"over", NULL, NULL, 0, false, "nothing"},
};

#define TEXT_TIMEOUT_S 180 /* for one piece of content to go out */

/* May the first cursor move on, or has it to wait for the second? */
static bool
may_say(const struct client *c)
{
	const struct step *newest;

	if (c->n == 0)
		return true;
	newest = &c->flight[(c->first + c->n - 1) % CLIENT_FLIGHT];
	return c->can.pipelining && states[newest->state].group && c->n < CLIENT_FLIGHT;
}

static void
say(struct client *c)
{
	enum client_state now = c->said;
	struct letter *l = c->letter;
	size_t before = c->out.n;

	c->said = states[now].say(c);
	if (c->out.n > before) /* AUTH may find nothing to say */
		flight_push(c, (struct step){now, l, l != NULL ? l->said : 0});
}

/* A letter comes to the first cursor, or its second transaction does. */
static void
letter_begin(struct client *c, struct letter *l)
{
	c->letter = l;
	c->again = NULL;
	c->dots = (struct dots){0};
	c->said = c->reset ? STATE_RSET : STATE_MAIL;
}

/* Between messages. true: there is something to say. */
static bool
next_begins(struct client *c)
{
	if (c->again != NULL) {
		if (c->again->in_flight > 0)
			return false;
		c->restart = true;
		letter_begin(c, c->again);
		return true;
	}
	if (c->finishing || c->refusals >= CLIENT_REFUSALS) {
		c->said = STATE_QUIT;
		return true;
	}
	return false;
}

enum client_want
client_step(struct client *c)
{
	if (c->n == 0 && c->in.n > 0 && c->said != STATE_OVER)
		client_break(c, "the server spoke out of turn");
	letter_sweep(c);
	while (c->said != STATE_OVER || c->n > 0) {
		if (c->out.bad) {
			client_break(c, "out of memory");
			break;
		}
		if (!may_say(c) || c->said == STATE_OVER)
			return CLIENT_HEAR;
		if (c->said == STATE_SECURE)
			return CLIENT_SECURE;
		if (c->said == STATE_TEXT)
			return c->restart ? CLIENT_RESTART : CLIENT_CONTENT;
		if (c->said != STATE_NEXT)
			say(c);
		else if (!next_begins(c))
			return c->again != NULL ? CLIENT_HEAR : CLIENT_NEXT;
	}
	letter_sweep(c);
	return CLIENT_ENDED;
}

/*
 * One whole reply. What is held of a 554 counts from here on, unless this is
 * the reply that ends the session.
 */
static void
hear_reply(struct client *c, const struct reply *r)
{
	struct step s = flight_pop(c);
	enum client_state next;
	struct verdict v;

	if (r->code == 421) {
		if (s.letter != NULL && s.state == STATE_TEXT)
			s.letter->dotted = false; /* answered: it was not taken */
		trouble_verdict(c->ready ? STAGE_BETWEEN : STAGE_GREETING, r, &v);
		client_fail(c, &v);
		letter_cut(c, &v);
		c->n = 0;
		c->said = STATE_OVER;
		return;
	}
	letter_release_held(c);
	next = states[s.state].hear(c, &s, r);
	if (c->ended && next == STATE_QUIT) {
		c->letter = c->again = NULL;
		if (c->n > 0) /* more was said and will not be listened to */
			next = STATE_OVER;
		c->n = 0;
		c->said = next;
	} else if (c->n == 0 && (c->letter == NULL || c->letter == s.letter || s.letter == NULL)) {
		c->said = next;
	}
}

/* A reply that answers nothing. A server that is going down may say 421 unasked. */
static void
hear_unasked(struct client *c, const struct reply *r)
{
	char words[VERDICT_WORDS - 64], both[VERDICT_WORDS];

	reply_words(r, words, sizeof words);
	snprintf(both, sizeof both, "%s%s",
	         r->code == 421 ? "" : "the server spoke out of turn: ", words);
	client_break(c, both);
}

void
client_hear(struct client *c, struct span bytes)
{
	struct reply r;
	const char *why;
	size_t used = 0;
	long n;

	buf_span(&c->in, bytes);
	if (c->in.bad)
		client_break(c, "more replies than there is room for");
	if (bytes.n == 0 || (memchr(bytes.p, '\n', bytes.n) == NULL && c->in.n < REPLY_LINE_BYTES))
		return;
	while (used < c->in.n && (c->said != STATE_OVER || c->n > 0)) {
		n = reply_parse((struct span){c->in.p + used, c->in.n - used}, &r, &why);
		if (n == REPLY_BAD)
			client_break(c, why);
		if (n < 0)
			break;
		used += (size_t)n;
		if (c->n == 0)
			hear_unasked(c, &r);
		else
			hear_reply(c, &r);
	}
	buf_drop(&c->in, used);
	letter_sweep(c);
}

void
client_fail(struct client *c, const struct verdict *v)
{
	if (c->ended)
		return;
	c->ended = true;
	c->end = *v;
}

void
client_cut(struct client *c, const char *status, const char *words)
{
	struct step *oldest = flight_oldest(c);
	enum client_state at = oldest != NULL ? oldest->state : c->said;
	struct verdict v;

	if (c->said == STATE_OVER && c->n == 0)
		return;
	verdict_set(&v, OUTCOME_LATER, c->ready ? SCOPE_SESSION : SCOPE_HOST, 0, status,
	            "%s (waiting for %s)", words, states[at].words);
	/* after QUIT there is nothing to lose: an end without 221 is an end */
	if (at != STATE_QUIT || c->letters != NULL)
		client_fail(c, &v);
	letter_cut(c, &v);
	c->n = 0;
	c->said = STATE_OVER;
}

void
client_break(struct client *c, const char *words)
{
	client_cut(c, "4.5.0", words);
}

void
client_give(struct client *c, const struct client_message *m)
{
	struct letter *l = letter_new(m);
	struct verdict v;
	unsigned i;

	if (l == NULL) {
		verdict_set(&v, OUTCOME_LATER, SCOPE_MESSAGE, 0, "4.3.0", "out of memory");
		for (i = 0; i < m->nrecipients; i++)
			c->calls.verdict(c->owner, m, i, &v);
		c->calls.done(c->owner, m);
		return;
	}
	*c->letters_end = l;
	c->letters_end = &l->later;
	c->restart = false;
	if (c->said == STATE_OVER)
		letter_cut(c, &c->end);
	else if (command_allows(c, l))
		letter_begin(c, l);
}

void
client_finish(struct client *c)
{
	c->finishing = true;
}

void
client_content(struct client *c, struct span piece, bool last)
{
	if (c->said != STATE_TEXT)
		return; /* the session ended while the piece was fetched */
	c->restart = false;
	c->turn++;
	dots_add(&c->dots, piece, &c->out);
	if (last && !c->out.bad)
		say(c);
}

void
client_content_failed(struct client *c, const struct verdict *v)
{
	struct letter *l = c->letter;
	char words[VERDICT_WORDS];

	if (c->said != STATE_TEXT || l == NULL)
		return;
	letter_settle_all(c, l, v);
	snprintf(words, sizeof words, "given up inside a message: %.*s", VERDICT_WORDS - 64,
	         v->words);
	client_cut(c, "4.3.0", words);
}

const struct client_message *
client_current(const struct client *c)
{
	return c->letter != NULL ? c->letter->m : NULL;
}

void
client_secured(struct client *c)
{
	char greeting[sizeof c->can.greeting];

	/* RFC 3207 section 4.2: what was said in clear is forgotten */
	memcpy(greeting, c->can.greeting, sizeof greeting);
	c->can = (struct client_abilities){0};
	memcpy(c->can.greeting, greeting, sizeof greeting);
	c->secure = true;
	c->said = STATE_EHLO;
}

unsigned
client_timeout_s(const struct client *c)
{
	if (c->n > 0)
		return states[c->flight[c->first].state].timeout_s;
	return c->said == STATE_TEXT ? TEXT_TIMEOUT_S : states[c->said].timeout_s;
}

unsigned
client_turn(const struct client *c)
{
	return c->turn;
}

struct buf *
client_out(struct client *c)
{
	return &c->out;
}

bool
client_ready(const struct client *c)
{
	return c->ready;
}

const struct client_abilities *
client_abilities(const struct client *c)
{
	return &c->can;
}

const struct verdict *
client_end(const struct client *c)
{
	return &c->end;
}

static int
client_init(struct client *c, const struct client_options *o)
{
	c->letters_end = &c->letters;
	c->tls = o->tls;
	c->secure = o->tls_implicit;
	c->recipients_max = o->recipients > 0 ? o->recipients : CLIENT_RECIPIENTS;
	c->in.max = REPLY_BYTES + 256u * 1024;
	if ((c->hello = strdup(o->hello)) == NULL || (c->host = strdup(o->host)) == NULL)
		return -1;
	if (o->user[0] != '\0' && (c->auth = auth_new(o->user, o->password, o->host, o->mechanisms,
	                                              o->auth_plain_in_clear)) == NULL)
		return -1;
	verdict_set(&c->end, OUTCOME_SENT, SCOPE_SESSION, 0, "", "done");
	c->said = STATE_EHLO;
	flight_push(c, (struct step){STATE_GREETING, NULL, 0});
	return 0;
}

struct client *
client_new(const struct client_options *o, const struct client_calls *calls, void *owner)
{
	struct client *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->calls = *calls;
	c->owner = owner;
	if (client_init(c, o) < 0) {
		client_free(c);
		return NULL;
	}
	return c;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	client_cut(c, "4.4.2", "the session was given up");
	letter_cut(c, &c->end); /* whatever else happened, nothing leaves without its verdict */
	letter_sweep(c);
	auth_free(c->auth);
	free(c->hello);
	free(c->host);
	buf_free(&c->in);
	buf_free(&c->out);
	free(c);
}
