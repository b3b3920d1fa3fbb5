/*
 * How is a data file replaced? A file that was large stays large: LMDB gives
 * no page back. Compacting writes a new one without the free pages, restoring
 * takes one from a backup. Both hold the gate alone, since a process that has
 * the old file open would go on committing into it; both build the new file
 * aside, sync it, have a child look at it, and only then rename.
 */
#include "spool/spool_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
copy_aside(struct spool *s, MDB_env *env)
{
	int fd = openat(s->dir_fd, "aside/data.mdb", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return spool_fail_errno(s, errno, "aside/data.mdb");
	rc = mdb_env_copyfd2(env, fd, MDB_CP_COMPACT);
	if (rc)
		spool_fail_mdb(s, rc, "copying the spool");
	else if (fsync(fd) < 0)
		rc = spool_fail_errno(s, errno, "copying the spool");
	close(fd);
	return rc ? -1 : 0;
}

static int
move_into_place(struct spool *s)
{
	if (renameat(s->dir_fd, "aside/data.mdb", s->dir_fd, "data.mdb") < 0)
		return spool_fail_errno(s, errno, "data.mdb");
	return place_sync(s);
}

static int
compact(struct spool *s)
{
	char path[4096];
	int rc = -1;

	if (spool_sweep(s) < 0 || create_aside_begin(s, path, sizeof path) < 0)
		return -1;
	if (copy_aside(s, s->env) == 0) {
		env_close(s);
		rc = look_readable(s, path, LOOK_STRUCTURE);
	}
	if (rc == 0)
		rc = move_into_place(s);
	create_aside_end(s);
	return rc;
}

int
spool_compact(const struct spool_options *o, char *why, size_t why_size)
{
	struct spool *s = NULL;
	int rc = -1;

	if (spool_start(&s, o) == 0 && place_open(s) == 0 && gate_alone(s, false) == 0 &&
	    lock_open(s) == 0 && env_open(s, s->o.directory) == 0)
		rc = compact(s);
	if (rc < 0)
		spool_why(s, why, why_size);
	spool_close(s);
	return rc;
}

/* What is there now is kept beside, once: a restore may have been a mistake. */
static int
keep_old(struct spool *s)
{
	if (unlinkat(s->dir_fd, "before-restore.mdb", 0) < 0 && errno != ENOENT)
		return spool_fail_errno(s, errno, "before-restore.mdb");
	if (linkat(s->dir_fd, "data.mdb", s->dir_fd, "before-restore.mdb", 0) < 0 &&
	    errno != ENOENT)
		return spool_fail_errno(s, errno, "before-restore.mdb");
	return 0;
}

static int
open_backup(struct spool **out, const struct spool_options *o, const char *directory)
{
	struct spool_options from = {.directory = directory, .lock_wait_ms = o->lock_wait_ms};

	if (spool_open(out, &from) < 0)
		return -1;
	if (faccessat((*out)->dir_fd, "incomplete", F_OK, 0) == 0)
		return spool_fail(*out, SPOOL_DAMAGED,
		                  "the backup in %s was cut short: use another one", directory);
	return 0;
}

static int
restore(struct spool *s, const struct spool_options *o, const char *from_directory)
{
	struct spool *from = NULL;
	char path[4096];
	int rc;

	if (create_aside_begin(s, path, sizeof path) < 0)
		return -1;
	rc = open_backup(&from, o, from_directory);
	if (rc == 0)
		rc = copy_aside(s, from->env);
	spool_close(from);
	if (rc == 0 && (rc = look_readable(s, path, LOOK_CONTENT)) == 0 && (rc = keep_old(s)) == 0)
		rc = move_into_place(s);
	create_aside_end(s);
	if (rc == 0)
		suspect_clear(s);
	if (rc == 0 && mkfifoat(s->dir_fd, "wake", 0600) < 0 && errno != EEXIST)
		rc = spool_fail_errno(s, errno, "wake");
	return rc;
}

int
spool_restore(const struct spool_options *o, const char *from_directory, char *why, size_t why_size)
{
	struct spool *s = NULL;
	int rc = -1;

	if (spool_start(&s, o) == 0 && directory_make(s) == 0 && place_open(s) == 0 &&
	    gate_alone(s, true) == 0 && lock_open(s) == 0)
		rc = restore(s, o, from_directory);
	if (rc < 0)
		spool_why(s, why, why_size);
	spool_close(s);
	return rc;
}
