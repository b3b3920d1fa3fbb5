/*
 * Making, compacting and restoring a spool, with the process killed at each of
 * its calls that change the disk. A spool half made is made again; a compacted
 * or restored one is the old or the new, never neither. And the order of the
 * calls is such that a power cut keeps it so: the new file synced before it is
 * put in place, the directory synced after.
 *
 * The calls are seen, and the process ended, by being these functions.
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

enum { KILLED = 77, SEEN = 4000 };

struct shared { /* with the child: the calls in order, a letter each */
	size_t n;
	char seen[SEEN];
};

static struct shared *shared;
static unsigned long countdown;
static pid_t watched; /* 0: nobody; its own children go unseen */

ssize_t write(int fd, const void *p, size_t n);
ssize_t pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t writev(int fd, const struct iovec *v, int count);
int fsync(int fd);
int fdatasync(int fd);
int linkat(int from, const char *a, int to, const char *b, int flags);
int renameat(int from, const char *a, int to, const char *b);
int unlinkat(int fd, const char *path, int flags);
int mkdirat(int fd, const char *path, mode_t mode);
int mkdir(const char *path, mode_t mode);

static void
call(char letter)
{
	if (watched != getpid())
		return;
	if (shared->n < SEEN - 1)
		shared->seen[shared->n++] = letter;
	if (letter == 'w' && shared->n % 8)
		return; /* one of the many writes of a copy is like the next */
	if (countdown > 0 && --countdown == 0)
		_exit(KILLED);
}

/* w: of a file; s: a sync of a file; d: of a directory */
static char
sync_letter(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? 'd' : 's';
}

ssize_t
write(int fd, const void *p, size_t n)
{
	call('w');
	return syscall(SYS_write, fd, p, n);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	call('w');
	return syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int count)
{
	call('w');
	return syscall(SYS_writev, fd, v, count);
}

int
fsync(int fd)
{
	call(sync_letter(fd));
	return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	call('s');
	return (int)syscall(SYS_fdatasync, fd);
}

int
linkat(int from, const char *a, int to, const char *b, int flags)
{
	call('L');
	return (int)syscall(SYS_linkat, from, a, to, b, flags);
}

int
renameat(int from, const char *a, int to, const char *b)
{
	call('R');
	return (int)syscall(SYS_renameat2, from, a, to, b, 0);
}

int
unlinkat(int fd, const char *path, int flags)
{
	call('u');
	return (int)syscall(SYS_unlinkat, fd, path, flags);
}

int
mkdirat(int fd, const char *path, mode_t mode)
{
	call('m');
	return (int)syscall(SYS_mkdirat, fd, path, mode);
}

