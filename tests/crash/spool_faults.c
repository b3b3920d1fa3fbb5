/*
 * One call after the other fails: memory, writes on a full disk, writes and
 * syncs of a broken one. Each time the scenario runs in a child until a change
 * fails; it must fail in words that fit, not crash, work again where that can
 * be, and leave the spool as it was after the last success, or as the change
 * under way would have made it.
 *
 * The calls are failed by being these functions, for liblmdb too.
 */
#include "tests/crash/scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum fault { NO_FAULT, NO_MEMORY, NO_SPACE, BROKEN_WRITE, SHORT_WRITE, BROKEN_SYNC };

static enum fault armed;
static unsigned long countdown; /* calls until the one that fails; 0: it has failed */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
ssize_t pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t writev(int fd, const struct iovec *v, int count);
int fdatasync(int fd);
int posix_fallocate(int fd, off_t at, off_t n);

static bool
fails(enum fault a, enum fault b, enum fault c)
{
	if (armed == NO_FAULT || (armed != a && armed != b && armed != c) || countdown == 0)
		return false;
	return --countdown == 0;
}

void *
malloc(size_t n)
{
	return fails(NO_MEMORY, NO_MEMORY, NO_MEMORY) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails(NO_MEMORY, NO_MEMORY, NO_MEMORY) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fails(NO_MEMORY, NO_MEMORY, NO_MEMORY) ? NULL : __libc_realloc(p, n);
}

static int
write_error(void)
{
	errno = armed == NO_SPACE ? ENOSPC : EIO;
	return -1;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (fails(NO_SPACE, BROKEN_WRITE, SHORT_WRITE)) {
		if (armed != SHORT_WRITE)
			return write_error();
		n /= 2;
	}
	return syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int count)
{
	if (fails(NO_SPACE, BROKEN_WRITE, SHORT_WRITE)) {
		if (armed != SHORT_WRITE)
			return write_error();
		count = 1;
	}
	return syscall(SYS_writev, fd, v, count);
}

int
fdatasync(int fd)
{
	if (fails(BROKEN_SYNC, BROKEN_SYNC, BROKEN_SYNC))
		return write_error();
	return (int)syscall(SYS_fdatasync, fd);
}

int
posix_fallocate(int fd, off_t at, off_t n)
{
	if (fails(NO_SPACE, NO_SPACE, NO_SPACE))
		return ENOSPC;
	return syscall(SYS_fallocate, fd, 0, at, n) < 0 ? errno : 0;
}

/* ---- */

struct shared { /* with the child */
	int successes;
	bool fired;
	char words[300];
};

static struct shared *shared;
static uint64_t prints[STEPS + 1];
static char base[200], live[200];

static int
complain(const char *words)
{
	snprintf(shared->words, sizeof shared->words, "step %d: %s (%s)", shared->successes, words,
	         spool_error(NULL));
	return 1;
}

static int
step_is_good(int rc, int step)
{
	if (step == SCENARIO_DUPLICATE)
		return rc < 0 && spool_status(NULL) == SPOOL_DUPLICATE;
	return rc == 0;
}

static bool
status_fits(enum fault f, enum spool_status st)
{
	switch (f) {
	case NO_MEMORY:
		return st == SPOOL_MEMORY;
	case NO_SPACE:
		return st == SPOOL_FULL || st == SPOOL_SYSTEM;
	default:
		return st == SPOOL_SYSTEM;
	}
}

/* What failed in passing succeeds the second time; after a broken disk nothing may. */
static int
try_again(struct spool *s, enum fault f, int step)
{
	int rc = scenario_step(s, step);

	if (f == NO_MEMORY) {
		if (!step_is_good(rc, step))
			return complain("does not work when there is memory again");
		shared->successes++;
	} else if (f == NO_SPACE) {
		shared->successes += step_is_good(rc, step);
	} else if (rc == 0) {
		return complain("a success on a broken disk");
	}
	return 0;
}

static int
run_steps(struct spool *s, enum fault f)
{
	int step, rc;

	for (step = 0; step < STEPS; step++) {
		rc = scenario_step(s, step);
		shared->fired = countdown == 0;
		if (shared->fired)
			armed = NO_FAULT;
		if (step_is_good(rc, step)) {
			shared->successes++;
			if (shared->fired && spool_sweep(s) < 0) /* what was promised, visible */
				return 0;
			continue;
		}
		if (!shared->fired)
			return complain("failed without a fault");
		if (!status_fits(f, spool_status(s)))
			return complain(spool_status_name(spool_status(s)));
		return try_again(s, f, step);
	}
	return 0;
}

