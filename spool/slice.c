/*
 * How is much told without a transaction left open? It is copied out a slice
 * at a time, and told between the slices: who listens may write to a slow
 * terminal, or change what is being told. What comes and goes meanwhile is told
 * or not; the walk goes on behind the last record that was.
 */
#include "spool/txn.h"

#include <string.h>

enum { SLICE = 64 * 1024 }; /* octets copied out in one transaction, about */

/* The first that has the prefix and comes after that key: 1, 0 none, -1. */
static int
first_after(struct walk *w, struct key prefix, struct key after)
{
	bool later = after.n > 0 && memcmp(after.b, prefix.b, prefix.n) >= 0;
	int at = walk_from(w, later ? after : prefix);

	if (at > 0 && later && w->key.n == after.n && walk_has(w, after))
		at = walk_next(w);
	return at > 0 && !walk_has(w, prefix) ? 0 : at;
}

/* Keys, each with its NUL, and values; `last` becomes the last one's key. */
static int
copy(struct spool *s, enum db db, struct key prefix, struct key *last, struct pack *slice,
     bool *more)
{
	struct walk w;
	struct txn t;
	int at;

	slice->n = 0;
	*more = false;
	if (walk_open(&w, &t, s, db) < 0)
		return -1;
	for (at = first_after(&w, prefix, *last); at > 0 && walk_has(&w, prefix);
	     at = walk_next(&w)) {
		if ((*more = slice->n >= SLICE))
			break;
		*last = walk_key(&w);
		pack_u32(slice, (uint32_t)last->n + 1);
		pack_raw(slice, last->b, last->n);
		pack_u8(slice, 0);
		pack_bytes(slice, w.val);
	}
	walk_close(&w);
	if (slice->bad)
		return spool_fail(s, SPOOL_MEMORY, "out of memory");
	return at < 0 ? -1 : 0;
}

/* 1: enough. */
static int
tell(const struct pack *slice, slice_fn *each, void *arg)
{
	struct unpack u = unpack_of(pack_view(slice));
	struct spool_bytes key, value;

	while (u.n > 0) {
		key = unpack_bytes(&u);
		key.n--;
		value = unpack_bytes(&u);
		if (each(arg, key, value))
			return 1;
	}
	return 0;
}

int
slice_each(struct spool *s, enum db db, struct key prefix, struct key after, slice_fn *each,
           void *arg)
{
	struct pack slice = {0};
	bool more = true;
	int rc = 0;

	while (more && rc == 0) {
		rc = copy(s, db, prefix, &after, &slice, &more);
		if (rc == 0 && tell(&slice, each, arg))
			break;
	}
	pack_free(&slice);
	return rc;
}
