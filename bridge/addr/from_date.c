/*
 * The date of a From_ line. Every mailer had its own idea of it, and a line is
 * known to be one by its date, so this reads words in any order rather than
 * forms: a month by its name, a time by its colon, a zone by its sign or
 * name, of the numbers the four-digit one is the year, the first short one the
 * day. A word it does not know makes it no date.
 */
#include "bridge/addr/addr_int.h"
#include "bridge/addr/from_line.h"
#include "bridge/base/clock.h"

struct date {
	int year, month, day; /* -1 not seen; month from 0 */
	int hour, minute, second;
	int zone_s; /* east of Greenwich */
	bool timed;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct span
take_while(struct span *rest, bool (*is)(char))
{
	size_t n = 0;

	while (n < rest->n && is(rest->p[n]))
		n++;
	*rest = span_from(*rest, n);
	return (struct span){rest->p - n, n};
}

/* The value of up to six digits, -1 for none or more. */
static int
number(struct span digits)
{
	int v = 0;
	size_t i;

	if (digits.n == 0 || digits.n > 6)
		return -1;
	for (i = 0; i < digits.n; i++)
		v = v * 10 + (digits.p[i] - '0');
	return v;
}

/* The place of a word's first three letters in a list of such, or -1. */
static int
place_in(struct span word, const char *list)
{
	int i;

	for (i = 0; word.n >= 3 && list[3 * i] != '\0'; i++)
		if (span_eq_nocase(span_until(word, 3), (struct span){list + 3 * i, 3}))
			return i;
	return -1;
}

static int
set_zone_name(struct date *d, struct span word)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {
	    {"GMT", 0},   {"UT", 0},   {"UTC", 0},  {"Z", 0},     {"WET", 0},   {"BST", 1},
	    {"CET", 1},   {"MET", 1},  {"MEZ", 1},  {"CEST", 2},  {"MEST", 2},  {"EET", 2},
	    {"EEST", 3},  {"MSK", 3},  {"EST", -5}, {"EDT", -4},  {"CST", -6},  {"CDT", -5},
	    {"MST", -7},  {"MDT", -6}, {"PST", -8}, {"PDT", -7},  {"AST", -4},  {"ADT", -3},
	    {"HST", -10}, {"JST", 9},  {"KST", 9},  {"AEST", 10}, {"NZST", 12}, {"NZDT", 13},
	};
	size_t i;

	for (i = 0; i < sizeof zones / sizeof zones[0]; i++)
		if (span_is_nocase(word, zones[i].name)) {
			d->zone_s = zones[i].hours * 3600;
			return 0;
		}
	if (span_is(word, "DST")) { /* "MET DST" */
		d->zone_s += 3600;
		return 0;
	}
	/* some other zone's name: its time is read as UTC */
	for (i = 0; i < word.n; i++)
		if (word.p[i] < 'A' || word.p[i] > 'Z')
			return -1;
	return word.n <= 5 ? 0 : -1;
}

static int
set_word(struct date *d, struct span word)
{
	int month = place_in(word, "janfebmaraprmayjunjulaugsepoctnovdec");

	if (month >= 0 && d->month < 0) {
		d->month = month;
		return 0;
	}
	if (place_in(word, "sunmontuewedthufrisat") >= 0)
		return 0;
	return set_zone_name(d, word);
}

static int
set_number(struct date *d, struct span digits)
{
	int v = number(digits);

	if (v < 0 || digits.n > 4)
		return -1;
	if (digits.n <= 2 && d->day < 0)
		d->day = v;
	else if (d->year >= 0)
		return -1;
	else if (digits.n == 4)
		d->year = v;
	else /* 87 is 1987, 26 is 2026; 126 is what localtime() says of 2026 */
		d->year = digits.n == 3 ? 1900 + v : v < 69 ? 2000 + v : 1900 + v;
	return 0;
}

