/*
 * The queue: messages, their deliveries, and the journal of what became of
 * them, in one LMDB environment (DESIGN section 5). It knows nothing of mail
 * protocols: senders, recipients and attributes are octets to it.
 *
 * The life of a delivery (a message is gone when its last delivery is):
 *
 *   (none) --accept--> QUEUED --settle SENT--> gone, journalled
 *                      QUEUED --settle LATER-> QUEUED, due later
 *                      QUEUED --settle NEVER-> gone, journalled (the notice is
 *                                              accepted in the same change)
 *                      QUEUED --hold---------> HELD --release--> QUEUED
 *                      QUEUED, HELD --delete-> gone, journalled
 *                      (a message found damaged) --> quarantine
 *
 * Success means durable: spool_commit() returns 0 after the commit's sync.
 * Functions return 0, or -1 with spool_status() and spool_error() telling why:
 * each thread is told of its own last failure. A struct spool and what was
 * made from it belong to one thread at a time, except the functions marked
 * [any thread].
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct spool;
struct spool_draft;
struct spool_change;

typedef uint64_t spool_id;   /* a message; rises with each acceptance; 0 is none */
typedef uint32_t spool_dest; /* a destination: what of a recipient decides its route; 0 is none */

struct spool_bytes {
	const void *p; /* borrowed unless said; never NULL when n > 0 */
	size_t n;
};

enum spool_status {
	SPOOL_OK,
	SPOOL_FULL,      /* the limit or the disk's reserve is reached: accept later */
	SPOOL_BUSY,      /* a lock was not had before the deadline: try later */
	SPOOL_NONE,      /* no spool there, or no such message, or nothing left */
	SPOOL_EXISTS,    /* create: there is one already */
	SPOOL_DUPLICATE, /* the job was accepted before: nothing was changed */
	SPOOL_TOO_LARGE, /* the message passes the bound */
	SPOOL_DAMAGED,   /* stored bytes do not match their digest, or the environment is broken */
	SPOOL_FORMAT,    /* written by another version */
	SPOOL_REFUSED,   /* network file system, another word size or PID namespace, wrong owner */
	SPOOL_MEMORY,
	SPOOL_SYSTEM, /* a system call failed */
};

struct spool_options {
	const char *directory;
	uint64_t limit_bytes;   /* stored octets that accepting may reach; 0: none */
	uint64_t reserve_bytes; /* kept free on the disk, for settling */
	uint64_t message_bytes; /* largest message; 0: 2 GiB */
	unsigned lock_wait_ms;  /* deadline of the outer lock and the gate */
	unsigned journal_days, quarantine_days, job_days;
	uint64_t journal_bytes, quarantine_bytes;
	unsigned uid_from_owner; /* when root: become the directory's owner first */
};

/* ---- the environment ---- */

/* Makes an empty spool in an existing or new directory, mode 0700; never over an existing one. */
int spool_create(const struct spool_options *o, char *why, size_t why_size);
/*
 * Opens it, holding the gate shared until closed. *out is always set (unless
 * out of memory), so that its error can be read; close it in any case.
 */
int spool_open(struct spool **out, const struct spool_options *o);
void spool_close(struct spool *s);                     /* NULL is allowed */
enum spool_status spool_status(const struct spool *s); /* of the last failure */
const char *spool_error(const struct spool *s);        /* in words; borrowed */
const char *spool_status_name(enum spool_status st);

/* Holds the spool as its one daemon until closed; SPOOL_BUSY when another does. */
int spool_claim(struct spool *s);
/* Whether a daemon holds it now. [any thread] */
bool spool_claimed(struct spool *s);
/* The wake-up: a FIFO beside the data. The daemon reads fd (nonblocking); others wake it. */
int spool_wake_fd(struct spool *s); /* opens it for reading; owned by s; -1 on failure */
void spool_wake(struct spool *s);   /* never blocks, never fails: nobody listening is fine */

/* ---- drafts: a message being taken in ---- */

