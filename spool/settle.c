/*
 * How does a delivery end, or come to wait again? Settling asks for no room:
 * it must go on in a spool that is full. A message goes with its last delivery.
 */
#include "spool/apply.h"

int
mail_message(struct txn *t, spool_id id, struct message_record *m)
{
	struct spool_bytes v;
	int found = txn_get(t, DB_MAIL, key_message(id), &v);
	char text[SPOOL_ID_TEXT];

	if (found < 0)
		return -1;
	if (found == 0)
		return txn_fail(t, SPOOL_NONE, "there is no message %s", spool_id_text(id, text));
	return record_unpack_message(v, m) < 0 ? txn_damaged(t, DB_MAIL, key_message(id)) : 0;
}

int
mail_delivery(struct txn *t, spool_id id, uint32_t rcpt, struct delivery_record *d)
{
	struct spool_bytes v;
	int found = txn_get(t, DB_MAIL, key_delivery(id, rcpt), &v);
	char text[SPOOL_ID_TEXT];

	if (found < 0)
		return -1;
	if (found == 0)
		return txn_fail(t, SPOOL_NONE, "message %s has no delivery %lu",
		                spool_id_text(id, text), (unsigned long)rcpt);
	return record_unpack_delivery(v, d) < 0 ? txn_damaged(t, DB_MAIL, key_delivery(id, rcpt))
	                                        : 0;
}

int
delivery_leave(struct txn *t, spool_id id, uint32_t rcpt, const struct delivery_record *d)
{
	t->n.deliveries--;
	if (d->state == SPOOL_HELD)
		t->n.held--;
	if (due_del(t, id, rcpt, d) < 0 || txn_del(t, DB_MAIL, key_delivery(id, rcpt)) < 0)
		return -1;
	return dest_rest(t, d->dest);
}

static void
count(struct txn *t, enum spool_outcome outcome)
{
	switch (outcome) {
	case SPOOL_SENT:
		t->n.sent++;
		break;
	case SPOOL_NEVER:
		t->n.never++;
		break;
	case SPOOL_DELETED:
		t->n.deleted++;
		break;
	case SPOOL_LATER:
		break;
	}
}

static int
message_leave(struct txn *t, spool_id id, const struct message_record *m, int64_t now_s)
{
	t->n.messages--;
	t->n.bytes -= m->charge;
	if (content_drop(t, m->content, m->size) < 0 || txn_del(t, DB_MAIL, key_message(id)) < 0)
		return -1;
	return journal_gone(t, id, now_s);
}

/* One less to come; the record of a message is as long after as before. */
static int
end_delivery(struct txn *t, const struct spool_settlement *st, uint32_t rcpt)
{
	struct message_record m;
	struct delivery_record d;
	struct pack k = {0};

	if (mail_delivery(t, st->id, rcpt, &d) < 0 || delivery_leave(t, st->id, rcpt, &d) < 0 ||
	    mail_message(t, st->id, &m) < 0)
		return -1;
	count(t, st->outcome);
	if (m.pending <= 1)
		return message_leave(t, st->id, &m, st->now_s);
	m.pending--;
	record_pack_message(&k, &m);
	return txn_put_pack(t, DB_MAIL, key_message(st->id), &k);
}

static int
end_all(struct txn *t, const struct spool_settlement *st)
{
	struct message_record m;
	struct walk w;
	uint32_t rcpt = 0, left;
	int found;

	if (mail_message(t, st->id, &m) < 0)
		return -1;
	for (left = m.pending; left > 0; left--) {
		if (walk_begin(&w, t, DB_MAIL) < 0)
			return -1;
		found = walk_from(&w, key_delivery(st->id, 0));
		if (found > 0 && w.key.n == KEY_DELIVERY && key_u64(w.key.p, 0) == st->id)
			rcpt = key_u32(w.key.p, 8);
		else if (found >= 0)
			found = txn_damaged(t, DB_MAIL, key_message(st->id));
		walk_end(&w);
		if (found < 0 || end_delivery(t, st, rcpt) < 0)
			return -1;
	}
	return 0;
}

static int
wait_again(struct txn *t, const struct spool_settlement *st)
{
	struct delivery_record d;
	struct pack k = {0};

	if (mail_delivery(t, st->id, st->rcpt, &d) < 0 || due_del(t, st->id, st->rcpt, &d) < 0 ||
	    mail_delivery(t, st->id, st->rcpt, &d) < 0)
		return -1;
	d.due_s = st->due_s;
	d.chance_s = st->chance_s;
	d.warned = st->warned;
	if (st->attempted) {
		d.attempts++;
		d.last_s = st->now_s;
	}
	if (st->words)
		d.words = bytes_of(st->words);
	record_pack_delivery(&k, &d);
	if (txn_put_pack(t, DB_MAIL, key_delivery(st->id, st->rcpt), &k) < 0)
		return -1;
	return due_put(t, st->id, st->rcpt, &d);
}

int
settle_apply(struct txn *t, const struct spool_settlement *st)
{
	if (st->outcome == SPOOL_LATER)
		return wait_again(t, st);
	if (st->rcpt == SPOOL_ALL)
		return end_all(t, st);
	return end_delivery(t, st, st->rcpt);
}
