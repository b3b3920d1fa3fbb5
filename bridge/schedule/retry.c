#include "bridge/schedule/retry.h"

#define CLOCK_SET_S 1577836800 /* 2020: there was no bangway before */

/* splitmix64: spreads neighbouring seeds over all of 64 bits. */
static uint64_t
scatter(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

uint32_t
retry_wait_s(const struct retry_limits *l, uint32_t failures, uint64_t seed)
{
	uint64_t wait_s = l->backoff_min_s, tenth;
	uint32_t i;

	for (i = 1; i < failures && wait_s < l->backoff_max_s; i++)
		wait_s *= 2;
	if (wait_s > l->backoff_max_s)
		wait_s = l->backoff_max_s;
	tenth = wait_s / 10;
	if (tenth > 0)
		wait_s = wait_s - tenth + scatter(seed + failures) % (2 * tenth + 1);
	return wait_s > UINT32_MAX ? UINT32_MAX : (uint32_t)wait_s;
}

bool
retry_is_due(const struct retry_limits *l, int64_t due_s, int64_t now_s)
{
	if (due_s <= now_s)
		return true;
	return due_s != INT64_MAX && due_s - now_s > 2 * (int64_t)l->backoff_max_s;
}

int64_t
retry_age_s(int64_t accepted_s, int64_t now_s)
{
	return accepted_s < CLOCK_SET_S ? 0 : now_s - accepted_s;
}

enum retry_fate
retry_fate(const struct retry_limits *l, int64_t chance_s, int64_t age_s, bool warned)
{
	if (chance_s >= l->lifetime_s || age_s >= l->lifetime_absolute_s)
		return RETRY_EXPIRE;
	if (!warned && l->warn_after_s > 0 && chance_s >= l->warn_after_s)
		return RETRY_WARN;
	return RETRY_AGAIN;
}

int64_t
retry_least_age_s(const struct retry_limits *l)
{
	uint32_t s = l->lifetime_s;

	if (l->lifetime_absolute_s < s)
		s = l->lifetime_absolute_s;
	if (l->warn_after_s > 0 && l->warn_after_s < s)
		s = l->warn_after_s;
	return s;
}
