/*
 * What intake tells people by mail, in the same change as what it tells of.
 */
#ifndef INTAKE_REPORT_H
#define INTAKE_REPORT_H

#include "bridge/base/verdict.h"
#include "bridge/intake/envelope.h"
#include "bridge/intake/intake.h"
#include "bridge/message/notice.h"

/* A letter of ours, whole but for n->whom, which is looked up. 0 or -1. */
int report_accept(struct intake *in, struct spool_change *c, struct notice_letter *n);

/* A letter that was not taken for these recipients. */
struct returned {
	const char *sender;
	const struct message_attrs *attrs;
	struct span recipients; /* an LF after each */
	struct span start;      /* of the letter */
	const char *status;     /* enhanced, RFC 3463 */
	const char *words;
};

/*
 * A notice to the sender. For the null sender there is none, nor to where he
 * who brought the letter may not send (route_may_notify()): then *told is
 * false, and the letter must be kept in another way. 0 or -1.
 */
int report_returned(struct intake *in, struct spool_change *c, const struct returned *r,
                    bool *told);

/*
 * Notices to a sender who asked to be told, of his recipients that are aliases
 * or lists. 0 or -1.
 */
int report_expanded(struct intake *in, struct spool_change *c, const struct envelope *e,
                    const struct message_attrs *attrs, struct span start);

#endif
