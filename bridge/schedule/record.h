/*
 * Small things made durable that nobody waits for: a fact, a line of the
 * journal. What is given is copied. Without memory it is dropped: a fact is
 * written again in time, and a line of the journal is in the log as well.
 */
#ifndef SCHEDULE_RECORD_H
#define SCHEDULE_RECORD_H

#include "bridge/schedule/writer.h"

void record_fact(struct writer *w, const char *name, struct spool_bytes value); /* n 0: removes */
void record_note(struct writer *w, spool_id id, const char *line);

#endif
