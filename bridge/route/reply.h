/*
 * Mailboxes of ours that stand for an address which SMTP cannot carry as it
 * is, or which must come back this way: what is answered to them reaches whom
 * they stand for, and nobody else can make them.
 *
 *	piet+k3v7x2mq4dwe@gw.example.com   a token: the address is kept in the spool
 *	piet@decvax.gw.example.com       a site of ours (reply-form = "site")
 *	decvax!mcvax!piet=k3v7xab@gw...  the path itself, with a tag (reply-form = "path")
 *	SRS0=k3v7x=ab=cwi.example=piet@gw.example.com
 *	                                 a sender elsewhere, for letters sent on by us
 *
 * Which form is asked for decides what is made; all are read, whatever it is.
 * Nothing of this happens before the table has a key (route_table_remember()).
 */
#ifndef ROUTE_REPLY_H
#define ROUTE_REPLY_H

#include "bridge/addr/addr.h"
#include "bridge/base/buf.h"
#include "bridge/route/rewrite.h"

#include <stdbool.h>

#define REPLY_TOKEN 12 /* characters of a token */

/* Bounds of what is to be remembered: of an address, and of one list of tokens, in octets. */
#define REPLY_ADDRESS_MOST 1000 /* and no From_ path is longer */
#define REPLY_TOKENS_MOST  65536

/*
 * The list that rewriting leaves in struct rewrite.tokens: token NUL address
 * NUL. True while there was one; the same may come twice.
 */
bool reply_tokens_next(struct span *rest, struct span *token, struct span *address);

/*
 * The mailbox that stands for an address, a path as seen from us: appends
 * "piet+k3v7x2mq4dwe", to be followed by a name of ours, and puts the token and
 * the address on w->tokens. 1; 0, nothing appended, without a key, and for an
 * address to which he who brought the letter could not send himself: no answer
 * may do what its writer may not. -1 without memory.
 */
int reply_token(const struct rewrite *w, const struct addr *a, struct buf *mailbox);

#endif
