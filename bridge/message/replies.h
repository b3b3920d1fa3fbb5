/*
 * The memory of answers, in the spool: the key that our tags and tokens are
 * made with, and the address that each token stands for (struct route_memory).
 * The spool keeps them as facts:
 *
 *	reply/key      32 octets, made by the daemon at its first start
 *	reply/TOKEN    the day of its last use, then the address
 *
 * A token is durable before a letter leaves with it: an answer to an address
 * nobody remembers would be lost. Who renders a letter for sending therefore
 * asks replies_missing() what is not known yet, has the daemon's writer commit
 * that, and only then lets the letter go. A token that is used again is given
 * a new day now and then, so that the common case is a read and no commit.
 */
#ifndef MESSAGE_REPLIES_H
#define MESSAGE_REPLIES_H

#include "bridge/base/buf.h"
#include "bridge/base/config.h"
#include "bridge/route/reply.h"
#include "bridge/route/route.h"
#include "spool/spool.h"

#define REPLIES_PREFIX   "reply/"
#define REPLIES_RENEWED  10 /* in use, a record is made anew after this part of the days */
#define REPLIES_OVERHEAD 64 /* octets of a token's record beside its address, about */

/* Makes the key if there is none. 0, or -1 with words in *why. */
int replies_make_key(struct spool *s, struct buf *why);

/*
 * Tells the table the key, from the spool or from the file that `secret`
 * names, and how tokens are looked up: s is borrowed for the table's life.
 * Without any key the table stays without memory. 0, or -1 with words in *why.
 */
int replies_attach(struct spool *s, const struct config *c, struct route_table *t, struct buf *why);

/*
 * Of tokens as rewriting lists them (reply.h), appends those to *missing that
 * are not durable yet, or whose day is older than a tenth of `days`. 0; 1 with
 * words in *why: one of them cannot be kept; -1: the spool's failure, or no
 * memory (missing->bad). [any thread]
 */
int replies_missing(struct spool *s, struct span tokens, unsigned days, int64_t now_s,
                    struct buf *missing, struct buf *why);
/* Takes up to `most` of that list from its front into a change; how many it took. */
size_t replies_keep(struct spool_change *c, struct span *missing, size_t most, int64_t now_s);

/* Tokens in their order after that one ("": all). each() returns nonzero to stop. 0 or -1. */
struct reply_kept {
	const char *token; /* borrowed, as is the address, until each() returns */
	struct span address;
	int64_t day_s; /* when its day of last use began */
};
typedef int replies_fn(void *arg, const struct reply_kept *k);
int replies_each(struct spool *s, const char *after, replies_fn *each, void *arg);
void replies_forget(struct spool_change *c, const char *token);

#endif
