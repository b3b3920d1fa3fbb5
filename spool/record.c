/*
 * How are records written down? Every field in order, numbers little endian,
 * texts behind their length; see record.h for what each means.
 */
#include "spool/record.h"

#include <string.h>

/* The counters in the order in which they are written. */
static void
counters_list(struct counters *c, uint64_t *v[COUNTERS])
{
	uint64_t *list[COUNTERS] = {
	    &c->messages,
	    &c->deliveries,
	    &c->held,
	    &c->bytes,
	    &c->staged_bytes,
	    &c->quarantined,
	    &c->quarantine_bytes,
	    &c->journal_bytes,
	    &c->accepted,
	    &c->sent,
	    &c->never,
	    &c->deleted,
	    &c->next_id,
	    &c->next_number,
	    &c->next_dest,
	    &c->dests,
	    &c->ready_bytes,
	};

	memcpy(v, list, sizeof list);
}

void
record_pack_counters(uint8_t out[COUNTERS_BYTES], const struct counters *c)
{
	struct counters copy = *c;
	uint64_t *v[COUNTERS];
	size_t i;

	counters_list(&copy, v);
	for (i = 0; i < COUNTERS; i++)
		pack_store_u64(out + 8 * i, *v[i]);
}

int
record_unpack_counters(struct spool_bytes b, struct counters *c)
{
	struct unpack u = unpack_of(b);
	uint64_t *v[COUNTERS];
	size_t i;

	counters_list(c, v);
	for (i = 0; i < COUNTERS; i++)
		*v[i] = unpack_u64(&u);
	return unpack_end(&u);
}

void
record_pack_message(struct pack *k, const struct message_record *m)
{
	pack_u64(k, (uint64_t)m->accepted_s);
	pack_u64(k, m->size);
	pack_u64(k, m->charge);
	pack_u64(k, m->content);
	pack_u32(k, m->recipients);
	pack_u32(k, m->pending);
	pack_raw(k, m->uuid, sizeof m->uuid);
	pack_raw(k, m->digest, sizeof m->digest);
	pack_bytes(k, m->sender);
	pack_bytes(k, m->attributes);
}

static void
unpack_message(struct unpack *u, struct message_record *m)
{
	m->accepted_s = (int64_t)unpack_u64(u);
	m->size = unpack_u64(u);
	m->charge = unpack_u64(u);
	m->content = unpack_u64(u);
	m->recipients = unpack_u32(u);
	m->pending = unpack_u32(u);
	unpack_copy(u, m->uuid, sizeof m->uuid);
	unpack_copy(u, m->digest, sizeof m->digest);
	m->sender = unpack_bytes(u);
	m->attributes = unpack_bytes(u);
}

int
record_unpack_message(struct spool_bytes b, struct message_record *m)
{
	struct unpack u = unpack_of(b);

	unpack_message(&u, m);
	return unpack_end(&u);
}

void
record_pack_delivery(struct pack *k, const struct delivery_record *d)
{
	pack_u8(k, d->state);
	pack_u8(k, d->rank);
	pack_u8(k, d->warned);
	pack_u32(k, d->dest);
	pack_u32(k, d->attempts);
	pack_u32(k, d->chance_s);
	pack_u64(k, (uint64_t)d->due_s);
	pack_u64(k, (uint64_t)d->last_s);
	pack_bytes(k, d->recipient);
	pack_bytes(k, d->words);
	pack_bytes(k, d->attributes);
}

int
record_unpack_delivery(struct spool_bytes b, struct delivery_record *d)
{
	struct unpack u = unpack_of(b);

	d->state = unpack_u8(&u);
	d->rank = unpack_u8(&u);
	d->warned = unpack_u8(&u);
	d->dest = unpack_u32(&u);
	d->attempts = unpack_u32(&u);
	d->chance_s = unpack_u32(&u);
	d->due_s = (int64_t)unpack_u64(&u);
	d->last_s = (int64_t)unpack_u64(&u);
	d->recipient = unpack_bytes(&u);
	d->words = unpack_bytes(&u);
	d->attributes = unpack_bytes(&u);
	return unpack_end(&u) == 0 && d->state <= SPOOL_HELD ? 0 : -1;
}

