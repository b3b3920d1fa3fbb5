#include "bridge/base/clock.h"

#include <stdio.h>
#include <time.h>

static const char weekdays[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct moment {
	long long year;
	int month, day, hour, minute, second, weekday; /* month 0..11, day 1..31, 0: Sunday */
};

int64_t
clock_wall_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

int64_t
clock_mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * The civil date of a count of days, by eras of 400 years that begin on a
 * first of March, so that the leap day is a year's last. libc's gmtime_r
 * opens the zone's file at the first call, which rmail would pay each time.
 */
static void
moment_of(int64_t wall_s, struct moment *m)
{
	int64_t days = wall_s / 86400, left = wall_s % 86400, era, day_of_era, year_of_era, day;

	if (left < 0) {
		left += 86400;
		days--;
	}
	m->hour = (int)(left / 3600);
	m->minute = (int)(left / 60 % 60);
	m->second = (int)(left % 60);
	m->weekday = (int)((days % 7 + 11) % 7); /* 1 January 1970 was a Thursday */
	days += 719468;                          /* days from 1 March of the year 0 to 1970 */
	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = days - era * 146097;
	year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	m->month = (int)((5 * day + 2) / 153); /* 0: March */
	m->day = (int)(day - (153 * m->month + 2) / 5 + 1);
	m->month = (m->month + 2) % 12;
	m->year = year_of_era + era * 400 + (m->month < 2 ? 1 : 0);
}

/* The way back; libc's timegm opens the zone's file, too. */
int64_t
clock_date_s(int year, int month, int day)
{
	int64_t y = month > 2 ? year : (int64_t)year - 1; /* begins in March */
	int64_t era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
	int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return (era * 146097 + day_of_era - 719468) * 86400;
}

const char *
clock_text_mail(int64_t wall_s, char out[CLOCK_TEXT])
{
	struct moment m;

	moment_of(wall_s, &m);
	snprintf(out, CLOCK_TEXT, "%s, %d %s %04lld %02d:%02d:%02d +0000", weekdays[m.weekday],
	         m.day, months[m.month], m.year, m.hour, m.minute, m.second);
	return out;
}

const char *
clock_text_iso(int64_t wall_s, char out[CLOCK_TEXT])
{
	struct moment m;

	moment_of(wall_s, &m);
	snprintf(out, CLOCK_TEXT, "%04lld-%02d-%02dT%02d:%02d:%02dZ", m.year, m.month + 1, m.day,
	         m.hour, m.minute, m.second);
	return out;
}

const char *
clock_text_from(int64_t wall_s, char out[CLOCK_TEXT])
{
	struct moment m;

	moment_of(wall_s, &m);
	snprintf(out, CLOCK_TEXT, "%s %s %2d %02d:%02d:%02d %04lld", weekdays[m.weekday],
	         months[m.month], m.day, m.hour, m.minute, m.second, m.year);
	return out;
}
