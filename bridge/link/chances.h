/*
 * The chance clocks (chance.h) of all the sets of links that routes name, each
 * kept as a fact of the spool under the names of its links. Nothing is read
 * here: facts come from where the disk may be waited for (facts.h).
 *
 * A set is never forgotten while we run: mail may come back to a route that
 * an operator takes out for an hour.
 */
#ifndef LINK_CHANCES_H
#define LINK_CHANCES_H

#include "bridge/base/buf.h"
#include "bridge/base/config.h"
#include "bridge/link/chance.h"
#include "spool/spool.h"

#include <stdbool.h>

struct chances;

/* As links_calls.remember. */
typedef void chances_keep(void *owner, const char *fact, struct spool_bytes value);

/* NULL: no memory. */
struct chances *chances_new(chances_keep *keep, void *owner);
void chances_free(struct chances *c); /* NULL is allowed */

/* Appends the name of the fact that keeps the clock of that set; NULL: of mail that needs no link.
 */
void chances_fact(const struct config_strings *names, struct buf *out);
/* Makes the clock of that set from the fact's value, unless it is there. -1: no memory. */
int chances_learn(struct chances *c, const struct config_strings *names, struct spool_bytes past);
/*
 * The clock of that set; one that was never learned begins now. It stands still
 * until chances_run(). NULL: no memory.
 */
struct chance_clock *chances_clock(struct chances *c, const struct config_strings *names);
/*
 * Lets those clocks run whose set is usable, and stops the others (usable NULL:
 * all); those that change are kept.
 */
void chances_run(struct chances *c, bool (*usable)(void *arg, const struct config_strings *names),
                 void *arg);
void chances_remember(struct chances *c); /* keeps those that run */

#endif
