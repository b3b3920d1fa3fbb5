/*
 * How does a change become durable? One transaction, of which everything above
 * is preparation: the job's identity is checked and remembered, drafts become
 * messages, operations are applied, a few old things are trimmed, and LMDB
 * writes and syncs pages, then its meta page. When spool_commit() returns 0
 * both syncs have returned.
 *
 * A batch too large for that ends in a promise instead (promise.c). Once the
 * promise is durable the change has succeeded, whatever happens to the slices
 * that make it visible: they will be finished by the next who comes.
 */
#include "spool/change_int.h"

/* What accepting will write, and add to the stored octets; notices of settlements excepted. */
static void
sum_takes(const struct spool_change *c, uint64_t *dirty, uint64_t *charge)
{
	const struct spool_draft *d;
	size_t i;

	*dirty = c->batch_dirty;
	*charge = 0;
	for (i = c->staged; i < c->ntakes; i++) {
		d = c->takes[i].draft;
		if (c->settles && draft_is_notice(d))
			continue;
		*dirty += draft_dirty(d);
		*charge += draft_charge(d);
	}
}

static int
admit(struct txn *t, const struct spool_change *c)
{
	uint64_t dirty, charge;

	sum_takes(c, &dirty, &charge);
	return dirty > 0 ? room_admit(t, dirty, charge) : 0;
}

static int
apply_op(struct txn *t, struct op *op)
{
	const struct spool_settlement *st = &op->st;

	switch (op->kind) {
	case OP_SETTLE:
		op->st.words = op->text;
		return settle_apply(t, st);
	case OP_HOLD:
		return steer_hold(t, st->id, st->rcpt);
	case OP_RELEASE:
		return steer_release(t, st->id, st->rcpt, st->now_s);
	case OP_RETRY:
		return steer_retry(t, st->id, st->rcpt, st->now_s);
	case OP_REDIRECT:
		return steer_redirect(t, st->id, st->rcpt, op->text, op->rank);
	case OP_NOTE:
		return journal_add(t, st->id, st->now_s, bytes_of(op->text));
	case OP_FACT:
		return fact_put(t, op->text, op->value);
	case OP_DAMAGED:
		return quarantine_damaged(t, st->id, st->now_s);
	case OP_QUARANTINE_DROP:
		return quarantine_remove(t, st->id);
	}
	return 0;
}

static int
take_one(struct txn *t, struct spool_draft *d)
{
	struct envelope e;
	uint64_t content;

	if (draft_put_rest(t, d, &content) < 0)
		return -1;
	e = draft_envelope(d, content);
	return accept_put(t, t->n.next_id++, &e);
}

/* The batch first, then what is still in memory: ids rise in the order of acceptance. */
static int
take_all(struct txn *t, struct spool_change *c, bool promised, spool_id *first_id)
{
	uint32_t next;
	size_t i;

	*first_id = t->n.next_id;
	if (promised)
		return promise_make(t, c->batch, (uint32_t)c->staged, first_id);
	if (c->batch) {
		t->n.next_id += c->staged;
		if (stage_forget(t, c->batch, 0) < 0 ||
		    promise_slice(t, c->batch, *first_id, 0, (uint32_t)c->staged, UINT64_MAX,
		                  &next) < 0)
			return -1;
	}
	for (i = c->staged; i < c->ntakes; i++)
		if (take_one(t, c->takes[i].draft) < 0)
			return -1;
	return 0;
}

static int
trim(struct txn *t, int64_t now_s)
{
	if (journal_trim(t, now_s) < 0 || quarantine_trim(t, now_s) < 0 || job_trim(t, now_s) < 0)
		return -1;
	return content_free_some(t, FREE_CHUNKS) < 0 ? -1 : 0;
}

static int
apply(struct txn *t, struct spool_change *c, bool promised, spool_id *first_id)
{
	size_t i;

	if (admit(t, c) < 0 || (c->has_job && job_remember(t, &c->job, c->now_s) < 0) ||
	    take_all(t, c, promised, first_id) < 0)
		return -1;
	for (i = 0; i < c->nops; i++)
		if (apply_op(t, &c->ops[i]) < 0)
			return -1;
	return trim(t, c->now_s);
}

static void
tell_ids(struct spool_change *c, spool_id first_id)
{
	size_t i;

	for (i = 0; i < c->ntakes; i++) {
		if (c->takes[i].id)
			*c->takes[i].id = first_id + i;
		if (i >= c->staged)
			c->takes[i].draft->content = 0; /* the message has it now */
	}
	c->done = true;
}

/* The one transaction that counts. *unkept: a promise somebody else did not keep, or 0. */
static int
write_change(struct spool_change *c, bool promised, uint64_t *unkept)
{
	spool_id first_id = 0;
	struct txn t;

	*unkept = 0;
	if (txn_begin_write(&t, c->s) < 0)
		return -1;
	if (c->ntakes > 0)
		*unkept = promise_first(&t);
	apply(&t, c, promised, &first_id);
	if (txn_commit(&t) < 0)
		return -1;
	tell_ids(c, first_id);
	return 0;
}

/*
 * A writer that died while it kept its promise is helped by those who accept
 * after it, its own job run again among them.
 */
int
spool_commit(struct spool_change *c)
{
	uint64_t unkept;
	bool promised;
	int rc;

	if (c->trouble.status)
		return spool_fail_again(c->s, &c->trouble);
	if (c->done)
		return spool_fail(c->s, SPOOL_SYSTEM, "this change was committed before");
	if (c->ntakes == 0 && c->nops == 0 && !c->has_job) {
		c->done = true;
		return 0;
	}
	promised = c->batch && c->batch_dirty + c->dirty > c->s->slice_bytes;
	if (promised && c->staged < c->ntakes && stage_batch(c) < 0)
		return -1;
	rc = write_change(c, promised, &unkept);
	if (unkept)
		promise_help(c->s, unkept, rc < 0 && spool_status(c->s) == SPOOL_DUPLICATE);
	if (rc == 0 && promised)
		promise_keep(c->s, c->batch); /* or whoever comes next does */
	return rc;
}
