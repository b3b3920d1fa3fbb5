/*
 * How does a message become visible? From its envelope: a record of the
 * message, one a delivery, a key each in the order of choosing, and its lines
 * in the journal, all in one transaction. Its content has been written before.
 */
#include "spool/apply.h"

enum { MESSAGE_OVERHEAD = 300, RECIPIENT_OVERHEAD = 160 };

/* What everything of it takes on disk, about; kept with it, and given back when it goes. */
uint64_t
envelope_charge(const struct envelope *e)
{
	return content_stored(e->m.size) + e->recipients.n + e->notes.n + e->m.attributes.n +
	       MESSAGE_OVERHEAD + (uint64_t)RECIPIENT_OVERHEAD * e->m.recipients;
}

/* Records are half a page full when they are written in a scattered order. */
uint64_t
envelope_dirty(const struct envelope *e)
{
	return 2 * (envelope_charge(e) - content_stored(e->m.size));
}

static int
put_delivery(struct txn *t, const struct envelope *e, spool_id id, uint32_t rcpt,
             const struct recipient_record *r)
{
	struct delivery_record d = {.state = SPOOL_QUEUED,
	                            .rank = r->rank < RANK_HELD ? r->rank : RANK_HELD - 1,
	                            .due_s = e->m.accepted_s,
	                            .recipient = r->recipient,
	                            .words = {"", 0},
	                            .attributes = r->attributes};
	struct pack k = {0};

	if (dest_number(t, r->destination, &d.dest) < 0)
		return -1;
	record_pack_delivery(&k, &d);
	if (txn_put_pack(t, DB_MAIL, key_delivery(id, rcpt), &k) < 0)
		return -1;
	return due_put(t, id, rcpt, &d);
}

static int
put_deliveries(struct txn *t, spool_id id, const struct envelope *e)
{
	struct unpack u = unpack_of(e->recipients);
	struct recipient_record r;
	uint32_t rcpt;

	for (rcpt = 0; rcpt < e->m.recipients; rcpt++) {
		if (record_unpack_recipient(&u, &r) < 0)
			return txn_fail(t, SPOOL_DAMAGED, "an envelope cannot be read");
		if (put_delivery(t, e, id, rcpt, &r) < 0)
			return -1;
	}
	return 0;
}

static int
put_notes(struct txn *t, spool_id id, const struct envelope *e)
{
	struct unpack u = unpack_of(e->notes);
	struct spool_bytes line;
	uint32_t seq = 0;

	while (u.n > 0) {
		line = unpack_bytes(&u);
		if (u.bad)
			return txn_fail(t, SPOOL_DAMAGED, "an envelope cannot be read");
		if (journal_put(t, id, seq++, e->m.accepted_s, line) < 0)
			return -1;
	}
	return 0;
}

static int
put_message(struct txn *t, spool_id id, const struct envelope *e)
{
	struct pack k = {0};

	record_pack_message(&k, &e->m);
	if (txn_put_pack(t, DB_MAIL, key_message(id), &k) < 0)
		return -1;
	t->n.messages++;
	t->n.accepted++;
	t->n.deliveries += e->m.recipients;
	t->n.bytes += e->m.charge;
	return put_deliveries(t, id, e);
}

static int
put_quarantine(struct txn *t, spool_id id, const struct envelope *e)
{
	struct quarantine_record q = {.at_s = e->m.accepted_s,
	                              .size = e->m.size,
	                              .charge = e->m.charge,
	                              .content = e->m.content,
	                              .reason = e->reason,
	                              .source = e->source};

	__builtin_memcpy(q.digest, e->m.digest, sizeof q.digest);
	if (e->notes.n > 0 && journal_gone(t, id, e->m.accepted_s) < 0)
		return -1;
	return quarantine_put(t, id, &q);
}

int
accept_put(struct txn *t, spool_id id, const struct envelope *e)
{
	int rc = e->quarantine ? put_quarantine(t, id, e) : put_message(t, id, e);

	return rc < 0 ? -1 : put_notes(t, id, e);
}
