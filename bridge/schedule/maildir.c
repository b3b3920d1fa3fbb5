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
make_directory(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

/* The maildir's own parents belong to whoever set up the users: only the last is made. */
static int
open_maildir(const char *path, struct verdict *v)
{
	static const char *const sub[] = {"tmp", "new", "cur"};
	int fd, i;

	if (make_directory(path) != 0) {
		later(v, "make", path);
		return -1;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; fd >= 0 && i < 3; i++)
		if (mkdirat(fd, sub[i], 0700) != 0 && errno != EEXIST) {
			close(fd);
			fd = -1;
		}
	if (fd < 0)
		later(v, "open", path);
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
	int dir = open_maildir(m->path, v);

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
