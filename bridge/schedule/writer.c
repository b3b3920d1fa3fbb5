/*
 * One queue in, one queue out, one lock. The thread sleeps on a condition; the
 * loop is woken by uv_async.
 *
 * Invariants: a job is in exactly one list (queued, the thread's group, again,
 * finished); done() runs in the loop only. Jobs that must happen and found the
 * spool full or locked wait in `again`; they are tried after what is new, since
 * a settlement that frees space must not stand behind a notice that needs it.
 */
#include "bridge/schedule/writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAUSE_MS  500 /* before what found the spool full or locked is tried again */
#define GROUP_MAX 128 /* jobs in one commit: bounds its memory and its time */

struct list {
	struct writer_job *head, *last;
};

struct writer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct spool *spool;          /* borrowed */
	uv_async_t *async;            /* owned; outlives the writer until it is closed */
	struct list queued, finished; /* under the lock */
	bool prompt, stopping;        /* under the lock */
	bool dead;                    /* written by the thread under the lock */
	struct list again;            /* the thread's */
	void (*broken)(void *owner, const char *words); /* the loop's; NULL: was called */
	void *owner;
};

static void
list_add(struct list *l, struct writer_job *job)
{
	job->next = NULL;
	if (l->head == NULL)
		l->head = job;
	else
		l->last->next = job;
	l->last = job;
}

static struct writer_job *
list_take(struct list *l)
{
	struct writer_job *job = l->head;

	l->head = job->next;
	return job;
}

/* ---- in the thread ---- */

static void
finish(struct writer *w, struct writer_job *job)
{
	pthread_mutex_lock(&w->lock);
	list_add(&w->finished, job);
	pthread_mutex_unlock(&w->lock);
	uv_async_send(w->async);
}

static void
set_status(struct writer_job *job, enum spool_status st, const char *why)
{
	job->status = st;
	snprintf(job->error, sizeof job->error, "%s", why);
}

static bool
may_pass(enum spool_status st)
{
	return st == SPOOL_FULL || st == SPOOL_BUSY || st == SPOOL_MEMORY;
}

/*
 * One change of `first` and up to `most` - 1 of those behind it, fewer when it
 * grows large; each gets the status. How many they were.
 */
static size_t
commit(struct writer *w, struct writer_job *first, size_t most)
{
	struct spool_change *c = w->dead ? NULL : spool_change_new(w->spool);
	enum spool_status st = SPOOL_OK;
	const char *why = "";
	struct writer_job *job = first;
	bool filled = c != NULL;
	size_t n = 0, i;

	do {
		filled = filled && job->fill(job, w->spool, c) == 0;
		job = job->next;
	} while (++n < most && job != NULL && !(filled && spool_change_is_large(c)));
	if (w->dead) {
		st = SPOOL_SYSTEM;
		why = "the spool failed before";
	} else if (!filled) {
		st = SPOOL_MEMORY;
		why = "out of memory";
	} else if (spool_commit(c) != 0) {
		st = spool_status(w->spool);
		why = spool_error(w->spool);
	}
	for (i = 0, job = first; i < n; i++, job = job->next)
		set_status(job, st, why);
	if (st == SPOOL_SYSTEM || st == SPOOL_DAMAGED) {
		pthread_mutex_lock(&w->lock);
		w->dead = true;
		pthread_mutex_unlock(&w->lock);
	}
	spool_change_free(c);
	return n;
}

/* The first of the group, as many as one change takes. */
static void
do_some(struct writer *w, struct list *group, bool last)
{
	size_t n = commit(w, group->head, GROUP_MAX);
	/* One job may have spoiled it for all; but a dead environment is nobody's fault. */
	bool together = group->head->status == SPOOL_OK || w->dead || n == 1;
	struct writer_job *job;

	for (; n > 0; n--) {
		job = list_take(group);
		if (!together)
			commit(w, job, 1);
		if (job->must && may_pass(job->status) && !last)
			list_add(&w->again, job);
		else
			finish(w, job);
	}
}