int
mkdir(const char *path, mode_t mode)
{
	call('m');
	return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

/* ---- */

static char live[200], backup[200], why[400];

static int
create(void)
{
	struct spool_options o = scenario_options(live);

	return spool_create(&o, why, sizeof why);
}

static int
compact(void)
{
	struct spool_options o = scenario_options(live);

	return spool_compact(&o, why, sizeof why);
}

static int
restore(void)
{
	struct spool_options o = scenario_options(live);

	return spool_restore(&o, backup, why, sizeof why);
}

static int
fingerprint(uint64_t *out)
{
	struct spool *s;
	int rc = scenario_open(&s, live);

	if (rc == 0)
		rc = scenario_fingerprint(s, out);
	if (rc < 0)
		snprintf(why, sizeof why, "%s", spool_error(s));
	spool_close(s);
	return rc;
}

static int
steps(int from, int to)
{
	struct spool *s;
	int rc = scenario_open(&s, live);

	for (; rc == 0 && from < to; from++)
		rc = scenario_step(s, from);
	if (rc < 0)
		snprintf(why, sizeof why, "%s", spool_error(s));
	spool_close(s);
	return rc;
}

static void
clear(const char *directory)
{
	static const char *const more[] = {"aside/data.mdb", "aside/lock.mdb", "before-restore.mdb",
	                                   "incomplete"};
	char path[300];
	size_t i;

	for (i = 0; i < sizeof more / sizeof more[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, more[i]);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/aside", directory);
	rmdir(path);
	scenario_remove(directory);
}

/* The exit code of `what` in a child that is killed at its nth call; 0: it came to its end. */
static int
killed_at(int (*what)(void), unsigned long n)
{
	int status;
	pid_t pid;

	memset(shared, 0, sizeof *shared);
	pid = fork();
	if (pid == 0) {
		countdown = n;
		watched = getpid();
		_exit(what() < 0 ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		abort();
	return WEXITSTATUS(status);
}

static int
prepare_nothing(void)
{
	clear(live);
	return 0;
}

static int
prepare_used(void)
{
	struct spool *s;
	int rc;

	clear(live);
	clear(backup);
	if (create() < 0 || steps(0, 4) < 0 || scenario_open(&s, live) < 0)
		return -1;
	rc = spool_backup(s, backup);
	spool_close(s);
	return rc < 0 ? -1 : steps(4, 8);
}

static int
after_create(uint64_t before)
{
	uint64_t print;

	(void)before;
	if (fingerprint(&print) < 0 && create() < 0)
		return -1;
	return steps(0, 3);
}

static int
after_compact(uint64_t before)
{
	uint64_t print;

	if (fingerprint(&print) < 0 || print != before)
		return -1;
	return compact() < 0 || steps(9, 10) < 0 ? -1 : 0;
}

static uint64_t print_restored;

static int
after_restore(uint64_t before)
{
	uint64_t print;

	if (fingerprint(&print) < 0 || (print != before && print != print_restored))
		return -1;
	return restore() < 0 || steps(4, 5) < 0 ? -1 : 0;
}

static int
try_all(int (*prepare)(void), int (*what)(void), int (*after)(uint64_t))
{
	unsigned long n;
	uint64_t before = 0;
	int rc;

	for (n = 1;; n++) {
		if (prepare() < 0)
			return -1;
		if (after != after_create && fingerprint(&before) < 0)
			return -1;
		rc = killed_at(what, n);
		if (rc == 0)
			return (int)n;
		if (rc != KILLED || after(before) < 0) {
			printf("# call %lu, exit %d: %s\n", n, rc, why);
			return -1;
		}
	}
}

/* What was seen: a file's sync, then the call that puts it in place, then the directory's. */
static bool
order_is(char place)
{
	const char *at = strchr(shared->seen, place), *p;

	if (!at || !strchr(at, 'd'))
		return false;
	for (p = at; p > shared->seen && *p != 'w' && *p != 's'; p--)
		;
	return *p == 's'; /* nothing was written after the sync */
}

int
main(void)
{
	static const struct {
		const char *name;
		int (*prepare)(void), (*what)(void), (*after)(uint64_t);
		char place;
	} rows[] = {
	    {"create", prepare_nothing, create, after_create, 'L'},
	    {"compact", prepare_used, compact, after_compact, 'R'},
	    {"restore", prepare_used, restore, after_restore, 'R'},
	};
	unsigned failures = 0;
	size_t i;
	int n;

	shared =
	    mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	scenario_directory(live, sizeof live, "live");
	scenario_directory(backup, sizeof backup, "backup");
	printf("1..%zu\n", 2 * sizeof rows / sizeof rows[0]);
	fflush(stdout);
	if (prepare_used() < 0 || restore() < 0 || fingerprint(&print_restored) < 0)
		printf("# %s\n", why);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		n = try_all(rows[i].prepare, rows[i].what, rows[i].after);
		failures += n < 0;
		printf("%s %zu - %s, killed at any of %d moments\n", n < 0 ? "not ok" : "ok",
		       2 * i + 1, rows[i].name, n - 1);
		n = order_is(rows[i].place);
		failures += !n;
		printf("%s %zu - %s syncs before it puts the file in place, and after\n",
		       n ? "ok" : "not ok", 2 * i + 2, rows[i].name);
		fflush(stdout);
	}
	clear(live);
	clear(backup);
	return failures != 0;
}
