#include "bridge/operator/daemon_reload.h"

#include "bridge/base/clock.h"
#include "bridge/base/event.h"
#include "bridge/base/log.h"
#include "bridge/base/supervisor.h"
#include "bridge/message/replies.h"

#include <stdlib.h>
#include <string.h>

struct reading {
	uv_work_t work;
	struct reload *r;
	reload_done *done; /* NULL: nobody waits */
	void *arg;
	/* out */
	struct config_faults faults;
	struct setup *setup;      /* held; NULL: it could not be read */
	struct link_facts *facts; /* owned */
};

/* ---- words ---- */

static void
say_loaded(const char *path, const struct config *c)
{
	struct buf line = {0};

	event_line(&line, EVENT_CONFIG_LOADED, event_text("file", path),
	           event_number("routes", (int64_t)c->nroutes),
	           event_number("links", (int64_t)c->nlinks),
	           event_number("sites", (int64_t)c->nsites));
	event_log(EVENT_CONFIG_LOADED, NULL, &line);
	buf_free(&line);
}

static void
say_refused(const char *path, const struct config_faults *faults)
{
	const struct config_fault *f;
	struct buf line = {0};
	size_t i;

	for (i = 0; i < faults->n; i++) {
		f = &faults->v[i];
		if (f->warning)
			continue;
		buf_clear(&line);
		event_line(&line, EVENT_CONFIG_REFUSED,
		           event_text("file", f->place.file != NULL ? f->place.file : path),
		           event_number("line", f->place.line),
		           event_number("faults", (int64_t)faults->n),
		           event_text("words", f->words));
		event_log(EVENT_CONFIG_REFUSED, NULL, &line);
	}
	buf_free(&line);
}

/* Lines of the files it names that are left out. */
static void
say_warnings(const struct config_faults *faults)
{
	struct buf line = {0};
	size_t i;

	for (i = 0; i < faults->n; i++) {
		if (!faults->v[i].warning)
			continue;
		buf_clear(&line);
		config_fault_text(&faults->v[i], &line);
		log_line(LEVEL_WARN, "%s", buf_text(&line));
	}
	buf_free(&line);
}

static bool
are_same(const struct config_strings *a, const struct config_strings *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return a->n == b->n;
}

/* What is bound or opened at the start stays as it is until the next start. */
static void
say_kept(const struct config *old, const struct config *new)
{
	if (strcmp(old->spool.directory, new->spool.directory) != 0 ||
	    strcmp(old->control_socket, new->control_socket) != 0 ||
	    old->spool.limit_bytes != new->spool.limit_bytes ||
	    old->spool.reserve_bytes != new->spool.reserve_bytes ||
	    !are_same(&old->resolvers, &new->resolvers))
		log_line(LEVEL_WARN, "what was changed of `spool`, `control-socket` and "
		                     "`resolvers` is in force after the next start");
}

/* ---- reading: in the pool, or before the loop runs ---- */

/* Without its memory the table would send letters that cannot be answered. */
static void
remember_answers(struct reading *g)
{
	const struct config *c = g->setup->config;
	struct config_place place = {g->r->parts.path, 0};
	struct buf why = {0};

	if (replies_attach(g->r->parts.spool, c, g->setup->table, &why) != 0) {
		if (c->secret[0] != '\0')
			place = config_place(c, "secret");
		config_faults_add(&g->faults, place, "%s", buf_text(&why));
		setup_release(g->setup);
		g->setup = NULL;
	}
	buf_free(&why);
}

/* Takes the configuration. */
static void
read_rest(struct reading *g, struct config *c)
{
	g->facts = link_facts_read(g->r->parts.spool, c);
	g->setup = g->facts != NULL ? setup_new(c, &g->faults) : NULL;
	if (g->setup == NULL)
		config_free(c);
	else
		remember_answers(g);
}

static void
on_read(uv_work_t *work)
{
	struct reading *g = work->data;
	struct config *c = NULL;

	if (config_load(g->r->parts.path, &c, &g->faults) == 0)
		read_rest(g, c);
}

