/*
 * Which queued messages are meant? Those that options select, in the queue's
 * order, each with its first delivery; nothing else of the queue is read.
 */
#ifndef OPERATOR_PICK_H
#define OPERATOR_PICK_H

#include "bridge/operator/operator.h"
#include "bridge/operator/sought.h"

struct pick {
	bool newest;        /* first; else the oldest */
	bool held;          /* only messages with a held delivery */
	struct sought from; /* a part of the sender */
	struct sought to;   /* a part of a queued recipient */
	uint64_t limit;     /* messages; UINT64_MAX: all */

	uint64_t shown; /* out: messages given to each() */
	bool more;      /* out: it stopped at the limit, with messages not looked at */
};

/* Reads --newest, --held, --from, --to and --limit. ENDING_DONE, or said. */
enum ending pick_options(struct console *con, struct pick *w);
void pick_end(struct pick *w);
bool pick_selects(const struct pick *w); /* whether it leaves out anything but by the limit */

/*
 * Calls each() for every message selected: first is its first queued delivery.
 * each() ends it all by another ending than ENDING_DONE, which is returned.
 * A message that leaves the queue meanwhile is passed over.
 */
typedef enum ending pick_fn(void *arg, const struct spool_message *m,
                            const struct spool_delivery *first);
enum ending pick_queue(struct console *con, struct pick *w, pick_fn *each, void *arg);

/* The queued deliveries of one message, one after another. Endings as above. */
typedef enum ending pick_delivery_fn(void *arg, const struct spool_delivery *d);
enum ending pick_deliveries(struct console *con, spool_id id, pick_delivery_fn *each, void *arg);

#endif
