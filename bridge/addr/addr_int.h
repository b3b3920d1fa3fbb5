/* Shared by the files of bridge/addr alone. */
#ifndef ADDR_ADDR_INT_H
#define ADDR_ADDR_INT_H

#include "bridge/addr/addr.h"

/* Atoms of RFC 5322 atext and octets above 127; a '!' never stands in a mailbox here. */
bool addr_is_dot_atom(struct span s);

/* As addr_parse(), but appends to *store; text may lie in *store when it has room for twice
 * the text already. */
int addr_parse_more(struct span text, enum addr_reading how, struct buf *store, struct addr *out,
                    const char **why);

static inline struct span
span_from(struct span s, size_t at)
{
	return (struct span){s.p + at, s.n - at};
}

static inline struct span
span_until(struct span s, size_t end)
{
	return (struct span){s.p, end};
}

/* A hop without the dot that marks it as absolute. */
static inline struct span
hop_undotted(struct span hop)
{
	return hop.n > 1 && hop.p[hop.n - 1] == '.' ? span_until(hop, hop.n - 1) : hop;
}

#endif
