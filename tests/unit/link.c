/*
 * Links: orders, the state machine, the chance clock. Scripts of events, with
 * the clock as an argument.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/link/chance.h"
#include "bridge/link/order.h"
#include "bridge/link/state.h"

#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static void
orders(void **state)
{
	static const struct {
		const char *text;
		int ret;
		enum link_order order;
	} rows[] = {
	    {"up", 0, LINK_ORDER_UP},    {"down", 0, LINK_ORDER_DOWN}, {"auto", 0, LINK_ORDER_AUTO},
	    {"UP", -1, LINK_ORDER_AUTO}, {"", -1, LINK_ORDER_AUTO},    {"upp", -1, LINK_ORDER_AUTO},
	};
	char fact[LINK_FACT_NAME];
	enum link_order o;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		o = LINK_ORDER_AUTO;
		assert_int_equal(link_order_parse(rows[i].text, &o), rows[i].ret);
		assert_int_equal(o, rows[i].order);
		assert_int_equal(link_order_of_fact(rows[i].text, strlen(rows[i].text)),
		                 rows[i].order);
	}
	assert_int_equal(link_order_of_fact("a value too long", 16), LINK_ORDER_AUTO);
	assert_string_equal(link_order_fact("vsat", fact), "link/vsat/order");
}

/* "y" a probe answers, "n" it does not; "U", "D", "A" an operator's order; one letter a second. */
struct story {
	enum link_evidence evidence;
	const char *events;
	const char *states; /* after each: "u" up, "d" down */
};

static bool
happen(struct link_state *s, char event, int64_t now_ms)
{
	switch (event) {
	case 'y':
		return link_state_probe(s, true, now_ms);
	case 'n':
		return link_state_probe(s, false, now_ms);
	case 'U':
		return link_state_order(s, LINK_ORDER_UP, now_ms);
	case 'D':
		return link_state_order(s, LINK_ORDER_DOWN, now_ms);
	default:
		return link_state_order(s, LINK_ORDER_AUTO, now_ms);
	}
}

static void
stories(void **state)
{
	static const struct story rows[] = {
	    {LINK_ALWAYS, "DAUD", "duud"},
	    {LINK_MANUAL, "UDUA", "udud"},
	    {LINK_TCP, "nny", "ddu"},                 /* the first answer brings it up */
	    {LINK_TCP, "ynyny", "uuuuu"},             /* one lost probe does not end it */
	    {LINK_TCP, "ynnn", "uudd"},               /* two in a row do */
	    {LINK_TCP, "ynnyyn", "uudduu"},           /* a false start: two answers the next time */
	    {LINK_TCP, "ynnynyy", "uuddddu"},         /* and they must be in a row */
	    {LINK_TCP, "yyyyyyyynny", "uuuuuuuuudu"}, /* it was up for long: one answer is enough */
	    {LINK_TCP, "yDyynA", "uddddu"},           /* the order stands above; evidence goes on */
	    {LINK_TCP, "nUnnA", "duuud"},
	};
	struct link_pace pace = {.every_ms = 3000, .timeout_ms = 1000};
	struct link_state s;
	int64_t now_ms;
	size_t i, j;
	bool was, changed;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		link_state_init(&s, rows[i].evidence, pace, LINK_ORDER_AUTO, 0);
		assert_int_equal(s.up, rows[i].evidence == LINK_ALWAYS);
		for (j = 0; rows[i].events[j] != '\0'; j++) {
			now_ms = (int64_t)(j + 1) * 1000;
			was = s.up;
			changed = happen(&s, rows[i].events[j], now_ms);
			if (s.up != (rows[i].states[j] == 'u'))
				fail_msg("story %zu (%s), event %zu", i, rows[i].events, j);
			assert_int_equal(changed, was != s.up);
			if (changed)
				assert_int_equal(s.since_ms, now_ms);
		}
	}
}

static void
paces(void **state)
{
	struct link_pace pace = {.every_ms = 60000, .timeout_ms = 1000};
	struct link_state s;

	(void)state;
	link_state_init(&s, LINK_TCP, pace, LINK_ORDER_AUTO, 100);
	assert_int_equal(s.probe_due_ms, 100); /* at once */
	link_state_probe(&s, false, 200);
	assert_int_equal(s.probe_due_ms, 60200); /* down as it was */
	link_state_probe(&s, true, 60200);
	assert_int_equal(s.probe_due_ms, 120200);
	link_state_probe(&s, false, 120200);
	assert_int_equal(s.probe_due_ms, 120200 + LINK_DOUBT_MS); /* in doubt: soon */
	link_state_probe(&s, true, 122200);
	assert_int_equal(s.probe_due_ms, 182200);
	link_state_doubt(&s, 130000);
	assert_int_equal(s.probe_due_ms, 130000);
	link_state_init(&s, LINK_MANUAL, pace, LINK_ORDER_UP, 0);
	assert_true(s.up);
	link_state_doubt(&s, 5);
	assert_int_equal(s.probe_due_ms, INT64_MAX); /* never probed */
}

