/*
 * Where is a message's content? In chunks that fill whole pages: LMDB keeps a
 * large value in one run of pages, and long runs of many lengths would leave
 * gaps that nothing fits. Content has a number of its own, since it may be
 * written long before its message has an id, and outlive it for a while:
 * freeing a large one at once would be a large transaction, so it becomes
 * garbage, freed a few chunks at a time beside later commits.
 *
 * Reading copies out in short transactions. The whole is checked against its
 * digest when it is opened; numbers are never used again, so what is read
 * afterwards is what was checked, or gone.
 */
#include "spool/apply.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
	DIRECT_CHUNKS = 64, /* freed at once with the message */
	SMALL_CHUNKS = 4,   /* read into memory when opened */
	CHECK_CHUNKS = 64,  /* looked through in one read transaction */
	PAGE = 4096,
};

uint32_t
content_chunks(uint64_t size)
{
	return (uint32_t)((size + CHUNK_BYTES - 1) / CHUNK_BYTES);
}

static size_t
chunk_length(uint64_t size, uint32_t chunk)
{
	uint64_t left = size - (uint64_t)chunk * CHUNK_BYTES;

	return left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
}

uint64_t
content_stored(uint64_t size)
{
	uint64_t tail = size % CHUNK_BYTES, whole = size / CHUNK_BYTES * (CHUNK_BYTES + 16);

	if (tail <= LEAF_BYTES)
		return whole + tail;
	return whole + (tail + 16 + PAGE - 1) / PAGE * PAGE;
}

uint64_t
content_dirty(uint64_t size)
{
	return content_stored(size) + (size % CHUNK_BYTES <= LEAF_BYTES ? size % CHUNK_BYTES : 0);
}

int
content_put(struct txn *t, uint64_t content, uint32_t chunk, const uint8_t *p, size_t n)
{
	size_t at, part;

	for (at = 0; at < n; at += part) {
		part = n - at < CHUNK_BYTES ? n - at : CHUNK_BYTES;
		if (txn_put(t, DB_CONTENT, key_content(content, chunk++),
		            (struct spool_bytes){p + at, part}) < 0)
			return -1;
	}
	return 0;
}

static int
put_garbage(struct txn *t, uint64_t content, const struct garbage_record *g)
{
	struct pack k = {0};

	record_pack_garbage(&k, g);
	return txn_put_pack(t, DB_STAGED, key_staged(STAGED_GARBAGE, content), &k);
}

int
content_discard(struct txn *t, uint64_t content, uint32_t chunks, uint64_t bytes)
{
	struct garbage_record g = {.bytes = bytes, .chunks = chunks};

	t->n.staged_bytes += bytes;
	return put_garbage(t, content, &g);
}

int
content_drop(struct txn *t, uint64_t content, uint64_t size)
{
	uint32_t chunk, chunks = content_chunks(size);

	if (chunks > DIRECT_CHUNKS)
		return content_discard(t, content, chunks, content_stored(size));
	for (chunk = 0; chunk < chunks; chunk++)
		if (txn_del(t, DB_CONTENT, key_content(content, chunk)) < 0)
			return -1;
	return 0;
}

static int
free_from(struct txn *t, uint64_t content, struct garbage_record *g, uint32_t *room)
{
	uint64_t share;

	while (g->chunks > 0 && *room > 0) {
		share = g->bytes / g->chunks;
		if (txn_del(t, DB_CONTENT, key_content(content, --g->chunks)) < 0)
			return -1;
		g->bytes -= share;
		t->n.staged_bytes -= share;
		--*room;
	}
	if (g->chunks > 0)
		return put_garbage(t, content, g);
	return txn_del(t, DB_STAGED, key_staged(STAGED_GARBAGE, content)) < 0 ? -1 : 0;
}

int
content_free_some(struct txn *t, uint32_t room)
{
	struct key first = {.n = 1, .b = {STAGED_GARBAGE}};
	struct garbage_record g;
	uint64_t content = 0;
	struct walk w;
	int found;

	for (;;) {
		if (walk_begin(&w, t, DB_STAGED) < 0)
			return -1;
		found = walk_from(&w, first);
		if (found > 0 && (!walk_has(&w, first) || w.key.n != KEY_STAGED))
			found = 0;
		if (found > 0 && record_unpack_garbage(w.val, &g) < 0)
			found = txn_damaged(t, DB_STAGED, walk_key(&w));
		if (found > 0)
			content = key_u64(w.key.p, 1);
		walk_end(&w);
		if (found <= 0 || room == 0)
			return found;
		if (free_from(t, content, &g, &room) < 0)
			return -1;
	}
}

struct spool_content {
	struct spool *s;
	spool_id id;
	uint64_t content, size;
	uint8_t digest[16];
	bool quarantined; /* known to be odd: not checked */
	uint8_t *small;   /* owned: all of it, when it is small */
};

