/*
 * What spool's own files share: the handle, the databases in the environment,
 * the bounds. Records are in record.h, keys in key.h, transactions in txn.h.
 */
#ifndef SPOOL_INT_H
#define SPOOL_INT_H

#include "spool/spool.h"

#include <lmdb.h>
#include <stdatomic.h>

enum {
	SPOOL_FORMAT_VERSION = 1,
	CHUNK_BYTES = 4 * 4096 - 16,    /* fills an overflow run of four pages: its header is 16 */
	LEAF_BYTES = 2000,              /* content up to this lies in a leaf, beside its key */
	DRAFT_BYTES = 64 * CHUNK_BYTES, /* of one draft in memory, before it is staged */
	SLICE_BYTES = 4 << 20,          /* dirty pages of one transaction, about */
	TEXT_BYTES = 65535,             /* a sender, a recipient, attributes, words, a line */
	OPS_ENOUGH = 1024,              /* in one change, where they can be apart */
	RECIPIENTS_MAX = 16384,         /* of one message: its records are one transaction */
	NAME_BYTES = 320,               /* of a destination, with the NUL */
	FACT_NAME_BYTES = 400,          /* LMDB's keys end at 511 */
	FACT_BYTES = 65535,
	SYSTEM_BYTES = 255, /* of the name of a job's system */
	RANK_HELD = 255,    /* held deliveries wait in the index behind every rank */
	DESTS_KEPT = 4096,  /* names that idle destinations may keep */
	TRIM_ITEMS = 32,    /* old things removed beside one settlement */
	FREE_CHUNKS = 256,  /* chunks freed beside one settlement */
};

/* The databases; their names are in open.c. */
enum db {
	DB_MAIN,       /* "format", "counters", and LMDB's own table of the others */
	DB_MAIL,       /* id -> message; id, rcpt -> delivery */
	DB_CONTENT,    /* content number, chunk -> octets */
	DB_DUE,        /* dest, rank, due, id, rcpt -> nothing: the order of choosing */
	DB_DEST,       /* N name -> dest; I dest -> name */
	DB_JOURNAL,    /* id, seq -> time, line */
	DB_JOB,        /* the identity of a job's file -> when it was accepted */
	DB_QUARANTINE, /* id -> quarantined item */
	DB_AGE,        /* kind, time, id -> nothing: what is trimmed, the oldest first */
	DB_FACT,       /* name -> value */
	DB_STAGED,     /* what is written and not yet, or no longer, part of a message */
	DB_COUNT
};

/* A failure that sticks to what it happened to. */
struct trouble {
	enum spool_status status;
	char words[320];
};

struct spool {
	struct spool_options o; /* directory owned */
	int dir_fd;
	int gate_fd;  /* held shared while open */
	int lock_fd;  /* the outer lock's file */
	int claim_fd; /* -1 unless this is the daemon */
	int stage_fd; /* -1 until something was staged */
	int wake_fd, wake_keep_fd;
	MDB_env *env;
	MDB_dbi dbi[DB_COUNT];
	uint64_t owner;       /* of what we stage; 0 until something was */
	uint64_t slice_bytes; /* SLICE_BYTES; tests make it small */
	unsigned writes;      /* transactions begun */
	atomic_bool dead;     /* a write failed: nothing here can be believed any more */
};

/* ---- error.c ---- */

/* Each keeps status and words for the calling thread and returns -1. */
int spool_fail(const struct spool *s, enum spool_status st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int spool_fail_errno(const struct spool *s, int err, const char *what); /* "what: words of err" */
int spool_fail_mdb(struct spool *s, int rc, const char *what);
int spool_fail_again(const struct spool *s, const struct trouble *t); /* tells t once more */
void trouble_keep(struct trouble *t,
                  const struct spool *s); /* the thread's last; the first stays */

/* ---- place.c: is this a directory that can hold a spool? ---- */

int place_open(struct spool *s);       /* sets dir_fd */
const char *place_refused(long magic); /* the name of a file system that cannot, or NULL */
int place_sync(struct spool *s);       /* fsync of the directory */

/* ---- lock.c: locks that are waited for with a deadline ---- */

enum { LOCK_SHARED, LOCK_ALONE };
int lock_file(int fd, int how, unsigned wait_ms); /* 0, 1 not had in time, -1 errno */
int lock_open(struct spool *s);                   /* sets lock_fd */
int lock_take(struct spool *s);                   /* the outer lock */
void lock_drop(struct spool *s);

/* ---- gate.c ---- */

int gate_enter(struct spool *s);              /* shared; there must be a gate */
int gate_alone(struct spool *s, bool create); /* alone; with create, makes the gate */

/* ---- open.c ---- */

int spool_start(struct spool **out, const struct spool_options *o); /* allocates, opens nothing */
int spool_why(const struct spool *s, char *why, size_t why_size);   /* copies the words; -1 */

/* ---- env.c ---- */

int env_open(struct spool *s, const char *directory); /* LMDB's part, under the outer lock */
int env_make(struct spool *s, const char *directory); /* likewise, of a new, empty one */
void env_close(struct spool *s);

/* ---- create.c: building beside the spool, in its directory "aside" ---- */

int create_aside_begin(struct spool *s, char *path, size_t size); /* an empty one; its path */
void create_aside_end(struct spool *s);                           /* removes it */
int directory_make(struct spool *s);                              /* the spool's own, if missing */

/* ---- suspect.c: looking in a child, which damaged pages may kill ---- */

enum look { LOOK_LIGHT, LOOK_STRUCTURE, LOOK_CONTENT };

bool suspect_is(const struct spool *s);
void suspect_mark(const struct spool *s);
void suspect_clear(const struct spool *s);
/*
 * 0 when all could be read, whatever the faults; 1 when it could not, or the
 * child died of it; -1 when it could not begin.
 */
int look_in_child(struct spool *s, const char *directory, enum look depth, spool_fault_fn *tell,
                  void *arg, uint64_t *faults);
/*
 * Whether it can be read to its end: 0, or -1 with SPOOL_DAMAGED. A fault in a
 * record is no reason to stop all mail: who meets it deals with it.
 */
int look_readable(struct spool *s, const char *directory, enum look depth);

/* ---- verify.c ---- */

/*
 * Looks through an open environment; *faults counts what was told. 0 all was
 * read, 1 some of it cannot be (and was told), -1 nothing can.
 */
int verify_env(struct spool *s, enum look depth, spool_fault_fn *tell, void *arg, uint64_t *faults);

#endif
