/*
 * What intake tells people by mail, in the same change as what it tells of:
 * the postmaster that octets were set aside, a sender that a letter was not
 * taken.
 */
#ifndef INTAKE_REPORT_H
#define INTAKE_REPORT_H

#include "bridge/base/verdict.h"
#include "bridge/intake/intake.h"
#include "bridge/intake/source.h"

/*
 * Setting octets aside: into quarantine, into the journal, and a letter to the
 * postmaster that shows how they start. More than a GiB becomes several items.
 * Each returns ENDING_DONE, or an ending whose reason is said to the keeper.
 */
struct aside_writer {
	struct intake *in;
	struct spool_change *change;
	const char *sender;        /* NULL unknown */
	const char *reason;        /* one line */
	struct spool_draft *draft; /* owned */
	struct buf start;
	uint64_t size;
};

enum ending aside_begin(struct aside_writer *w, struct intake *in, struct spool_change *c,
                        const char *sender, const char *reason);
enum ending aside_write(struct aside_writer *w, struct span octets);
enum ending aside_end(struct aside_writer *w);
void aside_free(struct aside_writer *w); /* in any case */

/* All of the source, as it came. */
enum ending report_source_aside(struct intake *in, struct spool_change *c, struct source *src,
                                const char *sender, const char *reason);

struct returned { /* a letter that was not taken for these recipients */
	const char *sender;
	const struct message_attrs *attrs;
	struct span recipients; /* an LF after each */
	struct span start;      /* of the letter */
	const char *status;     /* enhanced, RFC 3463 */
	const char *words;
};

/*
 * A notice to the sender. For the null sender there is none: then *told is
 * false, and the letter must be kept in another way. 0 or -1.
 */
int report_returned(struct intake *in, struct spool_change *c, const struct returned *r,
                    bool *told);

#endif