static int
find(struct txn *t, spool_id id, struct spool_content *c)
{
	struct quarantine_record q;
	struct message_record m;
	struct spool_bytes v;
	int found = txn_get(t, DB_MAIL, key_message(id), &v);

	if (found > 0 && record_unpack_message(v, &m) < 0)
		return txn_damaged(t, DB_MAIL, key_message(id));
	if (found > 0) {
		c->content = m.content;
		c->size = m.size;
		memcpy(c->digest, m.digest, sizeof c->digest);
		return 0;
	}
	if (found == 0)
		found = txn_get(t, DB_QUARANTINE, key_message(id), &v);
	if (found < 0)
		return -1;
	if (found == 0)
		return txn_fail(t, SPOOL_NONE, "there is no such message");
	if (record_unpack_quarantine(v, &q) < 0)
		return txn_damaged(t, DB_QUARANTINE, key_message(id));
	c->content = q.content;
	c->size = q.size;
	c->quarantined = true;
	return 0;
}

/*
 * One chunk as it must be: there, and of its length. Its message may have been
 * settled since the last transaction; what is missing then is no damage.
 */
static int
get_chunk(struct txn *t, const struct spool_content *c, uint32_t chunk, struct spool_bytes *v)
{
	int found = txn_get(t, DB_CONTENT, key_content(c->content, chunk), v);
	struct spool_content now;

	if (found < 0)
		return -1;
	if (found > 0 && v->n == chunk_length(c->size, chunk))
		return 0;
	if (find(t, c->id, &now) < 0)
		return -1;
	return txn_fail(t, SPOOL_DAMAGED, "a piece of the content is missing");
}

/* Hands chunks [from, to) to the hash and, if there is one, the small copy. */
static int
pass(struct spool_content *c, uint32_t from, uint32_t to, XXH3_state_t *hash)
{
	struct spool_bytes v;
	struct txn t;

	if (txn_begin_read(&t, c->s) < 0)
		return -1;
	for (; from < to && get_chunk(&t, c, from, &v) == 0; from++) {
		XXH3_128bits_update(hash, v.p, v.n);
		if (c->small)
			memcpy(c->small + (size_t)from * CHUNK_BYTES, v.p, v.n);
	}
	txn_abort(&t);
	return t.trouble.status ? -1 : 0;
}

static int
check(struct spool_content *c)
{
	uint32_t at, to, chunks = content_chunks(c->size);
	XXH3_state_t *hash = XXH3_createState();
	XXH128_canonical_t digest;
	int rc = 0;

	if (!hash)
		return spool_fail(c->s, SPOOL_MEMORY, "out of memory");
	XXH3_128bits_reset(hash);
	for (at = 0; at < chunks && rc == 0; at = to) {
		to = chunks - at < CHECK_CHUNKS ? chunks : at + CHECK_CHUNKS;
		rc = pass(c, at, to, hash);
	}
	XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(hash));
	XXH3_freeState(hash);
	if (rc == 0 && memcmp(digest.digest, c->digest, sizeof c->digest) != 0)
		rc = spool_fail(c->s, SPOOL_DAMAGED, "the content does not match its digest");
	return rc;
}

int
spool_content_open(struct spool *s, spool_id id, struct spool_content **out, uint64_t *size)
{
	struct spool_content *c = calloc(1, sizeof *c);
	struct txn t;
	int rc;

	*out = NULL;
	if (!c)
		return spool_fail(s, SPOOL_MEMORY, "out of memory");
	c->s = s;
	c->id = id;
	rc = txn_begin_read(&t, s);
	if (rc == 0)
		rc = find(&t, id, c);
	txn_abort(&t);
	if (rc == 0 && !c->quarantined && content_chunks(c->size) <= SMALL_CHUNKS &&
	    !(c->small = malloc((size_t)c->size + 1)))
		rc = spool_fail(s, SPOOL_MEMORY, "out of memory");
	if (rc == 0 && !c->quarantined)
		rc = check(c);
	if (rc < 0) {
		spool_content_close(c);
		return -1;
	}
	*out = c;
	*size = c->size;
	return 0;
}

static int
read_chunks(struct spool_content *c, uint64_t offset, uint8_t *p, size_t room, size_t *n)
{
	uint32_t chunk = (uint32_t)(offset / CHUNK_BYTES);
	size_t skip = (size_t)(offset % CHUNK_BYTES), part;
	struct spool_bytes v;
	struct txn t;

	if (txn_begin_read(&t, c->s) < 0)
		return -1;
	for (; *n < room && get_chunk(&t, c, chunk, &v) == 0; chunk++, skip = 0) {
		part = v.n - skip < room - *n ? v.n - skip : room - *n;
		memcpy(p + *n, (const uint8_t *)v.p + skip, part);
		*n += part;
	}
	txn_abort(&t);
	return t.trouble.status ? -1 : 0;
}

int
spool_content_read(struct spool_content *c, uint64_t offset, void *p, size_t room, size_t *n)
{
	*n = 0;
	if (offset >= c->size)
		return 0;
	if (room > c->size - offset)
		room = (size_t)(c->size - offset);
	if (room > CHECK_CHUNKS * (size_t)CHUNK_BYTES)
		room = CHECK_CHUNKS * (size_t)CHUNK_BYTES;
	if (!c->small)
		return read_chunks(c, offset, p, room, n);
	memcpy(p, c->small + offset, room);
	*n = room;
	return 0;
}

void
spool_content_close(struct spool_content *c)
{
	if (!c)
		return;
	free(c->small);
	free(c);
}
