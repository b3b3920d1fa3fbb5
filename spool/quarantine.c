/*
 * What was set aside? Bytes that could not be understood, and messages whose
 * content no longer matches its digest, with the reason. They are kept for
 * days, within a bound of octets; the oldest go first.
 */
#include "spool/apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIM_AT_ONCE = 4 };

int
quarantine_put(struct txn *t, spool_id id, const struct quarantine_record *q)
{
	struct pack k = {0};

	record_pack_quarantine(&k, q);
	t->n.quarantined++;
	t->n.quarantine_bytes += q->charge;
	if (txn_put_pack(t, DB_QUARANTINE, key_message(id), &k) < 0)
		return -1;
	return txn_put(t, DB_AGE, key_age(AGE_QUARANTINE, q->at_s, id),
	               (struct spool_bytes){"", 0});
}

/* The first delivery that is left: 1, 0 none, -1. */
static int
first_delivery(struct txn *t, spool_id id, struct key *k)
{
	struct walk w;
	int found;

	if (walk_begin(&w, t, DB_MAIL) < 0)
		return -1;
	found = walk_from(&w, key_delivery(id, 0));
	if (found > 0 && (w.key.n != KEY_DELIVERY || key_u64(w.key.p, 0) != id))
		found = 0;
	if (found > 0)
		*k = walk_key(&w);
	walk_end(&w);
	return found;
}

/* Its recipient goes into words, as far as that fits. A record that is damaged too just goes. */
static int
take_delivery(struct txn *t, struct key k, char *words, size_t size)
{
	size_t n = strlen(words);
	struct delivery_record d;
	struct spool_bytes v;
	int found = txn_get(t, DB_MAIL, k, &v);

	if (found <= 0)
		return -1;
	if (record_unpack_delivery(v, &d) < 0) {
		t->n.deliveries--;
		if (due_forget(t, key_u64(k.b, 0), key_u32(k.b, 8)) < 0)
			return -1;
		return txn_del(t, DB_MAIL, k) < 0 ? -1 : 0;
	}
	snprintf(words + n, size - n, " %.*s", (int)d.recipient.n, (const char *)d.recipient.p);
	return delivery_leave(t, key_u64(k.b, 0), key_u32(k.b, 8), &d);
}

static int
take_deliveries(struct txn *t, spool_id id, char *words, size_t size)
{
	struct key k;
	int found;

	while ((found = first_delivery(t, id, &k)) > 0)
		if (take_delivery(t, k, words, size) < 0)
			return -1;
	return found;
}

int
quarantine_damaged(struct txn *t, spool_id id, int64_t now_s)
{
	struct quarantine_record q = {.at_s = now_s,
	                              .reason = bytes_of("the content does not match its digest")};
	struct message_record m;
	char words[300];

	if (mail_message(t, id, &m) < 0)
		return -1;
	q.size = m.size;
	q.charge = m.charge;
	q.content = m.content;
	memcpy(q.digest, m.digest, sizeof q.digest);
	snprintf(words, sizeof words, "from <%.*s> for", (int)m.sender.n, (const char *)m.sender.p);
	if (take_deliveries(t, id, words, sizeof words) < 0)
		return -1;
	q.source = bytes_of(words);
	t->n.messages--;
	t->n.bytes -= m.charge;
	if (txn_del(t, DB_MAIL, key_message(id)) < 0 || journal_gone(t, id, now_s) < 0)
		return -1;
	return quarantine_put(t, id, &q);
}

int
quarantine_remove(struct txn *t, spool_id id)
{
	struct quarantine_record q;
	struct spool_bytes v;
	int found = txn_get(t, DB_QUARANTINE, key_message(id), &v);

	if (found < 0)
		return -1;
	if (found == 0)
		return txn_fail(t, SPOOL_NONE, "there is no such thing in quarantine");
	if (record_unpack_quarantine(v, &q) < 0)
		return txn_damaged(t, DB_QUARANTINE, key_message(id));
	t->n.quarantined--;
	t->n.quarantine_bytes -= q.charge;
	if (content_drop(t, q.content, q.size) < 0 ||
	    txn_del(t, DB_AGE, key_age(AGE_QUARANTINE, q.at_s, id)) < 0)
		return -1;
	return txn_del(t, DB_QUARANTINE, key_message(id)) < 0 ? -1 : 0;
}

