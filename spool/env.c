/*
 * How is LMDB's environment opened, and made? Under the outer lock: a process
 * that is stopped in the middle of its own opening would otherwise hold up all
 * that come later, without a deadline. The map is far larger than any spool,
 * so that it never has to grow under a reader; it is address space, no memory.
 * No MDB_WRITEMAP: on a full disk it kills (FACTS F2). MDB_NOTLS: a reader's
 * slot belongs to its transaction, and lookers may be threads of a pool.
 */
#include "spool/txn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <uuid/uuid.h>

enum { READERS = 512 };
static const uint64_t map_bytes = UINT64_C(1) << 40; /* address space, not memory */
static const uint64_t map_least = UINT64_C(1) << 28;

static const char *const db_names[DB_COUNT] = {
    [DB_MAIL] = "mail",
    [DB_CONTENT] = "content",
    [DB_DUE] = "due",
    [DB_DEST] = "dest",
    [DB_JOURNAL] = "journal",
    [DB_JOB] = "job",
    [DB_QUARANTINE] = "quarantine",
    [DB_AGE] = "age",
    [DB_FACT] = "fact",
    [DB_STAGED] = "staged",
};

static int
env_try(struct spool *s, const char *directory, uint64_t map)
{
	int rc = mdb_env_create(&s->env);

	if (rc) {
		s->env = NULL;
		return rc;
	}
	if ((rc = mdb_env_set_maxdbs(s->env, DB_COUNT)) == 0 &&
	    (rc = mdb_env_set_maxreaders(s->env, READERS)) == 0 &&
	    (rc = mdb_env_set_mapsize(s->env, map)) == 0)
		rc = mdb_env_open(s->env, directory, MDB_NOTLS, 0600);
	if (rc)
		env_close(s);
	return rc;
}

/* LMDB keeps its files from programs we run, but for this one. */
static void
close_on_exec(struct spool *s)
{
	int fd;

	if (mdb_env_get_fd(s->env, &fd) == 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* A process with a limit on its address space gets a smaller map. */
static int
env_map(struct spool *s, const char *directory)
{
	uint64_t map = map_bytes;
	int rc;

	while ((rc = env_try(s, directory, map)) == ENOMEM && map > map_least)
		map /= 4;
	return rc;
}

/* Reading behind the end of a cut file would be SIGBUS. */
static int
check_length(struct spool *s)
{
	MDB_envinfo info;
	MDB_stat pages;
	struct stat st;
	int fd;

	mdb_env_info(s->env, &info);
	mdb_env_stat(s->env, &pages);
	mdb_env_get_fd(s->env, &fd);
	if (fstat(fd, &st) < 0)
		return spool_fail_errno(s, errno, "data.mdb");
	if ((uint64_t)st.st_size / pages.ms_psize <= info.me_last_pgno) {
		suspect_mark(s);
		return spool_fail(s, SPOOL_DAMAGED,
		                  "data.mdb was cut: it is %lld octets long, %llu are used",
		                  (long long)st.st_size,
		                  ((unsigned long long)info.me_last_pgno + 1) * pages.ms_psize);
	}
	return 0;
}

static int
check_format(struct txn *t)
{
	struct spool_bytes v;
	struct unpack u;
	uint32_t version;
	int found = txn_get(t, DB_MAIN, key_text("format"), &v);

	if (found < 0)
		return -1;
	if (found == 0)
		return txn_fail(t, SPOOL_DAMAGED, "data.mdb does not hold a spool");
	u = unpack_of(v);
	version = unpack_u32(&u);
	if (u.bad || version != SPOOL_FORMAT_VERSION)
		return txn_fail(
		    t, SPOOL_FORMAT,
		    "the spool has format %u, this program knows %d: use the program that "
		    "made it to empty it",
		    version, SPOOL_FORMAT_VERSION);
	return 0;
}

static int
open_databases(struct spool *s, MDB_txn *mdb, unsigned flags)
{
	int i, rc;

	if ((rc = mdb_dbi_open(mdb, NULL, 0, &s->dbi[DB_MAIN])))
		return rc;
	for (i = DB_MAIN + 1; i < DB_COUNT; i++)
		if ((rc = mdb_dbi_open(mdb, db_names[i], flags, &s->dbi[i])))
			return rc;
	return 0;
}

/* The handles outlive the transaction that opened them, if that is committed. */
static int
env_begin(struct spool *s)
{
	struct txn t;
	int rc;

	if (txn_begin_read(&t, s) < 0)
		return -1;
	rc = mdb_dbi_open(t.mdb, NULL, 0, &s->dbi[DB_MAIN]);
	if (rc == 0 && check_format(&t) < 0) {
		txn_abort(&t);
		return -1;
	}
	if (rc == 0)
		rc = open_databases(s, t.mdb, 0);
	if (rc) {
		txn_abort(&t);
		return spool_fail_mdb(s, rc, "opening the spool");
	}
	mdb_txn_commit(t.mdb);
	return 0;
}

static int
fail_open(struct spool *s, int rc)
{
	switch (rc) {
	case ENOENT:
		return spool_fail(s, SPOOL_NONE,
		                  "there is no spool in %s: `bangway spool create` makes it",
		                  s->o.directory);
	case MDB_INVALID:
		return spool_fail(
		    s, SPOOL_DAMAGED,
		    "data.mdb is no LMDB file of this kind of machine, or damaged: restore a "
		    "backup");
	default:
		return spool_fail_mdb(s, rc, "opening the spool");
	}
}

int
env_open(struct spool *s, const char *directory)
{
	int rc;

	if (lock_take(s) < 0)
		return -1;
	rc = env_map(s, directory);
	if (rc == 0)
		close_on_exec(s);
	rc = rc ? fail_open(s, rc) : check_length(s);
	lock_drop(s);
	if (rc < 0)
		return -1;
	return env_begin(s);
}

static int
write_first(struct spool *s, MDB_txn *mdb)
{
	struct counters n = {.next_id = 1, .next_number = 1, .next_dest = 1};
	struct txn t = {.s = s, .mdb = mdb};
	uint8_t counters[COUNTERS_BYTES];
	struct pack format = {0};
	uuid_t uuid;

	uuid_generate_random(uuid);
	pack_u32(&format, SPOOL_FORMAT_VERSION);
	pack_raw(&format, uuid, sizeof uuid);
	record_pack_counters(counters, &n);
	txn_put_pack(&t, DB_MAIN, key_text("format"), &format);
	return txn_put(&t, DB_MAIN, key_text("counters"),
	               (struct spool_bytes){counters, sizeof counters});
}

int
env_make(struct spool *s, const char *directory)
{
	MDB_txn *mdb;
	int rc;

	if ((rc = env_map(s, directory)))
		return spool_fail_mdb(s, rc, "making the spool");
	if ((rc = mdb_txn_begin(s->env, NULL, 0, &mdb)))
		return spool_fail_mdb(s, rc, "making the spool");
	rc = open_databases(s, mdb, MDB_CREATE);
	if (rc || write_first(s, mdb) < 0) {
		mdb_txn_abort(mdb);
		return rc ? spool_fail_mdb(s, rc, "making the spool") : -1;
	}
	rc = mdb_txn_commit(mdb);
	return rc ? spool_fail_mdb(s, rc, "making the spool") : 0;
}

void
env_close(struct spool *s)
{
	if (s->env)
		mdb_env_close(s->env);
	s->env = NULL;
}
