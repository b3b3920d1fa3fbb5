/*
 * Why does a delivery wait? Its own state and last words when they say it;
 * else what its next hop waits for, as the daemon tells, asked once a command.
 */
#ifndef OPERATOR_WHY_H
#define OPERATOR_WHY_H

#include "bridge/operator/operator.h"
#include "bridge/route/route.h"

#include <jansson.h>

#define WHY_WORDS 200
#define WHY_CACHE 64

struct why {
	struct console *con;
	struct route_table *table; /* owned; NULL: a file that it needs cannot be read */
	json_t *status; /* owned: the daemon's answer; NULL: none runs, or it does not say */
	bool claimed;   /* a daemon holds the spool */
	struct buf unremembered; /* why the key of our tokens cannot be had; empty: no fault */
	struct why_of {          /* by destination, direct-mapped */
		spool_dest dest;
		char words[WHY_WORDS];
	} cache[WHY_CACHE];
};

void why_begin(struct why *w, struct console *con); /* con->spool may be NULL */
void why_end(struct why *w);

/* Appends its state: "held", "in 14m", "link down: vsat", "due". Neither is escaped. */
void why_state(struct why *w, const struct spool_delivery *d, struct buf *out);
/* The same with the last words, in one: "in 14m: 451 4.7.1 ...". */
void why_delivery(struct why *w, const struct spool_delivery *d, struct buf *out);

/* The link of that name in a daemon's status, or NULL. */
const json_t *why_link(const json_t *status, const char *name);

#endif
