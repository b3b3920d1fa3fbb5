/*
 * One reading of the configuration, as all who work by it hold it: counted, so
 * that a session or a job begun under the old one ends under the old one.
 */
#ifndef SCHEDULE_SETUP_H
#define SCHEDULE_SETUP_H

#include "bridge/base/config.h"
#include "bridge/route/route.h"
#include "bridge/schedule/retry.h"

#include <stdatomic.h>

struct setup {
	struct config *config;     /* owned */
	struct route_table *table; /* owned */
	struct retry_limits retry;
	atomic_uint holders;
};

/* Takes the configuration, held once. NULL: out of memory, and c is still the caller's. */
struct setup *setup_new(struct config *c);
struct setup *setup_hold(struct setup *s);
void setup_release(struct setup *s); /* NULL is allowed */

#endif
