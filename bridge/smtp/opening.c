/*
 * Up to the first message: greeting, EHLO or HELO, TLS, AUTH. Nothing that
 * goes wrong here says anything of a letter: the session ends with a verdict
 * of the host's scope, and the next server is tried.
 */
#include "bridge/smtp/client_int.h"

enum client_state
say_hello(struct client *c)
{
	buf_fmt(&c->out, "EHLO %s\r\n", c->hello);
	return STATE_NEXT;
}

enum client_state
say_helo(struct client *c)
{
	buf_fmt(&c->out, "HELO %s\r\n", c->hello);
	return STATE_NEXT;
}

enum client_state
say_starttls(struct client *c)
{
	buf_str(&c->out, "STARTTLS\r\n");
	return STATE_SECURE;
}

static enum client_state
fail_by_reply(struct client *c, enum stage at, const struct reply *r)
{
	struct verdict v;

	trouble_verdict(at, r, &v);
	client_fail(c, &v);
	return STATE_QUIT;
}

static enum client_state
fail_by_us(struct client *c, const char *status, const char *words)
{
	struct verdict v;

	verdict_set(&v, OUTCOME_LATER, SCOPE_HOST, 0, status, "%s", words);
	client_fail(c, &v);
	return STATE_QUIT;
}

enum client_state
hear_greeting(struct client *c, const struct step *s, const struct reply *r)
{
	(void)s;
	if (r->code != 220)
		return fail_by_reply(c, STAGE_GREETING, r);
	reply_words(r, c->can.greeting, sizeof c->can.greeting);
	return STATE_EHLO;
}

static enum client_state
auth_next(struct client *c)
{
	if (c->auth == NULL) {
		c->ready = true;
		return STATE_NEXT;
	}
	return STATE_AUTH;
}

/* TLS first, then AUTH, then mail. Asking for TLS in vain is LATER, never mail in clear. */
static enum client_state
after_hello(struct client *c)
{
	if (c->secure || c->tls == TLS_OFF)
		return auth_next(c);
	if (c->can.starttls)
		return STATE_STARTTLS;
	if (c->tls == TLS_VERIFY)
		return fail_by_us(c, "4.7.4", "TLS is required and the server does not offer it");
	return auth_next(c);
}

enum client_state
hear_hello(struct client *c, const struct step *s, const struct reply *r)
{
	(void)s;
	if (r->code / 100 == 5)
		return STATE_HELO;
	if (r->code != 250)
		return fail_by_reply(c, STAGE_HELLO, r);
	hello_parse(r, &c->can);
	return after_hello(c);
}

enum client_state
hear_helo(struct client *c, const struct step *s, const struct reply *r)
{
	(void)s;
	if (r->code != 250)
		return fail_by_reply(c, STAGE_HELLO, r);
	return after_hello(c);
}

enum client_state
hear_starttls(struct client *c, const struct step *s, const struct reply *r)
{
	(void)s;
	if (r->code == 220)
		return STATE_SECURE;
	if (c->tls == TLS_VERIFY)
		return fail_by_reply(c, STAGE_TLS, r);
	return auth_next(c);
}

enum client_state
say_auth(struct client *c)
{
	if (auth_begin(c->auth, c->can.auth, c->secure, &c->out) == 0)
		return STATE_NEXT;
	fail_by_us(c, "4.7.8", auth_error(c->auth));
	return STATE_QUIT;
}

static enum client_state
auth_done(struct client *c)
{
	if (!auth_is_complete(c->auth))
		return fail_by_us(c, "4.7.8",
		                  "the server did not prove that it knows our password");
	auth_free(c->auth);
	c->auth = NULL;
	return auth_next(c);
}

/* 334 is answered here and not by a state of its own: the mechanism counts the turns. */
enum client_state
hear_auth(struct client *c, const struct step *s, const struct reply *r)
{
	struct span challenge = SPAN("");
	size_t at = 0;

	if (r->code == 235)
		return auth_done(c);
	if (r->code == 504)
		return STATE_AUTH;          /* the mechanism is not there after all: the next one */
	if (auth_error(c->auth)[0] != '\0') /* we had said "*" */
		return fail_by_us(c, "4.7.8", auth_error(c->auth));
	if (r->code != 334)
		return fail_by_reply(c, STAGE_AUTH, r);
	reply_line(r, &at, &challenge);
	auth_answer(c->auth, challenge, &c->out); /* a failure shows at the 501 it provokes */
	flight_push(c, *s);
	return STATE_NEXT;
}
