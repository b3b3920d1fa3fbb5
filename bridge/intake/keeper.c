/*
 * Fork, wait, judge. The parent's only tools are the exit status and one
 * shared page; it believes the page no further than printing it.
 *
 * SIGALRM is ignored under uuxqt, so nothing here rests on alarm(): the
 * parent sleeps in sigtimedwait(), and when the worker has made no progress
 * for STUCK_S (a writer of the spool that hangs in the kernel, a parser that
 * loops) it ends it by SIGKILL and says 75. The commit was durable or it was
 * not; the job's identity sorts that out when uuxqt runs it again.
 */
#include "bridge/intake/keeper.h"

#include "bridge/base/clock.h"
#include "bridge/base/event.h"
#include "bridge/base/log.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STUCK_S 600 /* without progress; far beyond the spool's own lock deadline */
#define LOOK_S  5   /* between looks at the progress */
#define CPU_S   900 /* of the worker: two GiB through a bzip2 child need none of it */

struct watch {
	pid_t pid;
	unsigned progress;
	int64_t moved_ms;
	bool stuck;
};

enum ending
keeper_reason(struct keeper *k, enum ending e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->reason, sizeof k->reason, fmt, ap);
	va_end(ap);
	return e;
}

/* A signal that ends the parent would be a final failure to uuxqt; the worker may be ended. */
static void
hold_signals(bool under_uuxqt, sigset_t *before)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGCHLD);
	if (under_uuxqt) {
		sigaddset(&held, SIGHUP);
		sigaddset(&held, SIGINT);
		sigaddset(&held, SIGQUIT);
		sigaddset(&held, SIGTERM);
		sigaddset(&held, SIGALRM);
		sigaddset(&held, SIGUSR1);
		sigaddset(&held, SIGUSR2);
	}
	sigprocmask(SIG_BLOCK, &held, before);
}

static pid_t
start(keeper_work *work, struct keeper *k, void *arg, const sigset_t *mask)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_S, CPU_S + 30});
	sigprocmask(SIG_SETMASK, mask, NULL);
	_exit(exit_status(work(k, arg), false));
}

static void
look(struct watch *w, const struct keeper *k)
{
	int64_t now_ms = clock_mono_ms();

	if (w->progress != k->progress) {
		w->progress = k->progress;
		w->moved_ms = now_ms;
	} else if (now_ms - w->moved_ms > STUCK_S * INT64_C(1000)) {
		w->stuck = true;
		kill(w->pid, SIGKILL);
	}
}

/* The wait status; SIGCHLD is blocked, so none is missed between look and sleep. */
static int
wait_for(struct watch *w, const struct keeper *k)
{
	const struct timespec pause = {LOOK_S, 0};
	sigset_t child;
	int status;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	w->progress = k->progress;
	w->moved_ms = clock_mono_ms();
	for (;;) {
		pid_t got = waitpid(w->pid, &status, WNOHANG);

		if (got == w->pid)
			return status;
		if (got < 0 && errno != EINTR)
			return -1;
		if (got == 0 && sigtimedwait(&child, NULL, &pause) < 0)
			look(w, k);
	}
}

/* Whether the worker ended by its own fault, as a parser does: not by anybody's kill. */
static bool
crashed(int status, bool stuck)
{
	if (!WIFSIGNALED(status))
		return false;
	switch (WTERMSIG(status)) {
	case SIGHUP:
	case SIGINT:
	case SIGQUIT:
	case SIGTERM:
		return false;
	case SIGKILL:
		return stuck;
	default:
		return true;
	}
}

static void
say_death(const struct door *d, int status, bool stuck)
{
	struct buf line = {0};
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	event_line(&line, EVENT_WORKER_DIED, event_text("protocol", d->program),
	           event_text("site", d->machine),
	           event_text("signal", stuck ? "stuck"
	                                : sig ? sigabbrev_np(sig)
	                                      : NULL),
	           event_number("status", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + sig));
	event_log(EVENT_WORKER_DIED, NULL, &line);
	buf_free(&line);
}

/* Every 75 is said here, once: uuxqt throws stderr away. */
static int
judge(const struct door *d, struct keeper *k, int status, bool stuck)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	k->reason[sizeof k->reason - 1] = '\0';
	if (k->reason[0] == '\0')
		say_death(d, status, stuck);
	else
		log_line(LEVEL_ERROR, "%s", k->reason);
	if (WIFEXITED(status) && !d->under_uuxqt)
		return WEXITSTATUS(status);
	return exit_status(ENDING_TEMPORARY, d->under_uuxqt);
}

static int
cannot(const struct door *d, const char *what)
{
	log_line(LEVEL_ERROR, "%s: %s; the job is kept by who brought it", what, strerror(errno));
	return exit_status(ENDING_TEMPORARY, d->under_uuxqt);
}

int
keeper_run(const struct door *d, keeper_work *work, keeper_work *mourn, void *arg)
{
	struct watch w = {0};
	sigset_t before;
	struct keeper *k;
	int status;

	k = mmap(NULL, sizeof *k, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k == MAP_FAILED)
		return cannot(d, "no memory");
	hold_signals(d->under_uuxqt, &before);
	w.pid = start(work, k, arg, &before);
	if (w.pid < 0)
		return cannot(d, "no process for the worker");
	status = wait_for(&w, k);
	if (crashed(status, w.stuck)) {
		struct watch m = {.pid = start(mourn, k, arg, &before)};

		if (m.pid > 0)
			wait_for(&m, k);
		k->reason[0] = '\0';
	}
	return judge(d, k, status, w.stuck);
}