/*
 * Content is held in memory up to a bound and staged on disk past it, under an
 * id nobody sees. No lock is held between calls.
 */
struct spool_draft *spool_draft_new(struct spool *s); /* NULL: out of memory */
void spool_draft_free(struct spool_draft *d);
int spool_draft_write(struct spool_draft *d, const void *p, size_t n);
uint64_t spool_draft_size(const struct spool_draft *d);
int spool_draft_sender(struct spool_draft *d, const char *sender); /* "" is the null sender */
int spool_draft_attributes(struct spool_draft *d,
                           struct spool_bytes b); /* opaque, with the message */
/*
 * One delivery. `rank` orders the deliveries of a destination, 0 first;
 * above 254 is 254. `destination` is text; attributes are opaque and kept with
 * the delivery.
 */
int spool_draft_recipient(struct spool_draft *d, const char *recipient, const char *destination,
                          uint8_t rank, struct spool_bytes attributes);
unsigned spool_draft_recipients(const struct spool_draft *d);
/* A line for the message's journal, written with its acceptance. */
int spool_draft_note(struct spool_draft *d, const char *line);

/* ---- changes: what becomes durable together ---- */

/*
 * A change gathers; nothing is locked or written (but staged content) until
 * spool_commit(). The first error sticks: later calls do nothing, commit says
 * it. A change is durable whole or not at all, however many messages it holds.
 * One too large for a single transaction is staged where nobody looks, promised
 * by its last synced transaction, and then becomes visible in the order of its
 * ids, a slice at a time; a promise that a crash interrupts is kept by whoever
 * comes next.
 *
 * Accepting stops at the limit and at the reserve (SPOOL_FULL); settling does
 * not. In a change that settles, drafts with the null sender (notices) count
 * as settling. A change refused did nothing: keep what others send in changes
 * of its own, apart from settlements.
 */
struct spool_change *spool_change_new(struct spool *s);
void spool_change_free(struct spool_change *c);
/*
 * Operations are never staged: they are one transaction, and each has a
 * handful of pages in memory until it ends, scattered ones up to 40 KiB. Who
 * has many that need not be durable together begins another change when this
 * says so. What concerns one message stays together and is bounded by its
 * recipients.
 */
bool spool_change_is_large(const struct spool_change *c);

/* Takes the draft (freed with the change). The id is given at commit, to *id if not NULL. */
int spool_accept(struct spool_change *c, struct spool_draft *d, int64_t now_s, spool_id *id);

/* Why bytes were set aside. */
#define SPOOL_SOURCE 65536 /* octets of a source, its NUL counted; a longer one is cut */

struct spool_quarantined {
	const char *reason; /* one line */
	const char *source; /* who brought it, one line */
};
int spool_quarantine(struct spool_change *c, struct spool_draft *d, int64_t now_s,
                     const struct spool_quarantined *why, spool_id *id);

/*
 * The identity of a job of uuxqt (FACTS D3.4): if it is already known, commit
 * fails with SPOOL_DUPLICATE and changes nothing; else it is remembered.
 */
struct spool_job {
	const char *system;
	struct stat file;   /* of standard input: inode, mtime in ns, size */
	uint8_t digest[16]; /* over arguments and content */
};
int spool_job(struct spool_change *c, const struct spool_job *job, int64_t now_s);

enum spool_outcome { SPOOL_SENT, SPOOL_LATER, SPOOL_NEVER, SPOOL_DELETED };

struct spool_settlement {
	spool_id id;
	uint32_t rcpt; /* or SPOOL_ALL, unless LATER */
	enum spool_outcome outcome;
	int64_t now_s;
	int64_t due_s;     /* LATER: not before */
	uint32_t chance_s; /* LATER: seconds of chance so far, replaces the stored count */
	bool attempted;    /* LATER: counts as an attempt */
	bool warned;       /* a delay notice has gone out */
	const char *words; /* last reply, kept with the delivery; NULL keeps the old */
};
int spool_settle(struct spool_change *c, const struct spool_settlement *st);

