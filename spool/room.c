/*
 * May this be accepted? Full is an answer, and settling must go on when the
 * answer is no (FACTS F7: in a full environment not even a deletion fits,
 * since LMDB writes new pages to free old ones). So accepting is held to
 *
 *   - the limit on stored octets, counted in the counters;
 *   - the reserve: behind what this change may write there must be
 *     reserve_bytes of pages that are the data file's own, as allocated blocks
 *     behind the last page in use, or as free pages inside the file; and as
 *     much again must be free on the disk, for others who need it.
 *
 * Settling asks nothing and writes into the reserve. The map is no bound: it
 * is far larger than any disk.
 */
#include "spool/apply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const uint64_t reserve_least = 1 << 20;
static const uint64_t step_most = 64 << 20, step_least = 1 << 20;
static const uint64_t ready_ahead = 512 << 10, ready_dirty_most = 128 << 10;

static uint64_t
reserve_of(const struct spool *s)
{
	return s->o.reserve_bytes > reserve_least ? s->o.reserve_bytes : reserve_least;
}

static int
check_limit(struct txn *t, uint64_t charge)
{
	uint64_t stored = t->n.bytes + t->n.staged_bytes + t->n.quarantine_bytes;

	if (t->s->o.limit_bytes && stored + charge > t->s->o.limit_bytes)
		return txn_fail(t, SPOOL_FULL, "the spool holds %llu octets, its limit is %llu",
		                (unsigned long long)stored,
		                (unsigned long long)t->s->o.limit_bytes);
	return 0;
}

static int
check_disk(struct txn *t)
{
	struct statvfs fs;
	uint64_t left;

	if (fstatvfs(t->s->dir_fd, &fs) < 0)
		return txn_fail(t, SPOOL_SYSTEM, "%s: %s", t->s->o.directory, strerror(errno));
	left = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (left < reserve_of(t->s))
		return txn_fail(t, SPOOL_FULL, "the disk has %llu octets left, the reserve is %llu",
		                (unsigned long long)left, (unsigned long long)reserve_of(t->s));
	return 0;
}

/*
 * Free pages inside the file: LMDB lists them by transaction in its database
 * 0, which only a read transaction may look into. It sees what was committed
 * last, which is what the write transaction began with.
 */
static int
free_pages(struct txn *t, uint64_t *bytes, uint64_t page)
{
	MDB_cursor *c = NULL;
	MDB_val key, val;
	struct txn look;
	size_t n;
	int rc;

	*bytes = 0;
	if (txn_begin_read(&look, t->s) < 0)
		return txn_fail(t, spool_status(t->s), "free pages: %s", spool_error(t->s));
	if ((rc = mdb_cursor_open(look.mdb, 0, &c)) == 0)
		while ((rc = mdb_cursor_get(c, &key, &val, MDB_NEXT)) == 0) {
			memcpy(&n, val.mv_data, sizeof n); /* its first number is their count */
			*bytes += n * page;
		}
	if (c)
		mdb_cursor_close(c);
	txn_abort(&look);
	return rc == MDB_NOTFOUND ? 0
	                          : txn_fail(t, SPOOL_SYSTEM, "free pages: %s", mdb_strerror(rc));
}

static uint64_t
file_bytes(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/*
 * Holes can be where LMDB never wrote a page it had taken; a file with fewer
 * blocks than its length is filled up again.
 */
static bool
is_allocated(int fd, uint64_t end)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (uint64_t)st.st_size >= end &&
	       (uint64_t)st.st_blocks * 512 >= (uint64_t)st.st_size;
}

/* Growing a step ahead spares most commits the change of the file's length. */
static int
allocate(int fd, uint64_t used, uint64_t end)
{
	uint64_t step = end / 8;

	if (step > step_most)
		step = step_most;
	if (step < step_least)
		step = step_least;
	if (posix_fallocate(fd, (off_t)used, (off_t)(end + step - used)) == 0)
		return 0;
	return posix_fallocate(fd, (off_t)used, (off_t)(end - used));
}

/*
 * Blocks that were allocated and never written cost the file system a commit
 * of its own journal at our sync, which waits for whatever else is in there;
 * with blocks written before, a sync is our data alone: a letter took half the
 * time on a busy disk. So ahead of small transactions zeroes are written where
 * the file will grow next: behind the last page in use nothing else can be. A
 * large one gains nothing by it. What fails here fails again where it counts.
 */
static void
make_ready(struct txn *t, int fd, uint64_t used, uint64_t dirty)
{
	static const char zeroes[1 << 16];
	uint64_t at = t->n.ready_bytes > used ? t->n.ready_bytes : used;
	uint64_t end = used + 2 * dirty + ready_ahead;

	if (dirty > ready_dirty_most || t->n.ready_bytes >= used + 2 * dirty)
		return;
	for (; at < end; at += sizeof zeroes)
		if (pwrite(fd, zeroes, sizeof zeroes, (off_t)at) != sizeof zeroes)
			return;
	t->n.ready_bytes = at;
}

int
room_admit(struct txn *t, uint64_t dirty, uint64_t charge)
{
	MDB_envinfo info;
	MDB_stat pages;
	uint64_t used, need, inside;
	int fd, rc;

	if (check_limit(t, charge) < 0 || check_disk(t) < 0)
		return -1;
	mdb_env_info(t->s->env, &info);
	mdb_env_stat(t->s->env, &pages);
	mdb_env_get_fd(t->s->env, &fd);
	used = ((uint64_t)info.me_last_pgno + 1) * pages.ms_psize;
	if (file_bytes(fd) < t->n.ready_bytes)
		t->n.ready_bytes = 0;        /* it was compacted */
	need = 2 * dirty + reserve_of(t->s); /* twice: branches, free lists, pages half filled */
	if (is_allocated(fd, used + need) || (rc = allocate(fd, used, used + need)) == 0) {
		make_ready(t, fd, used, dirty);
		return 0;
	}
	if (free_pages(t, &inside, pages.ms_psize) < 0)
		return -1;
	if (inside >= need)
		return 0;
	return txn_fail(t, SPOOL_FULL, "the disk does not give the spool its reserve: %s",
	                strerror(rc));
}