void
record_pack_quarantine(struct pack *k, const struct quarantine_record *q)
{
	pack_u64(k, (uint64_t)q->at_s);
	pack_u64(k, q->size);
	pack_u64(k, q->charge);
	pack_u64(k, q->content);
	pack_raw(k, q->digest, sizeof q->digest);
	pack_bytes(k, q->reason);
	pack_bytes(k, q->source);
}

int
record_unpack_quarantine(struct spool_bytes b, struct quarantine_record *q)
{
	struct unpack u = unpack_of(b);

	q->at_s = (int64_t)unpack_u64(&u);
	q->size = unpack_u64(&u);
	q->charge = unpack_u64(&u);
	q->content = unpack_u64(&u);
	unpack_copy(&u, q->digest, sizeof q->digest);
	q->reason = unpack_bytes(&u);
	q->source = unpack_bytes(&u);
	return unpack_end(&u);
}

void
record_pack_recipient(struct pack *k, const struct recipient_record *r)
{
	pack_u8(k, r->rank);
	pack_bytes(k, r->recipient);
	pack_bytes(k, r->destination);
	pack_bytes(k, r->attributes);
}

int
record_unpack_recipient(struct unpack *u, struct recipient_record *r)
{
	r->rank = unpack_u8(u);
	r->recipient = unpack_bytes(u);
	r->destination = unpack_bytes(u);
	r->attributes = unpack_bytes(u);
	return u->bad ? -1 : 0;
}

void
record_pack_envelope(struct pack *k, const struct envelope *e)
{
	pack_u8(k, e->quarantine);
	record_pack_message(k, &e->m);
	pack_bytes(k, e->recipients);
	pack_bytes(k, e->notes);
	pack_bytes(k, e->reason);
	pack_bytes(k, e->source);
}

int
record_unpack_envelope(struct spool_bytes b, struct envelope *e)
{
	struct unpack u = unpack_of(b);

	e->quarantine = unpack_u8(&u);
	unpack_message(&u, &e->m);
	e->recipients = unpack_bytes(&u);
	e->notes = unpack_bytes(&u);
	e->reason = unpack_bytes(&u);
	e->source = unpack_bytes(&u);
	return unpack_end(&u);
}

void
record_pack_owned(struct pack *k, const struct owned_record *o)
{
	pack_u64(k, o->owner);
	pack_u64(k, o->bytes);
	pack_u32(k, o->chunks);
	pack_u8(k, o->batch);
}

int
record_unpack_owned(struct spool_bytes b, struct owned_record *o)
{
	struct unpack u = unpack_of(b);

	o->owner = unpack_u64(&u);
	o->bytes = unpack_u64(&u);
	o->chunks = unpack_u32(&u);
	o->batch = unpack_u8(&u);
	return unpack_end(&u);
}

void
record_pack_promise(struct pack *k, const struct promise_record *p)
{
	pack_u64(k, p->first_id);
	pack_u32(k, p->count);
	pack_u32(k, p->next);
}

int
record_unpack_promise(struct spool_bytes b, struct promise_record *p)
{
	struct unpack u = unpack_of(b);

	p->first_id = unpack_u64(&u);
	p->count = unpack_u32(&u);
	p->next = unpack_u32(&u);
	return unpack_end(&u);
}

void
record_pack_garbage(struct pack *k, const struct garbage_record *g)
{
	pack_u64(k, g->bytes);
	pack_u32(k, g->chunks);
}

int
record_unpack_garbage(struct spool_bytes b, struct garbage_record *g)
{
	struct unpack u = unpack_of(b);

	g->bytes = unpack_u64(&u);
	g->chunks = unpack_u32(&u);
	return unpack_end(&u);
}
