/*
 * What a write transaction does, a question a file. Each returns 0 or -1 with
 * the error kept in the transaction.
 */
#ifndef SPOOL_APPLY_H
#define SPOOL_APPLY_H

#include "spool/txn.h"

/* ---- room.c: may this be accepted? ---- */

/* dirty: octets of pages it will write, about; charge: what it adds to the stored octets. */
int room_admit(struct txn *t, uint64_t dirty, uint64_t charge);

/* ---- content.c ---- */

uint32_t content_chunks(uint64_t size);
uint64_t content_stored(uint64_t size); /* octets on disk */
uint64_t content_dirty(uint64_t size);  /* octets of pages that writing it touches, about */
int content_put(struct txn *t, uint64_t content, uint32_t chunk, const uint8_t *p, size_t n);
int content_drop(struct txn *t, uint64_t content, uint64_t size); /* now, or as garbage */
/* Makes garbage of staged chunks; frees up to n chunks of garbage: 1 more is left, 0 none. */
int content_discard(struct txn *t, uint64_t content, uint32_t chunks, uint64_t bytes);
int content_free_some(struct txn *t, uint32_t n);

/* ---- due.c: the order of choosing ---- */

int due_put(struct txn *t, spool_id id, uint32_t rcpt, const struct delivery_record *d);
int due_del(struct txn *t, spool_id id, uint32_t rcpt, const struct delivery_record *d);
/* Of a delivery whose record cannot be read: looked for in the whole index. */
int due_forget(struct txn *t, spool_id id, uint32_t rcpt);

/* ---- dest.c ---- */

int dest_number(struct txn *t, struct spool_bytes name, spool_dest *out); /* a new one if needed */
int dest_rest(struct txn *t, spool_dest dest); /* forgets an idle one when there are many */

/* ---- journal.c ---- */

int journal_add(struct txn *t, spool_id id, int64_t now_s, struct spool_bytes line);
int journal_put(struct txn *t, spool_id id, uint32_t seq, int64_t at_s, struct spool_bytes line);
int journal_gone(struct txn *t, spool_id id, int64_t now_s); /* its lines grow old from now on */
int journal_trim(struct txn *t, int64_t now_s);

/* ---- accept.c ---- */

uint64_t envelope_charge(const struct envelope *e);
uint64_t envelope_dirty(const struct envelope *e);
/* A message or quarantined item becomes visible; its content is there already. */
int accept_put(struct txn *t, spool_id id, const struct envelope *e);

/* ---- settle.c ---- */

int mail_message(struct txn *t, spool_id id, struct message_record *m);
int mail_delivery(struct txn *t, spool_id id, uint32_t rcpt, struct delivery_record *d);
int settle_apply(struct txn *t, const struct spool_settlement *st);
/* A delivery leaves the index and the mail; the message's record is not touched. */
int delivery_leave(struct txn *t, spool_id id, uint32_t rcpt, const struct delivery_record *d);

/* ---- steer.c: the operator's changes ---- */

int steer_hold(struct txn *t, spool_id id, uint32_t rcpt);
int steer_release(struct txn *t, spool_id id, uint32_t rcpt, int64_t now_s);
int steer_retry(struct txn *t, spool_id id, uint32_t rcpt, int64_t now_s);
int steer_redirect(struct txn *t, spool_id id, uint32_t rcpt, const char *name, uint8_t rank);

/* ---- quarantine.c ---- */

int quarantine_put(struct txn *t, spool_id id, const struct quarantine_record *q);
int quarantine_damaged(struct txn *t, spool_id id, int64_t now_s);
int quarantine_remove(struct txn *t, spool_id id);
int quarantine_trim(struct txn *t, int64_t now_s);

/* ---- job.c, fact.c ---- */

int job_remember(struct txn *t, const struct spool_job *job, int64_t now_s);
int job_trim(struct txn *t, int64_t now_s);
int fact_put(struct txn *t, const char *name, struct spool_bytes value);

#endif
