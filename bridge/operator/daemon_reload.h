/*
 * The configuration in force, and how another one comes to be: the files, the
 * tables and what the spool remembers of the links are read by a job of the
 * pool, since the loop does not wait for the disk; then the parts take it up,
 * all of it or nothing.
 */
#ifndef OPERATOR_DAEMON_RELOAD_H
#define OPERATOR_DAEMON_RELOAD_H

#include "bridge/base/exits.h"
#include "bridge/link/links.h"
#include "bridge/operator/daemon_watch.h"
#include "bridge/schedule/schedule.h"

/* why: NULL, it is in force; else what is wrong, and the old one is. */
typedef void reload_done(void *arg, const char *why);

struct reload_parts { /* all borrowed */
	uv_loop_t *loop;
	const char *path;
	struct spool *spool;
	struct links *links;
	struct schedule *schedule;
	struct watch *watch;
};

struct reload {
	struct reload_parts parts;
	struct setup *setup; /* held: in force; NULL: none yet. Released by the owner, at the end */
	struct reading *reading; /* under way; NULL: none */
	bool again, stopped;
};

void reload_init(struct reload *r, const struct reload_parts *parts);
/* The first one, before the loop runs: takes c. ENDING_DONE, or else the log says why. */
enum ending reload_first(struct reload *r, struct config *c);
/* Reads the files again. `done` comes later, once; -1: a reading is under way, it does not come. */
int reload_start(struct reload *r, reload_done *done, void *arg);
void reload_again(struct reload *r); /* the same, after the one under way */
/* What is under way changes nothing any more; the parts may go. `done` still comes. */
void reload_stop(struct reload *r);

#endif
