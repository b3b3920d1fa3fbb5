/*
 * Why did it fail? Status and words are kept a thread, since several threads
 * may look into one spool and each must be told of its own failure.
 */
#include "spool/spool_int.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local struct trouble last = {SPOOL_OK, ""};

static const char *const names[] = {
    [SPOOL_OK] = "ok",
    [SPOOL_FULL] = "full",
    [SPOOL_BUSY] = "busy",
    [SPOOL_NONE] = "none",
    [SPOOL_EXISTS] = "exists",
    [SPOOL_DUPLICATE] = "duplicate",
    [SPOOL_TOO_LARGE] = "too-large",
    [SPOOL_DAMAGED] = "damaged",
    [SPOOL_FORMAT] = "format",
    [SPOOL_REFUSED] = "refused",
    [SPOOL_MEMORY] = "memory",
    [SPOOL_SYSTEM] = "system",
};

const char *
spool_status_name(enum spool_status st)
{
	return (unsigned)st < sizeof names / sizeof names[0] ? names[st] : "unknown";
}

enum spool_status
spool_status(const struct spool *s)
{
	(void)s;
	return last.status;
}

const char *
spool_error(const struct spool *s)
{
	(void)s;
	return last.words;
}

int
spool_fail(const struct spool *s, enum spool_status st, const char *fmt, ...)
{
	va_list ap;

	(void)s;
	last.status = st;
	va_start(ap, fmt);
	vsnprintf(last.words, sizeof last.words, fmt, ap);
	va_end(ap);
	return -1;
}

static enum spool_status
status_of_errno(int err)
{
	switch (err) {
	case ENOMEM:
		return SPOOL_MEMORY;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return SPOOL_FULL;
	case ENOENT:
		return SPOOL_NONE;
	case EACCES:
	case EPERM:
		return SPOOL_REFUSED;
	default:
		return SPOOL_SYSTEM;
	}
}

int
spool_fail_errno(const struct spool *s, int err, const char *what)
{
	return spool_fail(s, status_of_errno(err), "%s: %s", what, strerror(err));
}

/*
 * LMDB's codes that mean the pages themselves cannot be trusted. Whoever opens
 * the spool next looks at it in a child first.
 */
static bool
is_damage(int rc)
{
	return rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_CURSOR_FULL ||
	       rc == MDB_PAGE_FULL || rc == MDB_INVALID || rc == MDB_INCOMPATIBLE ||
	       rc == MDB_BAD_DBI || rc == MDB_NOTFOUND;
}

int
spool_fail_mdb(struct spool *s, int rc, const char *what)
{
	if (is_damage(rc)) {
		suspect_mark(s);
		return spool_fail(s, SPOOL_DAMAGED, "%s: the spool is damaged (%s)", what,
		                  mdb_strerror(rc));
	}
	switch (rc) {
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return spool_fail(s, SPOOL_FULL, "%s: %s", what, mdb_strerror(rc));
	case MDB_PANIC: /* a meta page could not be written: LMDB ends the environment */
		return spool_fail(s, SPOOL_SYSTEM,
		                  "%s: an earlier write to the spool failed: end this program, and "
		                  "look at the disk",
		                  what);
	case MDB_READERS_FULL:
		return spool_fail(s, SPOOL_BUSY, "%s: too many processes look into the spool",
		                  what);
	case MDB_VERSION_MISMATCH:
		return spool_fail(s, SPOOL_FORMAT, "%s: written by another version of LMDB", what);
	case MDB_MAP_RESIZED:
		return spool_fail(s, SPOOL_SYSTEM,
		                  "%s: the spool outgrew this process's address space limit", what);
	}
	if (rc < 0)
		return spool_fail(s, SPOOL_SYSTEM, "%s: %s", what, mdb_strerror(rc));
	return spool_fail_errno(s, rc, what);
}

int
spool_fail_again(const struct spool *s, const struct trouble *t)
{
	(void)s;
	if (t != &last)
		last = *t;
	return -1;
}

void
trouble_keep(struct trouble *t, const struct spool *s)
{
	(void)s;
	if (t->status == SPOOL_OK)
		*t = last;
}
