/*
 * The reply forms, each in a file of its own; for the files of this part alone.
 *
 *   reply.c        which form does this address get, and which does it have?
 *   reply_token.c  piet+k3v7x2mq4dwe
 *   reply_path.c   decvax!mcvax!piet=k3v7xab
 *   reply_site.c   piet@decvax.gw.example.com
 *   srs.c          SRS0=k3v7x=ab=cwi.example=piet
 *   digest.c       what makes them ours
 *   round_trip.c   does an answer come home? (rewrite_explain.c tells it in steps)
 *
 * Making: appends, 1; 0 with nothing appended when the address has no such
 * form; -1 without memory. Paths are as seen from us, own names off.
 */
#ifndef ROUTE_REPLY_INT_H
#define ROUTE_REPLY_INT_H

#include "bridge/route/digest.h"
#include "bridge/route/reply.h"
#include "bridge/route/table.h"

/* The whole address, user@domain, in the form that is asked for. */
int reply_make(const struct rewrite *w, const struct addr *a, struct buf *out);
int reply_by_token(const struct rewrite *w, const struct addr *a, struct buf *out);
/* Would a letter to that recipient be taken? 1, 0; -1 without memory. */
int reply_asked(const struct route_table *t, struct span recipient, const struct route_ask *ask);
/* And one by him who brought the letter in hand? */
int reply_may(const struct rewrite *w, const struct addr *a);
unsigned reply_days(const struct route_table *t);
bool reply_is_plain(struct span mailbox); /* octets that every mailer lets its users write to */

/* As reply_token(), whoever wrote it. */
int reply_token_make(const struct rewrite *w, const struct addr *a, struct buf *mailbox);
enum token_read {
	TOKEN_NONE,    /* a mailbox like any other */
	TOKEN_FOUND,   /* the address it stands for is appended */
	TOKEN_UNKNOWN, /* made with our key: forgotten, or another host's, or under a wrong name */
	TOKEN_NOT_NOW, /* the memory cannot be asked; or none is left, and address->bad */
};
enum token_read reply_token_read(const struct route_table *t, struct span mailbox,
                                 struct buf *address);

int reply_path(const struct rewrite *w, const struct addr *a, struct buf *out);
/* Takes a tag off the mailbox. 1; 0, and nothing is changed, without a good one; -1 no memory. */
int reply_path_read(const struct route_table *t, int64_t now_s, struct addr *a);

int reply_site(const struct rewrite *w, const struct addr *a, struct buf *out);
/* The site of SITE.our.domain; NULL: that is another host. */
const struct config_site *reply_site_read(const struct route_table *t, struct span host);

/* The whole address of a sender elsewhere, in the form SRS0 or SRS1, or as a token. */
int srs_make(const struct rewrite *w, const struct addr *a, struct buf *out);
bool srs_is(struct span mailbox);
/* An SRS1 mailbox elsewhere: appends the SRS0 address that its answers go to in the end. */
bool srs_origin(struct span mailbox, struct buf *address);
/* Appends whom it stands for, as user@domain, when it is good. */
enum digest_verdict srs_read(const struct route_table *t, int64_t now_s, struct span mailbox,
                             struct buf *address);

/*
 * A letter's way there and its answer's way back, told and tried before
 * anything is kept: tokens that are made on the trip are known on it.
 */
struct trip {
	struct rewrite there;              /* to write with */
	struct route_table table;          /* to ask; borrows all of the true one */
	struct buf tokens;                 /* owned; made on the trip */
	const struct route_memory *memory; /* the true table's */
};
void trip_begin(struct trip *trip, const struct rewrite *w);
void trip_end(struct trip *trip);
/* Not a host of ours, nor one behind us: who writes there does not come to us. */
bool trip_is_elsewhere(const struct route_table *t, struct span host);

#endif
