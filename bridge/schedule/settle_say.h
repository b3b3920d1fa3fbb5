/*
 * What the journal and the log say of one addressee's end or delay, in one line.
 */
#ifndef SCHEDULE_SETTLE_SAY_H
#define SCHEDULE_SETTLE_SAY_H

#include "bridge/base/event.h"
#include "bridge/schedule/parcel.h"

/* Appends the line; which event it is. due_s: of a LATER. */
enum event settle_say(const struct parcel *p, const struct addressee *a, int64_t now_s,
                      int64_t due_s, struct buf *line);

/* Appends the line of what was noticed in its header: p->remarks. */
void settle_say_remarks(const struct parcel *p, struct buf *line);

#endif
