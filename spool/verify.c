/*
 * Is everything as it must be? Every record is read and every reference
 * followed, and with LOOK_CONTENT every digest computed. It goes in slices, a
 * short read transaction each, so that a verify of a large spool does not keep
 * LMDB from using pages again. What can be judged from one record and those it
 * names is always judged; sums, and contents that nothing refers to, only when
 * nobody wrote meanwhile. Runs in a child (suspect.c): the pages may kill it.
 */
#include "spool/verify_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE_RECORDS = 1000 };

void
verify_fault(struct verify *v, const char *fmt, ...)
{
	char words[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	++*v->faults;
	v->tell(v->arg, words);
}

void
verify_refer(struct verify *v, uint64_t content)
{
	struct numbers *c = &v->contents;
	size_t room = c->room ? 2 * c->room : 1024;
	uint64_t *grown;

	if (content == 0 || c->bad)
		return;
	if (c->n == c->room) {
		if (!(grown = realloc(c->v, room * sizeof *grown))) {
			c->bad = true;
			return;
		}
		c->v = grown;
		c->room = room;
	}
	c->v[c->n++] = content;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

bool
verify_refers(const struct verify *v, uint64_t content)
{
	return v->contents.bad || (v->contents.n && bsearch(&content, v->contents.v, v->contents.n,
	                                                    sizeof *v->contents.v, compare));
}

/* A slice from *from on; *from is set behind it. 1 more, 0 the end, -1. */
static int
look_slice(struct verify *v, enum db db, verify_fn *one, struct key *from)
{
	struct walk w;
	struct txn t;
	int at, i = 0;

	if (walk_open(&w, &t, v->s, db) < 0)
		return -1;
	for (at = walk_from(&w, *from); at > 0; at = walk_next(&w)) {
		if (i++ == SLICE_RECORDS)
			break;
		*from = walk_key(&w);
		if (from->n < sizeof from->b)
			from->b[from->n++] = 0;
		if (one(v, &t, w.key, w.val) < 0) {
			at = -1;
			break;
		}
	}
	walk_close(&w);
	return at;
}

static void
cannot_read(struct verify *v)
{
	v->unreadable = true;
	verify_fault(v, "%s", spool_error(v->s));
}

/* Where pages cannot be read any further, the other databases still are. */
static void
look_through(struct verify *v, enum db db, verify_fn *one)
{
	struct key from = {.n = 0};
	int more;

	do
		more = look_slice(v, db, one, &from);
	while (more > 0);
	if (more < 0)
		cannot_read(v);
}

static int
last_transaction(struct spool *s, size_t *id, struct counters *n)
{
	struct spool_bytes val;
	struct txn t;
	int found;

	if (txn_begin_read(&t, s) < 0)
		return -1;
	*id = mdb_txn_id(t.mdb);
	found = txn_get(&t, DB_MAIN, key_text("counters"), &val);
	if (found == 0 || (found > 0 && record_unpack_counters(val, n) < 0))
		found = txn_fail(&t, SPOOL_DAMAGED, "the spool's counters cannot be read");
	txn_abort(&t);
	return found < 0 ? -1 : 0;
}

static void
compare_sum(struct verify *v, const char *what, uint64_t is, uint64_t counted)
{
	if (is != counted)
		verify_fault(v, "the counter of %s says %llu, there are %llu", what,
		             (unsigned long long)counted, (unsigned long long)is);
}

static void
compare_sums(struct verify *v, const struct counters *n)
{
	compare_sum(v, "messages", v->sum.messages, n->messages);
	compare_sum(v, "deliveries", v->sum.deliveries, n->deliveries);
	compare_sum(v, "deliveries in the order of choosing", v->due, n->deliveries);
	compare_sum(v, "held deliveries", v->sum.held, n->held);
	compare_sum(v, "stored octets", v->sum.bytes, n->bytes);
	compare_sum(v, "staged octets", v->sum.staged_bytes, n->staged_bytes);
	compare_sum(v, "quarantined items", v->sum.quarantined, n->quarantined);
	compare_sum(v, "quarantined octets", v->sum.quarantine_bytes, n->quarantine_bytes);
	compare_sum(v, "journal octets", v->sum.journal_bytes, n->journal_bytes);
	compare_sum(v, "destinations", v->sum.dests, n->dests);
}

static const struct {
	enum db db;
	verify_fn *one;
} checks[] = {
    {DB_MAIL, verify_mail},       {DB_DUE, verify_due},
    {DB_DEST, verify_dest},       {DB_QUARANTINE, verify_quarantine},
    {DB_JOURNAL, verify_journal}, {DB_JOB, verify_job},
    {DB_AGE, verify_age},         {DB_FACT, verify_fact},
    {DB_STAGED, verify_staged},
};

enum { CHECKS = sizeof checks / sizeof checks[0] };

static int
look_at_ends(struct verify *v, struct txn *t, enum db db, verify_fn *one)
{
	struct walk w;
	int at;

	if (walk_begin(&w, t, db) < 0)
		return -1;
	at = walk_last(&w);
	if (at > 0 && one(v, t, w.key, w.val) == 0) {
		at = walk_from(&w, (struct key){.n = 0});
		if (at > 0)
			at = one(v, t, w.key, w.val);
	}
	walk_end(&w);
	return at < 0 || t->trouble.status ? -1 : 0;
}

/* The first and last record of every database: wrong roots and branches show. */
static void
look_light(struct verify *v)
{
	struct txn t;
	int i;

	for (i = 0; i < CHECKS; i++) {
		if (txn_begin_read(&t, v->s) < 0 ||
		    look_at_ends(v, &t, checks[i].db, checks[i].one) < 0)
			cannot_read(v);
		txn_abort(&t);
	}
}

int
verify_env(struct spool *s, enum look depth, spool_fault_fn *tell, void *arg, uint64_t *faults)
{
	struct verify v = {.s = s, .depth = depth, .tell = tell, .arg = arg, .faults = faults};
	struct counters before, after;
	size_t first, last;
	int i;

	if (last_transaction(s, &first, &before) < 0)
		return -1;
	if (depth == LOOK_LIGHT) {
		look_light(&v);
		return v.unreadable;
	}
	for (i = 0; i < CHECKS; i++)
		look_through(&v, checks[i].db, checks[i].one);
	if (last_transaction(s, &last, &after) < 0)
		return -1;
	if (first == last) {
		compare_sums(&v, &after);
		if (v.contents.n)
			qsort(v.contents.v, v.contents.n, sizeof *v.contents.v, compare);
		look_through(&v, DB_CONTENT, verify_content);
	}
	free(v.contents.v);
	return v.unreadable;
}

int
spool_verify(struct spool *s, spool_fault_fn *tell, void *arg, uint64_t *faults)
{
	return look_in_child(s, s->o.directory, LOOK_CONTENT, tell, arg, faults) < 0 ? -1 : 0;
}
