#include "bridge/base/units.h"

#include <stdio.h>

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit durations[] = {
    {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800},
};

static const struct unit sizes[] = {
    {"", 1},
    {"b", 1},
    {"kb", 1000},
    {"mb", 1000 * 1000},
    {"gb", 1000000000},
    {"tb", 1000000000000},
    {"kib", 1024},
    {"mib", 1024 * 1024},
    {"gib", 1024 * 1024 * 1024},
    {"tib", 1099511627776},
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Takes the digits at the front; false when there are none or they are too many. */
static bool
number_take(struct span *s, uint64_t *n)
{
	size_t i;

	*n = 0;
	for (i = 0; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++)
		if (__builtin_mul_overflow(*n, 10, n) ||
		    __builtin_add_overflow(*n, (uint64_t)(s->p[i] - '0'), n))
			return false;
	s->p += i;
	s->n -= i;
	return i > 0;
}

static struct span
letters_take(struct span *s)
{
	struct span word = {s->p, 0};

	while (word.n < s->n && ((s->p[word.n] | 0x20) >= 'a' && (s->p[word.n] | 0x20) <= 'z'))
		word.n++;
	s->p += word.n;
	s->n -= word.n;
	return word;
}

static const struct unit *
unit_find(const struct unit *units, size_t n, struct span name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_is_nocase(name, units[i].name))
			return &units[i];
	return NULL;
}

int
units_parse_duration(struct span s, uint64_t *seconds)
{
	const struct unit *unit;
	struct span name;
	uint64_t n, total = 0;

	s = span_trim(s);
	if (s.n == 0)
		return -1;
	while (s.n > 0) {
		if (!number_take(&s, &n))
			return -1;
		s = span_trim(s);
		name = letters_take(&s);
		/* "90" is seconds, but "1h30" is a slip of somebody's */
		unit = name.n == 0 && s.n == 0 && total == 0
		           ? &durations[0]
		           : unit_find(durations, COUNT(durations), name);
		if (unit == NULL || __builtin_mul_overflow(n, unit->factor, &n) ||
		    __builtin_add_overflow(total, n, &total))
			return -1;
		s = span_trim(s);
	}
	*seconds = total;
	return 0;
}

int
units_parse_size(struct span s, uint64_t *bytes)
{
	const struct unit *unit;
	uint64_t n;

	s = span_trim(s);
	if (!number_take(&s, &n))
		return -1;
	unit = unit_find(sizes, COUNT(sizes), span_trim(s));
	if (unit == NULL || __builtin_mul_overflow(n, unit->factor, bytes))
		return -1;
	return 0;
}

const char *
units_text_duration(uint64_t seconds, char out[UNITS_TEXT])
{
	static const struct unit steps[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}};
	unsigned long long high, low;
	size_t i = 0;

	while (i < 3 && seconds < steps[i].factor)
		i++;
	high = seconds / steps[i].factor;
	low = i < 3 ? seconds % steps[i].factor / steps[i + 1].factor : 0;
	if (low > 0)
		snprintf(out, UNITS_TEXT, "%llu%s %llu%s", high, steps[i].name, low,
		         steps[i + 1].name);
	else
		snprintf(out, UNITS_TEXT, "%llu%s", high, steps[i].name);
	return out;
}

const char *
units_text_size(uint64_t bytes, char out[UNITS_TEXT])
{
	static const char names[][3] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	uint64_t tenths;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(out, UNITS_TEXT, "%u B", (unsigned)bytes);
		return out;
	}
	for (tenths = bytes / 100; tenths >= 10000 && i < 5; i++)
		tenths /= 1000;
	if (tenths < 100)
		snprintf(out, UNITS_TEXT, "%u.%u %s", (unsigned)(tenths / 10),
		         (unsigned)(tenths % 10), names[i]);
	else
		snprintf(out, UNITS_TEXT, "%u %s", (unsigned)(tenths / 10), names[i]);
	return out;
}
