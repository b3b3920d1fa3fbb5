/*
 * The writer: the one thread of the daemon that changes the spool.
 *
 * Jobs are queued from the loop. The writer takes all that are in hand, lets
 * each put its part into one spool_change, until that is large, commits it with
 * one sync, and reports each job to the loop, which then does what had to wait
 * for it (return a lease, answer an operator). A settlement waits at most
 * WRITER_GATHER_MS for company, well inside the 50 ms that the design allows.
 *
 * When a change fails it may be for one job's sake alone (a delivery that an
 * operator deleted): the jobs are then tried one by one. What a job is told:
 *
 *   SPOOL_FULL, SPOOL_BUSY, SPOOL_MEMORY   will pass; a job that must happen is
 *                                          tried again until it has
 *   SPOOL_SYSTEM, SPOOL_DAMAGED            of the environment, not of the job:
 *                                          nothing may be retried on it (FACTS
 *                                          F6); every job and all later ones are
 *                                          told, and `broken` is called once
 *   others                                 of this job alone
 */
#ifndef SCHEDULE_WRITER_H
#define SCHEDULE_WRITER_H

#include "spool/spool.h"

#include <stdbool.h>
#include <uv.h>

#define WRITER_GATHER_MS 8

struct writer;

struct writer_result {
	enum spool_status status; /* SPOOL_OK: durable */
	const char *error;        /* words, "" when OK; borrowed until done() returns */
};

struct writer_job { /* embedded in the caller's own struct */
	/*
	 * In the writer's thread: adds its part to c; `s` is the handle for drafts.
	 * May be called again when the change had to be repeated. -1: something
	 * was wrong before the spool was reached; done() gets SPOOL_MEMORY.
	 */
	int (*fill)(struct writer_job *job, struct spool *s, struct spool_change *c);
	/* In the loop, once; owns the job again. */
	void (*done)(struct writer_job *job, struct writer_result result);
	bool must;   /* retried while the spool is full or busy */
	bool prompt; /* does not wait for company */
	/* The writer's own. */
	struct writer_job *next;
	enum spool_status status;
	char error[160];
};

/*
 * Starts the thread. `s` is borrowed until writer_stop(); until then no one else
 * makes changes or drafts with it, but anyone may look. `broken` comes from the
 * loop. NULL: no memory, no thread.
 */
struct writer *writer_start(uv_loop_t *loop, struct spool *s,
                            void (*broken)(void *owner, const char *words), void *owner);
void writer_put(struct writer *w, struct writer_job *job);
/*
 * Does all that is in hand once more without waiting, reports every job (what
 * could not be done with its status) and ends the thread. Blocks: the last
 * thing a daemon does. NULL is allowed.
 */
void writer_stop(struct writer *w);

#endif
