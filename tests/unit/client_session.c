/*
 * A session in a real loop against a server of a few lines in a thread: hosts
 * tried in order, many messages on one connection, content that comes later,
 * ends of every kind. What the dialogue says is tests/dialog's business.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/smtp/session.h"
#include "tests/unit/peer.h"

#include <stdlib.h>
#include <unistd.h>

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
	unsigned finish_after;
	uv_timer_t timer;
	bool timer_open;
	unsigned ended;
	struct verdict end, last;
	uint64_t in, out;
	char tls[16];
};

static void
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

static enum session_next
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

static void
source_read(void *owner, struct session *s, const struct client_message *m, bool restart)
{
	struct fixture *f = owner;
	size_t n = f->text_n - f->at;

	assert_ptr_equal(m, &f->m);
	if (f->abandon)
		session_abandon(s, "the test gives up");
	if (f->later) {
		uv_timer_start(&f->timer, on_timer, 5, 0);
		return;
	}
	if (restart)
		f->at = 0;
	if (f->piece != 0 && n > f->piece)
		n = f->piece;
	f->at += n;
	session_content(s, f->text + f->at - n, n, f->at == f->text_n);
}

static void
source_verdict(void *owner, struct session *s, const struct client_message *m, unsigned rcpt,
	       const struct verdict *v)
{
	struct fixture *f = owner;

	(void)s;
	(void)m;
	(void)rcpt;
	f->verdicts++;
	f->sent += v->outcome == OUTCOME_SENT;
	f->in_doubt += v->in_doubt;
	f->last = *v;
}

static void
source_done(void *owner, struct session *s, const struct client_message *m)
{
	struct fixture *f = owner;

	(void)s;
	(void)m;
	f->done++;
}

static void
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

static struct fixture *
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
	    .hop = HOP_SMTP, .ca_file = "", .auth_file = "", .auth_mechanisms = "", .nhosts = 1,
	};
	f->route.hosts[0] = (struct config_host){"127.0.0.1", port};
	f->options = (struct session_options){.route = &f->route, .linger_s = 1};
	f->total = messages;
	f->text = "Subject: x\n\n.dot\nbody\n";
	f->text_n = strlen(f->text);
	f->rcpt = (struct client_recipient){.path = "x@y.example"};
	f->m = (struct client_message){
	    .reverse_path = "a@b.example", .recipients = &f->rcpt, .nrecipients = 1,
	};
	return f;
}

static void
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

static void
fixture_free(struct fixture *f)
{
	resolver_free(f->common.resolver);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	tls_cache_free(f->common.tls);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f);
}

static void
many_messages_one_connection(void **state)
{
	static const bool pipelining[] = {true, false};
	struct peer *p;
	struct fixture *f;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		p = peer_start(&(struct peer_how){.pipelining = pipelining[i]});
		f = fixture_new(500, peer_port(p));
		fixture_run(f);
		assert_int_equal(f->sent, 500);
		assert_int_equal(f->end.outcome, OUTCOME_SENT);
		assert_true(f->out > 500 * f->text_n);
		assert_true(f->in > 500 * 20);
		fixture_free(f);
		assert_int_equal(peer_stop(p)->messages, 500);
		assert_int_equal(p->connections, 1);
		assert_string_equal(p->text, "Subject: x\r\n\r\n..dot\r\nbody\r\n");
		peer_free(p);
	}
}

/* 3 MB in pieces of 5000, with a reader that is slow to begin. */
static void
a_large_message(void **state)
{
	struct peer *p = peer_start(&(struct peer_how){.pipelining = true, .slow_ms = 100});
	struct fixture *f = fixture_new(2, peer_port(p));
	char *big = malloc(3000000);
	size_t i;

	(void)state;
	for (i = 0; i < 3000000; i++)
		big[i] = i % 70 == 69 ? '\n' : 'a';
	f->text = big;
	f->text_n = 3000000;
	f->piece = 5000;
	fixture_run(f);
	assert_int_equal(f->sent, 2);
	assert_true(peer_stop(p)->bytes > 6000000);
	fixture_free(f);
	peer_free(p);
	free(big);
}

static void
content_and_messages_later(void **state)
{
	struct peer *p = peer_start(&(struct peer_how){.pipelining = true});
	struct fixture *f = fixture_new(3, peer_port(p));

	(void)state;
	f->later = true;
	f->wait_first = true;
	fixture_run(f);
	assert_int_equal(f->sent, 3);
	fixture_free(f);
	assert_int_equal(peer_stop(p)->messages, 3);
	peer_free(p);
}

