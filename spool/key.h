/*
 * Keys: numbers big endian, so that the order of octets is the order of
 * numbers. Times are biased by 2^63, so that one before 1970 sorts too.
 */
#ifndef SPOOL_KEY_H
#define SPOOL_KEY_H

#include "spool/spool_int.h"

struct key {
	size_t n;
	uint8_t b[FACT_NAME_BYTES + 8];
};

struct key key_text(const char *text);
struct key key_message(spool_id id);
struct key key_delivery(spool_id id, uint32_t rcpt);
struct key key_content(uint64_t content, uint32_t chunk);
struct key key_due(spool_dest dest, uint8_t rank, int64_t due_s, spool_id id, uint32_t rcpt);
struct key key_dest_name(const char *name);
struct key key_dest(spool_dest dest);
struct key key_journal(spool_id id, uint32_t seq);
struct key key_job(const struct spool_job *job);

/* What is trimmed by age. */
enum age { AGE_JOURNAL = 'J', AGE_QUARANTINE = 'Q' };
struct key key_age(enum age kind, int64_t at_s, spool_id id);

/* What lies in DB_STAGED. */
enum staged {
	STAGED_BATCH = 'B',   /* batch, seq -> envelope */
	STAGED_GARBAGE = 'G', /* content number -> chunks still to be freed */
	STAGED_PROMISE = 'P', /* batch -> promise */
	STAGED_OWNED = 'S',   /* number -> who staged it: gone when its owner is */
};
struct key key_staged(enum staged kind, uint64_t number);
struct key key_staged_seq(uint64_t batch, uint32_t seq);

/* Reading a key back; the caller has checked its length. */
uint64_t key_u64(const void *p, size_t at);
uint32_t key_u32(const void *p, size_t at);
int64_t key_time(const void *p, size_t at);

/* Lengths, and where the fields are. */
enum {
	KEY_MESSAGE = 8,
	KEY_DELIVERY = 12,
	KEY_CONTENT = 12,
	KEY_DUE = 25,
	KEY_DUE_RANK = 4,
	KEY_DUE_TIME = 5,
	KEY_DUE_ID = 13,
	KEY_DUE_RCPT = 21,
	KEY_DEST = 5,
	KEY_JOURNAL = 12,
	KEY_AGE = 17,
	KEY_AGE_TIME = 1,
	KEY_AGE_ID = 9,
	KEY_STAGED = 9,
	KEY_STAGED_SEQ = 13,
};

#endif
