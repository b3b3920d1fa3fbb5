/*
 * Is this a directory that can hold a spool? Ours, closed to others, and on a
 * file system of this machine: LMDB shares memory through its map and locks
 * through the kernel, and no network file system does both.
 */
#include "spool/spool_int.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

const char *
place_refused(long magic)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} bad[] = {
	    {0x6969, "NFS"},
	    {0xff534d42, "CIFS"},
	    {0xfe534d42, "SMB2"},
	    {0x517b, "SMB"},
	    {0x65735546, "FUSE"},
	    {0x01021997, "9P"},
	    {0x5346414f, "OpenAFS"},
	    {0x6b414653, "AFS"},
	    {0x73757245, "Coda"},
	    {0x00c36400, "Ceph"},
	    {0x564c, "NCP"},
	    {0x01161970, "GFS2"},
	    {0x7461636f, "OCFS2"},
	    {0x0bd00bd0, "Lustre"},
	    {0x47504653, "GPFS"},
	    {0xbacbacbc, "HGFS"},
	    {0x786f4256, "VirtualBox shared folder"},
	};
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (bad[i].magic == ((unsigned long)magic & 0xffffffff))
			return bad[i].name;
	return NULL;
}

/* Root becomes the owner for good: groups first, or it could not any more. */
static int
become(struct spool *s, const struct stat *st)
{
	if (setgroups(0, NULL) < 0 || setgid(st->st_gid) < 0 || setuid(st->st_uid) < 0)
		return spool_fail_errno(s, errno, "becoming the spool's owner");
	return 0;
}

static int
check_owner(struct spool *s, const struct stat *st)
{
	if (st->st_uid != geteuid()) {
		if (geteuid() == 0 && s->o.uid_from_owner)
			return become(s, st);
		return spool_fail(s, SPOOL_REFUSED,
		                  "%s belongs to user %ld, this is user %ld: run this as its owner",
		                  s->o.directory, (long)st->st_uid, (long)geteuid());
	}
	return 0;
}

static int
check_mode(struct spool *s, const struct stat *st)
{
	if (st->st_mode & 027)
		return spool_fail(s, SPOOL_REFUSED,
		                  "%s can be used by others (mode %03o): chmod 700", s->o.directory,
		                  (unsigned)st->st_mode & 0777);
	return 0;
}

static int
check_file_system(struct spool *s)
{
	struct statfs fs;
	const char *name;

	if (fstatfs(s->dir_fd, &fs) < 0)
		return spool_fail_errno(s, errno, s->o.directory);
	name = place_refused((long)fs.f_type);
	if (name)
		return spool_fail(s, SPOOL_REFUSED,
		                  "%s is on %s: a spool must be on a disk of this machine",
		                  s->o.directory, name);
	return 0;
}

int
place_open(struct spool *s)
{
	struct stat st;

	if (sizeof(void *) < 8)
		return spool_fail(s, SPOOL_REFUSED, "a spool needs a 64-bit machine");
	s->dir_fd = open(s->o.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0 && errno == ENOENT)
		return spool_fail(s, SPOOL_NONE,
		                  "there is no spool in %s: `bangway spool create` makes it",
		                  s->o.directory);
	if (s->dir_fd < 0 || fstat(s->dir_fd, &st) < 0)
		return spool_fail_errno(s, errno, s->o.directory);
	if (check_owner(s, &st) < 0 || check_mode(s, &st) < 0)
		return -1;
	return check_file_system(s);
}

int
place_sync(struct spool *s)
{
	if (fsync(s->dir_fd) < 0)
		return spool_fail_errno(s, errno, s->o.directory);
	return 0;
}
