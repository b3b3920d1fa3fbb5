/*
 * What intake tells people by mail, in the same change as what it tells of:
 * the postmaster that bytes were set aside, a sender that a letter was not
 * taken.
 */
#ifndef INTAKE_REPORT_H
#define INTAKE_REPORT_H

#include "bridge/base/verdict.h"
#include "bridge/intake/intake.h"
#include "bridge/intake/source.h"

struct aside { /* bytes to set aside */
	struct spool_draft *draft; /* the bytes, raw; taken */
	struct span start;	   /* the first of them, to be shown */
	uint64_t size;
	const char *sender; /* NULL unknown */
	const char *reason; /* one line */
};

/* Into quarantine, into the journal, and a letter to the postmaster. 0 or -1 (the spool's). */
int report_aside(struct intake *in, struct spool_change *c, struct aside *a);

/*
 * Sets aside [from, to) of the source, read from its start: all of it when
 * from is 0 and to UINT64_MAX. ENDING_DONE, or an ending with its reason said.
 */
enum ending report_source_aside(struct intake *in, struct spool_change *c, struct source *src,
				const char *sender, const char *reason);

struct returned { /* a letter that was not taken for these recipients */
	const char *sender;
	const struct message_attrs *attrs;
	struct span recipients; /* an LF after each */
	struct span start;	/* of the letter */
	const char *status;	/* enhanced, RFC 3463 */
	const char *words;
};

/*
 * A notice to the sender. For the null sender there is none: then *told is
 * false, and the letter must be kept in another way. 0 or -1.
 */
int report_returned(struct intake *in, struct spool_change *c, const struct returned *r,
		    bool *told);

#endif
