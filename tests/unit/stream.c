/* The stream by itself: its ends, its deadline, its source, the last words of a peer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/net/stream.h"
#include "tests/unit/peer.h"

struct end {
	uv_loop_t loop;
	struct stream *s;
	int listener, fd; /* the other side, blocking */
	struct stream_place place;
	struct buf heard;
	unsigned opened, drained, closed;
	enum stream_end why;
	char words[100];
	size_t to_write; /* at opened */
	unsigned deadline_s;
	const char *reply; /* written by the peer when we are connected; then it closes */
	bool drip;
	uv_timer_t timer;
};

static void
on_drip(uv_timer_t *t)
{
	struct end *e = t->data;

	if (send(e->fd, "2", 1, MSG_NOSIGNAL) < 0)
		uv_timer_stop(t);
}

static void
on_opened(void *owner)
{
	struct end *e = owner;
	char *p;

	e->opened++;
	e->fd = accept(e->listener, NULL, NULL);
	if (e->deadline_s != 0)
		stream_deadline(e->s, e->deadline_s);
	if (e->reply != NULL) {
		assert_true(send(e->fd, e->reply, strlen(e->reply), 0) > 0);
		close(e->fd);
	}
	if (e->drip)
		uv_timer_start(&e->timer, on_drip, 10, 50);
	if (e->to_write > 0) {
		p = calloc(1, e->to_write);
		stream_write(e->s, (struct span){p, e->to_write});
		free(p);
	}
}

static void
on_heard(void *owner, struct span bytes)
{
	struct end *e = owner;

	buf_span(&e->heard, bytes);
}

static void
on_drained(void *owner)
{
	struct end *e = owner;

	e->drained++;
}

static void
on_closed(void *owner, enum stream_end why, const char *words)
{
	struct end *e = owner;

	e->closed++;
	e->why = why;
	snprintf(e->words, sizeof e->words, "%s", words);
	uv_close((uv_handle_t *)&e->timer, NULL);
}

static const struct stream_calls calls = {on_opened, NULL, on_heard, on_drained, on_closed};

static struct end *
end_new(bool listening)
{
	struct end *e = calloc(1, sizeof *e);
	uint16_t port;

	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&e->loop);
	uv_timer_init(&e->loop, &e->timer);
	e->timer.data = e;
	e->listener = peer_bind(&port);
	if (listening)
		listen(e->listener, 4);
	uv_ip4_addr("127.0.0.1", port, (struct sockaddr_in *)&e->place.peer);
	return e;
}

static void
end_open(struct end *e)
{
	char why[100];

	e->s = stream_open(&e->loop, &e->place, &calls, e, why, sizeof why);
	assert_non_null(e->s);
	assert_int_equal(e->closed, 0);
}

static void
end_free(struct end *e)
{
	uv_run(&e->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&e->loop), 0);
	close(e->listener);
	if (e->fd > 0 && e->reply == NULL)
		close(e->fd);
	buf_free(&e->heard);
	free(e);
}

static void
refused(void **state)
{
	struct end *e = end_new(false);

	(void)state;
	end_open(e);
	uv_run(&e->loop, UV_RUN_DEFAULT);
	assert_int_equal(e->closed, 1);
	assert_int_equal(e->why, STREAM_REFUSED);
	assert_string_equal(e->words, "connection refused");
	end_free(e);
}

/* An address that is not ours, as source: an end like every other, from the loop. */
static void
a_source_that_is_not_ours(void **state)
{
	struct end *e = end_new(true);

	(void)state;
	uv_ip4_addr("192.0.2.1", 0, (struct sockaddr_in *)&e->place.source);
	end_open(e);
	uv_run(&e->loop, UV_RUN_DEFAULT);
	assert_int_equal(e->closed, 1);
	assert_int_equal(e->why, STREAM_REFUSED);
	end_free(e);
}

