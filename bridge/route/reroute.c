/*
 * Which hop of a path do we go to first? The first, as the sender wrote it.
 */
#include "bridge/route/table.h"

int
reroute(const struct route_table *t, struct resolved *r, const struct route_ask *ask,
        struct route_steps *steps)
{
	(void)t;
	(void)r;
	(void)ask;
	(void)steps;
	return 1;
}
