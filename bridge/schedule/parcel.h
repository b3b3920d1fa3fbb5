/*
 * A message on its way to one next hop: read from the spool, addressed and
 * rendered for that next hop, with those of its recipients that go there
 * together. Everything here but parcel_free() reads the disk: for jobs of the
 * pool, never for the loop.
 *
 * Each addressee is leased, and `decided` once a verdict is known; it may be
 * so before anything was sent (no route, expired, damaged).
 */
#ifndef SCHEDULE_PARCEL_H
#define SCHEDULE_PARCEL_H

#include "bridge/base/verdict.h"
#include "bridge/message/attrs.h"
#include "bridge/message/render.h"
#include "bridge/schedule/setup.h"
#include "bridge/smtp/client.h"
#include "spool/spool.h"

struct addressee {
	struct spool_delivery d;      /* owned copy */
	struct recipient_attrs attrs; /* points into d */
	struct buf address;           /* as the next hop understands it */
	struct buf path;              /* a maildir */
	size_t path_fixed;            /* octets of it that are no recipient's */
	bool decided;
	bool expired;        /* the verdict is ours: its time is over */
	bool warn;           /* stays as it is, but its sender is told that it waits */
	int64_t chance_s;    /* it had so far; set before it is settled */
	struct buf redirect; /* another destination, by the tables of today; then no verdict */
	struct verdict verdict;
};

/* What of a server decides how a letter is rendered. */
struct parcel_form {
	bool maildir;
	bool eightbit, utf8;
};

struct parcel {
	struct parcel *next;        /* of whatever list it is in */
	struct setup *setup;        /* held */
	struct spool *spool;        /* borrowed */
	struct spool_message m;     /* owned copy */
	struct message_attrs attrs; /* points into m */
	struct buf ask_store;
	struct route_ask ask; /* who brought it */
	struct buf sender;    /* as the next hop sees it */
	struct addressee *to; /* owned */
	size_t n, room;
	bool srs; /* its route wants senders of ours alone */
	bool damaged;
	struct spool_content *content; /* owned; NULL: not open */
	uint64_t size;                 /* stored */
	struct render *render;         /* owned; NULL: not rendered */
	struct buf octets;             /* a small one, rendered whole */
	bool whole;                    /* octets are all of it */
	struct buf remarks; /* what was noticed when its header was made; empty: nothing */
	struct buf tokens;  /* that stand in it: durable before it leaves (reply.h) */
	bool waits;         /* for its tokens to be durable */
	struct client_message cm;
	struct client_recipient *cr; /* owned: cm's recipients */
	size_t *open;                /* owned: which addressee each of them is */
	/* For the log, and for notices: which way it went. */
	char hop[120], link[64], host[160];
	bool dsn;         /* that server reports successes itself */
	int64_t began_ms; /* of its transaction */
};

/* NULL: it is not there any more, or no memory. */
struct parcel *parcel_new(struct spool *s, struct setup *setup, spool_id id);
void parcel_free(struct parcel *p); /* NULL is allowed; leases are the caller's */

/*
 * Adds a recipient if it is still queued and due not later than now_s
 * (INT64_MAX: whenever). With the name of its destination it is also routed:
 * its address or path is found; or a verdict, or a redirection. 0 added, -1 not.
 */
int parcel_add(struct parcel *p, uint32_t rcpt, const char *destination, int64_t now_s);
/* Gives every undecided addressee this verdict. */
void parcel_decide(struct parcel *p, const struct verdict *v);
bool parcel_is_open(const struct parcel *p); /* some addressee has no verdict and no redirection */

/* Opens the content: its digest is checked, `damaged` set when it does not match. */
int parcel_open(struct parcel *p);
/* Renders for that form; content of up to `whole_bytes` is kept whole in octets. */
void parcel_render(struct parcel *p, const struct parcel_form *form, uint64_t whole_bytes);
/* Makes cm for the addressees that are open; 0 or -1. */
int parcel_make_message(struct parcel *p);
/* Gives up what only sending needs: a parcel that waits for the writer is small. */
void parcel_shed(struct parcel *p);
/* The addressee that cm's recipient i stands for. */
struct addressee *parcel_addressee(struct parcel *p, unsigned i);

#endif
