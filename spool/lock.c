/*
 * How long is a lock waited for? LMDB's write lock has no deadline: a writer
 * that is stopped, or hangs on a disk, holds up every other for ever. So each
 * writer first takes the outer lock, an flock() on the file "lock", by trying
 * and sleeping until a deadline (uuxqt leaves SIGALRM ignored: no alarm would
 * wake us), and begins LMDB's transaction only then. The kernel gives the lock
 * back when its holder dies, and LMDB's own lock is robust.
 */
#include "spool/spool_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

enum { FIRST_SLEEP_US = 50, LONGEST_SLEEP_US = 10000 };

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
sleep_us(int64_t us)
{
	struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

int
lock_file(int fd, int how, unsigned wait_ms)
{
	int64_t deadline_us = now_us() + (int64_t)wait_ms * 1000;
	int64_t sleep = FIRST_SLEEP_US, left;

	while (flock(fd, (how == LOCK_ALONE ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		left = deadline_us - now_us();
		if (left <= 0)
			return 1;
		sleep_us(sleep < left ? sleep : left);
		sleep = sleep * 3 / 2 < LONGEST_SLEEP_US ? sleep * 3 / 2 : LONGEST_SLEEP_US;
	}
	return 0;
}

int
lock_open(struct spool *s)
{
	s->lock_fd = openat(s->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return s->lock_fd < 0 ? spool_fail_errno(s, errno, "lock") : 0;
}

int
lock_take(struct spool *s)
{
	int rc = lock_file(s->lock_fd, LOCK_ALONE, s->o.lock_wait_ms);

	if (rc < 0)
		return spool_fail_errno(s, errno, "locking the spool");
	if (rc > 0)
		return spool_fail(s, SPOOL_BUSY,
		                  "%s/lock has been held by another process for %u ms",
		                  s->o.directory, s->o.lock_wait_ms);
	return 0;
}

void
lock_drop(struct spool *s)
{
	flock(s->lock_fd, LOCK_UN);
}