/* Operator's changes; rcpt SPOOL_ALL means every delivery of the message. */
#define SPOOL_ALL UINT32_MAX
int spool_hold(struct spool_change *c, spool_id id, uint32_t rcpt);
int spool_release(struct spool_change *c, spool_id id, uint32_t rcpt, int64_t now_s);
int spool_retry(struct spool_change *c, spool_id id, uint32_t rcpt, int64_t now_s); /* due now */
/* Gives a delivery another destination (the tables changed, or an alias). */
int spool_redirect(struct spool_change *c, spool_id id, uint32_t rcpt, const char *destination,
                   uint8_t rank);

/*
 * An unknown or already settled id makes commit fail with SPOOL_NONE: nothing
 * of the change was done.
 */

/* A line of the journal: about a message, or with id 0 about the system (links). */
int spool_note(struct spool_change *c, spool_id id, int64_t now_s, const char *line);

/* Small durable facts under a name, such as link states and clocks; n = 0 removes. */
int spool_fact(struct spool_change *c, const char *name, struct spool_bytes value);

/* Makes it durable, then visible. Free the change in any case, and make a new one for more. */
int spool_commit(struct spool_change *c);

/* ---- looking: each call opens and ends its own read transaction [any thread] ---- */

enum spool_state { SPOOL_QUEUED, SPOOL_HELD };

/* Owned copy; spool_message_free(). */
struct spool_message {
	spool_id id;
	int64_t accepted_s;
	uint64_t size;
	uint32_t recipients; /* at acceptance */
	uint32_t pending;    /* still here */
	uint8_t uuid[16];
	char *sender;
	struct spool_bytes attributes; /* owned */
};

/* Owned copy; spool_delivery_free(). */
struct spool_delivery {
	spool_id id;
	uint32_t rcpt;
	enum spool_state state;
	spool_dest dest;
	uint8_t rank;
	uint32_t attempts;
	uint32_t chance_s;
	bool warned;
	int64_t due_s;
	int64_t last_s; /* last attempt; 0 none */
	char *recipient;
	char *words;                   /* last reply; "" none */
	struct spool_bytes attributes; /* owned */
};

int spool_message_get(struct spool *s, spool_id id, struct spool_message *out);
void spool_message_free(struct spool_message *m);
int spool_delivery_get(struct spool *s, spool_id id, uint32_t rcpt, struct spool_delivery *out);
void spool_delivery_free(struct spool_delivery *d);
/* The deliveries of one message, from rcpt on; *n in: room, out: filled. */
int spool_deliveries(struct spool *s, spool_id id, uint32_t from_rcpt, struct spool_delivery *out,
                     size_t *n);
/* Message ids above `after` in rising order (or below `before`, falling, newest first). */
int spool_list(struct spool *s, spool_id after, spool_id *out, size_t *n);
int spool_list_newest(struct spool *s, spool_id before, spool_id *out, size_t *n);

/*
 * Content, copied out a piece at a time. Opening checks the whole digest
 * (SPOOL_DAMAGED: the caller quarantines the message with spool_damaged()).
 */
struct spool_content;
int spool_content_open(struct spool *s, spool_id id, struct spool_content **out, uint64_t *size);
/* Up to room octets from offset; *n 0 at the end. */
int spool_content_read(struct spool_content *c, uint64_t offset, void *p, size_t room, size_t *n);
void spool_content_close(struct spool_content *c);
int spool_damaged(struct spool_change *c, spool_id id, int64_t now_s); /* message -> quarantine */

/*
 * Choosing. For one destination, deliveries that are QUEUED in order of (rank,
 * due, id), after `after` (all zero: from the start), due not later than
 * now_s. *n in: room, out: filled. *next_due_s: the earliest due time that is
 * still ahead for this destination, INT64_MAX when none.
 */
struct spool_choice {
	uint8_t rank;
	int64_t due_s;
	spool_id id;
	uint32_t rcpt;
};
int spool_choose(struct spool *s, spool_dest dest, const struct spool_choice *after, int64_t now_s,
                 struct spool_choice *out, size_t *n, int64_t *next_due_s);

