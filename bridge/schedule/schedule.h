/*
 * What goes next, over which link, and when is it tried again? The middle of
 * the daemon: it knows the destinations that have mail, groups them by next
 * hop, and starts a session for a next hop when mail for it is due, one of its
 * links is up and it is not being spared after a failure.
 *
 * Nothing here costs what is queued: deliveries stay in the spool, in order,
 * and only those of the next batch are in memory. Nothing polls: it acts when
 * mail comes (the spool's FIFO), a link changes, a session or a settlement
 * ends, or the one timer says that something is due.
 */
#ifndef SCHEDULE_SCHEDULE_H
#define SCHEDULE_SCHEDULE_H

#include "bridge/link/links.h"
#include "bridge/schedule/setup.h"
#include "bridge/schedule/writer.h"
#include "spool/spool.h"

#include <uv.h>

struct schedule;

struct schedule_calls {
	/* Once: what was queued at the start is known. */
	void (*ready)(void *owner, const struct spool_counts *queued);
	void (*stopped)(void *owner);                   /* once, after schedule_stop() */
	void (*failed)(void *owner, const char *words); /* the spool failed: the process must end */
};

struct schedule_parts { /* all borrowed for its life */
	uv_loop_t *loop;
	struct spool *spool;
	struct writer *writer;
	struct links *links;
	struct resolver *resolver;
};

struct schedule *schedule_new(const struct schedule_parts *parts,
                              const struct schedule_calls *calls, void *owner);
/* After `stopped`. NULL is allowed. */
void schedule_free(struct schedule *s);

/*
 * Takes up a configuration: held. Destinations are routed again; sessions to
 * next hops that are no more finish the message in hand. 0, or -1 without
 * memory and nothing changed.
 */
int schedule_use(struct schedule *s, struct setup *setup);
void schedule_wake(struct schedule *s);          /* there may be new mail */
void schedule_links_changed(struct schedule *s); /* links_usable() may answer otherwise */
/* Finishes what is on the wire, for at most patience_ms, settles, then calls stopped. */
void schedule_stop(struct schedule *s, unsigned patience_ms);
void schedule_abandon(struct schedule *s); /* as if the patience were over */

/* ---- an operator's changes ---- */

enum schedule_deed { SCHEDULE_HOLD, SCHEDULE_RELEASE, SCHEDULE_RETRY, SCHEDULE_DELETE };

struct schedule_change {
	enum schedule_deed deed;
	spool_id id;
	uint32_t rcpt;    /* or SPOOL_ALL */
	const char *by;   /* copied: for the journal */
	unsigned wait_ms; /* for what is under way */
};
/* status as writer_result; SPOOL_BUSY: it was under way for the whole wait. Comes once, later. */
typedef void schedule_changed(void *owner, struct writer_result result);
int schedule_change(struct schedule *s, const struct schedule_change *c, schedule_changed *done,
                    void *owner); /* -1: no memory, done does not come */

/* ---- as it is shown ---- */

struct schedule_view { /* one next hop */
	const char *name;
	const struct config_strings *links; /* NULL: it needs none */
	size_t destinations, sessions, under_way;
	const char *wait; /* "", "link", "backoff", "carrier" (this version has none) */
	int64_t until_s;  /* of a backoff; 0 */
	unsigned failures;
	const char *words; /* of the last failure, or "" */
};
typedef void schedule_see(void *arg, const struct schedule_view *v);
void schedule_look(const struct schedule *s, schedule_see *see, void *arg);
size_t schedule_under_way(const struct schedule *s); /* deliveries leased */

#endif
