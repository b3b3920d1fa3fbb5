#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/clock.h"
#include "bridge/base/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void
dates_are_written(void **state)
{
	static const struct {
		int64_t at;
		const char *mail, *iso, *from;
	} rows[] = {
	    {0, "Thu, 1 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00Z",
	     "Thu Jan  1 00:00:00 1970"},
	    {-1, "Wed, 31 Dec 1969 23:59:59 +0000", "1969-12-31T23:59:59Z",
	     "Wed Dec 31 23:59:59 1969"},
	    {951782400, "Tue, 29 Feb 2000 00:00:00 +0000", "2000-02-29T00:00:00Z",
	     "Tue Feb 29 00:00:00 2000"},
	    {4107542400, "Mon, 1 Mar 2100 00:00:00 +0000", "2100-03-01T00:00:00Z",
	     "Mon Mar  1 00:00:00 2100"},
	    {1795349254, "Sun, 22 Nov 2026 12:07:34 +0000", "2026-11-22T12:07:34Z",
	     "Sun Nov 22 12:07:34 2026"},
	};
	char out[CLOCK_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_string_equal(clock_text_mail(rows[i].at, out), rows[i].mail);
		assert_string_equal(clock_text_iso(rows[i].at, out), rows[i].iso);
		assert_string_equal(clock_text_from(rows[i].at, out), rows[i].from);
	}
}

/* Every day of four centuries and some, against libc. */
static void
dates_agree_with_libc(void **state)
{
	char ours[CLOCK_TEXT], theirs[CLOCK_TEXT];
	struct tm tm;
	time_t at;

	(void)state;
	for (at = -86400L * 40000; at < 86400L * 120000; at += 86399) {
		gmtime_r(&at, &tm);
		strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%SZ", &tm);
		assert_string_equal(clock_text_iso(at, ours), theirs);
		strftime(theirs, sizeof theirs, "%a %b %e %H:%M:%S %Y", &tm);
		assert_string_equal(clock_text_from(at, ours), theirs);
	}
}

static void
clocks_go(void **state)
{
	int64_t wall = clock_wall_s(), mono = clock_mono_ms();

	(void)state;
	assert_true(llabs((long long)(wall - time(NULL))) <= 1);
	usleep(3000);
	assert_true(clock_mono_ms() >= mono + 2);
}

static void
durations_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} rows[] = {
	    {"0", 0},
	    {"90", 90},
	    {"90s", 90},
	    {"5m", 300},
	    {"5 min", 300},
	    {"2h", 7200},
	    {"3d", 259200},
	    {"2W", 1209600},
	    {"1h30m", 5400},
	    {" 1d 12h ", 129600},
	    {"", -1},
	    {"m", -1},
	    {"5x", -1},
	    {"1h30", -1},
	    {"30 1h", -1},
	    {"-5m", -1},
	    {"1.5h", -1},
	    {"5m,", -1},
	    {"99999999999999999999s", -1},
	    {"18446744073709551615w", -1},
	};
	uint64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		n = UINT64_MAX;
		assert_int_equal(units_parse_duration(span_of(rows[i].text), &n),
		                 rows[i].seconds < 0 ? -1 : 0);
		if (rows[i].seconds >= 0)
			assert_int_equal(n, rows[i].seconds);
	}
}

static void
sizes_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes; /* -1: refused */
	} rows[] = {
	    {"0", 0},
	    {"512", 512},
	    {"512B", 512},
	    {"100kB", 100000},
	    {"100 MB", 100000000},
	    {"2gb", 2000000000},
	    {"100KiB", 102400},
	    {"2GiB", 2147483648},
	    {"1TiB", 1099511627776},
	    {"", -1},
	    {"MB", -1},
	    {"10M", -1},
	    {"1.5MB", -1},
	    {"-1MB", -1},
	    {"1MB1", -1},
	    {"18446744073709551615kB", -1},
	};
	uint64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		n = UINT64_MAX;
		assert_int_equal(units_parse_size(span_of(rows[i].text), &n),
		                 rows[i].bytes < 0 ? -1 : 0);
		if (rows[i].bytes >= 0)
			assert_int_equal(n, rows[i].bytes);
	}
}

static void
units_are_written(void **state)
{
	static const struct {
		uint64_t n;
		const char *duration, *size;
	} rows[] = {
	    {0, "0s", "0 B"},
	    {45, "45s", "45 B"},
	    {725, "12m 5s", "725 B"},
	    {3600, "1h", "3.6 kB"},
	    {5400, "1h 30m", "5.4 kB"},
	    {86400, "1d", "86 kB"},
	    {273600, "3d 4h", "273 kB"},
	    {999999, "11d 13h", "999 kB"},
	    {1234567, "14d 6h", "1.2 MB"},
	    {UINT64_MAX, "213503982334601d 7h", "18 EB"},
	};
	char out[UNITS_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_string_equal(units_text_duration(rows[i].n, out), rows[i].duration);
		assert_string_equal(units_text_size(rows[i].n, out), rows[i].size);
	}
}

/* Every day that a year of four digits can name, and days past a month's end. */
static void
dates_are_counted(void **state)
{
	struct tm tm;
	int year, month, day;

	(void)state;
	for (year = 0; year < 10000; year++)
		for (month = 1; month <= 12; month++)
			for (day = 1; day <= 31; day += 15) {
				tm = (struct tm){
				    .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
				assert_int_equal(clock_date_s(year, month, day), timegm(&tm));
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dates_are_written), cmocka_unit_test(dates_agree_with_libc),
	    cmocka_unit_test(clocks_go),         cmocka_unit_test(durations_are_read),
	    cmocka_unit_test(sizes_are_read),    cmocka_unit_test(units_are_written),
	    cmocka_unit_test(dates_are_counted),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
