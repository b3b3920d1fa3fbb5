/*
 * Who is the daemon, and how is it woken? The claim is a record lock on the
 * file "daemon.lock": unlike an flock() it is not inherited by the daemon's
 * children, so none of them keeps it after its death, and asking who holds it
 * takes nothing. The wake-up is one octet in the FIFO "wake".
 */
#include "spool/spool_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The daemon will live long on these pages: a child has a quick look first. */
static int
look(struct spool *s)
{
	if (look_readable(s, s->o.directory, LOOK_LIGHT) == 0)
		return 0;
	if (spool_status(s) == SPOOL_DAMAGED)
		suspect_mark(s);
	return -1;
}

int
spool_claim(struct spool *s)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = openat(s->dir_fd, "daemon.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return spool_fail_errno(s, errno, "daemon.lock");
	if (fcntl(fd, F_SETLK, &whole) < 0) {
		if (errno == EAGAIN || errno == EACCES)
			spool_fail(s, SPOOL_BUSY, "another daemon has the spool in %s",
			           s->o.directory);
		else
			spool_fail_errno(s, errno, "daemon.lock");
		close(fd);
		return -1;
	}
	s->claim_fd = fd;
	return look(s);
}

bool
spool_claimed(struct spool *s)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd, rc;

	if (s->claim_fd >= 0)
		return true; /* opening and closing the file would give the lock away */
	fd = openat(s->dir_fd, "daemon.lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	rc = fcntl(fd, F_GETLK, &whole);
	close(fd);
	return rc == 0 && whole.l_type != F_UNLCK;
}

/*
 * We keep a writing end open ourselves: without one the FIFO would read as
 * ended, and its descriptor be ready, from the first writer's close on.
 */
int
spool_wake_fd(struct spool *s)
{
	if (s->wake_fd >= 0)
		return s->wake_fd;
	if (mkfifoat(s->dir_fd, "wake", 0600) < 0 && errno != EEXIST)
		return spool_fail_errno(s, errno, "wake");
	s->wake_fd = openat(s->dir_fd, "wake", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (s->wake_fd < 0)
		return spool_fail_errno(s, errno, "wake");
	s->wake_keep_fd = openat(s->dir_fd, "wake", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	return s->wake_fd;
}

/* The reader may go away between open and write: no SIGPIPE of ours may end the caller. */
static void
write_quietly(int fd)
{
	sigset_t pipe_set, old;
	bool had;

	sigemptyset(&pipe_set);
	sigaddset(&pipe_set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_set, &old);
	sigpending(&pipe_set);
	had = sigismember(&pipe_set, SIGPIPE);
	if (write(fd, "", 1) < 0 && errno == EPIPE && !had) {
		sigemptyset(&pipe_set);
		sigaddset(&pipe_set, SIGPIPE);
		sigtimedwait(&pipe_set, NULL, &(struct timespec){0});
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void
spool_wake(struct spool *s)
{
	int fd = openat(s->dir_fd, "wake", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	write_quietly(fd);
	close(fd);
}
