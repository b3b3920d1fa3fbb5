/*
 * How is a spool copied while it is in use? LMDB's own copy holds one read
 * transaction from start to end, and no page freed meanwhile is used again. So
 * records are copied in slices, each read in a short transaction, into a spool
 * of its own: a message with its deliveries and content, or an item of
 * quarantine, or some lines of the journal. What can be derived (the order of
 * choosing, ages, counters) is not copied but made anew, so that the copy is
 * whole in itself though the original moved on.
 *
 * A message that is accepted while it runs may be missing, one that is settled
 * while it runs may be in it; all that was queued from before its start to
 * after its end is there. The file "incomplete" lies in the copy until it is
 * complete; spool_restore() refuses one that has it.
 */
#include "spool/backup_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLICE_BYTES_READ = 1 << 20, SLICE_IDS = 256, SLICE_CHUNKS = 64 };

static void
grab(struct backup *b, enum db db, struct key k, struct spool_bytes val)
{
	pack_u8(&b->slice, (uint8_t)db);
	pack_bytes(&b->slice, (struct spool_bytes){k.b, k.n});
	pack_bytes(&b->slice, val);
}

static int
pour_when_large(struct backup *b)
{
	return b->slice.n >= SLICE_BYTES_READ ? backup_pour(b) : 0;
}

/* Chunks [at, at + SLICE_CHUNKS) of a content: 1 there were some, 0 none, -1. */
static int
grab_chunks(struct backup *b, uint64_t content, uint32_t at, uint32_t chunks)
{
	uint32_t to = chunks - at < SLICE_CHUNKS ? chunks : at + SLICE_CHUNKS;
	struct spool_bytes v;
	struct txn t;
	int found = 0;

	if (txn_begin_read(&t, b->from) < 0)
		return -1;
	for (; at < to; at++) {
		found = txn_get(&t, DB_CONTENT, key_content(content, at), &v);
		if (found <= 0)
			break;
		grab(b, DB_CONTENT, key_content(content, at), v);
	}
	txn_abort(&t);
	return found;
}

/* All chunks, poured as they come. One that is missing is for verify to tell. */
static int
copy_content(struct backup *b, uint64_t content, uint64_t size)
{
	uint32_t at, chunks = content_chunks(size);
	int found = 1;

	for (at = 0; at < chunks && found > 0; at += SLICE_CHUNKS) {
		found = grab_chunks(b, content, at, chunks);
		if (found < 0 || pour_when_large(b) < 0)
			return -1;
	}
	return 0;
}

static int
grab_dest(struct backup *b, struct txn *t, spool_dest dest)
{
	char name[NAME_BYTES];
	struct spool_bytes v;
	int found = txn_get(t, DB_DEST, key_dest(dest), &v);

	if (found < 0)
		return -1;
	if (found == 0 || v.n >= sizeof name)
		return txn_damaged(t, DB_DEST, key_dest(dest));
	memcpy(name, v.p, v.n);
	name[v.n] = '\0';
	grab(b, DB_DEST, key_dest(dest), v);
	if (txn_get(t, DB_DEST, key_dest_name(name), &v) > 0)
		grab(b, DB_DEST, key_dest_name(name), v);
	return t->trouble.status ? -1 : 0;
}

/* The records of a message, if it is still there. */
static int
grab_mail(struct backup *b, struct txn *t, spool_id id)
{
	struct delivery_record d;
	struct walk w;
	int at;

	if (walk_begin(&w, t, DB_MAIL) < 0)
		return -1;
	for (at = walk_from(&w, key_message(id)); at > 0; at = walk_next(&w)) {
		if (w.key.n < KEY_MESSAGE || key_u64(w.key.p, 0) != id)
			break;
		grab(b, DB_MAIL, walk_key(&w), w.val);
		if (w.key.n != KEY_DELIVERY)
			continue;
		if (record_unpack_delivery(w.val, &d) < 0)
			at = txn_damaged(t, DB_MAIL, walk_key(&w));
		if (at < 0 || grab_dest(b, t, d.dest) < 0)
			break;
	}
	walk_end(&w);
	return at < 0 || t->trouble.status ? -1 : 0;
}

/* Content first: where the message went meanwhile, its content is garbage in the copy. */
static int
copy_message(struct backup *b, spool_id id)
{
	struct message_record m;
	struct spool_bytes v;
	struct garbage_record g;
	struct pack k = {0};
	struct txn t;
	int found, rc = -1;

	if (txn_begin_read(&t, b->from) < 0)
		return -1;
	found = txn_get(&t, DB_MAIL, key_message(id), &v);
	if (found > 0 && record_unpack_message(v, &m) < 0)
		found = txn_damaged(&t, DB_MAIL, key_message(id));
	txn_abort(&t);
	if (found <= 0)
		return found;
	if (copy_content(b, m.content, m.size) < 0 || txn_begin_read(&t, b->from) < 0)
		return -1;
	found = txn_get(&t, DB_MAIL, key_message(id), &v);
	if (found > 0)
		rc = grab_mail(b, &t, id);
	txn_abort(&t);
	if (found == 0) {
		g = (struct garbage_record){.chunks = content_chunks(m.size)};
		record_pack_garbage(&k, &g);
		grab(b, DB_STAGED, key_staged(STAGED_GARBAGE, m.content), pack_view(&k));
		pack_free(&k);
		rc = 0;
	}
	return rc < 0 ? -1 : pour_when_large(b);
}

