/*
 * When again, and until when? Pure arithmetic.
 *
 * A delivery that was put off waits backoff_min_s, then twice that, and so on
 * up to backoff_max_s, each wait longer or shorter by up to a tenth, so that
 * what failed together does not come back together. The same for a next hop
 * that could not be reached. RFC 5321 section 4.5.4.1 asks for at least 30
 * minutes in the general case: the defaults of the configuration begin sooner,
 * since a link may not be there in 30 minutes.
 *
 * A lifetime is counted in chance (link/chance.h); beside it stands the
 * calendar's limit.
 */
#ifndef SCHEDULE_RETRY_H
#define SCHEDULE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct retry_limits {
	uint32_t backoff_min_s, backoff_max_s;
	uint32_t lifetime_s, lifetime_absolute_s;
	uint32_t warn_after_s; /* 0: no delay notice */
};

/* The wait after the failure number `failures` (1 the first); seed decides the tenth. */
uint32_t retry_wait_s(const struct retry_limits *l, uint32_t failures, uint64_t seed);

/*
 * Clocks are wrong and put right: a machine without a battery wakes in 1970, and
 * one whose battery is old may be years ahead for a while. What is due later
 * than any wait lasts was written by a clock that was ahead: it is due now. The
 * age of what was accepted before clocks were set is unknown, and said to be 0.
 */
bool retry_is_due(const struct retry_limits *l, int64_t due_s, int64_t now_s);
int64_t retry_age_s(int64_t accepted_s, int64_t now_s);

enum retry_fate {
	RETRY_AGAIN,  /* it stays */
	RETRY_WARN,   /* it stays, and the sender is told that it waits */
	RETRY_EXPIRE, /* its time is over */
};
enum retry_fate retry_fate(const struct retry_limits *l, int64_t chance_s, int64_t age_s,
                           bool warned);
/* No message younger than this can have another fate than RETRY_AGAIN. */
int64_t retry_least_age_s(const struct retry_limits *l);

#endif