static void
reading_free(struct reading *g)
{
	setup_release(g->setup);
	link_facts_free(g->facts);
	config_faults_free(&g->faults);
	free(g);
}

static struct reading *
reading_new(struct reload *r)
{
	struct reading *g = calloc(1, sizeof *g);

	if (g != NULL)
		g->r = r;
	return g;
}

/* ---- taking it up: in the loop ---- */

static int
use(struct reload *r, struct reading *g)
{
	struct reload_parts *p = &r->parts;
	struct setup *old = r->setup;

	if (links_use(p->links, g->setup->config, g->facts) != 0)
		return -1;
	if (schedule_use(p->schedule, g->setup) != 0) {
		if (old != NULL)
			links_use(p->links, old->config, g->facts);
		return -1;
	}
	r->setup = setup_hold(g->setup);
	watch_use(p->watch, r->setup->table);
	if (old != NULL)
		say_kept(old->config, r->setup->config);
	setup_release(old);
	schedule_links_changed(p->schedule);
	say_loaded(p->path, r->setup->config);
	return 0;
}

/* NULL, or what is wrong, in `room`. */
static const char *
take_up(struct reload *r, struct reading *g, struct buf *room)
{
	const struct config_fault *first = config_faults_first(&g->faults);

	if (r->stopped)
		return "the daemon is being stopped";
	if (g->setup != NULL && use(r, g) == 0) {
		say_warnings(&g->faults);
		return NULL;
	}
	if (first != NULL) {
		say_refused(r->parts.path, &g->faults);
		config_fault_text(first, room);
	} else {
		log_line(LEVEL_ERROR, "the configuration could not be taken up, for want of "
		                      "memory or of the spool: the old one stays");
		buf_str(room, "out of memory, or the spool could not be read");
	}
	return buf_text(room);
}

static void
on_done(uv_work_t *work, int status)
{
	struct reading *g = work->data;
	struct reload *r = g->r;
	struct buf room = {0};
	const char *why;

	(void)status;
	r->reading = NULL;
	why = take_up(r, g, &room);
	if (!r->stopped)
		supervisor_tell("READY=1\n");
	if (g->done != NULL)
		g->done(g->arg, why);
	buf_free(&room);
	reading_free(g);
	if (r->again)
		reload_again(r);
}

void
reload_init(struct reload *r, const struct reload_parts *parts)
{
	*r = (struct reload){.parts = *parts};
}

enum ending
reload_first(struct reload *r, struct config *c)
{
	struct reading *g = reading_new(r);
	struct buf room = {0};
	enum ending e = ENDING_SYSTEM;

	if (g == NULL) {
		config_free(c);
		return e;
	}
	read_rest(g, c);
	if (take_up(r, g, &room) == NULL)
		e = ENDING_DONE;
	else if (config_faults_first(&g->faults) != NULL)
		e = ENDING_CONFIG;
	buf_free(&room);
	reading_free(g);
	return e;
}

int
reload_start(struct reload *r, reload_done *done, void *arg)
{
	struct reading *g = r->reading == NULL && !r->stopped ? reading_new(r) : NULL;

	if (g == NULL)
		return -1;
	g->done = done;
	g->arg = arg;
	g->work.data = g;
	r->reading = g;
	supervisor_tell("RELOADING=1\nMONOTONIC_USEC=%lld\n", (long long)clock_mono_ms() * 1000);
	uv_queue_work(r->parts.loop, &g->work, on_read, on_done);
	return 0;
}

void
reload_again(struct reload *r)
{
	r->again = r->reading != NULL && !r->stopped;
	if (!r->again && reload_start(r, NULL, NULL) != 0 && !r->stopped)
		log_line(LEVEL_ERROR, "out of memory: the configuration is not read again");
}

void
reload_stop(struct reload *r)
{
	r->stopped = true;
	r->again = false;
}
