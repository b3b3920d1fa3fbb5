/*
 * How does a slice become part of the copy? Record by record, with what is
 * derived from each: its place in the order of choosing, its age, its share of
 * the counters.
 */
#include "spool/backup_int.h"

#include <string.h>

static int
pour_delivery(struct txn *t, struct key k, struct spool_bytes val)
{
	struct delivery_record d;

	if (record_unpack_delivery(val, &d) < 0)
		return txn_damaged(t, DB_MAIL, k);
	t->n.deliveries++;
	t->n.held += d.state == SPOOL_HELD;
	return due_put(t, key_u64(k.b, 0), key_u32(k.b, 8), &d);
}

static int
pour_mail(struct txn *t, struct key k, struct spool_bytes val)
{
	struct message_record m;

	if (k.n == KEY_DELIVERY)
		return pour_delivery(t, k, val);
	if (record_unpack_message(val, &m) < 0)
		return txn_damaged(t, DB_MAIL, k);
	t->n.messages++;
	t->n.bytes += m.charge;
	return 0;
}

static int
pour_quarantine(struct txn *t, struct key k, struct spool_bytes val)
{
	struct quarantine_record q;

	if (record_unpack_quarantine(val, &q) < 0)
		return txn_damaged(t, DB_QUARANTINE, k);
	return quarantine_put(t, key_u64(k.b, 0), &q);
}

/* Lines of what is not queued grow old from their own time on. */
static int
pour_line(struct txn *t, struct key k, struct spool_bytes val)
{
	struct unpack u = unpack_of(val);
	int64_t at_s = (int64_t)unpack_u64(&u);
	spool_id id = key_u64(k.b, 0);
	struct spool_bytes v;
	int queued = id ? txn_get(t, DB_MAIL, key_message(id), &v) : 1;

	if (queued < 0 || u.bad)
		return -1;
	if (!queued && journal_gone(t, id, at_s) < 0)
		return -1;
	return journal_put(t, id, key_u32(k.b, 8), at_s, (struct spool_bytes){u.p, u.n});
}

static int
pour_dest(struct txn *t, struct key k)
{
	struct spool_bytes v;
	int found = txn_get(t, DB_DEST, k, &v);

	if (found == 0 && k.b[0] == 'I')
		t->n.dests++;
	return found < 0 ? -1 : 0;
}

static int
pour_record(struct txn *t, enum db db, struct key k, struct spool_bytes val)
{
	int rc = 0;

	switch (db) {
	case DB_QUARANTINE:
		return pour_quarantine(t, k, val);
	case DB_JOURNAL:
		return pour_line(t, k, val);
	case DB_MAIL:
		rc = pour_mail(t, k, val);
		break;
	case DB_DEST:
		rc = pour_dest(t, k);
		break;
	default:
		break;
	}
	return rc < 0 ? -1 : txn_put(t, db, k, val);
}

int
backup_pour(struct backup *b)
{
	struct unpack u = unpack_of(pack_view(&b->slice));
	struct spool_bytes key, val;
	struct key k;
	struct txn t;
	enum db db;

	if (b->slice.bad)
		return spool_fail(b->from, SPOOL_MEMORY, "out of memory");
	if (u.n == 0)
		return 0;
	if (txn_begin_write(&t, b->to) < 0)
		return -1;
	while (u.n > 0 && !t.trouble.status) {
		db = (enum db)unpack_u8(&u);
		key = unpack_bytes(&u);
		val = unpack_bytes(&u);
		k.n = key.n;
		memcpy(k.b, key.p, key.n);
		pour_record(&t, db, k, val);
	}
	b->slice.n = 0;
	return txn_commit(&t);
}
