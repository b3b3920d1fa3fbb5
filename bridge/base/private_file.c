#include "bridge/base/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of octets at random the last may look like a line's end: `least` of them stay in any case. */
static ssize_t
without_line_end(const char *p, ssize_t n, ssize_t least)
{
	ssize_t held = n;

	if (held > 0 && p[held - 1] == '\n')
		held--;
	if (held > 0 && p[held - 1] == '\r')
		held--;
	return held >= least ? held : n;
}

static int
read_all(struct private_file *f, int fd, ssize_t least, struct buf *why)
{
	ssize_t n = read(fd, f->text, sizeof f->text), held = without_line_end(f->text, n, least);

	if (n < 0)
		buf_fmt(why, "cannot be read: %s", strerror(errno));
	else if (n == sizeof f->text || held > PRIVATE_FILE_MOST)
		buf_fmt(why, "must not hold more than %d octets", PRIVATE_FILE_MOST);
	else
		f->held = (struct span){f->text, (size_t)held};
	return why->n == 0 && !why->bad ? 0 : -1;
}

static int
read_file(struct private_file *f, const char *name, uid_t owner, ssize_t least, struct buf *why)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), rc = -1;
	struct stat st;

	f->held = SPAN("");
	if (fd < 0 || fstat(fd, &st) < 0)
		buf_fmt(why, "cannot be read: %s", strerror(errno));
	else if (st.st_uid != owner)
		buf_fmt(why, "must belong to the spool's owner, with mode 600: chown %lu it",
		        (unsigned long)owner);
	else if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
		buf_str(why, "must be a file that its owner alone may read: chmod 600 it");
	else
		rc = read_all(f, fd, least, why);
	if (fd >= 0)
		close(fd);
	return rc;
}

int
private_file_read(struct private_file *f, const char *name, uid_t owner, struct buf *why)
{
	return read_file(f, name, owner, 0, why);
}

int
private_file_read_key(struct private_file *f, const char *name, uid_t owner, struct buf *why)
{
	if (read_file(f, name, owner, PRIVATE_KEY_LEAST, why) != 0)
		return -1;
	if (f->held.n >= PRIVATE_KEY_LEAST)
		return 0;
	buf_fmt(why, "must hold %d to %d octets", PRIVATE_KEY_LEAST, PRIVATE_FILE_MOST);
	return -1;
}

void
private_file_wipe(struct private_file *f)
{
	explicit_bzero(f, sizeof *f);
}
