/*
 * The routes as a command asks them: the configuration's table with the files
 * that it names.
 */
#ifndef OPERATOR_TABLES_H
#define OPERATOR_TABLES_H

#include "bridge/operator/operator.h"
#include "bridge/route/route.h"

/* NULL: told with operator_fail() as *e, unless e is NULL. */
struct route_table *tables_open(struct console *con, enum ending *e);

/* Gives it the memory of answers, if con->spool is open; *why says why it cannot be had. */
void tables_remember(const struct console *con, struct route_table *t, struct buf *why);

#endif
