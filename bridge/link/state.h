/*
 * Is a link up? A pure machine: evidence and orders in, a state out, the clock
 * an argument (milliseconds, monotonic).
 *
 *            a probe answers (two, if it was up only briefly before)
 *	DOWN ----------------------------------------------------------> UP
 *	     <----------------------------------------------------------
 *            LINK_FAILURES_DOWN probes in a row get no answer
 *
 * An order ("up", "down") stands above all evidence until it is "auto" again.
 * One lost probe does not end a link, since half an hour of it may be all that
 * a day has; but after one the next probe comes soon. A link that falls down
 * shortly after it came up has to answer twice the next time: each false start
 * costs every next hop a connection.
 */
#ifndef LINK_STATE_H
#define LINK_STATE_H

#include "bridge/base/config.h"
#include "bridge/link/order.h"

#include <stdbool.h>
#include <stdint.h>

#define LINK_FAILURES_DOWN 2
#define LINK_DOUBT_MS      2000 /* between probes of a link in doubt */

struct link_pace { /* of the probes */
	int64_t every_ms, timeout_ms;
};

struct link_state {
	enum link_evidence evidence;
	enum link_order order;
	struct link_pace pace;
	bool up;            /* the answer */
	int64_t since_ms;   /* when it became so */
	bool evident;       /* what evidence alone says */
	int64_t evident_ms; /* since when */
	unsigned good, bad; /* probes in a row that answered, that did not */
	unsigned good_needed;
	int64_t probe_due_ms; /* INT64_MAX: this link is not probed */
};

void link_state_init(struct link_state *s, enum link_evidence evidence, struct link_pace pace,
                     enum link_order order, int64_t now_ms);
/* Each answers whether s->up changed. */
bool link_state_order(struct link_state *s, enum link_order order, int64_t now_ms);
bool link_state_probe(struct link_state *s, bool answered, int64_t now_ms);
/* A session lost its way: the next probe is due now. No evidence by itself. */
void link_state_doubt(struct link_state *s, int64_t now_ms);

#endif