static int
child(enum fault f, unsigned long n)
{
	struct spool *s;
	int rc;

	countdown = n;
	armed = f;
	if (scenario_open(&s, live) < 0) {
		armed = NO_FAULT;
		shared->fired = countdown == 0;
		rc = shared->fired && status_fits(f, spool_status(s)) ? 0 : complain("opening");
	} else {
		rc = run_steps(s, f);
	}
	armed = NO_FAULT;
	spool_close(s);
	return rc;
}

static void
copy_file(const char *name)
{
	char from[300], to[300], *p = malloc(1 << 22);
	int in, out;
	ssize_t n;

	snprintf(from, sizeof from, "%s/%s", base, name);
	snprintf(to, sizeof to, "%s/%s", live, name);
	in = open(from, O_RDONLY);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	n = read(in, p, 1 << 22);
	if (in < 0 || out < 0 || n < 0 || write(out, p, (size_t)n) != n)
		abort();
	close(in);
	close(out);
	free(p);
}

static int
look(void)
{
	int k = shared->successes, rc = 0;
	uint64_t print;
	struct spool *s;

	if (scenario_open(&s, live) < 0 || spool_sweep(s) < 0 ||
	    scenario_fingerprint(s, &print) < 0)
		rc = complain("afterwards");
	else if (print != prints[k] && (k == STEPS || print != prints[k + 1]))
		rc = complain("neither as it was nor as it was to become");
	spool_close(s);
	return rc;
}

/* 1 the fault came and went well, 0 there are not as many calls, -1. */
static int
try_fault(enum fault f, unsigned long n)
{
	int status;
	pid_t pid;

	scenario_remove(live);
	if (mkdir(live, 0700) < 0)
		abort();
	copy_file("data.mdb");
	copy_file("gate");
	*shared = (struct shared){0};
	pid = fork();
	if (pid == 0)
		_exit(child(f, n));
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		abort();
	if (status != 0 || look() != 0) {
		printf("# call %lu, status %#x: %s\n", n, (unsigned)status, shared->words);
		return -1;
	}
	return shared->fired;
}

static int
run_whole(void)
{
	struct spool_options o = scenario_options(base);
	struct spool *s;
	char why[300];
	int i;

	if (spool_create(&o, why, sizeof why) < 0)
		return -1;
	if (mkdir(live, 0700) < 0)
		return -1;
	copy_file("data.mdb");
	copy_file("gate");
	if (scenario_open(&s, live) < 0 || scenario_fingerprint(s, &prints[0]) < 0)
		return -1;
	for (i = 0; i < STEPS; i++)
		if (!step_is_good(scenario_step(s, i), i) ||
		    scenario_fingerprint(s, &prints[i + 1]) < 0)
			return -1;
	spool_close(s);
	return 0;
}

int
main(void)
{
	static const struct {
		enum fault fault;
		const char *name;
		unsigned long dense, stride; /* every call up to, then each so many */
	} rows[] = {
	    {NO_MEMORY, "an allocation fails", 200, 11},
	    {NO_SPACE, "a write finds the disk full", 20, 13},
	    {BROKEN_WRITE, "a write fails", 20, 17},
	    {SHORT_WRITE, "a write is short", 20, 19},
	    {BROKEN_SYNC, "a sync fails", 20, 5},
	};
	unsigned long n, tried;
	unsigned failures = 0;
	size_t i;
	int rc;

	shared =
	    mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	scenario_directory(base, sizeof base, "base");
	scenario_directory(live, sizeof live, "live");
	printf("1..%zu\n", sizeof rows / sizeof rows[0]);
	if (run_whole() < 0)
		printf("Bail out! the scenario does not run: %s\n", spool_error(NULL));
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fflush(stdout);
		tried = 0;
		for (n = 1, rc = 1; rc > 0; n += n < rows[i].dense ? 1 : rows[i].stride, tried++)
			rc = try_fault(rows[i].fault, n);
		failures += rc < 0;
		printf("%s %zu - %s: %lu moments of about %lu\n", rc < 0 ? "not ok" : "ok", i + 1,
		       rows[i].name, tried, n);
	}
	scenario_remove(base);
	scenario_remove(live);
	return failures != 0;
}
