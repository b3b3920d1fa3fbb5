/*
 * The machine on a stream, fed from a source.
 *
 * All moves are made by session_pump(): it asks the machine what it wants, gets
 * it, and goes on until there is something to wait for. What was said meanwhile
 * leaves in one write; so small messages need one write and one read each, and
 * nothing is set or freed per message but its own letter.
 *
 * Before each move the socket is asked for input that has not been heard: a
 * reply that is there before its command was sent is heard before that command
 * is said, and then the machine knows it for what it is.
 */
#include "bridge/smtp/session_int.h"

#define SESSION_QUEUE_BYTES (96u * 1024) /* with the pieces under way, below 256 KiB a session */

static void
on_verdict(void *owner, const struct client_message *m, unsigned rcpt, const struct verdict *v)
{
	struct session *s = owner;

	s->source->verdict(s->owner, s, m, rcpt, v);
}

static void
on_done(void *owner, const struct client_message *m)
{
	struct session *s = owner;

	if (m == s->reading)
		s->owed = m;
	else
		s->source->done(s->owner, s, m);
}

int
session_talk(struct session *s, const char *host)
{
	static const struct client_calls calls = {on_verdict, on_done};
	struct client_options o = {
	    .hello = s->common->hello,
	    .host = host,
	    .tls = s->plain ? TLS_OFF : s->route->tls,
	    .tls_implicit = s->route->tls_implicit,
	    .user = s->secret.user,
	    .password = s->secret.password,
	    .mechanisms = s->route->auth_mechanisms,
	    .auth_plain_in_clear = s->route->auth_plain_in_clear,
	};
	struct verdict v;

	if ((s->client = client_new(&o, &calls, s)) != NULL)
		return 0;
	verdict_set(&v, OUTCOME_LATER, SCOPE_HOST, 0, "4.3.0", "out of memory");
	reach_trouble(s, &v);
	session_drop(s, false);
	return -1;
}

/* The machine is through with this server: the session's end, or the next server's turn. */
static void
session_parted(struct session *s)
{
	struct verdict v = *client_end(s->client);
	bool ready = client_ready(s->client);

	s->cut = false;
	session_drop(s, true);
	if (s->over)
		return;
	if (ready || s->finishing) {
		v.scope = v.scope == SCOPE_HOST && !ready ? SCOPE_SESSION : v.scope;
		session_over(s, &v);
		return;
	}
	reach_trouble(s, &v);
	reach_next(s);
}

static void
session_flush(struct session *s)
{
	struct buf *out = client_out(s->client);

	if (s->stream == NULL)
		return;
	stream_write(s->stream, buf_view(out));
	buf_clear(out);
	if (s->turn == client_turn(s->client))
		return;
	s->turn = client_turn(s->client);
	stream_deadline(s->stream, client_timeout_s(s->client));
}

/* The machine ends with these words, now or when the pump that is running stops. */
void
session_cut(struct session *s, const char *status, const char *words)
{
	bool pumping = s->pumping;

	s->pumping = true; /* a source may give up from inside a verdict: not twice at once */
	client_cut(s->client, status, words);
	s->pumping = pumping;
	s->cut = true;
}

static void
session_secure(struct session *s)
{
	struct tls_context *tls;
	char why[400];

	if (s->securing)
		return;
	tls = tls_context(s->common->tls, s->route->tls, s->route->ca_file, why, sizeof why);
	if (tls == NULL) {
		session_cut(s, "4.7.5", why);
		return;
	}
	session_flush(s);
	s->securing = true;
	if (stream_secure(s->stream, tls, s->v[s->at].host) < 0)
		session_cut(s, "4.7.5", "TLS could not begin");
	else
		stream_deadline(s->stream, client_timeout_s(s->client));
}

static void
on_linger(uv_timer_t *t)
{
	session_finish(t->data);
}

/* true: the machine was given something. */
static bool
session_feed(struct session *s)
{
	const struct client_message *m = NULL;

	if (s->finishing) {
		client_finish(s->client);
		return true;
	}
	if (s->waiting)
		return false;
	switch (s->source->next(s->owner, s, &m)) {
	case SESSION_MESSAGE:
		client_give(s->client, m);
		return true;
	case SESSION_NO_MORE:
		client_finish(s->client);
		return true;
	case SESSION_WAIT:
		break;
	}
	s->waiting = true;
	uv_timer_start(&s->timer, on_linger, (uint64_t)s->linger_s * 1000, 0);
	return true;
}

