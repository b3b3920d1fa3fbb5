/*
 * Which queued messages are meant? Those that options select, in the queue's
 * order, each with its first delivery; nothing else of the queue is read.
 */
#ifndef OPERATOR_WALK_H
#define OPERATOR_WALK_H

#include "bridge/operator/operator.h"

struct walk {
	bool newest;      /* first; else the oldest */
	bool held;        /* only messages with a held delivery */
	const char *from; /* a part of the sender, letters' case alike; NULL: any */
	const char *to;   /* a part of a queued recipient, likewise */
	uint64_t limit;   /* messages; UINT64_MAX: all */

	uint64_t shown; /* out: messages given to each() */
	bool more;      /* out: it stopped at the limit, with messages not looked at */
};

/* Reads --newest, --held, --from, --to and --limit. ENDING_DONE, or said. */
enum ending walk_options(struct operator *op, struct walk *w);
bool walk_selects(const struct walk *w); /* whether it leaves out anything but by the limit */

/*
 * Calls each() for every message selected: first is its first queued delivery.
 * each() ends the walk by another ending than ENDING_DONE, which is returned.
 * A message that leaves the queue meanwhile is passed over.
 */
typedef enum ending walk_fn(void *arg, const struct spool_message *m,
			    const struct spool_delivery *first);
enum ending walk_queue(struct operator *op, struct walk *w, walk_fn *each, void *arg);

/* The queued deliveries of one message, one after another. Endings as above. */
typedef enum ending walk_delivery_fn(void *arg, const struct spool_delivery *d);
enum ending walk_deliveries(struct operator *op, spool_id id, walk_delivery_fn *each, void *arg);

/* Whether text has that part, ASCII letters' case alike. */
bool walk_has(const char *text, const char *part);

#endif