/* hh:mm[:ss[.fraction]], its hour taken already. */
static int
set_time(struct date *d, int hour, struct span *rest)
{
	if (d->timed)
		return -1;
	d->timed = true;
	d->hour = hour;
	*rest = span_from(*rest, 1);
	d->minute = number(take_while(rest, is_digit));
	d->second = 0;
	if (rest->n > 0 && rest->p[0] == ':') {
		*rest = span_from(*rest, 1);
		d->second = number(take_while(rest, is_digit));
		if (rest->n > 1 && rest->p[0] == '.' && is_digit(rest->p[1])) {
			*rest = span_from(*rest, 1);
			take_while(rest, is_digit);
		}
	}
	return d->minute < 0 || d->second < 0 ? -1 : 0;
}

/* +0100, -05:00, +1 */
static int
set_offset(struct date *d, struct span *rest)
{
	int sign = rest->p[0] == '-' ? -1 : 1;
	struct span digits;
	int v, minutes = 0;

	*rest = span_from(*rest, 1);
	digits = take_while(rest, is_digit);
	v = number(digits);
	if (v < 0 || digits.n > 4)
		return -1;
	if (digits.n > 2) {
		minutes = v % 100;
		v /= 100;
	} else if (rest->n > 0 && rest->p[0] == ':') {
		*rest = span_from(*rest, 1);
		minutes = number(take_while(rest, is_digit));
	}
	if (v > 14 || minutes < 0 || minutes > 59)
		return -1;
	d->zone_s = sign * (v * 3600 + minutes * 60);
	return 0;
}

/* 1987-01-05, its year taken already; a T before the time is eaten. */
static int
set_iso(struct date *d, int year, struct span *rest)
{
	d->year = year;
	*rest = span_from(*rest, 1);
	d->month = number(take_while(rest, is_digit)) - 1;
	if (rest->n == 0 || rest->p[0] != '-')
		return -1;
	*rest = span_from(*rest, 1);
	d->day = number(take_while(rest, is_digit));
	if (rest->n > 1 && rest->p[0] == 'T' && is_digit(rest->p[1]))
		*rest = span_from(*rest, 1);
	return d->month < 0 ? -1 : 0;
}

static int
set_digits(struct date *d, struct span *rest)
{
	struct span digits = take_while(rest, is_digit);
	char next = rest->n > 0 ? rest->p[0] : ' ';

	if (next == ':')
		return set_time(d, number(digits), rest);
	if (digits.n == 4 && rest->n > 1 && next == '-' && is_digit(rest->p[1]))
		return d->year >= 0 || d->day >= 0 ? -1 : set_iso(d, number(digits), rest);
	return set_number(d, digits);
}

/* One word, number or mark; -1 when it belongs to no date. */
static int
take_token(struct date *d, struct span *rest)
{
	char c = rest->p[0];

	if (is_digit(c))
		return set_digits(d, rest);
	if (is_letter(c))
		return set_word(d, take_while(rest, is_letter));
	/* a sign is a zone's after a time, and joins 5-Jan-87 before it */
	if ((c == '+' || c == '-') && rest->n > 1 && is_digit(rest->p[1]) && d->timed)
		return set_offset(d, rest);
	if (c == '(') { /* "(AST)" repeats what the number before it says */
		span_cut(rest, ')');
		return 0;
	}
	if (strchr(" \t,.-", c) == NULL)
		return -1;
	*rest = span_from(*rest, 1);
	return 0;
}

int
from_date_read(struct span text, int64_t *when_s)
{
	struct date d = {.year = -1, .month = -1, .day = -1};

	while (text.n > 0)
		if (text.p[0] == '\0' || take_token(&d, &text) < 0)
			return -1;
	if (d.year < 0 || d.month < 0 || d.month > 11 || d.day < 1 || d.day > 31 || d.hour < 0 ||
	    d.hour > 23 || d.minute > 59 || d.second > 60)
		return -1;
	*when_s = clock_date_s(d.year, d.month + 1, d.day) + d.hour * 3600 + d.minute * 60 +
	          d.second - d.zone_s;
	return 0;
}
