/*
 * The envelope's own face: how its files share the recipients.
 *
 *   envelope.c         who has been named, each once, and what is too much
 *   envelope_alias.c   who has the letter in place of an alias
 *   envelope_sender.c  who sent it
 */
#ifndef INTAKE_ENVELOPE_INT_H
#define INTAKE_ENVELOPE_INT_H

#include "bridge/intake/envelope.h"

#define ENVELOPE_SHOWN  1000       /* octets of an address that a person may be shown */
#define ENVELOPE_OCTETS (3u << 20) /* of deliveries: the spool holds 4 MiB of one letter */

/* An address without <>, and without the parentheses of uux. */
struct span envelope_bare(struct span s);

/* Each 0, or -1: the spool's failure, or no memory. */

/* Appends a name and an LF; cut, and without what would make two names of it. */
int envelope_name(struct buf *list, struct span address);
/* To be returned: it is too much. */
int envelope_excess(struct envelope *e, struct span address);
/* A delivery, to a member of an alias or a recipient who is none. */
int envelope_member(struct envelope *e, struct draft *d, const struct route_member *m,
                    const struct recipient_attrs *attrs);

/* The members that x has of it, or none of them. */
int envelope_alias(struct envelope *e, struct drafts *d, struct span alias,
                   const struct recipient_attrs *asked, const struct route_expansion *x);

#endif
