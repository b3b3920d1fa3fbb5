/*
 * What is in the queue? Copies of messages and deliveries, and their ids in
 * order. Every call is one short read transaction, and costs what it returns.
 */
#include "spool/apply.h"

#include <stdlib.h>
#include <string.h>

void
spool_message_free(struct spool_message *m)
{
	free(m->sender);
	free((void *)(uintptr_t)m->attributes.p);
	*m = (struct spool_message){0};
}

void
spool_delivery_free(struct spool_delivery *d)
{
	free(d->recipient);
	free(d->words);
	free((void *)(uintptr_t)d->attributes.p);
	*d = (struct spool_delivery){0};
}

static int
copy_message(struct txn *t, spool_id id, const struct message_record *m, struct spool_message *out)
{
	*out = (struct spool_message){.id = id,
	                              .accepted_s = m->accepted_s,
	                              .size = m->size,
	                              .recipients = m->recipients,
	                              .pending = m->pending};
	memcpy(out->uuid, m->uuid, sizeof out->uuid);
	out->sender = bytes_text(m->sender);
	if (!out->sender || bytes_copy(&out->attributes, m->attributes) < 0) {
		spool_message_free(out);
		return txn_fail(t, SPOOL_MEMORY, "out of memory");
	}
	return 0;
}

static int
copy_delivery(struct txn *t, spool_id id, uint32_t rcpt, const struct delivery_record *d,
              struct spool_delivery *out)
{
	*out = (struct spool_delivery){.id = id,
	                               .rcpt = rcpt,
	                               .state = (enum spool_state)d->state,
	                               .dest = d->dest,
	                               .rank = d->rank,
	                               .attempts = d->attempts,
	                               .chance_s = d->chance_s,
	                               .warned = d->warned,
	                               .due_s = d->due_s,
	                               .last_s = d->last_s};
	out->recipient = bytes_text(d->recipient);
	out->words = bytes_text(d->words);
	if (!out->recipient || !out->words || bytes_copy(&out->attributes, d->attributes) < 0) {
		spool_delivery_free(out);
		return txn_fail(t, SPOOL_MEMORY, "out of memory");
	}
	return 0;
}

int
spool_message_get(struct spool *s, spool_id id, struct spool_message *out)
{
	struct message_record m;
	struct txn t;
	int rc;

	*out = (struct spool_message){0};
	if (txn_begin_read(&t, s) < 0)
		return -1;
	rc = mail_message(&t, id, &m);
	if (rc == 0)
		rc = copy_message(&t, id, &m, out);
	txn_abort(&t);
	return rc;
}

int
spool_delivery_get(struct spool *s, spool_id id, uint32_t rcpt, struct spool_delivery *out)
{
	struct delivery_record d;
	struct txn t;
	int rc;

	*out = (struct spool_delivery){0};
	if (txn_begin_read(&t, s) < 0)
		return -1;
	rc = mail_delivery(&t, id, rcpt, &d);
	if (rc == 0)
		rc = copy_delivery(&t, id, rcpt, &d, out);
	txn_abort(&t);
	return rc;
}

static int
copy_deliveries(struct walk *w, spool_id id, uint32_t from, struct spool_delivery *out, size_t room,
                size_t *n)
{
	struct delivery_record d;
	int at;

	for (at = walk_from(w, key_delivery(id, from)); at > 0 && *n < room; at = walk_next(w)) {
		if (w->key.n != KEY_DELIVERY || key_u64(w->key.p, 0) != id)
			return 0;
		if (record_unpack_delivery(w->val, &d) < 0)
			return txn_damaged(w->t, DB_MAIL, walk_key(w));
		if (copy_delivery(w->t, id, key_u32(w->key.p, 8), &d, &out[*n]) < 0)
			return -1;
		++*n;
	}
	return at < 0 ? -1 : 0;
}

int
spool_deliveries(struct spool *s, spool_id id, uint32_t from_rcpt, struct spool_delivery *out,
                 size_t *n)
{
	struct message_record m;
	size_t room = *n;
	struct walk w;
	struct txn t;
	int rc;

	*n = 0;
	if (txn_begin_read(&t, s) < 0)
		return -1;
	rc = mail_message(&t, id, &m);
	if (rc == 0 && (rc = walk_begin(&w, &t, DB_MAIL)) == 0) {
		rc = copy_deliveries(&w, id, from_rcpt, out, room, n);
		walk_end(&w);
	}
	txn_abort(&t);
	if (rc < 0)
		while (*n > 0)
			spool_delivery_free(&out[--*n]);
	return rc;
}

static int
list_up(struct walk *w, spool_id after, spool_id *out, size_t room, size_t *n)
{
	int at = 1;

	while (*n < room && after < UINT64_MAX) {
		at = walk_from(w, key_message(after + 1));
		if (at <= 0)
			break;
		after = key_u64(w->key.p, 0);
		out[(*n)++] = after;
	}
	return at < 0 ? -1 : 0;
}

static int
list_down(struct walk *w, spool_id before, spool_id *out, size_t room, size_t *n)
{
	int at = 1;

	while (*n < room) {
		at = walk_before(w, key_message(before));
		if (at <= 0)
			break;
		before = key_u64(w->key.p, 0);
		out[(*n)++] = before;
	}
	return at < 0 ? -1 : 0;
}

typedef int list_fn(struct walk *w, spool_id from, spool_id *out, size_t room, size_t *n);

static int
list(struct spool *s, list_fn *way, spool_id from, spool_id *out, size_t *n)
{
	size_t room = *n;
	struct walk w;
	struct txn t;
	int rc;

	*n = 0;
	if (walk_open(&w, &t, s, DB_MAIL) < 0)
		return -1;
	rc = way(&w, from, out, room, n);
	walk_close(&w);
	return rc;
}

int
spool_list(struct spool *s, spool_id after, spool_id *out, size_t *n)
{
	return list(s, list_up, after, out, n);
}

int
spool_list_newest(struct spool *s, spool_id before, spool_id *out, size_t *n)
{
	return list(s, list_down, before, out, n);
}
