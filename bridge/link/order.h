/*
 * What an operator said of a link, and where it is kept: a fact of the spool,
 * so that it outlives the daemon and can be set while none runs.
 *
 * "auto" is the absence of an order: the link is up or down as its evidence
 * says. A `manual` link has no evidence but the order: "auto" is down for it.
 */
#ifndef LINK_ORDER_H
#define LINK_ORDER_H

#include <stddef.h>

enum link_order { LINK_ORDER_AUTO, LINK_ORDER_UP, LINK_ORDER_DOWN };

#define LINK_FACT_NAME 160 /* room for a fact's name; the name of a link is at most 100 octets */

const char *link_order_name(enum link_order o);               /* "auto", "up", "down" */
int link_order_parse(const char *text, enum link_order *out); /* 0, or -1 and *out untouched */

/* The spool_fact whose value is that name (not NUL-terminated); no fact is "auto". Returns out. */
const char *link_order_fact(const char *link, char out[LINK_FACT_NAME]);
/* The order a fact's value holds; anything not understood is "auto". */
enum link_order link_order_of_fact(const void *p, size_t n);

#endif