static void
the_source_asked_for(void **state)
{
	struct end *e = end_new(true);
	struct sockaddr_in a;
	socklen_t n = sizeof a;
	struct buf text = {0};

	(void)state;
	uv_ip4_addr("127.0.0.77", 0, (struct sockaddr_in *)&e->place.source);
	end_open(e);
	while (e->opened == 0)
		uv_run(&e->loop, UV_RUN_ONCE);
	assert_int_equal(getpeername(e->fd, (struct sockaddr *)&a, &n), 0);
	stream_address_text((struct sockaddr_storage *)&a, &text);
	assert_int_equal(strncmp(text.p, "127.0.0.77:", 11), 0);
	buf_free(&text);
	stream_abandon(e->s);
	uv_close((uv_handle_t *)&e->timer, NULL);
	end_free(e);
	/* nobody was told: the owner had gone */
}

/* A reply that drips does not move the deadline (FACTS G2: an octet a second held sessions for
 * ever).
 */
static void
a_drip_is_no_reply(void **state)
{
	struct end *e = end_new(true);

	(void)state;
	e->drip = true;
	e->deadline_s = 1;
	end_open(e);
	uv_run(&e->loop, UV_RUN_DEFAULT);
	assert_int_equal(e->closed, 1);
	assert_int_equal(e->why, STREAM_TIMEOUT);
	assert_true(e->heard.n > 5 && e->heard.n < 40);
	end_free(e);
}

/* The peer says why and hangs up while we write: its words are heard all the same. */
static void
last_words(void **state)
{
	struct end *e = end_new(true);

	(void)state;
	e->reply = "421 too much\r\n";
	e->to_write = 30000;
	end_open(e);
	uv_run(&e->loop, UV_RUN_DEFAULT);
	assert_int_equal(e->closed, 1);
	assert_string_equal(buf_text(&e->heard), "421 too much\r\n");
	end_free(e);
}

/* Closing sends what is queued; the owner hears nothing more. */
static void
closing_sends_the_rest(void **state)
{
	struct end *e = end_new(true);
	char sink[65536];
	size_t got = 0;
	long n;

	(void)state;
	e->to_write = 5000000;
	end_open(e);
	while (e->opened == 0)
		uv_run(&e->loop, UV_RUN_ONCE);
	assert_true(stream_queued(e->s) > STREAM_HIGH);
	stream_close(e->s);
	uv_close((uv_handle_t *)&e->timer, NULL);
	while (got < 5000000) {
		uv_run(&e->loop, UV_RUN_NOWAIT);
		if ((n = recv(e->fd, sink, sizeof sink, MSG_DONTWAIT)) > 0)
			got += (size_t)n;
		assert_true(n != 0);
	}
	end_free(e);
}

/* A full queue drains once the peer reads, and says so once. */
static void
a_queue_drains(void **state)
{
	struct end *e = end_new(true);
	char sink[65536];
	size_t got = 0;
	long n;

	(void)state;
	e->to_write = 5000000;
	end_open(e);
	while (got < 5000000 || e->drained == 0) {
		uv_run(&e->loop, UV_RUN_NOWAIT);
		if (e->fd > 0 && (n = recv(e->fd, sink, sizeof sink, MSG_DONTWAIT)) > 0)
			got += (size_t)n;
	}
	assert_int_equal(e->drained, 1);
	assert_int_equal(stream_queued(e->s), 0);
	assert_int_equal(stream_bytes_out(e->s), 5000000);
	assert_int_equal(send(e->fd, "x", 1, 0), 1);
	assert_true(stream_unread(e->s));
	uv_run(&e->loop, UV_RUN_ONCE);
	assert_false(stream_unread(e->s));
	assert_int_equal(stream_bytes_in(e->s), 1);
	close(e->fd);
	e->fd = 0;
	uv_run(&e->loop, UV_RUN_DEFAULT);
	assert_int_equal(e->why, STREAM_EOF);
	end_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refused),
	    cmocka_unit_test(a_source_that_is_not_ours),
	    cmocka_unit_test(the_source_asked_for),
	    cmocka_unit_test(a_drip_is_no_reply),
	    cmocka_unit_test(last_words),
	    cmocka_unit_test(closing_sends_the_rest),
	    cmocka_unit_test(a_queue_drains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
