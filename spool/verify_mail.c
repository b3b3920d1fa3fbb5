/*
 * Is this record as it must be? One check a database, see verify.c.
 */
#include "spool/verify_int.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { LINE_OVERHEAD = 28 };

static int
exists(struct txn *t, enum db db, struct key k)
{
	struct spool_bytes v;

	return txn_get(t, db, k, &v);
}

/* Every chunk of a content, and its digest when digests are asked for. */
static int
check_chunks(struct verify *v, struct txn *t, const char *name, uint64_t content, uint64_t size,
             const uint8_t *digest)
{
	uint32_t chunk, chunks = content_chunks(size);
	XXH3_state_t *hash = v->depth == LOOK_CONTENT && digest ? XXH3_createState() : NULL;
	XXH128_canonical_t is;
	struct spool_bytes b;
	uint64_t total = 0;
	int found = 1;

	if (hash)
		XXH3_128bits_reset(hash);
	else if (v->depth == LOOK_CONTENT && digest)
		verify_fault(v, "%s: out of memory", name);
	for (chunk = 0; chunk < chunks && found > 0; chunk++) {
		found = txn_get(t, DB_CONTENT, key_content(content, chunk), &b);
		if (found > 0)
			total += b.n;
		if (found > 0 && hash)
			XXH3_128bits_update(hash, b.p, b.n);
	}
	if (hash)
		XXH128_canonicalFromHash(&is, XXH3_128bits_digest(hash));
	if (found >= 0 && total != size)
		verify_fault(v, "%s: the content has %llu octets of %llu", name,
		             (unsigned long long)total, (unsigned long long)size);
	else if (found >= 0 && hash && memcmp(is.digest, digest, sizeof is.digest) != 0)
		verify_fault(v, "%s: the content does not match its digest", name);
	XXH3_freeState(hash);
	return found < 0 ? -1 : 0;
}

static int
count_deliveries(struct txn *t, spool_id id, uint32_t *n)
{
	struct walk w;
	int at;

	*n = 0;
	if (walk_begin(&w, t, DB_MAIL) < 0)
		return -1;
	for (at = walk_from(&w, key_delivery(id, 0)); at > 0; at = walk_next(&w)) {
		if (w.key.n != KEY_DELIVERY || key_u64(w.key.p, 0) != id)
			break;
		++*n;
	}
	walk_end(&w);
	return at < 0 ? -1 : 0;
}

static int
check_message(struct verify *v, struct txn *t, spool_id id, struct spool_bytes val)
{
	char text[SPOOL_ID_TEXT], name[SPOOL_ID_TEXT + 10];
	struct message_record m;
	uint32_t pending;

	snprintf(name, sizeof name, "message %s", spool_id_text(id, text));
	if (record_unpack_message(val, &m) < 0) {
		verify_fault(v, "%s: its record cannot be read", name);
		return 0;
	}
	v->sum.messages++;
	v->sum.bytes += m.charge;
	verify_refer(v, m.content);
	if (count_deliveries(t, id, &pending) < 0)
		return -1;
	if (pending != m.pending || pending == 0)
		verify_fault(v, "%s: it has %u deliveries, its record says %u", name, pending,
		             m.pending);
	return check_chunks(v, t, name, m.content, m.size, m.digest);
}

static int
check_delivery(struct verify *v, struct txn *t, spool_id id, uint32_t rcpt, struct spool_bytes val)
{
	char text[SPOOL_ID_TEXT];
	struct delivery_record d;
	int due, message, dest;

	spool_id_text(id, text);
	if (record_unpack_delivery(val, &d) < 0) {
		verify_fault(v, "delivery %s/%u: its record cannot be read", text, rcpt);
		return 0;
	}
	v->sum.deliveries++;
	v->sum.held += d.state == SPOOL_HELD;
	due =
	    exists(t, DB_DUE,
	           key_due(d.dest, d.state == SPOOL_HELD ? RANK_HELD : d.rank, d.due_s, id, rcpt));
	message = exists(t, DB_MAIL, key_message(id));
	dest = exists(t, DB_DEST, key_dest(d.dest));
	if (due < 0 || message < 0 || dest < 0)
		return -1;
	if (!due)
		verify_fault(v, "delivery %s/%u: it is not in the order of choosing", text, rcpt);
	if (!message)
		verify_fault(v, "delivery %s/%u: it has no message", text, rcpt);
	if (!dest)
		verify_fault(v, "delivery %s/%u: its destination has no name", text, rcpt);
	return 0;
}

int
verify_mail(struct verify *v, struct txn *t, struct spool_bytes key, struct spool_bytes val)
{
	if (key.n == KEY_MESSAGE)
		return check_message(v, t, key_u64(key.p, 0), val);
	if (key.n == KEY_DELIVERY)
		return check_delivery(v, t, key_u64(key.p, 0), key_u32(key.p, 8), val);
	verify_fault(v, "a key of mail has %zu octets", key.n);
	return 0;
}

int
verify_due(struct verify *v, struct txn *t, struct spool_bytes key, struct spool_bytes val)
{
	char text[SPOOL_ID_TEXT];
	spool_id id;
	int found;

	(void)val;
	if (key.n != KEY_DUE) {
		verify_fault(v, "a key of the order of choosing has %zu octets", key.n);
		return 0;
	}
	id = key_u64(key.p, KEY_DUE_ID);
	found = exists(t, DB_MAIL, key_delivery(id, key_u32(key.p, KEY_DUE_RCPT)));
	if (found == 0)
		verify_fault(v, "the order of choosing names delivery %s/%u, which is not there",
		             spool_id_text(id, text), key_u32(key.p, KEY_DUE_RCPT));
	else if (found > 0)
		v->due++;
	return found < 0 ? -1 : 0;
}

