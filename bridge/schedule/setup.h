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

/*
 * Takes the configuration, and reads the files it names; held once. NULL, and c
 * is still the caller's: the faults say why, or it was for want of memory.
 */
struct setup *setup_new(struct config *c, struct config_faults *faults);
struct setup *setup_hold(struct setup *s);
void setup_release(struct setup *s); /* NULL is allowed */

#endif
