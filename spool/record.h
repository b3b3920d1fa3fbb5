/*
 * Records: what is filed under the keys, as little-endian octets. Decoding
 * believes nothing: a record that is short, long or lies about a length gives
 * -1, never a read past its end.
 */
#ifndef SPOOL_RECORD_H
#define SPOOL_RECORD_H

#include "spool/pack.h"

struct counters {
	uint64_t messages, deliveries, held, bytes;
	uint64_t staged_bytes; /* content and envelopes no message has yet, or no more */
	uint64_t quarantined, quarantine_bytes, journal_bytes;
	uint64_t accepted, sent, never, deleted;
	uint64_t next_id, next_number, next_dest, dests;
	uint64_t ready_bytes; /* of the file: blocks written before, see room.c */
};
enum { COUNTERS = 17, COUNTERS_BYTES = COUNTERS * 8 };
void record_pack_counters(uint8_t out[COUNTERS_BYTES], const struct counters *c);
int record_unpack_counters(struct spool_bytes b, struct counters *c);

struct message_record {
	int64_t accepted_s;
	uint64_t size, charge; /* of the content; of everything, against the limit */
	uint64_t content;      /* its number */
	uint32_t recipients, pending;
	uint8_t uuid[16], digest[16];
	struct spool_bytes sender, attributes; /* borrowed */
};
void record_pack_message(struct pack *k, const struct message_record *m);
int record_unpack_message(struct spool_bytes b, struct message_record *m);

struct delivery_record {
	uint8_t state, rank, warned; /* enum spool_state */
	uint32_t dest, attempts, chance_s;
	int64_t due_s, last_s;
	struct spool_bytes recipient, words, attributes; /* borrowed */
};
void record_pack_delivery(struct pack *k, const struct delivery_record *d);
int record_unpack_delivery(struct spool_bytes b, struct delivery_record *d);

struct quarantine_record {
	int64_t at_s;
	uint64_t size, charge, content;
	uint8_t digest[16];
	struct spool_bytes reason, source; /* borrowed */
};
void record_pack_quarantine(struct pack *k, const struct quarantine_record *q);
int record_unpack_quarantine(struct spool_bytes b, struct quarantine_record *q);

/* One recipient of a draft. A draft keeps its recipients packed, one after another. */
struct recipient_record {
	uint8_t rank;
	struct spool_bytes recipient, destination, attributes; /* borrowed */
};
void record_pack_recipient(struct pack *k, const struct recipient_record *r);
int record_unpack_recipient(struct unpack *u, struct recipient_record *r);

/* A message, or something for quarantine, on its way in: all but the content. */
struct envelope {
	uint8_t quarantine; /* to be set aside, not queued */
	struct message_record m;
	struct spool_bytes recipients; /* packed recipient_records */
	struct spool_bytes notes;      /* packed lines */
	struct spool_bytes reason, source;
};
void record_pack_envelope(struct pack *k, const struct envelope *e);
int record_unpack_envelope(struct spool_bytes b, struct envelope *e);

/* Something staged by a process that may die. */
struct owned_record {
	uint64_t owner, bytes;
	uint32_t chunks; /* of content; 0 for a batch */
	uint8_t batch;
};
void record_pack_owned(struct pack *k, const struct owned_record *o);
int record_unpack_owned(struct spool_bytes b, struct owned_record *o);

/* A batch whose letters are accepted, and being made visible. */
struct promise_record {
	uint64_t first_id;
	uint32_t count, next;
};
void record_pack_promise(struct pack *k, const struct promise_record *p);
int record_unpack_promise(struct spool_bytes b, struct promise_record *p);

/* Content that no message has any more. */
struct garbage_record {
	uint64_t bytes;
	uint32_t chunks;
};
void record_pack_garbage(struct pack *k, const struct garbage_record *g);
int record_unpack_garbage(struct spool_bytes b, struct garbage_record *g);

#endif
