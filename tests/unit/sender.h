/* One session with a source of equal messages, for tests that run it against a struct peer. */
#ifndef TESTS_SENDER_H
#define TESTS_SENDER_H

#include "bridge/smtp/session.h"
#include "tests/unit/peer.h"

#include <stdlib.h>

struct fixture {
	uv_loop_t loop;
	struct session_common common;
	struct config_strings none;
	struct config_route route;
	struct session_options options;
	struct session *session;

	/* the source */
	unsigned total, given, done, verdicts, sent, in_doubt;
	struct client_recipient rcpt;
	struct client_message m;
	const char *text;
	size_t text_n, at, piece;
	bool later;          /* read() is answered from the loop */
	bool wait_first;     /* SESSION_WAIT, then session_ready() from a timer */
	bool abandon;        /* inside the first read() */
	unsigned abandon_at; /* inside this verdict */
	bool fail;           /* read() is answered by session_content_failed() */
	unsigned finish_after;
	uv_timer_t timer;
	bool timer_open;
	unsigned ended;
	struct verdict end, last;
	uint64_t in, out;
	char tls[16];
};

static inline void
on_timer(uv_timer_t *t)
{
	struct fixture *f = t->data;

	if (f->wait_first) {
		f->wait_first = false;
		session_ready(f->session);
		return;
	}
	session_content(f->session, f->text, f->text_n, true);
}

static inline enum session_next
source_next(void *owner, struct session *s, const struct client_message **m)
{
	struct fixture *f = owner;

	assert_true(session_abilities(s)->esmtp);
	snprintf(f->tls, sizeof f->tls, "%s", session_tls(s));
	if (f->wait_first) {
		uv_timer_start(&f->timer, on_timer, 20, 0);
		return SESSION_WAIT;
	}
	if (f->given == f->total)
		return SESSION_NO_MORE;
	f->given++;
	f->at = 0;
	if (f->given == f->finish_after)
		session_finish(s);
	*m = &f->m;
	return SESSION_MESSAGE;
}

static inline void
source_read(void *owner, struct session *s, const struct client_message *m, bool restart)
{
	struct fixture *f = owner;
	size_t n = f->text_n - f->at;
	struct verdict v;

	assert_ptr_equal(m, &f->m);
	if (f->abandon)
		session_abandon(s, "the test gives up");
	if (f->later) {
		uv_timer_start(&f->timer, on_timer, 5, 0);
		return;
	}
	if (f->fail) {
		verdict_set(&v, OUTCOME_NEVER, SCOPE_MESSAGE, 0, "5.6.0", "damaged");
		session_content_failed(s, &v);
		return;
	}
	if (restart)
		f->at = 0;
	if (f->piece != 0 && n > f->piece)
		n = f->piece;
	f->at += n;
	session_content(s, f->text + f->at - n, n, f->at == f->text_n);
}

static inline void
source_verdict(void *owner, struct session *s, const struct client_message *m, unsigned rcpt,
               const struct verdict *v)
{
	struct fixture *f = owner;

	(void)m;
	(void)rcpt;
	f->verdicts++;
	f->sent += v->outcome == OUTCOME_SENT;
	f->in_doubt += v->in_doubt;
	f->last = *v;
	if (f->verdicts == f->abandon_at)
		session_abandon(s, "the test gives up");
}

static inline void
source_done(void *owner, struct session *s, const struct client_message *m)
{
	struct fixture *f = owner;

	(void)s;
	(void)m;
	f->done++;
}

static inline void
source_ended(void *owner, struct session *s, const struct verdict *v, uint64_t in, uint64_t out)
{
	struct fixture *f = owner;

	(void)s;
	f->ended++;
	f->end = *v;
	f->in = in;
	f->out = out;
	uv_close((uv_handle_t *)&f->timer, NULL);
}

static const struct session_source source = {
    source_next, source_read, source_verdict, source_done, source_ended,
};

static inline struct fixture *
fixture_new(unsigned messages, uint16_t port)
{
	struct fixture *f = calloc(1, sizeof *f);

	uv_loop_init(&f->loop);
	uv_timer_init(&f->loop, &f->timer);
	f->timer.data = f;
	f->common = (struct session_common){.loop = &f->loop, .hello = "gw.example.com"};
	f->common.resolver = resolver_new(&f->loop, &f->none);
	f->common.tls = tls_cache_new();
	f->route = (struct config_route){
	    .hop = HOP_SMTP,
	    .ca_file = "",
	    .auth_file = "",
	    .auth_mechanisms = "",
	    .nhosts = 1,
	};
	f->route.hosts[0] = (struct config_host){"127.0.0.1", port};
	f->options = (struct session_options){.route = &f->route, .linger_s = 1};
	f->total = messages;
	f->text = "Subject: x\n\n.dot\nbody\n";
	f->text_n = strlen(f->text);
	f->rcpt = (struct client_recipient){.path = "x@y.example"};
	f->m = (struct client_message){
	    .reverse_path = "a@b.example",
	    .recipients = &f->rcpt,
	    .nrecipients = 1,
	};
	return f;
}

static inline void
fixture_run(struct fixture *f)
{
	f->session = session_open(&f->common, &f->options, &source, f);
	assert_non_null(f->session);
	assert_int_equal(f->ended, 0);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(f->ended, 1);
	assert_int_equal(f->verdicts, f->given);
	assert_int_equal(f->done, f->given);
}

static inline void
fixture_free(struct fixture *f)
{
	resolver_free(f->common.resolver);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	tls_cache_free(f->common.tls);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f);
}

#endif
