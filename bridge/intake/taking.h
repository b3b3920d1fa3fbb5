/*
 * One letter on its way into a draft: line ends made canonical, its header
 * looked at once, everything else streamed.
 */
#ifndef INTAKE_TAKING_H
#define INTAKE_TAKING_H

#include "bridge/intake/aside.h"
#include "bridge/intake/drafts.h"
#include "bridge/intake/intake.h"
#include "bridge/intake/text.h"
#include "bridge/message/facts.h"

enum taking_fault {
	TAKING_SOUND,
	TAKING_TOO_LARGE, /* spool.message-size */
	TAKING_HEADER,    /* limits.header */
	TAKING_LOOP,      /* limits.hops, limits.passages */
	TAKING_SPOOL,     /* the spool did not take it, or no memory: try later */
};

struct taking {
	struct intake *in;
	struct drafts drafts;
	struct text text;
	struct facts facts;
	struct buf head;       /* the octets until the header is over; kept */
	struct buf message_id; /* "" none */
	size_t chain_bytes;    /* From_ lines at the start of head */
	bool flowing;          /* the header is over */
	bool drop_chain; /* the envelope is known from elsewhere: From_ lines are not stored */
	enum taking_fault fault;
	uint64_t size; /* canonical octets so far */
};

/* 0, or -1 without memory; taking_free() in any case. */
int taking_begin(struct taking *t, struct intake *in, bool drop_chain);
/* How often its sender's path passes here: 0, or -1 with a fault when that is too often. */
int taking_passed(struct taking *t, unsigned passages);
/* Octets as they came. 0, or -1 with t->fault: then the rest is of no interest. */
int taking_add(struct taking *t, struct span octets);
int taking_end(struct taking *t);

/* The messages that a letter became, and what their journals say; for the log, once durable. */
struct taken {
	struct {
		spool_id id;      /* given at commit */
		struct buf lines; /* with an LF each, "accepted" first */
	} v[DRAFTS_MAX];
	size_t n;
};
void taken_log(struct taken *t);
void taken_free(struct taken *t);

/*
 * Gives a sound one to the change: as a message for each draft that has
 * recipients. The facts become attrs'. *taken may be NULL, and must live until
 * the commit. 0, or -1 with the spool's failure, or without memory.
 */
int taking_accept(struct taking *t, struct spool_change *c, const char *sender,
                  struct message_attrs *attrs, struct taken *taken);
void taking_free(struct taking *t);

/* The fault for a person to read; static. */
const char *taking_words(enum taking_fault f);
/* Whether its sender gets it back, as one that was understood; else it is set aside. */
bool taking_is_returned(enum taking_fault f);
/* The status he gets it back with; "" for the others. */
const char *taking_status(enum taking_fault f);
/* As what it is set aside, if that is its end. */
struct aside_why taking_aside(enum taking_fault f);

#endif
