/*
 * How does a large batch become visible? Its envelopes are staged; one synced
 * transaction then writes a promise, with the ids it reserves and the identity
 * of the job: from then on the batch is accepted. Its messages become visible
 * in the order of their ids, in slices each of one transaction, and a slice
 * moves the promise on in the same transaction: whoever comes after a crash
 * goes on where it stands.
 */
#include "spool/change_int.h"

#include <string.h>

static int
put_promise(struct txn *t, uint64_t batch, const struct promise_record *p)
{
	struct pack k = {0};

	record_pack_promise(&k, p);
	return txn_put_pack(t, DB_STAGED, key_staged(STAGED_PROMISE, batch), &k);
}

int
promise_make(struct txn *t, uint64_t batch, uint32_t count, spool_id *first_id)
{
	struct promise_record p = {.first_id = t->n.next_id, .count = count};

	*first_id = p.first_id;
	t->n.next_id += count;
	if (stage_forget(t, batch, 0) < 0)
		return -1;
	return put_promise(t, batch, &p);
}

/* The envelope is copied out: accepting it writes, and writing may move what it lies in. */
static int
accept_envelope(struct txn *t, uint64_t batch, uint32_t seq, spool_id id, uint64_t *dirty)
{
	struct key k = key_staged_seq(batch, seq);
	struct pack copy = {0};
	struct spool_bytes v;
	struct envelope e;
	int rc = txn_get(t, DB_STAGED, k, &v);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return txn_damaged(t, DB_STAGED, k);
	pack_raw(&copy, v.p, v.n);
	if (copy.bad)
		rc = txn_fail(t, SPOOL_MEMORY, "out of memory");
	else if (record_unpack_envelope(pack_view(&copy), &e) < 0)
		rc = txn_damaged(t, DB_STAGED, k);
	else
		rc = accept_put(t, id, &e);
	if (rc == 0) {
		t->n.staged_bytes -= e.m.charge;
		*dirty += 2 * envelope_dirty(&e);
		rc = txn_del(t, DB_STAGED, k) < 0 ? -1 : 0;
	}
	pack_free(&copy);
	return rc;
}

int
promise_slice(struct txn *t, uint64_t batch, spool_id first_id, uint32_t from, uint32_t count,
              uint64_t dirty, uint32_t *next)
{
	uint64_t done = 0;

	for (*next = from; *next < count && done < dirty; ++*next)
		if (accept_envelope(t, batch, *next, first_id + *next, &done) < 0)
			return -1;
	return 0;
}

/* 1 more is to be done, 0 the promise is kept, -1. */
static int
keep_slice(struct txn *t, uint64_t batch)
{
	struct key k = key_staged(STAGED_PROMISE, batch);
	struct promise_record p;
	struct spool_bytes v;
	int found = txn_get(t, DB_STAGED, k, &v);

	if (found <= 0)
		return found; /* another has kept it */
	if (record_unpack_promise(v, &p) < 0)
		return txn_damaged(t, DB_STAGED, k);
	if (promise_slice(t, batch, p.first_id, p.next, p.count, t->s->slice_bytes, &p.next) < 0)
		return -1;
	if (p.next == p.count)
		return txn_del(t, DB_STAGED, k) < 0 ? -1 : 0;
	return put_promise(t, batch, &p) < 0 ? -1 : 1;
}

/* 1 more is to be done, 0 none, -1. */
static int
keep_some(struct spool *s, uint64_t batch)
{
	struct txn t;
	int more;

	if (txn_begin_write(&t, s) < 0)
		return -1;
	more = keep_slice(&t, batch);
	return txn_commit(&t) < 0 ? -1 : more;
}

int
promise_keep(struct spool *s, uint64_t batch)
{
	int more = 1;

	while (more > 0)
		more = keep_some(s, batch);
	return more;
}

uint64_t
promise_first(struct txn *t)
{
	struct key prefix = {.n = 1, .b = {STAGED_PROMISE}};
	uint64_t batch = 0;
	struct walk w;

	if (walk_begin(&w, t, DB_STAGED) < 0)
		return 0;
	if (walk_from(&w, prefix) > 0 && walk_has(&w, prefix) && w.key.n == KEY_STAGED)
		batch = key_u64(w.key.p, 1);
	walk_end(&w);
	return batch;
}

/*
 * In a transaction of its own, and whatever becomes of it: a promise that
 * cannot be kept must not stand in the way of other mail.
 */
void
promise_help(struct spool *s, uint64_t batch, bool all)
{
	struct trouble before = {0};

	trouble_keep(&before, s);
	if (all)
		promise_keep(s, batch);
	else
		keep_some(s, batch);
	spool_fail_again(s, &before);
}
