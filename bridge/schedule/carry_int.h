/*
 * One session and what it carries, as carry.c, carry_content.c and carry_end.c
 * share it.
 */
#ifndef SCHEDULE_CARRY_INT_H
#define SCHEDULE_CARRY_INT_H

#include "bridge/schedule/schedule_int.h"

struct piece;

struct carrier {
	LIST_ENTRY(carrier) of_schedule;
	struct hop *h;
	struct setup *setup;     /* held: the session's route is in it */
	struct session *session; /* NULL: ended */
	bool asking;             /* it waits for us: session_ready() is owed */
	bool leaving, abandoned;
	bool idle; /* it has nothing to send and waits a moment whether more comes */
	int64_t idle_until_ms;
	unsigned holds;
	struct batch *batch;          /* NULL: none under way */
	struct parcel *first, **tail; /* owned: prepared, not yet given */
	size_t waiting;
	struct piece *piece; /* NULL: none under way */
	char link[64];
	bool begun, progress;
	spool_id struck; /* the first message the session broke under */
	unsigned messages, sent, later, never;
	int64_t began_ms;
	int64_t moved_ms; /* when a message last began or ended */
};

void carry_tidy(struct carrier *c); /* frees it when its session and its jobs have ended */
/*
 * A call into the session may end it, and with it the carrier and its next hop:
 * both are kept from hold to release.
 */
void carry_hold(struct carrier *c);
void carry_release(struct carrier *c); /* and tidies */

/* carry_content.c: session_source.read */
void carry_read(void *owner, struct session *session, const struct client_message *m, bool restart);
/* Whether a job reads p just now; then it settles p when it is done. */
bool carry_settles_later(struct carrier *c, struct parcel *p);

/* carry_end.c */
void carry_judge(struct carrier *c, struct parcel *p); /* was it p that broke the session? */
bool carry_suspects(struct hop *h, spool_id id);       /* that message goes last */
void carry_learn(struct carrier *c,
                 const struct verdict *v); /* what the end says of the next hop */
void carry_say_end(struct carrier *c, const struct verdict *v, uint64_t in, uint64_t out);

#endif
