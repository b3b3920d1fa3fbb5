/*
 * What goes next to one next hop? A job of the pool that answers with parcels:
 * chooses among the due deliveries of the hop's destinations in order of
 * (rank, due, id), leases them, puts those of one message together, and loads
 * and renders each, many in one job, so that the loop never waits for the disk.
 * Tokens that are new in them are durable before anything is answered.
 *
 * Every look starts from the head of the queue: leased deliveries are passed
 * over, so nothing more urgent that came meanwhile waits behind a cursor. A job
 * is bounded in parcels and in octets held in memory; a large letter counts
 * little, since it is read a piece at a time while it is sent.
 */
#ifndef SCHEDULE_BATCH_H
#define SCHEDULE_BATCH_H

#include "bridge/schedule/token_keep.h"
#include "bridge/schedule/lease.h"
#include "bridge/schedule/parcel.h"

#include <uv.h>

#define BATCH_DESTINATIONS 128
#define BATCH_PARCELS      64
#define BATCH_BYTES        (192u * 1024) /* of whole letters in one batch */
#define BATCH_WHOLE_BYTES  (64u * 1024)  /* a larger letter is streamed */
#define BATCH_RECIPIENTS   100           /* of one parcel: RFC 5321 section 4.5.3.1.8 */

enum batch_kind {
	BATCH_RENDER,  /* for a session */
	BATCH_MAILDIR, /* delivered at once, by the job itself */
	BATCH_DECIDE,  /* every delivery gets `verdict`, or what routing says */
};

struct batch_ask { /* one destination */
	spool_dest dest;
	const char *name; /* borrowed while the job runs */
	unsigned leased;  /* deliveries of it under way: as many are passed over */
	void *owner;      /* the caller's, as is news */
	unsigned news;
	/* out */
	bool exhausted;     /* nothing is due that is not leased */
	int64_t next_due_s; /* the first that is due later; INT64_MAX none */
	uint8_t head_rank;  /* when not exhausted: of the first one left */
};

struct batch {
	uv_work_t work;
	struct token_keep keep; /* its tokens: empty when all were known */
	struct spool *spool;    /* borrowed */
	struct writer *writer;  /* borrowed */
	struct leases *leases;  /* borrowed */
	struct setup *setup;    /* held */
	enum batch_kind kind;
	struct parcel_form form;
	struct verdict verdict;
	struct batch_ask ask[BATCH_DESTINATIONS];
	size_t n;
	int64_t now_s;
	void (*done)(struct batch *b); /* in the loop; then batch_free() */
	void *owner;
	/* out */
	struct parcel *first, **tail; /* owned; leased */
	size_t parcels;
	enum spool_status trouble; /* the spool could not be read */
	char words[160];
};

struct batch *batch_new(struct spool *s, struct writer *w, struct leases *l, struct setup *setup);
void batch_start(struct batch *b, uv_loop_t *loop);
struct parcel *batch_take(struct batch *b); /* the first parcel, now the caller's; NULL: none */
void batch_free(struct batch *b);           /* parcels must have been taken */

#endif
