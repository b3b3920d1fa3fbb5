/*
 * Transactions. A read transaction lives within one call of the library. A
 * write transaction holds the outer lock from before its begin until after its
 * end, there is no other way to make one. The first error sticks: later calls
 * do nothing and fail, and txn_commit() tells it.
 */
#ifndef SPOOL_TXN_H
#define SPOOL_TXN_H

#include "spool/key.h"
#include "spool/record.h"

struct txn {
	struct spool *s;
	MDB_txn *mdb; /* NULL when it is not open */
	bool writes;
	struct trouble trouble;
	struct counters n; /* written back by txn_commit() */
};

int txn_begin_read(struct txn *t, struct spool *s);
int txn_begin_write(struct txn *t, struct spool *s);
int txn_commit(struct txn *t); /* ends it either way */
void txn_abort(struct txn *t); /* ends it; harmless when it has ended */
/* The transaction's failure, new; -1. */
int txn_fail(struct txn *t, enum spool_status st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int txn_fail_mdb(struct txn *t, int rc, const char *what); /* LMDB's code, told */
int txn_damaged(struct txn *t, enum db db, struct key k);  /* a record that cannot be read */

/* 1 found, 0 not there, -1. The value is borrowed until the next write. */
int txn_get(struct txn *t, enum db db, struct key k, struct spool_bytes *v);
int txn_put(struct txn *t, enum db db, struct key k, struct spool_bytes v);
int txn_put_pack(struct txn *t, enum db db, struct key k, struct pack *v); /* frees v */
int txn_del(struct txn *t, enum db db, struct key k); /* 1 deleted, 0 was not there, -1 */

/* A way along one database. Each step: 1 at key and val, 0 past the end, -1. */
struct walk {
	struct txn *t;
	enum db db;
	MDB_cursor *c;
	struct spool_bytes key, val; /* borrowed until the next write */
};
int walk_begin(struct walk *w, struct txn *t, enum db db);
int walk_from(struct walk *w, struct key k);   /* the first not before k */
int walk_before(struct walk *w, struct key k); /* the last before k */
int walk_last(struct walk *w);
int walk_next(struct walk *w);
int walk_del(struct walk *w); /* the record it stands at; walk_from() again to go on */
void walk_end(struct walk *w);
/* The same with a read transaction of its own, t, which walk_close() ends. */
int walk_open(struct walk *w, struct txn *t, struct spool *s, enum db db);
void walk_close(struct walk *w);
bool walk_has(const struct walk *w, struct key prefix); /* whether it stands under prefix */
struct key walk_key(const struct walk *w);              /* a copy of where it stands */

/* ---- slice.c ---- */

/*
 * Records under a prefix, in order, after that key (empty: from the first),
 * each told with no transaction open. A key has a NUL behind it; it and the
 * value are borrowed until each() returns, nonzero to stop. 0 or -1.
 */
typedef int slice_fn(void *arg, struct spool_bytes key, struct spool_bytes value);
int slice_each(struct spool *s, enum db db, struct key prefix, struct key after, slice_fn *each,
               void *arg);

#endif
