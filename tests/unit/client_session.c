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

#include "tests/unit/sender.h"

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

/* Given up from inside a verdict, of a message that went well or of one that was cut. */
static void
abandoned_in_a_verdict(void **state)
{
	unsigned die_at;

	(void)state;
	for (die_at = 0; die_at < 3; die_at++) {
		struct peer *p =
		    peer_start(&(struct peer_how){.pipelining = true, .die_at_dot = die_at});
		struct fixture *f = fixture_new(10, peer_port(p));

		f->abandon_at = 2;
		fixture_run(f);
		assert_true(f->given >= 1 && f->given < 5);
		assert_int_equal(f->end.outcome, OUTCOME_LATER);
		fixture_free(f);
		peer_stop(p);
		peer_free(p);
	}
}

/* The content turns out to be damaged: no dot is said, the server takes nothing. */
static void
content_that_fails(void **state)
{
	struct peer *p = peer_start(&(struct peer_how){.pipelining = true});
	struct fixture *f = fixture_new(3, peer_port(p));

	(void)state;
	f->fail = true;
	fixture_run(f);
	assert_int_equal(f->given, 1);
	assert_int_equal(f->last.outcome, OUTCOME_NEVER);
	assert_string_equal(f->last.words, "damaged");
	assert_int_equal(f->end.scope, SCOPE_SESSION);
	fixture_free(f);
	assert_int_equal(peer_stop(p)->messages, 0);
	peer_free(p);
}

/* By MX: a literal domain on another port; and mail for ourselves, which goes nowhere. */
static void
by_mx(void **state)
{
	static const char *addresses[] = {"127.0.0.1"};
	static const struct config_strings ours = {addresses, 1};
	struct peer *p = peer_start(&(struct peer_how){.pipelining = true});
	struct fixture *f = fixture_new(2, peer_port(p));

	(void)state;
	f->route.hop = HOP_MX;
	f->options.domain = "[127.0.0.1]";
	f->options.port = peer_port(p);
	fixture_run(f);
	assert_int_equal(f->sent, 2);
	fixture_free(f);

	f = fixture_new(2, peer_port(p));
	f->route.hop = HOP_MX;
	f->options.domain = "[127.0.0.1]";
	f->options.port = peer_port(p);
	f->common.self.addresses = &ours;
	fixture_run(f);
	assert_int_equal(f->given, 0);
	assert_int_equal(f->end.outcome, OUTCOME_NEVER);
	assert_int_equal(f->end.scope, SCOPE_HOST);
	assert_string_equal(f->end.status, "5.4.6");
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
	    cmocka_unit_test(abandoned_in_a_verdict),
	    cmocka_unit_test(content_that_fails),
	    cmocka_unit_test(by_mx),
	    cmocka_unit_test(lingers_then_quits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
