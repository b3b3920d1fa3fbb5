/*
 * The format is read from the first octets: the names that batches come by
 * (rcsmtp, rgsmtp, rbsmtp, ...) mean different things to different senders.
 * Lines "#! cunbatch" in front, the custom of news, are passed over.
 *
 * A 58 kB file can ask for 395 MB (.xz with a large dictionary), and a few
 * kilobytes can become gigabytes: the child may use limits.decoder-memory, and
 * its output is bounded by limits.batch-ratio and limits.batch-size. The bound is
 * RLIMIT_DATA: the spool's map is in the child's address space as well, so
 * RLIMIT_AS would have to be larger than the spool.
 */
#include "bridge/intake/unpack.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define BANG_LINES 4       /* "#!" lines passed over */
#define RATIO_FREE 1048576 /* octets that may come of anything */
#define EXIT_BASE  64      /* the child says enum codec_end from here on: 0 and 1 are anybody's */

/* The octets that "#!" lines take at the start. */
static size_t
bang_lines(struct span s)
{
	struct span rest = s;

	for (int i = 0; i < BANG_LINES && rest.n > 2 && memcmp(rest.p, "#!", 2) == 0; i++) {
		const char *lf = memchr(rest.p, '\n', rest.n < 128 ? rest.n : 128);

		if (lf == NULL)
			break;
		rest.n -= (size_t)(lf + 1 - rest.p);
		rest.p = lf + 1;
	}
	return s.n - rest.n;
}

static void
limit(int which, uint64_t most)
{
	setrlimit(which, &(struct rlimit){most, most});
}

static void __attribute__((noreturn)) decode(const struct unpack *u, int out)
{
	/* Its input and its output, and nothing else of ours: no spool, no gate's lock. */
	if (dup2(u->source->fd, 0) != 0 || dup2(out, 1) != 1)
		_exit(CODEC_BROKEN);
	closefrom(2);
	signal(SIGPIPE, SIG_DFL);
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes */
	limit(RLIMIT_DATA, u->config->limit.decoder_bytes);
#endif
	limit(RLIMIT_NOFILE, 2);
	limit(RLIMIT_FSIZE, 0);
	_exit(EXIT_BASE + codec_run(u->format, 0, 1, u->config->limit.decoder_bytes));
}

static int
start_child(struct unpack *u)
{
	int fds[2];

	if (pipe(fds) != 0)
		return -1;
	u->child = fork();
	if (u->child == 0) {
		close(fds[0]);
		decode(u, fds[1]);
	}
	close(fds[1]);
	u->pipe = fds[0];
	if (u->child < 0)
		return -1;
	u->block = malloc(SOURCE_BLOCK);
	return u->block ? 0 : -1;
}

int
unpack_open(struct unpack *u, struct source *s, const struct config *c)
{
	struct span start;
	size_t skip;

	*u = (struct unpack){.source = s, .config = c, .pipe = -1};
	if (source_rewind(s) != 0 || source_read(s, &start) != 0)
		return -1;
	skip = bang_lines(start);
	u->format = codec_sniff((struct span){start.p + skip, start.n - skip});
	if (u->format == CODEC_PLAIN)
		skip = 0;
	if (lseek(s->fd, s->start + (off_t)skip, SEEK_SET) < 0)
		return -1;
	return u->format == CODEC_PLAIN ? 0 : start_child(u);
}

/* How the child ended; what it was killed by is the batch's doing, or our limit's. */
static int
reap(struct unpack *u)
{
	int status = 0;
	pid_t pid;

	do
		pid = waitpid(u->child, &status, 0);
	while (pid < 0 && errno == EINTR);
	u->child = 0;
	u->end = CODEC_FOREIGN;
	if (WIFEXITED(status) && WEXITSTATUS(status) >= EXIT_BASE)
		u->end = (enum codec_end)(WEXITSTATUS(status) - EXIT_BASE);
	if (pid < 0 || u->end >= CODEC_BROKEN) {
		errno = EIO;
		return -1;
	}
	return 0;
}

static bool
within(struct unpack *u)
{
	const struct config *c = u->config;

	if (u->octets > c->limit.batch_bytes)
		u->bound = UNPACK_SIZE;
	else if (u->octets > RATIO_FREE && u->octets / c->limit.batch_ratio > u->source->size)
		u->bound = UNPACK_RATIO;
	return u->bound == UNPACK_WITHIN;
}

int
unpack_read(struct unpack *u, struct span *out)
{
	ssize_t n;

	if (u->format == CODEC_PLAIN) {
		if (source_read(u->source, out) != 0)
			return -1;
		u->octets += out->n;
		return 0;
	}
	*out = SPAN("");
	if (u->child == 0 || u->bound != UNPACK_WITHIN)
		return 0;
	do
		n = read(u->pipe, u->block, SOURCE_BLOCK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if (n == 0)
		return reap(u);
	u->octets += (uint64_t)n;
	if (within(u))
		*out = (struct span){u->block, (size_t)n};
	return 0;
}

void
unpack_close(struct unpack *u)
{
	if (u->pipe >= 0)
		close(u->pipe);
	if (u->child > 0) {
		kill(u->child, SIGKILL);
		waitpid(u->child, NULL, 0);
	}
	free(u->block);
	*u = (struct unpack){.pipe = -1};
}
