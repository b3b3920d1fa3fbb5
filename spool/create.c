/*
 * How does a spool come to be? A crash in the middle of LMDB's own making of a
 * file leaves one that never opens again (FACTS F4). So the environment is
 * built aside, synced, and linked into its place, which fails when there is
 * one already; and the directory is synced, which LMDB never does.
 */
#include "spool/spool_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const aside_files[] = {"data.mdb", "lock.mdb", "lock"};

void
create_aside_end(struct spool *s)
{
	char path[64];
	size_t i;

	for (i = 0; i < sizeof aside_files / sizeof aside_files[0]; i++) {
		snprintf(path, sizeof path, "aside/%s", aside_files[i]);
		unlinkat(s->dir_fd, path, 0);
	}
	unlinkat(s->dir_fd, "aside", AT_REMOVEDIR);
}

/* The gate is held alone, so what is found there is of a builder that died. */
int
create_aside_begin(struct spool *s, char *path, size_t size)
{
	create_aside_end(s);
	if (mkdirat(s->dir_fd, "aside", 0700) < 0)
		return spool_fail_errno(s, errno, "aside");
	if (snprintf(path, size, "%s/aside", s->o.directory) >= (int)size)
		return spool_fail_errno(s, ENAMETOOLONG, s->o.directory);
	return 0;
}

static int
path_sync(struct spool *s, const char *path, int flags)
{
	int fd = openat(s->dir_fd, path, flags | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return spool_fail_errno(s, errno, path);
	rc = fsync(fd);
	if (rc < 0)
		spool_fail_errno(s, errno, path);
	close(fd);
	return rc;
}

static int
link_into_place(struct spool *s)
{
	if (path_sync(s, "aside/data.mdb", O_RDONLY) < 0)
		return -1;
	if (linkat(s->dir_fd, "aside/data.mdb", s->dir_fd, "data.mdb", 0) < 0) {
		if (errno == EEXIST)
			return spool_fail(s, SPOOL_EXISTS, "there is a spool in %s already",
			                  s->o.directory);
		return spool_fail_errno(s, errno, "data.mdb");
	}
	return place_sync(s);
}

static int
build(struct spool *s)
{
	char path[4096];
	int rc;

	if (faccessat(s->dir_fd, "data.mdb", F_OK, 0) == 0)
		return spool_fail(s, SPOOL_EXISTS, "there is a spool in %s already",
		                  s->o.directory);
	if (create_aside_begin(s, path, sizeof path) < 0)
		return -1;
	rc = env_make(s, path);
	env_close(s);
	if (rc == 0)
		rc = link_into_place(s);
	create_aside_end(s);
	if (rc == 0 && mkfifoat(s->dir_fd, "wake", 0600) < 0 && errno != EEXIST)
		rc = spool_fail_errno(s, errno, "wake");
	return rc;
}

/* The new directory's own entry must outlive a power cut as well. */
static int
sync_parent(struct spool *s)
{
	char parent[4096];
	char *slash;

	if (snprintf(parent, sizeof parent, "%s", s->o.directory) >= (int)sizeof parent)
		return spool_fail_errno(s, ENAMETOOLONG, s->o.directory);
	while ((slash = strrchr(parent, '/')) && slash > parent && !slash[1])
		*slash = '\0';
	if (!slash)
		snprintf(parent, sizeof parent, ".");
	else
		slash[slash == parent] = '\0';
	s->dir_fd = AT_FDCWD;
	return path_sync(s, parent, O_RDONLY | O_DIRECTORY);
}

int
directory_make(struct spool *s)
{
	if (mkdir(s->o.directory, 0700) < 0)
		return errno == EEXIST ? 0 : spool_fail_errno(s, errno, s->o.directory);
	if (chmod(s->o.directory, 0700) < 0)
		return spool_fail_errno(s, errno, s->o.directory);
	return sync_parent(s);
}

int
spool_create(const struct spool_options *o, char *why, size_t why_size)
{
	struct spool *s = NULL;
	int rc = -1;

	if (spool_start(&s, o) == 0 && directory_make(s) == 0 && place_open(s) == 0 &&
	    gate_alone(s, true) == 0)
		rc = build(s);
	if (rc < 0)
		spool_why(s, why, why_size);
	spool_close(s);
	return rc;
}
