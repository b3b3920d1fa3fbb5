/*
 * What becomes of a parcel, once its verdicts are known: one change of the
 * spool with its settlements, journal lines and notices; then its leases are
 * returned and it is freed.
 *
 *	SENT                       gone, journalled
 *	NEVER                      gone, journalled, and its sender told in the same change
 *	LATER of the delivery or   queued, due after a wait that grows; or, its
 *	the message                lifetime over, as NEVER with status 5.4.7
 *	LATER of the session, the  nothing is written: it goes again with the next
 *	host or the link; none     session, and no attempt is charged
 *	damaged                    to quarantine
 *	redirect                   given to another destination
 */
#ifndef SCHEDULE_SETTLE_H
#define SCHEDULE_SETTLE_H

#include "bridge/schedule/lease.h"
#include "bridge/schedule/parcel.h"
#include "bridge/schedule/writer.h"

struct settler {
	uv_loop_t *loop;
	struct spool *spool;
	struct writer *writer;
	struct leases *leases;
	/*
	 * One addressee is through, its lease returned: `due_s` when it is due again
	 * (0: it is not queued under this destination any more). In the loop.
	 */
	void (*through)(void *owner, const struct parcel *p, const struct addressee *a,
	                int64_t due_s);
	/* Something is queued: a notice, or what was redirected (`moved`: in no new message). */
	void (*accepted)(void *owner, bool moved);
	/* So many octets of tokens became durable with notices. */
	void (*kept)(void *owner, size_t bytes);
	void *owner;
	size_t under_way; /* parcels taken and not yet through */
};

/* Takes the parcel. Nothing is ever lost by a failure here: what is not written stays queued. */
void settle_parcel(struct settler *s, struct parcel *p);

#endif
