/*
 * What did a crash leave? Promises that were not kept to the end, which are
 * kept now; things staged by a process that is gone, which become garbage; and
 * garbage. All in transactions of bounded size, the outer lock free between.
 */
#include "spool/change_int.h"

/* The first staged record of a kind at or after a number: 1, 0 none, -1. */
static int
next_of_kind(struct spool *s, enum staged kind, uint64_t from, uint64_t *number,
             struct owned_record *owned)
{
	struct key prefix = {.n = 1, .b = {(uint8_t)kind}};
	struct walk w;
	struct txn t;
	int found;

	if (walk_open(&w, &t, s, DB_STAGED) < 0)
		return -1;
	found = walk_from(&w, key_staged(kind, from));
	if (found > 0 && (!walk_has(&w, prefix) || w.key.n != KEY_STAGED))
		found = 0;
	if (found > 0)
		*number = key_u64(w.key.p, 1);
	if (found > 0 && owned && record_unpack_owned(w.val, owned) < 0)
		found = txn_damaged(&t, DB_STAGED, walk_key(&w));
	walk_close(&w);
	return found;
}

int
sweep_promises(struct spool *s)
{
	uint64_t batch = 0;
	int found;

	while ((found = next_of_kind(s, STAGED_PROMISE, batch, &batch, NULL)) > 0) {
		if (promise_keep(s, batch) < 0)
			return -1;
		batch++;
	}
	return found;
}

/* 1 more is left of a batch, 0 done, -1. */
static int
drop_owned(struct txn *t, uint64_t number, const struct owned_record *o)
{
	struct spool_bytes v;
	int found;

	if (o->batch)
		return stage_drop_slice(t, number);
	found = txn_get(t, DB_STAGED, key_staged(STAGED_OWNED, number), &v);
	if (found <= 0)
		return found; /* it was dropped, or became a message's, meanwhile */
	if (stage_forget(t, number, o->bytes) < 0)
		return -1;
	return content_discard(t, number, o->chunks, o->bytes);
}

static int
drop_dead(struct spool *s)
{
	struct owned_record o;
	uint64_t number = 0;
	struct txn t;
	int found, more;

	while ((found = next_of_kind(s, STAGED_OWNED, number, &number, &o)) > 0) {
		for (more = stage_is_dead(s, o.owner); more > 0;) {
			if (txn_begin_write(&t, s) < 0)
				return -1;
			more = drop_owned(&t, number, &o);
			if (txn_commit(&t) < 0)
				return -1;
		}
		number++;
	}
	return found;
}

static int
free_garbage(struct spool *s)
{
	uint64_t number;
	struct txn t;
	int more;

	if ((more = next_of_kind(s, STAGED_GARBAGE, 0, &number, NULL)) <= 0)
		return more;
	do {
		if (txn_begin_write(&t, s) < 0)
			return -1;
		more = content_free_some(&t, FREE_CHUNKS);
		if (txn_commit(&t) < 0)
			return -1;
	} while (more > 0);
	return 0;
}

int
spool_sweep(struct spool *s)
{
	if (sweep_promises(s) < 0 || drop_dead(s) < 0)
		return -1;
	return free_garbage(s);
}
