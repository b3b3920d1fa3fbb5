/*
 * The files that the configuration names and a table is made from. What they
 * say decides where mail goes, as the configuration does, so the same is asked
 * of them: a regular file, which not everybody may write. A file that is
 * missing or cannot be read is a fault and the table is not taken up, since
 * mail that went without it would go astray; a line that is not understood is
 * left out with a warning, since one slip in thirty thousand lines must not
 * stop the mail.
 */
#include "bridge/route/table.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((size_t)64 << 20)

/* NULL, or what is wrong with it. */
static const char *
file_fault(int fd, struct stat *st)
{
	if (fd < 0 || fstat(fd, st) < 0)
		return strerror(errno);
	if (!S_ISREG(st->st_mode))
		return "it is not a file";
	if ((st->st_mode & S_IWOTH) != 0)
		return "it may be written by everybody: chmod o-w it";
	if (st->st_size > (off_t)FILE_BYTES_MAX)
		return "it is larger than 64 MiB";
	return NULL;
}

/* To the end, wherever that is by now. NULL, or what is wrong. */
static const char *
take_all(int fd, size_t expected, struct buf *text)
{
	ssize_t got;

	text->max = FILE_BYTES_MAX;
	if (buf_room(text, expected + 1) < 0)
		return "out of memory";
	for (;;) {
		if (text->size - text->n < 2 && buf_room(text, 65536) < 0)
			return "it is larger than 64 MiB, or there is no memory for it";
		got = read(fd, text->p + text->n, text->size - text->n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return strerror(errno);
		if (got == 0)
			break;
		text->n += (size_t)got;
	}
	text->p[text->n] = '\0';
	return memchr(text->p, '\0', text->n) == NULL ? NULL : "it has NUL octets: it is no text";
}

int
route_file_read(const char *name, const char *setting, struct buf *text,
                struct config_faults *faults)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	const char *why = file_fault(fd, &st);

	if (why == NULL)
		why = take_all(fd, (size_t)st.st_size, text);
	if (fd >= 0)
		close(fd);
	if (why == NULL)
		return 0;
	config_faults_add(faults, false, (struct config_place){name, 0},
	                  "`%s` names it, and it cannot be used: %s", setting, why);
	return -1;
}

int
route_table_read(struct route_table *t, unsigned files, struct config_faults *faults)
{
	(void)t;
	(void)files;
	(void)faults;
	return 0;
}
