/*
 * What the spool remembers of a configuration's links: an operator's orders,
 * and the chance clocks of the sets of links that its routes name.
 *
 * It is read as a whole, before the loop runs or in a job of the pool, because
 * the loop does not wait for the disk; links_use() takes from it what it needs.
 */
#ifndef LINK_FACTS_H
#define LINK_FACTS_H

#include "bridge/base/config.h"
#include "spool/spool.h"

struct link_facts;

/* NULL: no memory, or spool_status(s) says what. */
struct link_facts *link_facts_read(struct spool *s, const struct config *c);
void link_facts_free(struct link_facts *f); /* NULL is allowed */
/* The value of a fact, borrowed; n 0: there is none. */
struct spool_bytes link_facts_get(const struct link_facts *f, const char *name);

#endif
