/*
 * What programs read: one JSON document on standard output for each command.
 * Text from outside is UTF-8 with octets that are not, control characters and
 * backslashes written as buf_escape() writes them: it can be undone, and no
 * reader chokes on a letter of 1984. Times are RFC 3339 in UTC.
 */
#ifndef OPERATOR_JSON_H
#define OPERATOR_JSON_H

#include "bridge/operator/operator.h"

#include <jansson.h>

/* Each returns an owned value, or NULL without memory, which jansson's setters pass on. */
json_t *json_outside(struct span text); /* escaped */
json_t *json_time(int64_t wall_s);      /* null when it is 0 */
json_t *json_id(uint64_t id);           /* a message's name as people type it */

/* The command's answer, an object, whole: writes it on one line, a failure with it; frees it. */
void json_put(struct console *con, json_t *owned);

/*
 * An answer that is a list too long to build: each item is written as it
 * comes. A failure on the way ends the list and is told after it.
 */
struct json_list {
	struct console *con;
	uint64_t n;
};
void json_list_begin(struct json_list *l, struct console *con, const char *name); /* {"name":[ */
void json_list_put(struct json_list *l, json_t *owned);
/* Closes the list, adds the members of `rest` (owned, may be NULL) to the object, and closes it. */
void json_list_end(struct json_list *l, json_t *rest);

/* Keeps the first failure of a command, for the end of its answer. */
void json_keep_error(struct console *con, const char *words, int status);
/* The answer of a command that failed before it began one; frees what was kept. */
void json_finish(struct console *con);

#endif
