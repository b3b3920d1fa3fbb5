/*
 * Small things made durable, for which nobody waits: a fact, a line of the
 * journal. What is given is copied. Without memory it is dropped: a fact is
 * written again in time, and a line of the journal is in the log as well.
 */
#ifndef SCHEDULE_RECORD_H
#define SCHEDULE_RECORD_H

#include "bridge/schedule/writer.h"

void record_fact(struct writer *w, const char *name, struct spool_bytes value); /* n 0: removes */
void record_note(struct writer *w, spool_id id, const char *line);

/*
 * The same for what somebody waits for: told() comes from the loop, once, when
 * all that was given before is durable too, or was not to be. -1: no memory, it does not come.
 */
typedef void record_told(void *owner, struct writer_result result);
int record_fact_told(struct writer *w, const char *name, struct spool_bytes value,
                     record_told *told, void *owner);

#endif
