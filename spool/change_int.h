/*
 * Drafts and changes from within: what is gathered before it is written.
 */
#ifndef SPOOL_CHANGE_INT_H
#define SPOOL_CHANGE_INT_H

#include "spool/apply.h"

#include <xxhash.h>

struct spool_draft {
	struct spool *s;
	struct trouble trouble;
	uint64_t size;
	uint8_t *buf; /* owned: what is not staged yet, at most DRAFT_BYTES */
	size_t n, room;
	XXH3_state_t *hash; /* owned: of what was staged; NULL when nothing was */
	uint64_t content;   /* its number, once anything was staged */
	uint32_t chunks;    /* staged */
	uint64_t staged_bytes;
	char *sender;                  /* owned */
	struct spool_bytes attributes; /* owned */
	struct pack recipients, notes;
	unsigned nrecipients;
	uint8_t quarantine;
	char *reason, *source; /* owned */
	int64_t now_s;         /* of acceptance */
	uint8_t uuid[16], digest[16];
};

int draft_fail(struct spool_draft *d, enum spool_status st, const char *words);
void draft_shrink(struct spool_draft *d); /* to what it holds */
void draft_digest(struct spool_draft *d); /* of the whole content, when it is complete */
struct envelope draft_envelope(const struct spool_draft *d, uint64_t content); /* borrowed views */
uint64_t draft_dirty(const struct spool_draft *d);  /* octets of pages that accepting it writes */
uint64_t draft_charge(const struct spool_draft *d); /* what it adds: staged octets count already */
bool draft_is_notice(const struct spool_draft *d);
/* Writes what is in memory behind what is staged, and the envelope's part in the counters. */
int draft_put_rest(struct txn *t, struct spool_draft *d, uint64_t *content);

enum op_kind {
	OP_SETTLE,
	OP_HOLD,
	OP_RELEASE,
	OP_RETRY,
	OP_REDIRECT,
	OP_NOTE,
	OP_FACT,
	OP_DAMAGED,
	OP_QUARANTINE_DROP,
};

struct op {
	enum op_kind kind;
	uint8_t rank;
	struct spool_settlement st; /* id, rcpt, now_s serve every kind */
	char *text;                 /* owned: words, destination, line, name */
	struct spool_bytes value;   /* owned: OP_FACT */
};

/* A draft to be accepted. */
struct take {
	struct spool_draft *draft; /* owned; NULL once it is staged in the batch */
	spool_id *id;              /* where the caller wants it; or NULL */
};

struct spool_change {
	struct spool *s;
	struct trouble trouble;
	struct take *takes; /* owned; the first `staged` of them are in the batch */
	size_t ntakes, takes_room, staged;
	struct op *ops; /* owned */
	size_t nops, ops_room;
	uint64_t batch;       /* its number; 0: none */
	uint64_t batch_dirty; /* what making it visible writes */
	uint64_t dirty;       /* what the drafts still in memory write */
	bool has_job, settles, done;
	struct spool_job job; /* system owned */
	int64_t now_s;        /* the latest that was told */
};

/* ---- stage.c ---- */

int stage_draft(struct spool_draft *d); /* writes the whole chunks it holds */
void stage_drop_draft(struct spool_draft *d);
int stage_batch(struct spool_change *c); /* writes every draft still in memory */
void stage_drop_batch(struct spool *s, uint64_t batch);
int stage_forget(struct txn *t, uint64_t number, uint64_t bytes); /* it is somebody's now */
/* Whether the process that staged something is gone. */
bool stage_is_dead(struct spool *s, uint64_t owner);
/* One slice of a batch nobody will promise: 1 more is left, 0 none, -1. */
int stage_drop_slice(struct txn *t, uint64_t batch);

/* ---- promise.c ---- */

int promise_make(struct txn *t, uint64_t batch, uint32_t count, spool_id *first_id);
/* Makes envelopes [from, ...) of the batch visible until about `dirty` is written; *next: where it
 * stopped. */
int promise_slice(struct txn *t, uint64_t batch, spool_id first_id, uint32_t from, uint32_t count,
                  uint64_t dirty, uint32_t *next);
int promise_keep(struct spool *s, uint64_t batch); /* slice after slice */
uint64_t promise_first(struct txn *t);             /* the first that is not kept yet, or 0 */
void promise_help(struct spool *s, uint64_t batch, bool all); /* keeps a slice or all, if it can */

/* ---- sweep.c ---- */

int sweep_promises(struct spool *s); /* keeps all that were made */

#endif
