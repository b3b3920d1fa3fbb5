/*
 * The envelope of one letter: who sent it, for whom it is. Recipients become
 * deliveries of the drafts, each with the destination that the routes give it.
 */
#ifndef INTAKE_ENVELOPE_H
#define INTAKE_ENVELOPE_H

#include "bridge/intake/drafts.h"
#include "bridge/intake/intake.h"

struct envelope {
	struct buf sender; /* "" is the null sender */
	unsigned passages; /* of ours, in its path */

	unsigned good;     /* recipients that have a route */
	unsigned refused;  /* recipients that have none: returned by the daemon, with the reason */
	struct buf names;  /* of all of them, an LF after each */
	struct buf excess; /* those past what one letter may have, likewise */
	unsigned nexcess;
	bool unnamed;  /* `names` lists not all of them: too many for a notice */
	bool overrun;  /* nor does `excess`: nothing can be said of the others */
	bool full;     /* an alias did not fit: nothing after it is taken */
	size_t octets; /* of the deliveries, as the spool will hold them */

	struct buf expanded; /* aliases whose sender is to be told so, an LF after each */
	struct buf listed;   /* lists, likewise */
	struct seen seen;    /* the recipients so far */
};

/* Why a letter with `overrun` is set aside whole. */
extern const char envelope_overrun_words[];

void envelope_clear(struct envelope *e); /* keeps memory for the next letter */
void envelope_free(struct envelope *e);

/*
 * One recipient, with or without <>, or those whom it means when it is an
 * alias. The same mailbox twice is one delivery. Past limits.recipients, or
 * what the spool holds of one letter, it is remembered in `excess`. 0, or -1:
 * the spool's failure, or no memory.
 */
int envelope_recipient(struct envelope *e, const struct intake *in, struct drafts *d,
                       struct span address, const struct recipient_attrs *attrs);
/* One whose address could not even be read: it will be refused. */
int envelope_unreadable(struct envelope *e, const struct intake *in, struct drafts *d,
                        struct span address, const struct recipient_attrs *attrs);

/*
 * The sender as an envelope wrote it. A name without a path is the name of a
 * user of the neighbour's; the null forms become "". 0, or -1 with *why (static;
 * NULL: no memory).
 */
int envelope_sender(struct envelope *e, const struct intake *in, struct span written,
                    const char **why);

/* The sender by the From_ lines that start a letter; without any, who brought it. */
int envelope_sender_of_chain(struct envelope *e, const struct intake *in, struct span chain,
                             const char **why);

#endif
