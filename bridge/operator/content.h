/*
 * The octets of a message: its header in an answer, or all of it, as stored
 * into a pipe and made visible on a terminal.
 */
#ifndef OPERATOR_CONTENT_H
#define OPERATOR_CONTENT_H

#include "bridge/operator/operator.h"

#include <jansson.h>

/* Each ENDING_DONE, or said. A message or quarantined bytes of that id. */
enum ending content_header_text(struct console *con, spool_id id, struct buf *out);
enum ending content_header_json(struct console *con, spool_id id, json_t *object);
/* The From_ lines it begins with, "" for none; *start has their octets. */
enum ending content_chain(struct console *con, spool_id id, struct buf *start, struct span *chain);
enum ending content_print(struct console *con, spool_id id);
/* The first octets, escaped, line by line. */
enum ending content_start_text(struct console *con, spool_id id, struct buf *out);

/* Octets as a terminal may show them: escaped, but LF ends a line and a tab stays. Appends. */
void content_escape(struct span octets, struct buf *out);

#endif
