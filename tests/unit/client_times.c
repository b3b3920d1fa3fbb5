/* How long each reply is waited for (RFC 5321 section 4.5.3.2), and when the wait starts anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/buf.h"
#include "bridge/smtp/client.h"

static const struct {
	const char *heard; /* after which is waited for ... */
	const char *what;
	unsigned timeout_s;
} rows[] = {
    {"", "the greeting", 300},
    {"220 mx\r\n", "EHLO", 300},
    {"500 no\r\n", "HELO", 300},
    {"250 mx\r\n", "MAIL", 300},
    {"250 ok\r\n", "RCPT", 300},
    {"250 ok\r\n", "DATA", 120},
    {"354 go on\r\n", "the final dot", 600},
    {"250 taken\r\n", "QUIT", 10},
};

static unsigned settled;

static void
on_verdict(void *owner, const struct client_message *m, unsigned rcpt, const struct verdict *v)
{
	(void)owner;
	(void)m;
	(void)rcpt;
	settled += v->outcome == OUTCOME_SENT;
}

static void
on_done(void *owner, const struct client_message *m)
{
	(void)owner;
	(void)m;
}

static void
step(struct client *c, const struct client_message *m, bool *given)
{
	enum client_want want;

	while ((want = client_step(c)) != CLIENT_HEAR && want != CLIENT_ENDED) {
		if (want == CLIENT_NEXT && !*given)
			client_give(c, m);
		else if (want == CLIENT_NEXT)
			client_finish(c);
		*given |= want == CLIENT_NEXT;
		if (want == CLIENT_CONTENT) {
			assert_int_equal(client_timeout_s(c), 180);
			client_content(c, SPAN("text\n"), true);
		}
	}
}

static void
times(void **state)
{
	static const struct client_calls calls = {on_verdict, on_done};
	struct client_options o = {
	    .hello = "h", .host = "s", .user = "", .password = "", .mechanisms = ""};
	struct client_recipient r = {.path = "x@y"};
	struct client_message m = {.reverse_path = "a@b", .recipients = &r, .nrecipients = 1};
	struct client *c = client_new(&o, &calls, NULL);
	unsigned turn = 0;
	bool given = false;
	size_t i, at;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (at = 0; rows[i].heard[at] != '\0'; at++) {
			client_hear(c, (struct span){rows[i].heard + at, 1});
			/* a reply that drips starts nothing anew: only a whole one does */
			if (rows[i].heard[at + 1] != '\0')
				assert_int_equal(client_turn(c), turn);
		}
		step(c, &m, &given);
		if (client_timeout_s(c) != rows[i].timeout_s)
			fail_msg("%s: %u s", rows[i].what, client_timeout_s(c));
		assert_int_not_equal(client_turn(c), turn);
		turn = client_turn(c);
	}
	assert_int_equal(settled, 1);
	client_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
