/*
 * How is something large written before it is a message? In transactions of
 * its own, each of a few megabytes, under numbers that nobody reads: LMDB keeps
 * the dirty pages of a transaction in memory. Content of a large draft, and the
 * envelopes of a large batch, are staged so.
 *
 * What is staged belongs to the process that wrote it, until a message has it.
 * An owner holds a record lock on its own octet of the file "staging", which
 * the kernel frees at its death whatever the way; what belongs to the dead is
 * swept (sweep.c). No process id is compared, none can be used again.
 */
#include "spool/change_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static struct flock
octet(uint64_t owner)
{
	return (struct flock){
	    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)owner, .l_len = 1};
}

static int
open_staging(struct spool *s)
{
	if (s->stage_fd < 0)
		s->stage_fd =
		    openat(s->dir_fd, "staging", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return s->stage_fd < 0 ? -1 : 0;
}

/* A number whose octet is locked is another's, whose first transaction did not commit yet. */
static int
become_owner(struct txn *t)
{
	struct spool *s = t->s;
	struct flock lock;
	uint64_t owner;

	if (s->owner)
		return 0;
	if (open_staging(s) < 0)
		return txn_fail(t, SPOOL_SYSTEM, "staging: %s", strerror(errno));
	for (;;) {
		owner = t->n.next_number++;
		lock = octet(owner);
		if (fcntl(s->stage_fd, F_SETLK, &lock) == 0)
			break;
		if (errno != EAGAIN && errno != EACCES)
			return txn_fail(t, SPOOL_SYSTEM, "staging: %s", strerror(errno));
	}
	s->owner = owner;
	return 0;
}

bool
stage_is_dead(struct spool *s, uint64_t owner)
{
	struct flock lock = octet(owner);

	if (owner == s->owner || open_staging(s) < 0)
		return false;
	return fcntl(s->stage_fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
}

static int
put_owned(struct txn *t, uint64_t number, const struct owned_record *o)
{
	struct pack k = {0};

	record_pack_owned(&k, o);
	return txn_put_pack(t, DB_STAGED, key_staged(STAGED_OWNED, number), &k);
}

int
stage_forget(struct txn *t, uint64_t number, uint64_t bytes)
{
	t->n.staged_bytes -= bytes;
	return txn_del(t, DB_STAGED, key_staged(STAGED_OWNED, number)) < 0 ? -1 : 0;
}

static int
write_chunks(struct txn *t, struct spool_draft *d, uint64_t content, size_t n)
{
	struct owned_record o = {.chunks = d->chunks + content_chunks(n),
	                         .bytes = d->staged_bytes + content_stored(n)};

	if (room_admit(t, content_dirty(n), content_stored(n)) < 0 || become_owner(t) < 0)
		return -1;
	o.owner = t->s->owner;
	t->n.staged_bytes += content_stored(n);
	if (content_put(t, content, d->chunks, d->buf, n) < 0)
		return -1;
	return put_owned(t, content, &o);
}

static int
write_slice(struct spool_draft *d, size_t n)
{
	uint64_t content = d->content;
	struct txn t;

	if (txn_begin_write(&t, d->s) < 0)
		return -1;
	if (!content)
		content = t.n.next_number++;
	write_chunks(&t, d, content, n);
	if (txn_commit(&t) < 0)
		return -1;
	d->content = content;
	d->chunks += content_chunks(n);
	d->staged_bytes += content_stored(n);
	return 0;
}

int
stage_draft(struct spool_draft *d)
{
	size_t n = d->n / CHUNK_BYTES * CHUNK_BYTES;

	if (!d->hash) {
		if (!(d->hash = XXH3_createState()))
			return draft_fail(d, SPOOL_MEMORY, "out of memory");
		XXH3_128bits_reset(d->hash);
	}
	if (write_slice(d, n) < 0) {
		trouble_keep(&d->trouble, d->s);
		return -1;
	}
	XXH3_128bits_update(d->hash, d->buf, n);
	memmove(d->buf, d->buf + n, d->n - n);
	d->n -= n;
	return 0;
}

static void
drop_draft(struct spool_draft *d)
{
	struct txn t;

	if (txn_begin_write(&t, d->s) < 0)
		return;
	if (stage_forget(&t, d->content, d->staged_bytes) == 0 &&
	    content_discard(&t, d->content, d->chunks, d->staged_bytes) == 0)
		content_free_some(&t, FREE_CHUNKS);
	txn_commit(&t);
}

/*
 * Best effort: what cannot be dropped now is swept when we are gone. The
 * caller's own failure, which it may not have told yet, stays the last one.
 */
void
stage_drop_draft(struct spool_draft *d)
{
	struct trouble before = {0};

	if (!d->content)
		return;
	trouble_keep(&before, d->s);
	drop_draft(d);
	d->content = 0;
	spool_fail_again(d->s, &before);
}

static int
put_envelope(struct txn *t, struct spool_draft *d, uint64_t batch, uint32_t seq)
{
	struct pack k = {0};
	struct envelope e;
	uint64_t content;

	if (draft_put_rest(t, d, &content) < 0)
		return -1;
	e = draft_envelope(d, content);
	t->n.staged_bytes += e.m.charge;
	record_pack_envelope(&k, &e);
	return txn_put_pack(t, DB_STAGED, key_staged_seq(batch, seq), &k);
}

static uint64_t
charge_of_takes(const struct spool_change *c)
{
	uint64_t charge = 0;
	size_t i;

	for (i = c->staged; i < c->ntakes; i++)
		charge += draft_charge(c->takes[i].draft);
	return charge;
}

static int
write_envelopes(struct txn *t, struct spool_change *c, uint64_t batch)
{
	struct owned_record o = {.batch = 1};
	size_t i;

	if (room_admit(t, c->dirty, charge_of_takes(c)) < 0 || become_owner(t) < 0)
		return -1;
	o.owner = t->s->owner;
	for (i = c->staged; i < c->ntakes; i++)
		if (put_envelope(t, c->takes[i].draft, batch, (uint32_t)i) < 0)
			return -1;
	return c->batch ? 0 : put_owned(t, batch, &o);
}

int
stage_batch(struct spool_change *c)
{
	uint64_t batch = c->batch;
	struct envelope e;
	struct txn t;

	if (txn_begin_write(&t, c->s) < 0)
		return -1;
	if (!batch)
		batch = t.n.next_number++;
	write_envelopes(&t, c, batch);
	if (txn_commit(&t) < 0)
		return -1;
	c->batch = batch;
	for (; c->staged < c->ntakes; c->staged++) {
		struct take *take = &c->takes[c->staged];

		e = draft_envelope(take->draft, 0);
		c->batch_dirty += 2 * envelope_dirty(&e);
		take->draft->content = 0; /* the batch has it now */
		spool_draft_free(take->draft);
		take->draft = NULL;
	}
	c->dirty = 0;
	return 0;
}

static int
drop_envelope(struct txn *t, struct key k)
{
	struct spool_bytes v;
	struct envelope e;
	int found = txn_get(t, DB_STAGED, k, &v);

	if (found < 0)
		return -1;
	if (record_unpack_envelope(v, &e) < 0)
		return txn_damaged(t, DB_STAGED, k);
	t->n.staged_bytes -= e.m.charge;
	if (content_drop(t, e.m.content, e.m.size) < 0)
		return -1;
	return txn_del(t, DB_STAGED, k) < 0 ? -1 : 0;
}

static int
first_envelope(struct txn *t, uint64_t batch, struct key *k)
{
	struct key prefix = key_staged(STAGED_BATCH, batch);
	struct walk w;
	int found;

	if (walk_begin(&w, t, DB_STAGED) < 0)
		return -1;
	found = walk_from(&w, prefix);
	if (found > 0 && !walk_has(&w, prefix))
		found = 0;
	if (found > 0)
		*k = walk_key(&w);
	walk_end(&w);
	return found;
}

int
stage_drop_slice(struct txn *t, uint64_t batch)
{
	struct key k;
	int i, found;

	for (i = 0; i < FREE_CHUNKS; i++) {
		if ((found = first_envelope(t, batch, &k)) < 0)
			return -1;
		if (found == 0)
			return stage_forget(t, batch, 0);
		if (drop_envelope(t, k) < 0)
			return -1;
	}
	return 1;
}

void
stage_drop_batch(struct spool *s, uint64_t batch)
{
	struct trouble before = {0};
	struct txn t;
	int more = 1;

	trouble_keep(&before, s);

	while (more > 0 && txn_begin_write(&t, s) == 0) {
		more = stage_drop_slice(&t, batch);
		if (more >= 0)
			content_free_some(&t, FREE_CHUNKS);
		if (txn_commit(&t) < 0)
			break;
	}
	spool_fail_again(s, &before);
}
