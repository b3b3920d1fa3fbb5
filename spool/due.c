/*
 * What goes next, and where to? The index due holds one key a delivery: dest,
 * rank, due time, id, recipient. Choosing is reading it in order, so it costs
 * what it returns however much is queued. Held deliveries stand behind every
 * rank of their destination: nothing chooses them, and a destination without
 * any key in the index has nothing here.
 */
#include "spool/apply.h"

#include <string.h>

static struct key
key_of(spool_id id, uint32_t rcpt, const struct delivery_record *d)
{
	return key_due(d->dest, d->state == SPOOL_HELD ? RANK_HELD : d->rank, d->due_s, id, rcpt);
}

int
due_put(struct txn *t, spool_id id, uint32_t rcpt, const struct delivery_record *d)
{
	return txn_put(t, DB_DUE, key_of(id, rcpt, d), (struct spool_bytes){"", 0});
}

/* One that is missing is a fault for verify to tell; settling goes on, and mends it. */
int
due_del(struct txn *t, spool_id id, uint32_t rcpt, const struct delivery_record *d)
{
	return txn_del(t, DB_DUE, key_of(id, rcpt, d)) < 0 ? -1 : 0;
}

/* 1 at its key, 0 it has none, -1. */
static int
find_lost(struct walk *w, spool_id id, uint32_t rcpt)
{
	int at;

	for (at = walk_from(w, (struct key){0}); at > 0; at = walk_next(w))
		if (w->key.n == KEY_DUE && key_u64(w->key.p, KEY_DUE_ID) == id &&
		    key_u32(w->key.p, KEY_DUE_RCPT) == rcpt)
			return 1;
	return at;
}

int
due_forget(struct txn *t, spool_id id, uint32_t rcpt)
{
	spool_dest dest = 0;
	struct walk w;
	int found;

	if (walk_begin(&w, t, DB_DUE) < 0)
		return -1;
	if ((found = find_lost(&w, id, rcpt)) > 0) {
		dest = key_u32(w.key.p, 0);
		if (((const uint8_t *)w.key.p)[KEY_DUE_RANK] == RANK_HELD)
			t->n.held--;
		if (walk_del(&w) < 0)
			found = -1;
	}
	walk_end(&w);
	return found > 0 ? dest_rest(t, dest) : found;
}

static struct key
rank_start(spool_dest dest, unsigned rank)
{
	return key_due(dest, (uint8_t)rank, INT64_MIN, 0, 0);
}

/* The rank of the queued delivery the walk stands at; -1: none of this destination. */
static int
rank_at(const struct walk *w, spool_dest dest)
{
	if (w->key.n != KEY_DUE || key_u32(w->key.p, 0) != dest)
		return -1;
	return ((const uint8_t *)w->key.p)[KEY_DUE_RANK] == RANK_HELD
	           ? -1
	           : ((const uint8_t *)w->key.p)[KEY_DUE_RANK];
}

static void
take(const struct walk *w, struct spool_choice *out)
{
	out->rank = ((const uint8_t *)w->key.p)[KEY_DUE_RANK];
	out->due_s = key_time(w->key.p, KEY_DUE_TIME);
	out->id = key_u64(w->key.p, KEY_DUE_ID);
	out->rcpt = key_u32(w->key.p, KEY_DUE_RCPT);
}

static int
choose_due(struct walk *w, spool_dest dest, const struct spool_choice *after, int64_t now_s,
           struct spool_choice *out, size_t room, size_t *n)
{
	struct key start = rank_start(dest, 0);
	int at, rank;

	if (after && after->id)
		start = key_due(dest, after->rank, after->due_s, after->id, after->rcpt);
	at = walk_from(w, start);
	if (at > 0 && after && after->id && w->key.n == start.n &&
	    memcmp(w->key.p, start.b, start.n) == 0)
		at = walk_next(w);
	while (at > 0 && *n < room && (rank = rank_at(w, dest)) >= 0) {
		take(w, &out[*n]);
		if (out[*n].due_s > now_s) {
			at = walk_from(w, rank_start(dest, (unsigned)rank + 1));
		} else {
			++*n;
			at = walk_next(w);
		}
	}
	return at < 0 ? -1 : 0;
}

/* Each rank that has anything is looked at once, where its future begins. */
static int
earliest(struct walk *w, spool_dest dest, int64_t now_s, int64_t *next_due_s)
{
	unsigned rank = 0;
	int at, found;

	*next_due_s = INT64_MAX;
	while (now_s < INT64_MAX) {
		at = walk_from(w, rank_start(dest, rank));
		if (at <= 0 || (found = rank_at(w, dest)) < 0)
			return at < 0 ? -1 : 0;
		rank = (unsigned)found;
		at = walk_from(w, key_due(dest, (uint8_t)rank, now_s + 1, 0, 0));
		if (at < 0)
			return -1;
		if (at > 0 && rank_at(w, dest) == (int)rank &&
		    key_time(w->key.p, KEY_DUE_TIME) < *next_due_s)
			*next_due_s = key_time(w->key.p, KEY_DUE_TIME);
		rank++;
	}
	return 0;
}

int
spool_choose(struct spool *s, spool_dest dest, const struct spool_choice *after, int64_t now_s,
             struct spool_choice *out, size_t *n, int64_t *next_due_s)
{
	size_t room = *n;
	struct walk w;
	struct txn t;
	int rc;

	*n = 0;
	*next_due_s = INT64_MAX;
	if (walk_open(&w, &t, s, DB_DUE) < 0)
		return -1;
	rc = choose_due(&w, dest, after, now_s, out, room, n);
	if (rc == 0)
		rc = earliest(&w, dest, now_s, next_due_s);
	walk_close(&w);
	return rc;
}
