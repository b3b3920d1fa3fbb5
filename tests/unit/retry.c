#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/schedule/lease.h"
#include "bridge/schedule/retry.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define DAY         86400

#define NOW INT64_C(1795000000)

static const struct retry_limits usual = {
    .backoff_min_s = 300,
    .backoff_max_s = 14400,
    .lifetime_s = 5 * DAY,
    .lifetime_absolute_s = 60 * DAY,
    .warn_after_s = DAY,
};

static void
waits(void **state)
{
	static const struct {
		uint32_t failures, middle_s;
	} rows[] = {
	    {0, 300},  {1, 300},   {2, 600},   {3, 1200},           {4, 2400},
	    {6, 9600}, {7, 14400}, {8, 14400}, {UINT32_MAX, 14400},
	};
	uint32_t wait_s, low, high;
	uint64_t seed;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		low = UINT32_MAX;
		high = 0;
		for (seed = 0; seed < 500; seed++) {
			wait_s = retry_wait_s(&usual, rows[i].failures, seed);
			low = wait_s < low ? wait_s : low;
			high = wait_s > high ? wait_s : high;
			assert_int_equal(wait_s, retry_wait_s(&usual, rows[i].failures, seed));
		}
		assert_true(low >= rows[i].middle_s - rows[i].middle_s / 10);
		assert_true(high <= rows[i].middle_s + rows[i].middle_s / 10);
		assert_true(high > low); /* what failed together does not come back together */
	}
}

static void
small_waits(void **state)
{
	struct retry_limits l = {.backoff_min_s = 1, .backoff_max_s = 2};

	(void)state;
	assert_int_equal(retry_wait_s(&l, 1, 7), 1);
	assert_int_equal(retry_wait_s(&l, 2, 7), 2);
	assert_int_equal(retry_wait_s(&l, 9, 7), 2);
	l = (struct retry_limits){.backoff_min_s = UINT32_MAX, .backoff_max_s = UINT32_MAX};
	assert_true(retry_wait_s(&l, 40, 3) > UINT32_MAX - UINT32_MAX / 10 - 1);
}

static void
fates(void **state)
{
	static const struct {
		int64_t chance_s, age_s;
		bool warned;
		enum retry_fate fate;
	} rows[] = {
	    {0, 0, false, RETRY_AGAIN},
	    {DAY - 1, 3 * DAY, false, RETRY_AGAIN},
	    {DAY, 3 * DAY, false, RETRY_WARN},
	    {DAY, 3 * DAY, true, RETRY_AGAIN}, /* told once */
	    {5 * DAY - 1, 5 * DAY, true, RETRY_AGAIN},
	    {5 * DAY, 5 * DAY, true, RETRY_EXPIRE},
	    {5 * DAY, 5 * DAY, false, RETRY_EXPIRE},
	    {0, 60 * DAY - 1, false, RETRY_AGAIN}, /* the link was down all the time */
	    {0, 60 * DAY, false, RETRY_EXPIRE},    /* but there is a calendar */
	};
	struct retry_limits silent = usual;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++)
		assert_int_equal(
		    retry_fate(&usual, rows[i].chance_s, rows[i].age_s, rows[i].warned),
		    rows[i].fate);
	assert_int_equal(retry_least_age_s(&usual), DAY);
	silent.warn_after_s = 0;
	assert_int_equal(retry_fate(&silent, 2 * DAY, 2 * DAY, false), RETRY_AGAIN);
	assert_int_equal(retry_least_age_s(&silent), 5 * DAY);
}

static void
leases(void **state)
{
	struct leases *l = leases_new();
	spool_id id;

	(void)state;
	assert_non_null(l);
	assert_true(lease_take(l, 7, 0));
	assert_false(lease_take(l, 7, 0));
	assert_true(lease_take(l, 7, 1));
	assert_false(lease_take(l, 7, SPOOL_ALL)); /* the whole message: not while a part is out */
	lease_return(l, 7, 0);
	assert_false(lease_take(l, 7, SPOOL_ALL));
	lease_return(l, 7, 1);
	assert_true(lease_take(l, 7, SPOOL_ALL));
	assert_false(lease_take(l, 7, 3));
	assert_true(lease_take(l, 7 + 1024, 3)); /* another in the same chain */
	lease_return(l, 7, 3);                   /* was never had: nothing */
	assert_false(lease_take(l, 7, 3));
	lease_return(l, 7, SPOOL_ALL);
	assert_true(lease_take(l, 7, 3));
	assert_int_equal(leases_count(l), 2);
	for (id = 100; id < 5000; id++)
		assert_true(lease_take(l, id, 0));
	for (id = 100; id < 5000; id++)
		lease_return(l, id, 0);
	assert_int_equal(leases_count(l), 2);
	leases_free(l);
}

static void
test_clocks_that_were_wrong(void **state)
{
	static const struct {
		int64_t due_s;
		bool is_due;
	} rows[] = {{NOW, true},
	            {NOW - 1, true},
	            {0, true},
	            {NOW + 1, false},
	            {NOW + 2 * 14400, false},
	            {NOW + 2 * 14400 + 1, true},
	            {NOW + INT64_C(315360000), true},
	            {INT64_MAX, false}};
	const struct retry_limits l = {.backoff_min_s = 300, .backoff_max_s = 14400};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(retry_is_due(&l, rows[i].due_s, NOW), rows[i].is_due);
	assert_int_equal(retry_age_s(NOW - 7, NOW), 7);
	assert_int_equal(retry_age_s(0, NOW), 0);
	assert_int_equal(retry_age_s(1000000000, NOW), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clocks_that_were_wrong),
	    cmocka_unit_test(waits),
	    cmocka_unit_test(small_waits),
	    cmocka_unit_test(fates),
	    cmocka_unit_test(leases),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