/* ---- chance ---- */

/* Wall clock and monotonic clock go together here, wall being 1000 s ahead. */
static void
run(struct chance_clock *c, bool running, int64_t at_s)
{
	chance_run(c, running, 1000 + at_s, at_s * 1000);
}

static int64_t
since(const struct chance_clock *c, int64_t then_s, int64_t now_s)
{
	return chance_since(c, 1000 + then_s, now_s * 1000);
}

static void
chances(void **state)
{
	struct chance_clock c;

	(void)state;
	chance_init(&c, 1000, 0);
	run(&c, true, 100);
	run(&c, false, 150);
	run(&c, true, 500);
	run(&c, true, 550); /* said twice: nothing */
	run(&c, false, 600);
	static const struct {
		int64_t then_s, now_s, chance_s;
	} rows[] = {
	    {0, 700, 150},   {50, 700, 150},   {100, 700, 150}, {120, 700, 130}, {150, 700, 100},
	    {300, 700, 100}, {499, 700, 100},  {500, 700, 100}, {599, 700, 1},   {600, 700, 0},
	    {650, 700, 0},   {-500, 700, 150}, /* before there was a clock: only what it counted */
	    {700, 700, 0},
	};
	for (size_t i = 0; i < ROWS(rows); i++)
		if (since(&c, rows[i].then_s, rows[i].now_s) != rows[i].chance_s)
			fail_msg("chance since %d is %d", (int)rows[i].then_s,
			         (int)since(&c, rows[i].then_s, rows[i].now_s));
	run(&c, true, 1000);
	assert_int_equal(since(&c, 120, 1010), 140); /* while it runs */
	assert_int_equal(since(&c, 1005, 1010), 5);
	assert_int_equal(since(&c, 2000, 1010), 0); /* a letter from the future */
}

static void
chance_is_durable(void **state)
{
	unsigned char form[CHANCE_BYTES];
	struct chance_clock c, d;
	size_t n;

	(void)state;
	chance_init(&c, 1000, 0);
	run(&c, true, 100);
	n = chance_encode(&c, 1000 + 160, 160000, form);
	assert_true(n <= sizeof form);
	/* The daemon was off from 160 on; another boot, so another monotonic clock. */
	assert_int_equal(chance_decode(&d, form, n, 1000 + 500, 7000), 0);
	assert_false(d.running);
	assert_int_equal(chance_since(&d, 1000, 7000), 60);
	assert_int_equal(chance_since(&d, 1130, 8000), 30);
	assert_int_equal(chance_since(&d, 1300, 8000), 0);
	chance_run(&d, true, 1510, 17000);
	assert_int_equal(chance_since(&d, 1130, 20000), 33);
	assert_int_equal(chance_since(&d, 1300, 20000), 3);
	/* Anything else is a clock that begins anew. */
	assert_int_equal(chance_decode(&d, form, n - 1, 2000, 0), -1);
	assert_int_equal(chance_decode(&d, "", 0, 2000, 0), -1);
	assert_int_equal(chance_since(&d, 1000, 5000), 0);
	form[16 + 16] = 0; /* the points no longer rise */
	form[16 + 17] = 0;
	assert_int_equal(chance_decode(&d, form, n, 2000, 0), -1);
}

/* Up and down ten thousand times: bounded, and wrong only in the message's favour. */
static void
chance_is_bounded(void **state)
{
	unsigned char form[CHANCE_BYTES];
	struct chance_clock c;
	int64_t t, step, total = 0, got;

	(void)state;
	chance_init(&c, 1000, 0);
	for (t = 0; t < 100000; t += 10) {
		run(&c, true, t);
		run(&c, false, t + 3);
		total += 3;
	}
	assert_true(c.n <= CHANCE_POINTS);
	assert_int_equal(since(&c, 0, 100000), total);
	for (step = 5; step < 100000; step += 977) {
		got = since(&c, step, 100000);
		assert_true(got <= (100000 - step) * 3 / 10 + 3);
	}
	assert_true(chance_encode(&c, 101000, 100000000, form) <= sizeof form);
}

static void
chance_with_a_clock_that_jumps(void **state)
{
	struct chance_clock c;

	(void)state;
	chance_init(&c, 5000000, 0); /* the battery was empty: far in the future */
	chance_run(&c, true, 5000000, 0);
	chance_run(&c, false, 1100, 100000); /* put right while it ran */
	assert_int_equal(chance_since(&c, 1100, 200000), 0);
	assert_true(chance_since(&c, 1050, 200000) <= 100);
	chance_run(&c, true, 1200, 200000);
	assert_int_equal(chance_since(&c, 1200, 210000), 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(orders),
	    cmocka_unit_test(stories),
	    cmocka_unit_test(paces),
	    cmocka_unit_test(chances),
	    cmocka_unit_test(chance_is_durable),
	    cmocka_unit_test(chance_is_bounded),
	    cmocka_unit_test(chance_with_a_clock_that_jumps),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
