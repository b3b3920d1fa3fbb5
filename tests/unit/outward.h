/* Neighbours of the gateway by class, and what they are given. Needs cmocka.h before it. */
#ifndef TEST_OUTWARD_H
#define TEST_OUTWARD_H

#include "bridge/route/outward.h"
#include "bridge/route/table.h"
#include "tests/unit/ask.h"
#include "tests/unit/gateway_table.h"

#include <string.h>

#define CLASSES 3

static inline void
expect_of_class(const char *asked, int class, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s, class %d: got \"%s\", want \"%s\"", asked, class + 1, got, want);
}

/* The neighbour of that name, of another class. */
static inline struct config_site
neighbour(const char *name, int class)
{
	struct config_site to = *route_site(table, span_of(name));

	to.class = (enum site_class) class;
	return to;
}

#define FOR(by, site) (&(struct rewrite){.table = (table), .ask = ASK(by), .to = (site)})

#endif
