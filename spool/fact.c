/*
 * What else is to be remembered? Small values under names: the states of
 * links, clocks, ledgers. They mean nothing to the spool.
 */
#include "spool/apply.h"

#include <string.h>

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

struct listener {
	spool_fact_fn *each;
	void *arg;
};

static int
tell_fact(void *arg, struct spool_bytes name, struct spool_bytes value)
{
	const struct listener *l = arg;

	return l->each(l->arg, name.p, value);
}

int
spool_facts(struct spool *s, const char *prefix, const char *after, spool_fact_fn *each, void *arg)
{
	struct listener l = {each, arg};

	if (strlen(prefix) >= FACT_NAME_BYTES || strlen(after) >= FACT_NAME_BYTES)
		return spool_fail(s, SPOOL_TOO_LARGE, "a fact's name has 1 to %d octets",
		                  FACT_NAME_BYTES - 1);
	return slice_each(s, DB_FACT, key_text(prefix), key_text(after), tell_fact, &l);
}
