/*
 * What the kernel tells of a directory is only a reason to look: at each file,
 * by a job of the pool, whether it is the one that was read. So whoever else
 * writes there costs a look every half second and no reading, and a file that
 * was replaced while it was being read is found too.
 *
 * A file that is written in place is there in halves for a while: it is read
 * when two looks have found it the same. Each change is told once; a file that
 * is wrong is not read again until it is another one.
 */
#include "bridge/operator/daemon_watch.h"

#include "bridge/base/log.h"

#include <stdlib.h>
#include <string.h>

#define QUIET_MS 500
#define SLOW_MS  60000

/* The files of one table. A look under way holds it, and it may be an old one then. */
struct watched {
	struct watch *w;
	struct route_file *v; /* owned */
	size_t n;
	bool looking;
	uv_work_t work;
	size_t changed; /* out of a look: the first that is another one; n: none is */
	bool missing;   /* likewise: one is not there */
};

struct directory {
	uv_fs_event_t event; /* first */
	struct directory *next;
	char name[];
};

struct watch {
	uv_loop_t *loop;
	watch_changed *tell;
	void *owner;
	const struct route_table *table; /* borrowed; NULL: none yet */
	struct watched *files;           /* owned; NULL: no table, or no memory for its files */
	struct directory *directories;   /* owned; being watched */
	uv_timer_t quiet, slow;
	const char *unread; /* borrowed of files: the one that changed, until it has been quiet */
	bool deaf;          /* some directory cannot be watched */
	bool closed;
	unsigned open; /* timers and looks that still come back */
};

static void look(struct watch *w);
static void look_slowly(struct watch *w);

/* ---- the end ---- */

static void
watched_free(struct watched *f)
{
	size_t i;

	if (f == NULL || f->looking)
		return;
	for (i = 0; i < f->n; i++)
		free((char *)f->v[i].name);
	free(f->v);
	free(f);
}

/* The last that comes back frees it. */
static void
came_back(struct watch *w)
{
	if (--w->open == 0 && w->closed)
		free(w);
}

static void
on_timer_closed(uv_handle_t *timer)
{
	came_back(timer->data);
}

static void
on_directory_closed(uv_handle_t *event)
{
	free(event); /* the directory's first member */
}

static void
forget(struct watch *w)
{
	struct directory *d;

	while ((d = w->directories) != NULL) {
		w->directories = d->next;
		uv_close((uv_handle_t *)&d->event, on_directory_closed);
	}
	watched_free(w->files);
	w->files = NULL;
	w->unread = NULL;
	w->deaf = false;
}

/* ---- looking ---- */

/* In the pool. */
static void
on_look(uv_work_t *work)
{
	struct watched *f = work->data;
	size_t i;

	f->changed = f->n;
	f->missing = false;
	for (i = 0; i < f->n; i++) {
		if (route_file_changed(&f->v[i]) && f->changed == f->n)
			f->changed = i;
		f->missing |= f->v[i].inode == 0;
	}
}

static void
on_quiet(uv_timer_t *timer)
{
	look(timer->data);
}

static void
look_soon(struct watch *w)
{
	if (!uv_is_active((uv_handle_t *)&w->quiet))
		uv_timer_start(&w->quiet, on_quiet, QUIET_MS, 0);
}

static void
judge(struct watch *w, const struct watched *f)
{
	const char *name = w->unread;

	if (w->deaf || f->missing)
		look_slowly(w);
	if (f->changed < f->n) {
		w->unread = f->v[f->changed].name;
		look_soon(w);
	} else if (name != NULL) {
		w->unread = NULL;
		w->tell(w->owner, name);
	} else {
		log_line(LEVEL_DEBUG,
		         "the files that the configuration names are as they were read");
	}
}

static void
on_looked(uv_work_t *work, int status)
{
	struct watched *f = work->data;
	struct watch *w = f->w;

	f->looking = false;
	if (w->closed || f != w->files)
		watched_free(f);
	else if (status == 0)
		judge(w, f);
	came_back(w);
}

static void
look(struct watch *w)
{
	struct watched *f = w->files;

	if (f == NULL || f->n == 0)
		return;
	if (f->looking) {
		look_soon(w);
		return;
	}
	f->work.data = f;
	if (uv_queue_work(w->loop, &f->work, on_look, on_looked) == 0) {
		f->looking = true;
		w->open++;
	}
}

/* ---- listening ---- */

static void
on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
	struct watch *w = event->data;

	(void)name;
	(void)events;
	(void)status;
	look_soon(w);
}

/* The directory that a file stands in. */
static void
listen_at(struct watch *w, const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t n = slash > file ? (size_t)(slash - file) : 1;
	struct directory *d;

	for (d = w->directories; d != NULL; d = d->next)
		if (strlen(d->name) == n && strncmp(d->name, file, n) == 0)
			return;
	if ((d = calloc(1, sizeof *d + n + 1)) == NULL ||
	    uv_fs_event_init(w->loop, &d->event) != 0) {
		free(d);
		w->deaf = true;
		return;
	}
	memcpy(d->name, file, n);
	d->event.data = w;
	d->next = w->directories;
	w->directories = d;
	if (uv_fs_event_start(&d->event, on_event, d->name, 0) != 0)
		w->deaf = true;
}

static struct watched *
watched_copy(struct watch *w, const struct route_file *files, size_t n)
{
	struct watched *f = calloc(1, sizeof *f);

	if (f == NULL || (f->v = calloc(n + 1, sizeof *f->v)) == NULL) {
		free(f);
		return NULL;
	}
	f->w = w;
	for (f->n = 0; f->n < n; f->n++) {
		f->v[f->n] = files[f->n];
		f->v[f->n].target = NULL;
		if ((f->v[f->n].name = strdup(files[f->n].name)) == NULL) {
			watched_free(f);
			return NULL;
		}
	}
	return f;
}

/* Without memory for them the slow timer tries again. */
static void
take_files(struct watch *w)
{
	const struct route_file *files;
	size_t n = route_table_files(w->table, &files), i;

	if ((w->files = watched_copy(w, files, n)) == NULL) {
		log_line(LEVEL_ERROR, "out of memory: the files that the configuration names are "
		                      "not watched for changes; that is tried again in a minute");
		look_slowly(w);
		return;
	}
	for (i = 0; i < n; i++) {
		listen_at(w, files[i].name);
		listen_at(w, files[i].target);
	}
	if (n > 0)
		look_soon(w); /* what changed since it was read, nobody told */
}

static void
on_slow(uv_timer_t *timer)
{
	struct watch *w = timer->data;

	if (w->files == NULL)
		take_files(w);
	else
		look(w);
}

static void
look_slowly(struct watch *w)
{
	uv_timer_start(&w->slow, on_slow, SLOW_MS, 0);
}

/* ---- the face ---- */

struct watch *
watch_new(uv_loop_t *loop, watch_changed *changed, void *owner)
{
	struct watch *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	*w = (struct watch){.loop = loop, .tell = changed, .owner = owner, .open = 2};
	uv_timer_init(loop, &w->quiet);
	uv_timer_init(loop, &w->slow);
	w->quiet.data = w->slow.data = w;
	return w;
}

void
watch_use(struct watch *w, const struct route_table *t)
{
	forget(w);
	uv_timer_stop(&w->slow);
	w->table = t;
	take_files(w);
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	w->closed = true;
	forget(w);
	uv_close((uv_handle_t *)&w->quiet, on_timer_closed);
	uv_close((uv_handle_t *)&w->slow, on_timer_closed);
}
