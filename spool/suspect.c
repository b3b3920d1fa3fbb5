/*
 * Can these pages be read at all? A damaged page can make LMDB abort, or read
 * where nothing is mapped (FACTS F5). So a spool that is suspect, or to be
 * verified, is looked at in a child, which tells what it finds through a pipe
 * and may die of it. A spool is suspect while the file "suspect" lies in it:
 * made when a write failed, when LMDB found damage, or when a caller saw a
 * process die that had the spool open; removed by a look without a fault.
 */
#include "spool/spool_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_BYTES = 512, LIGHT_CPU_S = 10 };

bool
suspect_is(const struct spool *s)
{
	return faccessat(s->dir_fd, "suspect", F_OK, 0) == 0;
}

void
suspect_mark(const struct spool *s)
{
	int fd = openat(s->dir_fd, "suspect", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0)
		close(fd);
}

void
suspect_clear(const struct spool *s)
{
	unlinkat(s->dir_fd, "suspect", 0);
}

void
spool_suspect(const char *directory)
{
	struct spool s = {.dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};

	if (s.dir_fd < 0)
		return;
	if (faccessat(s.dir_fd, "data.mdb", F_OK, 0) == 0)
		suspect_mark(&s);
	close(s.dir_fd);
}

static void
tell_parent(void *arg, const char *words)
{
	char line[LINE_BYTES];
	int n = snprintf(line, sizeof line - 1, "%s", words);

	if (n >= (int)sizeof line - 1)
		n = sizeof line - 2;
	line[n++] = '\n';
	if (write(*(int *)arg, line, (size_t)n) < 0)
		_exit(2);
}

/*
 * The child's locks must be its own: an flock() taken through a descriptor
 * shared with the parent would be the parent's.
 */
static void
child(struct spool *s, const char *directory, enum look depth, int fd)
{
	struct rlimit cpu = {LIGHT_CPU_S, LIGHT_CPU_S};
	struct spool own = *s;
	uint64_t faults = 0;
	int rc = -1;

	signal(SIGPIPE, SIG_DFL);
	signal(SIGXCPU, SIG_DFL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	if (depth == LOOK_LIGHT) /* a circle of pages has no end */
		setrlimit(RLIMIT_CPU, &cpu);
	own.env = NULL;
	own.dead = false;
	if (lock_open(&own) == 0 && env_open(&own, directory) == 0)
		rc = verify_env(&own, depth, tell_parent, &fd, &faults);
	if (rc < 0)
		tell_parent(&fd, spool_error(&own));
	env_close(&own);
	if (rc == 0 && write(fd, ".\n", 2) != 2)
		_exit(2);
	_exit(0);
}

struct listening {
	char line[LINE_BYTES];
	size_t n;
	bool ended; /* the child said so itself */
	spool_fault_fn *tell;
	void *arg;
	uint64_t *faults;
};

static void
hear(struct listening *l, const char *p, size_t n)
{
	for (; n > 0; p++, n--) {
		if (*p != '\n') {
			if (l->n < sizeof l->line - 1)
				l->line[l->n++] = *p;
			continue;
		}
		l->line[l->n] = '\0';
		l->n = 0;
		if (strcmp(l->line, ".") == 0) {
			l->ended = true;
			continue;
		}
		++*l->faults;
		l->tell(l->arg, l->line);
	}
}

static void
listen_to(struct listening *l, int fd, pid_t pid)
{
	char buf[4096], words[120];
	int status = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) != 0) {
		if (n > 0)
			hear(l, buf, (size_t)n);
		else if (errno != EINTR)
			break;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status)) {
		l->ended = false;
		snprintf(words, sizeof words, "reading the pages ended by signal %d",
		         WTERMSIG(status));
	} else if (l->ended || *l->faults > 0) {
		return;
	} else {
		snprintf(words, sizeof words, "reading the pages did not come to its end");
	}
	++*l->faults;
	l->tell(l->arg, words);
}

int
look_in_child(struct spool *s, const char *directory, enum look depth, spool_fault_fn *tell,
              void *arg, uint64_t *faults)
{
	struct listening l = {.tell = tell, .arg = arg, .faults = faults};
	int fd[2];
	pid_t pid;

	*faults = 0;
	if (pipe2(fd, O_CLOEXEC) < 0)
		return spool_fail_errno(s, errno, "looking at the spool");
	pid = fork();
	if (pid < 0) {
		close(fd[0]);
		close(fd[1]);
		return spool_fail_errno(s, errno, "looking at the spool");
	}
	if (pid == 0) {
		close(fd[0]);
		child(s, directory, depth, fd[1]);
	}
	close(fd[1]);
	listen_to(&l, fd[0], pid);
	close(fd[0]);
	return l.ended ? 0 : 1;
}

static void
keep_first(void *arg, const char *words)
{
	char *first = arg;

	if (!first[0])
		snprintf(first, LINE_BYTES, "%s", words);
}

int
look_readable(struct spool *s, const char *directory, enum look depth)
{
	char first[LINE_BYTES] = "";
	uint64_t faults;
	int rc = look_in_child(s, directory, depth, keep_first, first, &faults);

	if (rc <= 0)
		return rc;
	return spool_fail(s, SPOOL_DAMAGED, "%s is damaged: %s", directory, first);
}
