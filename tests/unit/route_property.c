/*
 * Addresses at random, the whole way: read, printed, routed, rewritten for
 * either side, and answered. The seed is printed; BANGWAY_SEED repeats a run,
 * BANGWAY_ROUNDS makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/random_address.h"
#include "tests/unit/route_checks.h"

static struct dice dice;

static void
fail_at(const char *what, struct span text, struct span got)
{
	struct buf a = {0}, b = {0};

	buf_escape(&a, text);
	buf_escape(&b, got);
	fail_msg("seed %llu: %s: %s gives %s", (unsigned long long)dice.seed, what, buf_text(&a),
	         buf_text(&b));
}

static int
setup(void **state)
{
	(void)state;
	return gateways_open();
}

static int
teardown(void **state)
{
	(void)state;
	gateways_close();
	return 0;
}

static void
the_whole_way(void **state)
{
	struct buf text = {0};
	unsigned long i, rounds = dice_rounds(100000), home = 0;

	(void)state;
	for (i = 0; i < rounds; i++) {
		random_address(&dice, &text);
		home += check_address(roll(&dice, 256), buf_view(&text));
	}
	printf("# of %lu addresses %lu have an answer that comes home\n", rounds, home);
	assert_true(home > rounds / 3);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_whole_way),
	};

	dice_by_clock(&dice);
	return cmocka_run_group_tests(tests, setup, teardown);
}