static int
copy_messages(struct backup *b)
{
	spool_id ids[SLICE_IDS], after = 0;
	size_t n, i;

	for (;;) {
		n = SLICE_IDS;
		if (spool_list(b->from, after, ids, &n) < 0)
			return -1;
		for (i = 0; i < n && ids[i] <= b->newest; i++)
			if (copy_message(b, ids[i]) < 0)
				return -1;
		if (n < SLICE_IDS || ids[n - 1] > b->newest)
			return backup_pour(b);
		after = ids[n - 1];
	}
}

/* Some records of a database from *from on; *from is set behind. 1 more, 0 the end, -1. */
static int
grab_slice(struct backup *b, enum db db, struct key *from)
{
	struct walk w;
	struct txn t;
	int at;

	if (walk_open(&w, &t, b->from, db) < 0)
		return -1;
	for (at = walk_from(&w, *from); at > 0 && b->slice.n < SLICE_BYTES_READ;
	     at = walk_next(&w)) {
		grab(b, db, walk_key(&w), w.val);
		*from = walk_key(&w);
		if (from->n < sizeof from->b)
			from->b[from->n++] = 0;
	}
	walk_close(&w);
	return at;
}

static int
copy_database(struct backup *b, enum db db)
{
	struct key from = {.n = 0};
	int more = 1;

	while (more > 0) {
		more = grab_slice(b, db, &from);
		if (more < 0 || backup_pour(b) < 0)
			return -1;
	}
	return 0;
}

static int
copy_quarantine(struct backup *b)
{
	struct spool_quarantine_item item;
	struct quarantine_record q;
	struct spool_bytes v;
	spool_id after = 0;
	struct txn t;
	size_t n = 1;
	int found;

	while (spool_quarantine_list(b->from, after, &item, &n) == 0 && n == 1) {
		after = item.id;
		if (txn_begin_read(&t, b->from) < 0)
			return -1;
		found = txn_get(&t, DB_QUARANTINE, key_message(after), &v);
		if (found > 0 && record_unpack_quarantine(v, &q) == 0)
			grab(b, DB_QUARANTINE, key_message(after), v);
		txn_abort(&t);
		if (found < 0 || (found > 0 && copy_content(b, q.content, q.size) < 0))
			return -1;
	}
	return n == 0 ? backup_pour(b) : -1;
}

/* Numbers go on where the original's stand, so that none is given twice. */
static int
copy_counters(struct backup *b)
{
	struct spool_bytes v;
	struct counters n = {0};
	struct txn t;
	int found;

	if (txn_begin_read(&t, b->from) < 0)
		return -1;
	found = txn_get(&t, DB_MAIN, key_text("counters"), &v);
	if (found > 0 && record_unpack_counters(v, &n) < 0)
		found = txn_fail(&t, SPOOL_DAMAGED, "the spool's counters cannot be read");
	txn_abort(&t);
	if (found <= 0 || txn_begin_write(&t, b->to) < 0)
		return -1;
	t.n.accepted = n.accepted;
	t.n.sent = n.sent;
	t.n.never = n.never;
	t.n.deleted = n.deleted;
	t.n.next_id = n.next_id;
	t.n.next_number = n.next_number;
	t.n.next_dest = n.next_dest;
	return txn_commit(&t);
}

/*
 * Jobs first: one remembered there must have its message. Then the newest id
 * is fixed, and promises up to it are kept, so that all of them are visible.
 */
static int
copy_all(struct backup *b)
{
	struct spool_counts counts;

	if (copy_database(b, DB_JOB) < 0 || copy_database(b, DB_FACT) < 0 ||
	    spool_counts(b->from, &counts) < 0 || sweep_promises(b->from) < 0)
		return -1;
	b->newest = counts.newest;
	if (copy_messages(b) < 0 || copy_quarantine(b) < 0 || copy_database(b, DB_JOURNAL) < 0 ||
	    copy_counters(b) < 0)
		return -1;
	return spool_sweep(b->to);
}

/* Syncing once, at the end: until then the copy is worth nothing anyway. */
static int
fill(struct backup *b)
{
	int fd = openat(b->to->dir_fd, "incomplete", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return spool_fail_errno(b->to, errno, "incomplete");
	close(fd);
	if (place_sync(b->to) < 0)
		return -1;
	mdb_env_set_flags(b->to->env, MDB_NOSYNC, 1);
	if (copy_all(b) < 0)
		return -1;
	if ((rc = mdb_env_sync(b->to->env, 1)))
		return spool_fail_mdb(b->to, rc, "syncing the backup");
	if (unlinkat(b->to->dir_fd, "incomplete", 0) < 0)
		return spool_fail_errno(b->to, errno, "incomplete");
	return place_sync(b->to);
}

int
spool_backup(struct spool *s, const char *to_directory)
{
	struct spool_options o = {.directory = to_directory, .lock_wait_ms = s->o.lock_wait_ms};
	struct backup b = {.from = s};
	int rc;

	if (spool_create(&o, NULL, 0) < 0)
		return -1;
	rc = spool_open(&b.to, &o);
	if (rc == 0)
		rc = fill(&b);
	spool_close(b.to);
	pack_free(&b.slice);
	return rc;
}
