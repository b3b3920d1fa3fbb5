/*
 * The journal as a person reads it: a time, what happened, and its particulars
 * folded to the width of the terminal. The lines are the log's own
 * (bridge/base/event.h); nothing is left out.
 */
#ifndef OPERATOR_STORY_H
#define OPERATOR_STORY_H

#include "bridge/operator/operator.h"

#include <jansson.h>

/* One line of the journal, which is escaped already. Appends. */
void story_line(int64_t at_s, struct span line, size_t width, struct buf *out);
/* {"time","event", and each key with its value} */
json_t *story_json(int64_t at_s, struct span line);

/* The whole journal of a message, 0: the system's. *lines counts them. ENDING_DONE, or said. */
enum ending story_text(struct console *con, spool_id id, struct buf *out, unsigned *lines);
enum ending story_array(struct console *con, spool_id id, json_t **out); /* owned array */

#endif
