/*
 * Which destinations are there? Names are kept once and stand in deliveries as
 * numbers, which are never used again. An idle destination keeps its name and
 * number, so that callers may remember it; but only so many do, lest strangers'
 * domains pile up here for ever.
 */
#include "spool/apply.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* A name too long for a key is cut, and told apart by a hash of the whole. */
static void
fit(struct spool_bytes name, char out[NAME_BYTES])
{
	enum { HASH = 33 };
	XXH128_hash_t h;

	if (name.n < NAME_BYTES) {
		memcpy(out, name.p, name.n);
		out[name.n] = '\0';
		return;
	}
	h = XXH3_128bits(name.p, name.n);
	memcpy(out, name.p, NAME_BYTES - 1 - HASH);
	snprintf(out + NAME_BYTES - 1 - HASH, HASH + 1, "#%016llx%016llx",
	         (unsigned long long)h.high64, (unsigned long long)h.low64);
}

static int
make(struct txn *t, const char *name, spool_dest *out)
{
	struct pack k = {0};

	if (t->n.next_dest >= UINT32_MAX)
		return txn_fail(t, SPOOL_FULL,
		                "all numbers of destinations are used: back up and "
		                "restore the spool");
	*out = (spool_dest)t->n.next_dest++;
	t->n.dests++;
	pack_u32(&k, *out);
	if (txn_put(t, DB_DEST, key_dest(*out), bytes_of(name)) < 0) {
		pack_free(&k);
		return -1;
	}
	return txn_put_pack(t, DB_DEST, key_dest_name(name), &k);
}

int
dest_number(struct txn *t, struct spool_bytes name, spool_dest *out)
{
	char fitted[NAME_BYTES];
	struct spool_bytes v;
	struct unpack u;
	int found;

	fit(name, fitted);
	found = txn_get(t, DB_DEST, key_dest_name(fitted), &v);
	if (found < 0)
		return -1;
	if (found == 0)
		return make(t, fitted, out);
	u = unpack_of(v);
	*out = unpack_u32(&u);
	return u.bad ? txn_damaged(t, DB_DEST, key_dest_name(fitted)) : 0;
}

static int
has_keys(struct txn *t, spool_dest dest)
{
	struct walk w;
	int found;

	if (walk_begin(&w, t, DB_DUE) < 0)
		return -1;
	found = walk_from(&w, key_due(dest, 0, INT64_MIN, 0, 0));
	if (found > 0)
		found = w.key.n == KEY_DUE && key_u32(w.key.p, 0) == dest;
	walk_end(&w);
	return found;
}

int
dest_rest(struct txn *t, spool_dest dest)
{
	char name[NAME_BYTES];
	struct spool_bytes v;
	int found;

	if (t->n.dests <= DESTS_KEPT || (found = has_keys(t, dest)) > 0)
		return 0;
	if (found < 0 || (found = txn_get(t, DB_DEST, key_dest(dest), &v)) < 0)
		return -1;
	if (found == 0 || v.n >= sizeof name)
		return txn_damaged(t, DB_DEST, key_dest(dest));
	memcpy(name, v.p, v.n);
	name[v.n] = '\0';
	if (txn_del(t, DB_DEST, key_dest(dest)) < 0 || txn_del(t, DB_DEST, key_dest_name(name)) < 0)
		return -1;
	t->n.dests--;
	return 0;
}

static int
describe(struct txn *t, spool_dest dest, struct spool_destination *out)
{
	struct spool_bytes v;
	int found = txn_get(t, DB_DEST, key_dest(dest), &v);

	if (found < 0)
		return -1;
	if (found == 0)
		return txn_fail(t, SPOOL_NONE, "there is no destination %lu", (unsigned long)dest);
	if (v.n >= sizeof out->name)
		return txn_damaged(t, DB_DEST, key_dest(dest));
	out->dest = dest;
	memcpy(out->name, v.p, v.n);
	out->name[v.n] = '\0';
	return 0;
}

int
spool_destination_get(struct spool *s, spool_dest dest, struct spool_destination *out)
{
	struct txn t;
	int rc;

	if (txn_begin_read(&t, s) < 0)
		return -1;
	rc = describe(&t, dest, out);
	txn_abort(&t);
	return rc;
}

/* From one destination's keys straight to the next's: the cost is what is returned. */
static int
collect(struct walk *w, spool_dest after, struct spool_destination *out, size_t room, size_t *n)
{
	spool_dest dest = after;
	int at;

	while (*n < room && dest < UINT32_MAX) {
		at = walk_from(w, key_due(dest + 1, 0, INT64_MIN, 0, 0));
		if (at <= 0)
			return at;
		if (w->key.n != KEY_DUE)
			return txn_damaged(w->t, DB_DUE, walk_key(w));
		dest = key_u32(w->key.p, 0);
		if (((const uint8_t *)w->key.p)[KEY_DUE_RANK] == RANK_HELD)
			continue;
		if (describe(w->t, dest, &out[*n]) < 0)
			return -1;
		++*n;
	}
	return 0;
}

int
spool_destinations(struct spool *s, spool_dest after, struct spool_destination *out, size_t *n)
{
	size_t room = *n;
	struct walk w;
	struct txn t;
	int rc;

	*n = 0;
	if (walk_open(&w, &t, s, DB_DUE) < 0)
		return -1;
	rc = collect(&w, after, out, room, n);
	walk_close(&w);
	return rc;
}