/* true: the machine was given a piece, or the dot that follows the last one. */
static bool
session_read(struct session *s, bool restart)
{
	if (s->last) {
		s->last = false;
		client_content(s->client, SPAN(""), true);
		return true;
	}
	if (s->reading != NULL)
		return false;
	if (client_out(s->client)->n >= STREAM_LOW)
		session_flush(s);
	if (stream_queued(s->stream) >= SESSION_QUEUE_BYTES)
		return false; /* on_drained() goes on */
	s->reading = client_current(s->client);
	s->source->read(s->owner, s, s->reading, restart);
	return s->reading == NULL;
}

/* One move. false: there is something to wait for, or it is over (s->cut). */
static bool
session_move(struct session *s)
{
	if (s->cut || (s->stream != NULL && stream_unread(s->stream)))
		return false;
	switch (client_step(s->client)) {
	case CLIENT_SECURE:
		session_secure(s);
		return false;
	case CLIENT_NEXT:
		return session_feed(s);
	case CLIENT_CONTENT:
		return session_read(s, false);
	case CLIENT_RESTART:
		return session_read(s, true);
	case CLIENT_ENDED:
		s->cut = true;
		break;
	case CLIENT_HEAR:
		break;
	}
	return false;
}

void
session_pump(struct session *s)
{
	if (s->pumping || s->client == NULL)
		return;
	s->pumping = true;
	while (session_move(s))
		;
	s->pumping = false;
	session_flush(s);
	if (s->cut)
		session_parted(s);
}

static void
on_opened(void *owner)
{
	struct session *s = owner;

	if (s->route->tls_implicit && !s->securing) {
		session_secure(s);
		session_pump(s);
		return;
	}
	s->turn = client_turn(s->client) - 1;
	session_flush(s); /* says nothing, sets the greeting's deadline */
}

static void
on_secured(void *owner)
{
	struct session *s = owner;

	s->securing = false;
	if (!s->route->tls_implicit)
		client_secured(s->client);
	s->turn = client_turn(s->client) - 1;
	session_pump(s);
}

static void
on_heard(void *owner, struct span bytes)
{
	struct session *s = owner;

	s->pumping = true;
	client_hear(s->client, bytes);
	s->pumping = false;
	session_pump(s);
}

static void
on_drained(void *owner)
{
	session_pump(owner);
}

/* Where the handshake fails and nobody asked for TLS, mail goes without it, as it would have. */
static bool
may_go_plain(const struct session *s)
{
	return s->securing && !s->plain && s->route->tls == TLS_OPPORTUNISTIC &&
	       !s->route->tls_implicit;
}

/* No connection: there was no dialogue to speak of. */
static void
on_refused(struct session *s, const char *words)
{
	struct verdict v;

	session_drop(s, false);
	verdict_set(&v, OUTCOME_LATER, SCOPE_HOST, 0, "4.4.1", "%s", words);
	reach_trouble(s, &v);
	reach_next(s);
}

static void
on_closed(void *owner, enum stream_end why, const char *words)
{
	static const char *const status[] = {
	    [STREAM_EOF] = "4.4.2",
	    [STREAM_BROKEN] = "4.4.2",
	    [STREAM_TIMEOUT] = "4.4.2",
	    [STREAM_TLS] = "4.7.5",
	};
	struct session *s = owner;
	bool plain = may_go_plain(s);

	s->bytes_in += stream_bytes_in(s->stream);
	s->bytes_out += stream_bytes_out(s->stream);
	s->stream = NULL;
	if (why == STREAM_REFUSED) {
		on_refused(s, words);
		return;
	}
	session_cut(s, status[why], words);
	if (!plain) {
		session_pump(s);
		return;
	}
	session_drop(s, false);
	s->cut = false;
	s->plain = true;
	reach_again(s);
}

const struct stream_calls session_calls = {on_opened, on_secured, on_heard, on_drained, on_closed};