/* Destinations with queued deliveries, by number, after `after`; the cost is what it returns. */
struct spool_destination {
	spool_dest dest;
	char name[320]; /* a longer one is cut and hashed by the spool */
};
int spool_destinations(struct spool *s, spool_dest after, struct spool_destination *out, size_t *n);
int spool_destination_get(struct spool *s, spool_dest dest, struct spool_destination *out);

struct spool_counts {
	uint64_t messages, deliveries, held, bytes; /* queued; bytes as stored */
	uint64_t quarantined, quarantine_bytes;
	uint64_t accepted, sent, never, deleted; /* since the spool was made */
	uint64_t file_bytes, disk_free_bytes;
	spool_id newest;
};
int spool_counts(struct spool *s, struct spool_counts *out); /* O(1) */

/*
 * Journal: lines in order; each() returns nonzero to stop, and is called with
 * no transaction open: it may write to a slow terminal. id 0: the system's own.
 */
typedef int spool_journal_fn(void *arg, spool_id id, int64_t at_s, const char *line, size_t n);
int spool_journal(struct spool *s, spool_id id, spool_journal_fn *each, void *arg);
/* Ids below `before` that have lines, falling, the system's left out. *n in: room, out: filled. */
int spool_journalled(struct spool *s, spool_id before, spool_id *out, size_t *n);

/* *n is the length of the whole value, even when room was less. SPOOL_NONE: no such fact. */
int spool_fact_get(struct spool *s, const char *name, void *p, size_t room, size_t *n);
/*
 * Facts whose names begin with `prefix` ("": all), in the order of their
 * octets, after the name `after` ("": from the first). each() returns nonzero
 * to stop, and is called with no transaction open; what it is given is borrowed
 * until it returns. 0, also when it stopped or there was none, or -1.
 */
typedef int spool_fact_fn(void *arg, const char *name, struct spool_bytes value);
int spool_facts(struct spool *s, const char *prefix, const char *after, spool_fact_fn *each,
                void *arg);

/* Quarantine: ids after `after`; content by spool_content_open(). */
struct spool_quarantine_item {
	spool_id id;
	int64_t at_s;
	uint64_t size;
	char reason[300], source[300]; /* cut to fit */
};
int spool_quarantine_list(struct spool *s, spool_id after, struct spool_quarantine_item *out,
                          size_t *n);
/* The whole source: *n its length, even when room was less. SPOOL_NONE: no such item. */
int spool_quarantine_source(struct spool *s, spool_id id, char *out, size_t room, size_t *n);
int spool_quarantine_drop(struct spool_change *c, spool_id id);

/* ---- care ---- */

/* Names of messages as people type them: "01-6JE"-like, unambiguous, case-blind. */
#define SPOOL_ID_TEXT 16
const char *spool_id_text(spool_id id, char out[SPOOL_ID_TEXT]);
int spool_id_parse(const char *text, spool_id *out); /* 0 or -1 */

/*
 * A process that used the spool died of a signal: the next to open it looks at
 * it in a child of its own first. Safe when there is no spool, and in a signal
 * handler.
 */
void spool_suspect(const char *directory);

/*
 * Removes what a crash left staged and finishes what was promised: for the
 * daemon's start, and now and then while it is idle. Each transaction is
 * bounded, and with nothing to do it costs three reads.
 */
int spool_sweep(struct spool *s);
/* Reads every page and checks every digest and index; each fault is told. *faults counts them. */
typedef void spool_fault_fn(void *arg, const char *words);
int spool_verify(struct spool *s, spool_fault_fn *tell, void *arg, uint64_t *faults);
int spool_backup(struct spool *s, const char *to_directory); /* in slices: no reader lives long */
/* Both hold the gate alone, so no one may have it open; s is not used after. */
int spool_compact(const struct spool_options *o, char *why, size_t why_size);
int spool_restore(const struct spool_options *o, const char *from_directory, char *why,
                  size_t why_size);

#endif
