/*
 * How are pages read and written? Through LMDB, in transactions whose errors
 * stick, see txn.h.
 *
 * What a failed commit means (FACTS F6): after a failed sync the kernel may
 * hold pages as clean that never reached the disk, so nothing read through
 * this handle can be believed; it is marked dead, and every later call fails.
 * A disk that is full is no such case: LMDB writes its meta page only after
 * the data pages were written and synced, so the last commit still stands.
 */
#include "spool/txn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
txn_fail_mdb(struct txn *t, int rc, const char *what)
{
	spool_fail_mdb(t->s, rc, what);
	trouble_keep(&t->trouble, t->s);
	return -1;
}

int
txn_fail(struct txn *t, enum spool_status st, const char *fmt, ...)
{
	char words[sizeof t->trouble.words];
	va_list ap;

	if (t->trouble.status == SPOOL_OK) {
		va_start(ap, fmt);
		vsnprintf(words, sizeof words, fmt, ap);
		va_end(ap);
		spool_fail(t->s, st, "%s", words);
		trouble_keep(&t->trouble, t->s);
	}
	return spool_fail_again(t->s, &t->trouble);
}

static const char *const db_words[DB_COUNT] = {
    [DB_MAIN] = "main record",
    [DB_MAIL] = "message or delivery",
    [DB_CONTENT] = "content",
    [DB_DUE] = "order",
    [DB_DEST] = "destination",
    [DB_JOURNAL] = "journal line",
    [DB_JOB] = "job",
    [DB_QUARANTINE] = "quarantined item",
    [DB_AGE] = "age",
    [DB_FACT] = "fact",
    [DB_STAGED] = "staged record",
};

int
txn_damaged(struct txn *t, enum db db, struct key k)
{
	char hex[2 * 32 + 1] = "";
	size_t i;

	for (i = 0; i < k.n && i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", k.b[i]);
	return txn_fail(t, SPOOL_DAMAGED, "a %s record cannot be read (key %s)", db_words[db], hex);
}

static int
check_alive(struct spool *s)
{
	if (!s->env)
		return spool_fail(s, SPOOL_SYSTEM, "the spool is not open");
	if (s->dead)
		return spool_fail(s, SPOOL_SYSTEM,
		                  "an earlier write to the spool failed: end this "
		                  "program, and look at the disk");
	return 0;
}

/* The slots of readers that died are freed when there is none left. */
static int
begin_reading(struct spool *s, MDB_txn **out)
{
	int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, out);
	int dead;

	if (rc == MDB_READERS_FULL && mdb_reader_check(s->env, &dead) == 0)
		rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, out);
	return rc;
}

int
txn_begin_read(struct txn *t, struct spool *s)
{
	int rc;

	*t = (struct txn){.s = s};
	if (check_alive(s) < 0) {
		trouble_keep(&t->trouble, s);
		return -1;
	}
	rc = begin_reading(s, &t->mdb);
	if (rc) {
		t->mdb = NULL;
		return txn_fail_mdb(t, rc, "reading the spool");
	}
	return 0;
}

static int
load_counters(struct txn *t)
{
	struct spool_bytes v;
	int found = txn_get(t, DB_MAIN, key_text("counters"), &v);

	if (found < 0)
		return -1;
	if (found == 0 || record_unpack_counters(v, &t->n) < 0)
		return txn_fail(t, SPOOL_DAMAGED, "the spool's counters cannot be read");
	return 0;
}

/*
 * A reader that was killed keeps its slot, and its slot the pages it could
 * read; nobody but us ever looks.
 */
static void
free_dead_readers(struct spool *s)
{
	int dead;

	if (s->writes++ % 64 == 0)
		mdb_reader_check(s->env, &dead);
}

int
txn_begin_write(struct txn *t, struct spool *s)
{
	int rc;

	*t = (struct txn){.s = s, .writes = true};
	if (check_alive(s) < 0 || lock_take(s) < 0) {
		trouble_keep(&t->trouble, s);
		return -1;
	}
	free_dead_readers(s);
	rc = mdb_txn_begin(s->env, NULL, 0, &t->mdb);
	if (rc) {
		t->mdb = NULL;
		lock_drop(s);
		return txn_fail_mdb(t, rc, "writing to the spool");
	}
	if (load_counters(t) < 0) {
		txn_abort(t);
		return -1;
	}
	return 0;
}

static bool
is_harmless(int rc)
{
	switch (rc) {
	case ENOMEM:
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return true;
	default:
		return rc < 0 && rc != MDB_PANIC && rc != MDB_CORRUPTED;
	}
}

int
txn_commit(struct txn *t)
{
	uint8_t counters[COUNTERS_BYTES];
	int rc;

	record_pack_counters(counters, &t->n);
	txn_put(t, DB_MAIN, key_text("counters"), (struct spool_bytes){counters, sizeof counters});
	if (t->trouble.status) {
		txn_abort(t);
		return spool_fail_again(t->s, &t->trouble);
	}
	rc = mdb_txn_commit(t->mdb);
	t->mdb = NULL;
	if (rc && !is_harmless(rc)) {
		atomic_store(&t->s->dead, true);
		suspect_mark(t->s);
	}
	lock_drop(t->s);
	return rc ? txn_fail_mdb(t, rc, "committing to the spool") : 0;
}

void
txn_abort(struct txn *t)
{
	if (!t->mdb)
		return;
	mdb_txn_abort(t->mdb);
	t->mdb = NULL;
	if (t->writes)
		lock_drop(t->s);
}

static MDB_val
val_of(struct spool_bytes b)
{
	return (MDB_val){b.n, (void *)(uintptr_t)b.p};
}

static MDB_val
val_of_key(const struct key *k)
{
	return (MDB_val){k->n, (void *)(uintptr_t)k->b};
}

int
txn_get(struct txn *t, enum db db, struct key k, struct spool_bytes *v)
{
	MDB_val key = val_of_key(&k), val;
	int rc;

	if (t->trouble.status)
		return -1;
	rc = mdb_get(t->mdb, t->s->dbi[db], &key, &val);
	if (rc == MDB_NOTFOUND)
		return 0;
	if (rc)
		return txn_fail_mdb(t, rc, "reading the spool");
	*v = (struct spool_bytes){val.mv_data, val.mv_size};
	return 1;
}

int
txn_put(struct txn *t, enum db db, struct key k, struct spool_bytes v)
{
	MDB_val key = val_of_key(&k), val = val_of(v);
	int rc;

	if (t->trouble.status)
		return -1;
	rc = mdb_put(t->mdb, t->s->dbi[db], &key, &val, 0);
	return rc ? txn_fail_mdb(t, rc, "writing to the spool") : 0;
}

int
txn_put_pack(struct txn *t, enum db db, struct key k, struct pack *v)
{
	int rc;

	if (v->bad)
		rc = txn_fail(t, SPOOL_MEMORY, "out of memory");
	else
		rc = txn_put(t, db, k, pack_view(v));
	pack_free(v);
	return rc;
}

int
txn_del(struct txn *t, enum db db, struct key k)
{
	MDB_val key = val_of_key(&k);
	int rc;

	if (t->trouble.status)
		return -1;
	rc = mdb_del(t->mdb, t->s->dbi[db], &key, NULL);
	if (rc == MDB_NOTFOUND)
		return 0;
	return rc ? txn_fail_mdb(t, rc, "writing to the spool") : 1;
}