static void
do_group(struct writer *w, struct list *group, bool last)
{
	while (group->head != NULL)
		do_some(w, group, last);
}

static struct timespec
time_in_ms(long ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* Waits for the first job, or until those in `again` are to be tried. The lock is held. */
static void
await_job(struct writer *w)
{
	struct timespec until = time_in_ms(PAUSE_MS);
	int late = 0;

	while (w->queued.head == NULL && !w->stopping && late == 0)
		late = w->again.head == NULL ? pthread_cond_wait(&w->work, &w->lock)
		                             : pthread_cond_timedwait(&w->work, &w->lock, &until);
}

/* Lets a job that can wait find company. The lock is held. */
static void
await_company(struct writer *w)
{
	struct timespec until = time_in_ms(WRITER_GATHER_MS);
	int late = 0;

	while (w->queued.head != NULL && !w->prompt && !w->stopping && late == 0)
		late = pthread_cond_timedwait(&w->work, &w->lock, &until);
}

/* Takes up to GROUP_MAX jobs in hand, or none. True: no group comes after this one. */
static bool
take_group(struct writer *w, struct list *group)
{
	size_t n = 0;
	bool last;

	pthread_mutex_lock(&w->lock);
	await_job(w);
	await_company(w);
	while (w->queued.head != NULL && n++ < GROUP_MAX)
		list_add(group, list_take(&w->queued));
	w->prompt = w->queued.head != NULL;
	last = w->stopping && w->queued.head == NULL;
	pthread_mutex_unlock(&w->lock);
	return last;
}

static void *
run(void *arg)
{
	struct writer *w = arg;
	struct list group, waiting;
	bool last;

	do {
		group.head = NULL;
		last = take_group(w, &group);
		waiting = w->again;
		w->again.head = NULL;
		do_group(w, &group, last);
		do_group(w, &waiting, last);
	} while (!last);
	return NULL;
}

/* ---- in the loop ---- */

static void
report(struct writer *w)
{
	struct list finished;
	struct writer_job *job;

	pthread_mutex_lock(&w->lock);
	finished = w->finished;
	w->finished.head = NULL;
	pthread_mutex_unlock(&w->lock);
	while (finished.head != NULL) {
		job = list_take(&finished);
		if (w->broken != NULL &&
		    (job->status == SPOOL_SYSTEM || job->status == SPOOL_DAMAGED)) {
			w->broken(w->owner, job->error);
			w->broken = NULL;
		}
		job->done(job, (struct writer_result){job->status, job->error});
	}
}

static void
on_async(uv_async_t *async)
{
	report(async->data);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle);
}

static void
init_lock(struct writer *w)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->work, &attr);
	pthread_condattr_destroy(&attr);
}

static void
free_writer(struct writer *w)
{
	uv_close((uv_handle_t *)w->async, on_closed);
	pthread_cond_destroy(&w->work);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct writer *
writer_start(uv_loop_t *loop, struct spool *s, void (*broken)(void *owner, const char *words),
             void *owner)
{
	struct writer *w = calloc(1, sizeof *w);
	uv_async_t *async = malloc(sizeof *async);

	if (w == NULL || async == NULL || uv_async_init(loop, async, on_async) != 0) {
		free(w);
		free(async);
		return NULL;
	}
	init_lock(w);
	async->data = w;
	w->async = async;
	w->spool = s;
	w->broken = broken;
	w->owner = owner;
	if (pthread_create(&w->thread, NULL, run, w) != 0) {
		free_writer(w);
		return NULL;
	}
	return w;
}

void
writer_put(struct writer *w, struct writer_job *job)
{
	pthread_mutex_lock(&w->lock);
	list_add(&w->queued, job);
	w->prompt |= job->prompt;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
}

void
writer_stop(struct writer *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	report(w);
	free_writer(w);
}
