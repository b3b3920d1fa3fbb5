#include "bridge/intake/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static ssize_t
read_some(int fd, char *p, size_t n)
{
	ssize_t got;

	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got;
}

static int
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

/* Copies a pipe to a file without a name, gone with the process. */
static int
copy_pipe(struct source *s, const char *directory, uint64_t most)
{
	ssize_t n;

	s->fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return -1;
	while ((n = read_some(0, s->block, SOURCE_BLOCK)) > 0) {
		s->size += (uint64_t)n;
		if (s->size > most) {
			errno = EFBIG;
			return -1;
		}
		if (write_all(s->fd, s->block, (size_t)n) != 0)
			return -1;
	}
	return n < 0 ? -1 : source_rewind(s);
}

int
source_open(struct source *s, const char *directory, uint64_t most)
{
	struct stat st;

	*s = (struct source){.fd = 0, .block = malloc(SOURCE_BLOCK)};
	if (s->block == NULL || fstat(0, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode))
		return copy_pipe(s, directory, most);
	s->start = lseek(0, 0, SEEK_CUR);
	if (s->start < 0)
		return -1;
	s->size = st.st_size > s->start ? (uint64_t)(st.st_size - s->start) : 0;
	return 0;
}

int
source_read(struct source *s, struct span *out)
{
	ssize_t n = read_some(s->fd, s->block, SOURCE_BLOCK);

	*out = (struct span){s->block, n > 0 ? (size_t)n : 0};
	return n < 0 ? -1 : 0;
}

int
source_rewind(struct source *s)
{
	return lseek(s->fd, s->start, SEEK_SET) < 0 ? -1 : 0;
}

void
source_close(struct source *s)
{
	free(s->block);
	if (s->fd > 0)
		close(s->fd);
}
