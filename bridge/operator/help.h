/*
 * What is there, and how is it called? Text for people, and the whole table
 * as JSON, from which completions are made and checked.
 */
#ifndef OPERATOR_HELP_H
#define OPERATOR_HELP_H

#include "bridge/operator/operator.h"

/* The first row of a group, NULL when no group has that name; its rows stand together. */
const struct command *help_group(const char *group);
bool help_in_group(const struct command *c, const char *group);

/*
 * Everything (both NULL), a group or a command of one word (verb NULL), or a
 * command of two. False when there is nothing by that name.
 */
bool help_print(struct console *con, const char *group, const char *verb);

#endif
