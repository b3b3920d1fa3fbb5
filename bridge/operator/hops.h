/*
 * The hops of a letter's From_ chain with their times, newest first: which
 * way it came by UUCP, and how long it lay where.
 */
#ifndef OPERATOR_HOPS_H
#define OPERATOR_HOPS_H

#include "bridge/operator/operator.h"

#include <jansson.h>

/* Of a chain, as header.h gives it: a line for each hop; {"site","user","time","date"}. */
void hops_text(struct span chain, struct buf *out);
json_t *hops_json(struct span chain); /* an owned array */

/* Of the letter of that id. ENDING_DONE, or said; nothing for a letter without a chain. */
enum ending hops_of_text(struct console *con, spool_id id, struct buf *out);
enum ending hops_of_json(struct console *con, spool_id id, json_t *object); /* its "hops" */

#endif
