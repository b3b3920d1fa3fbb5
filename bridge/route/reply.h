/*
 * Mailboxes of ours that stand for an address which SMTP cannot carry as it
 * is, or which must come back this way: what is answered to them reaches whom
 * they stand for, and nobody else can make them.
 *
 *	piet+k3v7x2mq9d@gw.example.com   a token: the address is kept in the spool
 *	piet@decvax.gw.example.com       a site of ours (reply-form = "site")
 *	decvax!mcvax!piet=k3v7xab@gw...  the path itself, with a tag (reply-form = "path")
 *	SRS0=k3v7x=ab=cwi.example=piet@gw.example.com
 *	                                 a sender elsewhere, for letters sent on by us
 */
#ifndef ROUTE_REPLY_H
#define ROUTE_REPLY_H

#include "bridge/base/buf.h"

#include <stdbool.h>

#define REPLY_TOKEN 10 /* characters of a token */

/*
 * The list that rewriting leaves in struct rewrite.tokens: token NUL address
 * NUL. True while there was one; the same may come twice.
 */
bool reply_tokens_next(struct span *rest, struct span *token, struct span *address);

#endif
