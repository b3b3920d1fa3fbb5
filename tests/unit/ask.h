/* Who asks, in one word. */
#ifndef TEST_ASK_H
#define TEST_ASK_H

#include "bridge/route/rewrite.h"

/* Who asks: a neighbour's name, or NULL for ourselves. */
#define ASK(name)        (&(struct route_ask){.site = (name)})
#define REWRITE(t, name) (&(struct rewrite){.table = (t), .ask = ASK(name)})

#endif
