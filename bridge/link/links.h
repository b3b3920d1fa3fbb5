/*
 * All links of a configuration: who probes them, what is known of each, and
 * the chance clocks of the sets of links that routes name.
 *
 * A route that names no links may go when any link is up, and when no link is
 * configured at all there is one, "always", that is up while we run.
 */
#ifndef LINK_LINKS_H
#define LINK_LINKS_H

#include "bridge/base/config.h"
#include "bridge/link/chance.h"
#include "bridge/link/facts.h"
#include "bridge/link/state.h"
#include "bridge/net/resolve.h"
#include "spool/spool.h"

#include <uv.h>

struct links;

struct links_calls {
	/* A link came up or went down; asked again, links_usable() may answer otherwise. */
	void (*changed)(void *owner);
	/* Wants to be made durable as a fact of the spool, when convenient. The value is copied. */
	void (*remember)(void *owner, const char *fact, struct spool_bytes value);
	/* A line for the journal: event is LINK_UP, LINK_DOWN or LINK_AUTO. */
	void (*note)(void *owner, const char *line);
};

/* NULL: out of memory. */
struct links *links_new(uv_loop_t *loop, struct resolver *r, const struct links_calls *calls,
                        void *owner);
/*
 * Takes up a configuration, which must outlive its use: links of the same name
 * and evidence keep their state, others begin as its facts say. Probing starts.
 * 0, or -1 without memory and no link changed.
 */
int links_use(struct links *l, const struct config *c, const struct link_facts *facts);
/* Remembers every clock (calls remember) and stops probing. */
void links_stop(struct links *l);
void links_free(struct links *l); /* NULL is allowed; its handles close in the loop */

/*
 * The first of the named links that is up (any, when none are named); NULL: none is.
 * Names NULL, here and below: mail that needs no link; the answer is "".
 */
const char *links_usable(const struct links *l, const struct config_strings *names);
/* The clock of that set of links. NULL: out of memory. */
struct chance_clock *links_chance(struct links *l, const struct config_strings *names);
/* A session over one of them lost its way: look at once. */
void links_doubt(struct links *l, const struct config_strings *names);

/* An operator's order: durable by remember(). -1: no such link. */
int links_order(struct links *l, const char *name, enum link_order order, const char *by);

struct links_view { /* one link, as it is shown */
	const char *name;
	enum link_evidence evidence;
	enum link_order order;
	bool up;
	int64_t since_s;   /* wall clock */
	const char *words; /* of the last probe */
};
size_t links_count(const struct links *l);
void links_view(const struct links *l, size_t i, struct links_view *out);
const char *link_evidence_name(enum link_evidence e); /* "always", "manual", "tcp" */

#endif