int
verify_dest(struct verify *v, struct txn *t, struct spool_bytes key, struct spool_bytes val)
{
	struct unpack u = unpack_of(val);
	char name[NAME_BYTES];
	int found;

	if (key.n == KEY_DEST && ((const char *)key.p)[0] == 'I' && val.n < sizeof name) {
		memcpy(name, val.p, val.n);
		name[val.n] = '\0';
		v->sum.dests++;
		found = exists(t, DB_DEST, key_dest_name(name));
	} else {
		found = exists(t, DB_DEST, key_dest(unpack_u32(&u)));
	}
	if (found == 0)
		verify_fault(v, "a destination has a number without a name, or the reverse");
	return found < 0 ? -1 : 0;
}

int
verify_quarantine(struct verify *v, struct txn *t, struct spool_bytes key, struct spool_bytes val)
{
	char text[SPOOL_ID_TEXT], name[SPOOL_ID_TEXT + 16];
	struct quarantine_record q;
	int found;

	if (key.n != KEY_MESSAGE || record_unpack_quarantine(val, &q) < 0) {
		verify_fault(v, "a quarantined item cannot be read");
		return 0;
	}
	snprintf(name, sizeof name, "quarantined %s", spool_id_text(key_u64(key.p, 0), text));
	v->sum.quarantined++;
	v->sum.quarantine_bytes += q.charge;
	verify_refer(v, q.content);
	found = exists(t, DB_AGE, key_age(AGE_QUARANTINE, q.at_s, key_u64(key.p, 0)));
	if (found < 0)
		return -1;
	if (!found)
		verify_fault(v, "%s: it would never grow old", name);
	return check_chunks(v, t, name, q.content, q.size, NULL);
}

int
verify_journal(struct verify *v, struct txn *t, struct spool_bytes key, struct spool_bytes val)
{
	(void)t;
	if (key.n != KEY_JOURNAL || val.n < 8)
		verify_fault(v, "a line of the journal cannot be read");
	v->sum.journal_bytes += val.n + LINE_OVERHEAD;
	return 0;
}

int
verify_job(struct verify *v, struct txn *t, struct spool_bytes key, struct spool_bytes val)
{
	(void)t;
	(void)key;
	if (val.n != 8)
		verify_fault(v, "a remembered job cannot be read");
	return 0;
}

int
verify_age(struct verify *v, struct txn *t, struct spool_bytes key, struct spool_bytes val)
{
	int found = 1;

	(void)val;
	if (key.n != KEY_AGE) {
		verify_fault(v, "a key of what is trimmed has %zu octets", key.n);
		return 0;
	}
	if (((const char *)key.p)[0] == AGE_QUARANTINE)
		found = exists(t, DB_QUARANTINE, key_message(key_u64(key.p, KEY_AGE_ID)));
	if (found == 0)
		verify_fault(v, "something is to be trimmed from quarantine that is not there");
	return found < 0 ? -1 : 0;
}

int
verify_fact(struct verify *v, struct txn *t, struct spool_bytes key, struct spool_bytes val)
{
	(void)t;
	if (key.n == 0 || val.n == 0 || val.n > FACT_BYTES)
		verify_fault(v, "a fact cannot be read");
	return 0;
}

static int
check_envelope(struct verify *v, struct txn *t, uint64_t batch, struct spool_bytes val)
{
	int owned = exists(t, DB_STAGED, key_staged(STAGED_OWNED, batch));
	int promised = exists(t, DB_STAGED, key_staged(STAGED_PROMISE, batch));
	struct envelope e;

	if (owned < 0 || promised < 0)
		return -1;
	if (!owned && !promised)
		verify_fault(v, "an envelope is staged for a batch that is not there");
	if (record_unpack_envelope(val, &e) < 0) {
		verify_fault(v, "a staged envelope cannot be read");
		return 0;
	}
	v->sum.staged_bytes += e.m.charge;
	verify_refer(v, e.m.content);
	return check_chunks(v, t, "staged message", e.m.content, e.m.size, e.m.digest);
}

int
verify_staged(struct verify *v, struct txn *t, struct spool_bytes key, struct spool_bytes val)
{
	struct garbage_record g = {0};
	struct owned_record o = {0};
	struct promise_record p;
	const uint8_t *kind = key.p;
	int rc = 0;

	if (key.n == KEY_STAGED_SEQ && kind[0] == STAGED_BATCH)
		return check_envelope(v, t, key_u64(key.p, 1), val);
	if (key.n != KEY_STAGED)
		rc = -1;
	else if (kind[0] == STAGED_GARBAGE)
		rc = record_unpack_garbage(val, &g);
	else if (kind[0] == STAGED_OWNED)
		rc = record_unpack_owned(val, &o);
	else
		rc = kind[0] == STAGED_PROMISE ? record_unpack_promise(val, &p) : -1;
	if (rc < 0) {
		verify_fault(v, "a staged record cannot be read");
		return 0;
	}
	v->sum.staged_bytes += g.bytes + o.bytes;
	if (kind[0] != STAGED_PROMISE && !o.batch)
		verify_refer(v, key_u64(key.p, 1));
	return 0;
}

int
verify_content(struct verify *v, struct txn *t, struct spool_bytes key, struct spool_bytes val)
{
	(void)t;
	(void)val;
	if (key.n != KEY_CONTENT)
		verify_fault(v, "a key of content has %zu octets", key.n);
	else if (!verify_refers(v, key_u64(key.p, 0)))
		verify_fault(v, "piece %u of content %llu belongs to nothing", key_u32(key.p, 8),
		             (unsigned long long)key_u64(key.p, 0));
	return 0;
}
