/*
 * What else is to be remembered? Small values under names: the states of
 * links, clocks, ledgers. They mean nothing to the spool.
 */
#include "spool/apply.h"

#include <string.h>

enum { SLICE = 64 * 1024 }; /* octets copied out in one transaction, about */

int
fact_put(struct txn *t, const char *name, struct spool_bytes value)
{
	if (value.n == 0)
		return txn_del(t, DB_FACT, key_text(name)) < 0 ? -1 : 0;
	return txn_put(t, DB_FACT, key_text(name), value);
}

int
spool_fact_get(struct spool *s, const char *name, void *p, size_t room, size_t *n)
{
	struct spool_bytes v;
	struct txn t;
	int found;

	*n = 0;
	if (!name[0] || strlen(name) >= FACT_NAME_BYTES)
		return spool_fail(s, SPOOL_TOO_LARGE, "a fact's name has 1 to %d octets",
		                  FACT_NAME_BYTES - 1);
	if (txn_begin_read(&t, s) < 0)
		return -1;
	found = txn_get(&t, DB_FACT, key_text(name), &v);
	if (found > 0) {
		memcpy(p, v.p, v.n < room ? v.n : room);
		*n = v.n;
	}
	txn_abort(&t);
	if (found == 0)
		return spool_fail(s, SPOOL_NONE, "there is no fact \"%s\"", name);
	return found < 0 ? -1 : 0;
}

/* The first that has the prefix and comes after that name: 1, 0 none, -1. */
static int
first_after(struct walk *w, struct key prefix, struct key after)
{
	bool later = after.n > 0 && memcmp(after.b, prefix.b, prefix.n) >= 0;
	int at = walk_from(w, later ? after : prefix);

	if (at > 0 && later && w->key.n == after.n && walk_has(w, after))
		at = walk_next(w);
	return at > 0 && !walk_has(w, prefix) ? 0 : at;
}

/* A slice of names, each with its NUL, and values; `last` becomes the last one's name. */
static int
copy_slice(struct spool *s, struct key prefix, struct key *last, struct pack *slice, bool *more)
{
	struct walk w;
	struct txn t;
	int at;

	slice->n = 0;
	*more = false;
	if (walk_open(&w, &t, s, DB_FACT) < 0)
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
tell_slice(const struct pack *slice, spool_fact_fn *each, void *arg)
{
	struct unpack u = unpack_of(pack_view(slice));
	struct spool_bytes name, value;

	while (u.n > 0) {
		name = unpack_bytes(&u);
		value = unpack_bytes(&u);
		if (each(arg, name.p, value))
			return 1;
	}
	return 0;
}

int
spool_facts(struct spool *s, const char *prefix, const char *after, spool_fact_fn *each, void *arg)
{
	struct pack slice = {0};
	struct key of, last;
	bool more = true;
	int rc = 0;

	if (strlen(prefix) >= FACT_NAME_BYTES || strlen(after) >= FACT_NAME_BYTES)
		return spool_fail(s, SPOOL_TOO_LARGE, "a fact's name has 1 to %d octets",
		                  FACT_NAME_BYTES - 1);
	of = key_text(prefix);
	last = key_text(after);
	while (more && rc == 0) {
		rc = copy_slice(s, of, &last, &slice, &more);
		if (rc == 0 && tell_slice(&slice, each, arg))
			break;
	}
	pack_free(&slice);
	return rc;
}