/* The first host refuses connections, the second greets with 554, the third is good. */
static void
the_next_host(void **state)
{
	struct peer *grumpy = peer_start(&(struct peer_how){.greeting = "554 go away"});
	struct peer *p = peer_start(&(struct peer_how){.pipelining = true});
	struct fixture *f = fixture_new(2, peer_free_port());

	(void)state;
	f->route.hosts[1] = (struct config_host){"127.0.0.1", peer_port(grumpy)};
	f->route.hosts[2] = (struct config_host){"localhost", peer_port(p)};
	f->route.nhosts = 3;
	fixture_run(f);
	assert_int_equal(f->sent, 2);
	fixture_free(f);
	peer_stop(p);
	peer_free(p);
	peer_stop(grumpy);
	peer_free(grumpy);
}

static void
no_host_at_all(void **state)
{
	struct fixture *f = fixture_new(2, peer_free_port());

	(void)state;
	fixture_run(f);
	assert_int_equal(f->given, 0);
	assert_int_equal(f->end.outcome, OUTCOME_LATER);
	assert_int_equal(f->end.scope, SCOPE_HOST);
	assert_string_equal(f->end.status, "4.4.1");
	assert_non_null(strstr(f->end.words, "127.0.0.1:"));
	fixture_free(f);
}

/* The server is gone after the second message's final dot. */
static void
cut_after_the_dot(void **state)
{
	struct peer *p = peer_start(&(struct peer_how){.pipelining = true, .die_at_dot = 2});
	struct fixture *f = fixture_new(5, peer_port(p));

	(void)state;
	fixture_run(f);
	assert_int_equal(f->sent, 1);
	assert_int_equal(f->in_doubt, 1);
	assert_int_equal(f->end.outcome, OUTCOME_LATER);
	assert_int_equal(f->end.scope, SCOPE_SESSION);
	fixture_free(f);
	peer_stop(p);
	peer_free(p);
}

/* A 250 that waits in the socket when the final dot comes is not its answer (FACTS G5). */
static void
an_early_250(void **state)
{
	struct peer *p = peer_start(&(struct peer_how){.early_250 = true});
	struct fixture *f = fixture_new(1, peer_port(p));

	(void)state;
	f->later = true;
	fixture_run(f);
	assert_int_equal(f->sent, 0);
	assert_int_equal(f->last.outcome, OUTCOME_LATER);
	fixture_free(f);
	peer_stop(p);
	peer_free(p);
}

static void
finished_and_abandoned(void **state)
{
	struct peer *p = peer_start(&(struct peer_how){.pipelining = true});
	struct fixture *f = fixture_new(10, peer_port(p));

	(void)state;
	f->finish_after = 3;
	fixture_run(f);
	assert_int_equal(f->sent, 3);
	assert_int_equal(f->end.outcome, OUTCOME_SENT);
	fixture_free(f);

	f = fixture_new(10, peer_port(p));
	f->later = f->abandon = true;
	fixture_run(f);
	assert_int_equal(f->given, 1);
	assert_int_equal(f->sent, 0);
	assert_int_equal(f->last.outcome, OUTCOME_LATER);
	assert_int_equal(f->end.scope, SCOPE_SESSION);
	fixture_free(f);
	peer_stop(p);
	peer_free(p);
}

/* Nothing to send for as long as the linger lasts: QUIT. */
static void
lingers_then_quits(void **state)
{
	struct peer *p = peer_start(&(struct peer_how){.pipelining = true});
	struct fixture *f = fixture_new(0, peer_port(p));

	(void)state;
	f->wait_first = true;
	uv_timer_start(&f->timer, on_timer, 10, 0);
	fixture_run(f);
	assert_int_equal(f->end.outcome, OUTCOME_SENT);
	fixture_free(f);
	peer_stop(p);
	peer_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_messages_one_connection),
	    cmocka_unit_test(a_large_message),
	    cmocka_unit_test(content_and_messages_later),
	    cmocka_unit_test(the_next_host),
	    cmocka_unit_test(no_host_at_all),
	    cmocka_unit_test(cut_after_the_dot),
	    cmocka_unit_test(an_early_250),
	    cmocka_unit_test(finished_and_abandoned),
	    cmocka_unit_test(lingers_then_quits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
