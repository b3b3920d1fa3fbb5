/*
 * What became of each message? Lines under its id, in order. They stay while
 * the message is queued; when it has gone, its id is filed by the time it
 * went, and trimming takes the oldest from there, a few lines beside each
 * commit: by age, and by the octets of the whole journal. The system's own
 * lines, under id 0, grow old one by one.
 */
#include "spool/apply.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_OVERHEAD = 28 };

static uint64_t
line_bytes(size_t value_n)
{
	return value_n + LINE_OVERHEAD;
}

int
journal_put(struct txn *t, spool_id id, uint32_t seq, int64_t at_s, struct spool_bytes line)
{
	struct pack k = {0};

	pack_u64(&k, (uint64_t)at_s);
	pack_raw(&k, line.p, line.n);
	t->n.journal_bytes += line_bytes(8 + line.n);
	return txn_put_pack(t, DB_JOURNAL, key_journal(id, seq), &k);
}

static int
next_seq(struct txn *t, spool_id id, uint32_t *seq)
{
	struct walk w;
	int found;

	*seq = 0;
	if (walk_begin(&w, t, DB_JOURNAL) < 0)
		return -1;
	found = walk_before(&w, key_journal(id, UINT32_MAX));
	if (found > 0 && w.key.n == KEY_JOURNAL && key_u64(w.key.p, 0) == id)
		*seq = key_u32(w.key.p, 8) + 1;
	walk_end(&w);
	return found < 0 ? -1 : 0;
}

/* A line about what is not queued (any more) grows old from now on. */
int
journal_add(struct txn *t, spool_id id, int64_t now_s, struct spool_bytes line)
{
	struct spool_bytes v;
	uint32_t seq;
	int found = 1;

	if (next_seq(t, id, &seq) < 0)
		return -1;
	if (id && (found = txn_get(t, DB_MAIL, key_message(id), &v)) < 0)
		return -1;
	if (found == 0 && journal_gone(t, id, now_s) < 0)
		return -1;
	return journal_put(t, id, seq, now_s, line);
}

int
journal_gone(struct txn *t, spool_id id, int64_t now_s)
{
	return txn_put(t, DB_AGE, key_age(AGE_JOURNAL, now_s, id), (struct spool_bytes){"", 0});
}

/* What is oldest: a message that has gone, or a line of the system's own. */
struct oldest {
	bool any;
	int64_t at_s;
	spool_id id; /* 0: the system's first line */
	struct key key;
};

static int
oldest_gone(struct txn *t, struct oldest *o)
{
	struct key first = {.n = 1, .b = {AGE_JOURNAL}};
	struct walk w;
	int found;

	if (walk_begin(&w, t, DB_AGE) < 0)
		return -1;
	found = walk_from(&w, first);
	if (found > 0 && walk_has(&w, first) && w.key.n == KEY_AGE)
		*o = (struct oldest){.any = true,
		                     .at_s = key_time(w.key.p, KEY_AGE_TIME),
		                     .id = key_u64(w.key.p, KEY_AGE_ID),
		                     .key = walk_key(&w)};
	walk_end(&w);
	return found < 0 ? -1 : 0;
}

static int
oldest_own(struct txn *t, struct oldest *o)
{
	struct unpack u;
	struct walk w;
	int64_t at_s;
	int found;

	if (walk_begin(&w, t, DB_JOURNAL) < 0)
		return -1;
	found = walk_from(&w, key_journal(0, 0));
	if (found > 0 && w.key.n == KEY_JOURNAL && key_u64(w.key.p, 0) == 0) {
		u = unpack_of(w.val);
		at_s = (int64_t)unpack_u64(&u);
		if (!o->any || at_s < o->at_s)
			*o = (struct oldest){.any = true, .at_s = at_s, .key = walk_key(&w)};
	}
	walk_end(&w);
	return found < 0 ? -1 : 0;
}

static int
remove_line(struct txn *t, struct key k)
{
	struct spool_bytes v;
	int found = txn_get(t, DB_JOURNAL, k, &v);

	if (found <= 0)
		return found;
	t->n.journal_bytes -= line_bytes(v.n);
	return txn_del(t, DB_JOURNAL, k) < 0 ? -1 : 0;
}

/* Up to *room lines of a message; when the last is gone, its age too. */
static int
remove_message(struct txn *t, const struct oldest *o, unsigned *room)
{
	struct walk w;
	struct key k;
	int found;

	while (*room > 0) {
		if (walk_begin(&w, t, DB_JOURNAL) < 0)
			return -1;
		found = walk_from(&w, key_journal(o->id, 0));
		if (found > 0 && (w.key.n != KEY_JOURNAL || key_u64(w.key.p, 0) != o->id))
			found = 0;
		if (found > 0)
			k = walk_key(&w);
		walk_end(&w);
		if (found < 0)
			return -1;
		--*room;
		if (found == 0)
			return txn_del(t, DB_AGE, o->key) < 0 ? -1 : 0;
		if (remove_line(t, k) < 0)
			return -1;
	}
	return 0;
}

static bool
is_too_much(const struct txn *t, const struct oldest *o, int64_t now_s)
{
	const struct spool_options *opt = &t->s->o;

	if (opt->journal_days && o->at_s < now_s - (int64_t)opt->journal_days * 86400)
		return true;
	return opt->journal_bytes && t->n.journal_bytes > opt->journal_bytes;
}

int
journal_trim(struct txn *t, int64_t now_s)
{
	unsigned room = TRIM_ITEMS;
	struct oldest o;

	while (room > 0) {
		o = (struct oldest){.any = false};
		if (oldest_gone(t, &o) < 0 || oldest_own(t, &o) < 0)
			return -1;
		if (!o.any || !is_too_much(t, &o, now_s))
			return 0;
		if (o.id) {
			if (remove_message(t, &o, &room) < 0)
				return -1;
		} else {
			if (remove_line(t, o.key) < 0)
				return -1;
			room--;
		}
	}
	return 0;
}

struct listener {
	spool_id id;
	spool_journal_fn *each;
	void *arg;
};

static int
tell_line(void *arg, struct spool_bytes key, struct spool_bytes value)
{
	const struct listener *l = arg;
	struct unpack line = unpack_of(value);
	int64_t at_s = (int64_t)unpack_u64(&line);

	(void)key;
	return l->each(l->arg, l->id, at_s, line.bad ? "" : (const char *)line.p, line.n);
}

int
spool_journal(struct spool *s, spool_id id, spool_journal_fn *each, void *arg)
{
	struct listener l = {id, each, arg};

	return slice_each(s, DB_JOURNAL, key_message(id), (struct key){0}, tell_line, &l);
}

int
spool_journalled(struct spool *s, spool_id before, spool_id *out, size_t *n)
{
	size_t room = *n;
	struct walk w;
	struct txn t;
	int at;

	*n = 0;
	if (walk_open(&w, &t, s, DB_JOURNAL) < 0)
		return -1;
	for (at = 1; *n < room; (*n)++) {
		at = walk_before(&w, key_journal(before, 0));
		if (at <= 0 || (before = key_u64(w.key.p, 0)) == 0)
			break;
		out[*n] = before;
	}
	walk_close(&w);
	return at < 0 ? -1 : 0;
}
