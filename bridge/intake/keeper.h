/*
 * The parent that outlives its worker.
 *
 * uuxqt takes every end but 0 and 75 for final and sets the job aside, where
 * nobody looks (FACTS U3): a crash of ours would lose the letter. So the
 * program forks at once. The worker does everything; the parent opens,
 * copies and parses nothing, waits, and turns every end but 0 into 75.
 */
#ifndef INTAKE_KEEPER_H
#define INTAKE_KEEPER_H

#include "bridge/base/exits.h"
#include "bridge/intake/door.h"

#include <stdbool.h>
#include <stddef.h>

enum keeper_phase {
	KEEPER_READY, /* nothing of the letter was looked at yet */
	KEEPER_PARSE, /* reading what a remote machine wrote: a death here is the letter's doing */
	KEEPER_STORE, /* handing what was understood to the spool: a death here is not */
};

/* One page that parent and worker share. */
struct keeper {
	volatile unsigned char phase; /* enum keeper_phase */
	volatile unsigned progress;   /* changes while the worker gets on */
	char reason[400];             /* why the ending is not ENDING_DONE; NUL-terminated */
};

/* Says why, for the parent to pass on. Returns e. */
enum ending keeper_reason(struct keeper *k, enum ending e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

typedef enum ending keeper_work(struct keeper *k, void *arg);

/*
 * Runs work(arg) in a child and returns the exit status for main(). When the
 * child ended by a fault of its own, mourn(arg) is run in another one, which
 * finds the phase of the death in k->phase.
 */
int keeper_run(const struct door *d, keeper_work *work, keeper_work *mourn, void *arg);

#endif
