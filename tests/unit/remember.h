/*
 * A memory of answers for tests: a key that is always the same, and the tokens
 * of a list, as the spool would keep them.
 */
#ifndef TEST_REMEMBER_H
#define TEST_REMEMBER_H

#include "bridge/route/reply.h"
#include "bridge/route/route.h"

#define NOON ((int64_t)20000 * 86400 + 43200)
#define DAY  ((int64_t)86400)

static struct buf remembered; /* as rewriting lists them */
static bool forgetful;        /* the memory is not to be had */

static inline int
remember_token(void *arg, struct span token, struct buf *address)
{
	struct span rest = buf_view(&remembered), kept, text;

	(void)arg;
	if (forgetful)
		return -1;
	while (reply_tokens_next(&rest, &kept, &text))
		if (span_eq(kept, token)) {
			buf_span(address, text);
			return 1;
		}
	return 0;
}

static inline void
remember(struct route_table *t)
{
	struct route_memory m = {.keyed = true, .token = remember_token};
	size_t i;

	for (i = 0; i < sizeof m.key; i++)
		m.key[i] = (uint8_t)(i * 7 + 1);
	route_table_remember(t, &m);
}

#endif
