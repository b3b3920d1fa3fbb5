/*
 * What are things filed under? See key.h.
 */
#include "spool/key.h"

#include <string.h>

static void
add(struct key *k, const void *p, size_t n)
{
	if (n > sizeof k->b - k->n)
		n = sizeof k->b - k->n;
	memcpy(k->b + k->n, p, n);
	k->n += n;
}

static void
add_u8(struct key *k, uint8_t v)
{
	add(k, &v, 1);
}

static void
add_u32(struct key *k, uint32_t v)
{
	add_u8(k, (uint8_t)(v >> 24));
	add_u8(k, (uint8_t)(v >> 16));
	add_u8(k, (uint8_t)(v >> 8));
	add_u8(k, (uint8_t)v);
}

static void
add_u64(struct key *k, uint64_t v)
{
	add_u32(k, (uint32_t)(v >> 32));
	add_u32(k, (uint32_t)v);
}

static void
add_time(struct key *k, int64_t t)
{
	add_u64(k, (uint64_t)t ^ (UINT64_C(1) << 63));
}

uint32_t
key_u32(const void *p, size_t at)
{
	const uint8_t *b = (const uint8_t *)p + at;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

uint64_t
key_u64(const void *p, size_t at)
{
	return (uint64_t)key_u32(p, at) << 32 | key_u32(p, at + 4);
}

int64_t
key_time(const void *p, size_t at)
{
	return (int64_t)(key_u64(p, at) ^ (UINT64_C(1) << 63));
}

struct key
key_text(const char *text)
{
	struct key k = {.n = 0};

	add(&k, text, strlen(text));
	return k;
}

struct key
key_message(spool_id id)
{
	struct key k = {.n = 0};

	add_u64(&k, id);
	return k;
}

struct key
key_delivery(spool_id id, uint32_t rcpt)
{
	struct key k = {.n = 0};

	add_u64(&k, id);
	add_u32(&k, rcpt);
	return k;
}

struct key
key_content(uint64_t content, uint32_t chunk)
{
	return key_delivery(content, chunk);
}

struct key
key_journal(spool_id id, uint32_t seq)
{
	return key_delivery(id, seq);
}

struct key
key_due(spool_dest dest, uint8_t rank, int64_t due_s, spool_id id, uint32_t rcpt)
{
	struct key k = {.n = 0};

	add_u32(&k, dest);
	add_u8(&k, rank);
	add_time(&k, due_s);
	add_u64(&k, id);
	add_u32(&k, rcpt);
	return k;
}

struct key
key_dest_name(const char *name)
{
	struct key k = {.n = 0};

	add_u8(&k, 'N');
	add(&k, name, strlen(name));
	return k;
}

struct key
key_dest(spool_dest dest)
{
	struct key k = {.n = 0};

	add_u8(&k, 'I');
	add_u32(&k, dest);
	return k;
}

/* By the file's time first, so that the memory of jobs is about in the order of its age. */
struct key
key_job(const struct spool_job *job)
{
	struct key k = {.n = 0};

	add_time(&k, job->file.st_mtim.tv_sec);
	add_u32(&k, (uint32_t)job->file.st_mtim.tv_nsec);
	add_u64(&k, (uint64_t)job->file.st_ino);
	add_u64(&k, (uint64_t)job->file.st_size);
	add(&k, job->digest, sizeof job->digest);
	add(&k, job->system, strnlen(job->system, SYSTEM_BYTES));
	return k;
}

struct key
key_age(enum age kind, int64_t at_s, spool_id id)
{
	struct key k = {.n = 0};

	add_u8(&k, (uint8_t)kind);
	add_time(&k, at_s);
	add_u64(&k, id);
	return k;
}

struct key
key_staged(enum staged kind, uint64_t number)
{
	struct key k = {.n = 0};

	add_u8(&k, (uint8_t)kind);
	add_u64(&k, number);
	return k;
}

struct key
key_staged_seq(uint64_t batch, uint32_t seq)
{
	struct key k = key_staged(STAGED_BATCH, batch);

	add_u32(&k, seq);
	return k;
}
