/*
 * What may an operator change of a delivery that waits? Hold and release it,
 * make it due now, give it another destination. Each of these is one change of
 * the delivery's record and of its place in the order of choosing.
 */
#include "spool/apply.h"

struct turn {
	enum { HOLD, RELEASE, RETRY, REDIRECT } what;
	int64_t now_s;
	const char *name; /* REDIRECT */
	uint8_t rank;
};

static int
turn_record(struct txn *t, struct delivery_record *d, const struct turn *turn)
{
	switch (turn->what) {
	case HOLD:
		t->n.held += d->state != SPOOL_HELD;
		d->state = SPOOL_HELD;
		return 0;
	case RELEASE:
		t->n.held -= d->state == SPOOL_HELD;
		d->state = SPOOL_QUEUED;
		d->due_s = turn->now_s;
		return 0;
	case RETRY:
		d->due_s = turn->now_s;
		return 0;
	case REDIRECT:
		d->rank = turn->rank < RANK_HELD ? turn->rank : RANK_HELD - 1;
		return dest_number(t, bytes_of(turn->name), &d->dest);
	}
	return 0;
}

/* What is put is copied out first: the old record lies in a page that writing may move. */
static int
turn_one(struct txn *t, spool_id id, uint32_t rcpt, const struct turn *turn)
{
	struct delivery_record old, d;
	struct pack k = {0};

	if (mail_delivery(t, id, rcpt, &old) < 0 || due_del(t, id, rcpt, &old) < 0 ||
	    mail_delivery(t, id, rcpt, &d) < 0 || turn_record(t, &d, turn) < 0)
		return -1;
	record_pack_delivery(&k, &d);
	if (txn_put_pack(t, DB_MAIL, key_delivery(id, rcpt), &k) < 0 ||
	    due_put(t, id, rcpt, &d) < 0)
		return -1;
	return d.dest == old.dest ? 0 : dest_rest(t, old.dest);
}

static int
next_rcpt(struct txn *t, spool_id id, uint32_t from, uint32_t *rcpt)
{
	struct walk w;
	int found;

	if (walk_begin(&w, t, DB_MAIL) < 0)
		return -1;
	found = walk_from(&w, key_delivery(id, from));
	if (found > 0 && (w.key.n != KEY_DELIVERY || key_u64(w.key.p, 0) != id))
		found = 0;
	if (found > 0)
		*rcpt = key_u32(w.key.p, 8);
	walk_end(&w);
	return found;
}

static int
turn_all(struct txn *t, spool_id id, const struct turn *turn)
{
	struct message_record m;
	uint32_t rcpt = 0;
	int found;

	if (mail_message(t, id, &m) < 0)
		return -1;
	while ((found = next_rcpt(t, id, rcpt, &rcpt)) > 0) {
		if (turn_one(t, id, rcpt, turn) < 0)
			return -1;
		if (++rcpt == 0)
			break;
	}
	return found < 0 ? -1 : 0;
}

static int
turn_some(struct txn *t, spool_id id, uint32_t rcpt, const struct turn *turn)
{
	return rcpt == SPOOL_ALL ? turn_all(t, id, turn) : turn_one(t, id, rcpt, turn);
}

int
steer_hold(struct txn *t, spool_id id, uint32_t rcpt)
{
	return turn_some(t, id, rcpt, &(struct turn){.what = HOLD});
}

int
steer_release(struct txn *t, spool_id id, uint32_t rcpt, int64_t now_s)
{
	return turn_some(t, id, rcpt, &(struct turn){.what = RELEASE, .now_s = now_s});
}

int
steer_retry(struct txn *t, spool_id id, uint32_t rcpt, int64_t now_s)
{
	return turn_some(t, id, rcpt, &(struct turn){.what = RETRY, .now_s = now_s});
}

int
steer_redirect(struct txn *t, spool_id id, uint32_t rcpt, const char *name, uint8_t rank)
{
	return turn_some(t, id, rcpt, &(struct turn){.what = REDIRECT, .name = name, .rank = rank});
}
