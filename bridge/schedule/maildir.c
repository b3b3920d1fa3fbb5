/*
 * The name of the file is made of the message's uuid and the recipient's number
 * and not of a counter: when a crash came between the move and the settlement,
 * the second delivery of the same letter finds the first in new and says SENT.
 * (Read or moved by then, it arrives twice: there is no way to know.)
 */
#include "bridge/schedule/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 16384

static void
later(struct verdict *v, const char *what, const char *path)
{
	const char *status = errno == ENOSPC || errno == EDQUOT ? "4.2.2" : "4.3.0";

	verdict_set(v, OUTCOME_LATER, SCOPE_DELIVERY, 0, status, "cannot %s %s: %s", what, path,
	            strerror(errno));
}

static int
sync_directory(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret;

	if (fd < 0)
		return -1;
	ret = fsync(fd);
	close(fd);
	return ret;
}

/*
 * Enters a directory, which is made when it is missing and then is there after a
 * crash too: unless its parent may be written but not read, and so not synced.
 * A link that leads nowhere is not made into a directory elsewhere.
 */
static int
enter(int parent, const char *name)
{
	if (mkdirat(parent, name, 0700) == 0) {
		if (sync_directory(parent, ".") != 0 && errno != EACCES)
			return -1;
	} else if (errno != EEXIST) {
		return -1;
	}
	return openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* What all maildirs stand in belongs to whoever set up the machine. */
static int
open_fixed(const struct maildir_letter *m)
{
	char dir[PATH_MAX];

	if (m->fixed >= sizeof dir) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(dir, sizeof dir, "%.*s", (int)m->fixed, m->path);
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The rest of the path, directory by directory. */
static int
open_below(int dir, const char *rest)
{
	char name[NAME_MAX + 1];
	size_t n;
	int fd = dir;

	for (; fd >= 0 && *rest != '\0'; rest += n + (rest[n] == '/')) {
		if ((n = strcspn(rest, "/")) == 0)
			continue;
		if (n >= sizeof name) {
			close(dir);
			errno = ENAMETOOLONG;
			return -1;
		}
		snprintf(name, sizeof name, "%.*s", (int)n, rest);
		fd = enter(dir, name);
		close(dir);
		dir = fd;
	}
	return fd;
}

static int
make_folders(int maildir)
{
	static const char *const folders[] = {"tmp", "new", "cur"};
	bool made = false;
	int i;

	for (i = 0; i < 3; i++) {
		if (mkdirat(maildir, folders[i], 0700) == 0)
			made = true;
		else if (errno != EEXIST)
			return -1;
	}
	return made ? sync_directory(maildir, ".") : 0;
}

static int
open_maildir(const struct maildir_letter *m, struct verdict *v)
{
	int fd = open_fixed(m);

	if (fd < 0) {
		later(v, "open the directory of", m->path);
		return -1;
	}
	if ((fd = open_below(fd, m->path + m->fixed)) < 0) {
		later(v, "make", m->path);
		return -1;
	}
	if (make_folders(fd) != 0) {
		later(v, "make the folders of", m->path);
		close(fd);
		return -1;
	}
	return fd;
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = write(fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static int
copy(const struct maildir_letter *m, int fd, struct verdict *v)
{
	char piece[PIECE];
	size_t n = 1;

	while (n > 0) {
		if (m->read(m->arg, piece, sizeof piece, &n, v) != 0)
			return -1;
		if (write_all(fd, piece, n) != 0) {
			later(v, "write to", m->path);
			return -1;
		}
	}
	if (fsync(fd) != 0) {
		later(v, "sync", m->path);
		return -1;
	}
	return 0;
}

/* A name must not hold '/' or ':' (the maildir's own rules). */
static void
file_name(const struct maildir_letter *m, const char *folder, char *out, size_t size)
{
	char host[64], uuid[33];
	size_t i;

	for (i = 0; i < sizeof m->uuid; i++)
		snprintf(uuid + 2 * i, 3, "%02x", m->uuid[i]);
	snprintf(host, sizeof host, "%s", m->hostname);
	for (i = 0; host[i] != '\0'; i++)
		if (host[i] == '/' || host[i] == ':' || (unsigned char)host[i] <= ' ')
			host[i] = '_';
	snprintf(out, size, "%s/%s.R%x.%s", folder, uuid, (unsigned)m->rcpt, host);
}

static int
write_letter(const struct maildir_letter *m, int dir, const char *tmp, struct verdict *v)
{
	/* What a crash left under this name is half a letter of ours. */
	int fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int ret;

	if (fd < 0) {
		later(v, "create a file in", m->path);
		return -1;
	}
	ret = copy(m, fd, v);
	if (close(fd) != 0 && ret == 0) {
		later(v, "close a file in", m->path);
		ret = -1;
	}
	return ret;
}

static int
store(const struct maildir_letter *m, int dir, struct verdict *v)
{
	char tmp[160], final[160];

	file_name(m, "tmp", tmp, sizeof tmp);
	file_name(m, "new", final, sizeof final);
	if (faccessat(dir, final, F_OK, 0) == 0)
		return 0;
	if (write_letter(m, dir, tmp, v) != 0) {
		unlinkat(dir, tmp, 0);
		return -1;
	}
	if (renameat(dir, tmp, dir, final) != 0) {
		later(v, "move a file in", m->path);
		unlinkat(dir, tmp, 0);
		return -1;
	}
	return 0;
}

void
maildir_deliver(const struct maildir_letter *m, struct verdict *v)
{
	int dir = open_maildir(m, v);

	if (dir < 0)
		return;
	if (store(m, dir, v) == 0) {
		if (sync_directory(dir, "new") != 0)
			later(v, "sync", m->path);
		else
			verdict_set(v, OUTCOME_SENT, SCOPE_DELIVERY, 0, "2.0.0", "stored in %s",
			            m->path);
	}
	close(dir);
}
