/*
 * What does "(HOURLY*4+LOW)" amount to?
 *
 * Whole numbers and the symbols of pathalias, with + - * / and parentheses.
 * A sign in front takes all of a product: -7/2 is -(7/2). Sums that pathalias
 * would let overflow stay at the largest number instead, and are told.
 */
#include "bridge/map/map_int.h"

#define NESTING_MAX 32

static const struct {
	const char *name;
	int64_t cost;
} symbols[] = {
    {"LOCAL", 25},     {"DEDICATED", 100}, {"DIRECT", 200},  {"DEMAND", 300},   {"HOURLY", 500},
    {"EVENING", 2000}, {"DAILY", 5000},    {"POLLED", 5000}, {"WEEKLY", 30000}, {"DEAD", 1000000},
    {"LOW", 5},        {"HIGH", -5},       {"FAST", -80},    {"ARPA", 100},     {"DIALED", 300},
};

static int expression(struct map_scan *s, int depth, bool product, int64_t *v);

static int64_t
bounded(int64_t v)
{
	return v > COST_TOP ? COST_TOP : v < -COST_TOP ? -COST_TOP : v;
}

int64_t
map_cost_add(int64_t a, int64_t b)
{
	return bounded(bounded(a) + bounded(b));
}

static int64_t
told_bounded(struct map_scan *s, int64_t v)
{
	if (v != bounded(v))
		map_tell(s->map, "a cost is too large to reckon with");
	return bounded(v);
}

static void
number(struct map_scan *s, int64_t *v)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < s->text.n; i++)
		sum = sum > COST_TOP / 10 ? COST_TOP + 1 : sum * 10 + (s->text.p[i] - '0');
	*v = told_bounded(s, sum);
}

static void
symbol(struct map_scan *s, int64_t *v)
{
	size_t i;

	for (i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
		if (span_is(s->text, symbols[i].name)) {
			*v = symbols[i].cost;
			return;
		}
	}
	map_tell(s->map, "`%.*s` is no cost; taken for %d", (int)s->text.n, s->text.p,
	         COST_DEFAULT);
	*v = COST_DEFAULT;
}

static int
factor(struct map_scan *s, int depth, int64_t *v)
{
	if (depth > NESTING_MAX) {
		map_tell(s->map, "a cost is nested too deeply");
		return -1;
	}
	if (map_scan_is(s, '-')) {
		map_scan_next(s);
		if (expression(s, depth + 1, true, v) != 0)
			return -1;
		*v = -*v;
		return 0;
	}
	if (map_scan_is(s, '(')) {
		map_scan_next(s);
		if (expression(s, depth + 1, false, v) != 0)
			return -1;
		if (!map_scan_is(s, ')'))
			return map_scan_fault(s, "`)`");
	} else if (s->kind == TOKEN_NUMBER) {
		number(s, v);
	} else if (s->kind == TOKEN_WORD) {
		symbol(s, v);
	} else {
		return map_scan_fault(s, "a cost");
	}
	map_scan_next(s);
	return 0;
}

static int64_t
apply(struct map_scan *s, char sign, int64_t a, int64_t b)
{
	int64_t v = 0;

	switch (sign) {
	case '+':
		return told_bounded(s, a + b);
	case '-':
		return told_bounded(s, a - b);
	case '*':
		if (__builtin_mul_overflow(a, b, &v))
			v = (a < 0) != (b < 0) ? INT64_MIN : INT64_MAX;
		return told_bounded(s, v);
	default:
		if (b != 0)
			return a / b;
		map_tell(s->map, "a cost is divided by zero; not divided");
		return a;
	}
}

/* A sum, or only a product: what binds no less than '*'. */
static int
expression(struct map_scan *s, int depth, bool product, int64_t *v)
{
	int64_t right;
	char sign;

	if (factor(s, depth, v) != 0)
		return -1;
	while (map_scan_is(s, '*') || map_scan_is(s, '/') ||
	       (!product && (map_scan_is(s, '+') || map_scan_is(s, '-')))) {
		sign = s->text.p[0];
		map_scan_next(s);
		if (sign == '*' || sign == '/') {
			if (factor(s, depth, &right) != 0)
				return -1;
		} else if (expression(s, depth, true, &right) != 0) {
			return -1;
		}
		*v = apply(s, sign, *v, right);
	}
	return 0;
}

int
map_cost(struct map_scan *s, int64_t *cost)
{
	int rc;

	*cost = COST_DEFAULT;
	if (!map_scan_is(s, '('))
		return 0;
	s->costing = true;
	map_scan_next(s);
	rc = expression(s, 0, false, cost);
	s->costing = false;
	if (rc != 0)
		return -1;
	if (!map_scan_is(s, ')'))
		return map_scan_fault(s, "`)`");
	map_scan_next(s);
	return 0;
}
