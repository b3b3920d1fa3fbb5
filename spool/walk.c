/*
 * What comes next in order? A cursor over one database within a transaction.
 */
#include "spool/txn.h"

#include <string.h>

int
walk_begin(struct walk *w, struct txn *t, enum db db)
{
	int rc;

	*w = (struct walk){.t = t, .db = db};
	if (t->trouble.status)
		return -1;
	rc = mdb_cursor_open(t->mdb, t->s->dbi[db], &w->c);
	if (rc) {
		w->c = NULL;
		return txn_fail_mdb(t, rc, "reading the spool");
	}
	return 0;
}

static int
step(struct walk *w, MDB_val key, MDB_cursor_op op)
{
	MDB_val val;
	int rc;

	if (w->t->trouble.status || !w->c)
		return -1;
	rc = mdb_cursor_get(w->c, &key, &val, op);
	if (rc == MDB_NOTFOUND)
		return 0;
	if (rc)
		return txn_fail_mdb(w->t, rc, "reading the spool");
	w->key = (struct spool_bytes){key.mv_data, key.mv_size};
	w->val = (struct spool_bytes){val.mv_data, val.mv_size};
	return 1;
}

int
walk_from(struct walk *w, struct key k)
{
	if (k.n == 0)
		return step(w, (MDB_val){0}, MDB_FIRST);
	return step(w, (MDB_val){k.n, k.b}, MDB_SET_RANGE);
}

int
walk_before(struct walk *w, struct key k)
{
	int at = walk_from(w, k);

	if (at < 0)
		return -1;
	return at == 0 ? walk_last(w) : step(w, (MDB_val){0}, MDB_PREV);
}

int
walk_last(struct walk *w)
{
	return step(w, (MDB_val){0}, MDB_LAST);
}

int
walk_next(struct walk *w)
{
	return step(w, (MDB_val){0}, MDB_NEXT);
}

int
walk_del(struct walk *w)
{
	int rc;

	if (w->t->trouble.status)
		return -1;
	rc = mdb_cursor_del(w->c, 0);
	return rc ? txn_fail_mdb(w->t, rc, "writing to the spool") : 0;
}

void
walk_end(struct walk *w)
{
	if (w->c && w->t->mdb)
		mdb_cursor_close(w->c);
	w->c = NULL;
}

int
walk_open(struct walk *w, struct txn *t, struct spool *s, enum db db)
{
	if (txn_begin_read(t, s) < 0)
		return -1;
	if (walk_begin(w, t, db) == 0)
		return 0;
	txn_abort(t);
	return -1;
}

void
walk_close(struct walk *w)
{
	walk_end(w);
	txn_abort(w->t);
}

bool
walk_has(const struct walk *w, struct key prefix)
{
	return w->key.n >= prefix.n && memcmp(w->key.p, prefix.b, prefix.n) == 0;
}

struct key
walk_key(const struct walk *w)
{
	struct key k = {.n = w->key.n};

	if (k.n > sizeof k.b)
		k.n = sizeof k.b;
	memcpy(k.b, w->key.p, k.n);
	return k;
}
