/*
 * Which known word did the person mean? The one that the fewest slips of a
 * finger lead to: a letter left out, put in, changed, or two changed about.
 */
#ifndef OPERATOR_NEAR_H
#define OPERATOR_NEAR_H

#include "bridge/base/buf.h"

struct near {
	struct span typed; /* borrowed */
	const char *best;  /* borrowed; NULL: none yet */
	unsigned slips;
};

struct near near_begin(struct span typed);
void near_offer(struct near *n, const char *known); /* borrowed until near_best() */
const char *near_best(const struct near *n);        /* NULL: nothing is near enough to be meant */

#endif
