/*
 * The notices that a parcel's verdicts call for, as drafts of messages: who is
 * told of what. Reads the disk: for jobs of the pool.
 */
#ifndef SCHEDULE_TOLD_H
#define SCHEDULE_TOLD_H

#include "bridge/message/notice.h"
#include "bridge/schedule/parcel.h"

struct told { /* one notice */
	enum notice_kind kind;
	size_t recipients;           /* it speaks of */
	struct buf content;          /* owned */
	struct route_expansion whom; /* owned: the sender, or whom he means */
	struct buf tokens;           /* owned: that stand in it, to be durable with it */
	struct buf words;            /* owned: for its journal; empty: nothing */
	struct buf untold;           /* owned: the line in place of it; empty: it may be */
};

/* Whether an addressee's sender is to be told, and how. */
bool told_is_wanted(const struct parcel *p, const struct addressee *a, enum notice_kind *kind);
/*
 * Writes the notice of that kind; 0, with recipients 0 when nobody is to be
 * told, or may be; -1: the spool's failure, or no memory.
 */
int told_write(struct parcel *p, enum notice_kind kind, struct told *out);
void told_free(struct told *t);

#endif