static int
oldest(struct txn *t, int64_t *at_s, spool_id *id)
{
	struct key first = {.n = 1, .b = {AGE_QUARANTINE}};
	struct walk w;
	int found;

	if (walk_begin(&w, t, DB_AGE) < 0)
		return -1;
	found = walk_from(&w, first);
	if (found > 0 && (!walk_has(&w, first) || w.key.n != KEY_AGE))
		found = 0;
	if (found > 0) {
		*at_s = key_time(w.key.p, KEY_AGE_TIME);
		*id = key_u64(w.key.p, KEY_AGE_ID);
	}
	walk_end(&w);
	return found;
}

int
quarantine_trim(struct txn *t, int64_t now_s)
{
	const struct spool_options *o = &t->s->o;
	spool_id id = 0;
	int64_t at_s = 0;
	int i, found;

	for (i = 0; i < TRIM_AT_ONCE; i++) {
		if ((found = oldest(t, &at_s, &id)) <= 0)
			return found;
		if (!(o->quarantine_days && at_s < now_s - (int64_t)o->quarantine_days * 86400) &&
		    !(o->quarantine_bytes && t->n.quarantine_bytes > o->quarantine_bytes))
			return 0;
		if (quarantine_remove(t, id) < 0)
			return -1;
	}
	return 0;
}

static void
copy_line(char *out, size_t size, struct spool_bytes b)
{
	size_t n = b.n < size - 1 ? b.n : size - 1;

	memcpy(out, b.p, n);
	out[n] = '\0';
}

static int
collect(struct walk *w, spool_id after, struct spool_quarantine_item *out, size_t room, size_t *n)
{
	struct quarantine_record q;
	int at;

	for (at = walk_from(w, key_message(after + 1)); at > 0 && *n < room; at = walk_next(w)) {
		if (w->key.n != KEY_MESSAGE || record_unpack_quarantine(w->val, &q) < 0)
			return txn_damaged(w->t, DB_QUARANTINE, walk_key(w));
		out[*n].id = key_u64(w->key.p, 0);
		out[*n].at_s = q.at_s;
		out[*n].size = q.size;
		copy_line(out[*n].reason, sizeof out[*n].reason, q.reason);
		copy_line(out[*n].source, sizeof out[*n].source, q.source);
		++*n;
	}
	return at < 0 ? -1 : 0;
}

int
spool_quarantine_list(struct spool *s, spool_id after, struct spool_quarantine_item *out, size_t *n)
{
	size_t room = *n;
	struct walk w;
	struct txn t;
	int rc;

	*n = 0;
	if (after == UINT64_MAX)
		return 0;
	if (walk_open(&w, &t, s, DB_QUARANTINE) < 0)
		return -1;
	rc = collect(&w, after, out, room, n);
	walk_close(&w);
	return rc;
}

int
spool_quarantine_source(struct spool *s, spool_id id, char *out, size_t room, size_t *n)
{
	struct quarantine_record q;
	struct spool_bytes v;
	struct txn t;
	int found, rc = -1;

	*n = 0;
	if (txn_begin_read(&t, s) < 0)
		return -1;
	if ((found = txn_get(&t, DB_QUARANTINE, key_message(id), &v)) == 0)
		txn_fail(&t, SPOOL_NONE, "there is no such thing in quarantine");
	else if (found > 0 && record_unpack_quarantine(v, &q) < 0)
		txn_damaged(&t, DB_QUARANTINE, key_message(id));
	else if (found > 0) {
		*n = q.source.n;
		memcpy(out, q.source.p, q.source.n < room ? q.source.n : room);
		rc = 0;
	}
	txn_abort(&t);
	return rc;
}
