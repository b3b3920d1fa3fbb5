#include "bridge/operator/daemon.h"

#include "bridge/base/clock.h"
#include "bridge/base/event.h"
#include "bridge/base/supervisor.h"
#include "bridge/message/replies.h"
#include "bridge/operator/control_server.h"
#include "bridge/operator/daemon_reload.h"
#include "bridge/operator/store.h"
#include "bridge/schedule/record.h"
#include "bridge/schedule/schedule.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATIENCE_MS 10000 /* for what is on the wire when we are to stop */

struct daemon {
	const char *path;
	uv_loop_t loop;
	struct reload reload;
	struct spool *spool;
	struct writer *writer;
	struct resolver *resolver;
	struct links *links;
	struct schedule *schedule;
	struct control_server *control;
	struct watch *watch;
	uv_poll_t wake;
	uv_signal_t term, interrupt, hangup;
	uv_timer_t watchdog;
	bool stopping;
	int64_t started_s;
};

/* ---- what the parts call ---- */

static void
on_links_changed(void *owner)
{
	struct daemon *d = owner;

	schedule_links_changed(d->schedule);
}

static void
on_remember(void *owner, const char *fact, struct spool_bytes value)
{
	struct daemon *d = owner;

	record_fact(d->writer, fact, value);
}

static void
on_note(void *owner, const char *line)
{
	struct daemon *d = owner;

	record_note(d->writer, 0, line);
}

static void
on_ready(void *owner, const struct spool_counts *n)
{
	struct daemon *d = owner;
	struct buf line = {0};

	event_line(&line, EVENT_START, event_text("version", BANGWAY_VERSION),
	           event_text("config", d->path),
	           event_text("spool", d->reload.setup->config->spool.directory),
	           event_number("messages", (int64_t)n->messages),
	           event_number("deliveries", (int64_t)n->deliveries));
	event_log(EVENT_START, NULL, &line);
	buf_free(&line);
	supervisor_tell("READY=1\nSTATUS=%llu messages queued\n", (unsigned long long)n->messages);
}

/*
 * The spool's environment cannot be believed any more (FACTS F6): nothing is
 * settled on it, not even what is known; what was not settled goes again.
 */
static void
on_failed(void *owner, const char *words)
{
	(void)owner;
	log_line(LEVEL_ERROR, "the spool failed: %s; ending, so that it is opened anew", words);
	supervisor_tell("STOPPING=1\nSTATUS=the spool failed\n");
	_exit(exit_status(ENDING_IO, false));
}

static void
close_handle(void *handle)
{
	if (uv_handle_get_type(handle) != UV_UNKNOWN_HANDLE && !uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* As much as there is of it. The writer goes first: what it still reports, others hear. */
static void
tear_down(struct daemon *d)
{
	reload_stop(&d->reload);
	if (d->links != NULL)
		links_stop(d->links);
	writer_stop(d->writer);
	watch_free(d->watch);
	control_server_free(d->control);
	schedule_free(d->schedule);
	links_free(d->links);
	if (d->resolver != NULL)
		resolver_free(d->resolver);
	close_handle(&d->wake);
	close_handle(&d->term);
	close_handle(&d->interrupt);
	close_handle(&d->hangup);
	close_handle(&d->watchdog);
}

static void
on_stopped(void *owner)
{
	tear_down(owner);
}

/* ---- what the world says ---- */

static void
on_wake(uv_poll_t *poll, int status, int events)
{
	struct daemon *d = poll->data;
	char drain[512];
	uv_os_fd_t fd;

	(void)status;
	(void)events;
	if (uv_fileno((uv_handle_t *)poll, &fd) != 0)
		return;
	while (read(fd, drain, sizeof drain) > 0)
		;
	schedule_wake(d->schedule);
}

static void
on_stop(uv_signal_t *sig, int number)
{
	struct daemon *d = sig->data;
	struct buf line = {0};

	if (d->stopping) { /* told twice: not even the message on the wire is waited for */
		schedule_abandon(d->schedule);
		return;
	}
	d->stopping = true;
	event_line(&line, EVENT_STOP,
	           event_text("reason", number == SIGINT ? "SIGINT" : "SIGTERM"));
	event_log(EVENT_STOP, NULL, &line);
	buf_free(&line);
	supervisor_tell("STOPPING=1\n");
	schedule_stop(d->schedule, PATIENCE_MS);
}

static void
on_hangup(uv_signal_t *sig, int number)
{
	struct daemon *d = sig->data;

	(void)number;
	reload_again(&d->reload);
}

static void
on_file_changed(void *owner, const char *name)
{
	struct daemon *d = owner;
	struct buf shown = {0};

	buf_escape(&shown, span_of(name));
	log_line(LEVEL_INFO, "%s has changed: the configuration is read again", buf_text(&shown));
	buf_free(&shown);
	reload_again(&d->reload);
}

static int
on_reload(void *owner, reload_done *done, void *arg)
{
	struct daemon *d = owner;

	return reload_start(&d->reload, done, arg);
}

static void
on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	supervisor_tell("WATCHDOG=1\n");
}

/* ---- start ---- */

static char crashed_in[4096]; /* the spool's directory, for a handler that gets no argument */

/* Whoever opens the spool next looks at it with care (spool_suspect). */
static void
on_crash(int number)
{
	spool_suspect(crashed_in);
	raise(number); /* as it was meant: SA_RESETHAND took us away */
}

static void
expect_crashes(const char *directory)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
	struct sigaction a = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
	size_t i;

	sigemptyset(&a.sa_mask);
	snprintf(crashed_in, sizeof crashed_in, "%s", directory);
	for (i = 0; i < sizeof signals / sizeof signals[0]; i++)
		sigaction(signals[i], &a, NULL);
}

static int
open_spool(struct daemon *d, const struct config *c)
{
	struct spool_options o;
	struct buf words = {0};
	struct stat st;
	char why[300];
	int rc;

	config_spool_options(c, &o);
	if (stat(o.directory, &st) == 0 && store_become(&st) != 0) {
		log_line(LEVEL_ERROR, "cannot become the owner of %s: %s", o.directory,
		         strerror(errno));
		return -1;
	}
	rc = spool_open(&d->spool, &o);
	if (rc != 0 && d->spool != NULL && spool_status(d->spool) == SPOOL_NONE) {
		spool_close(d->spool);
		d->spool = NULL;
		if (spool_create(&o, why, sizeof why) != 0) {
			log_line(LEVEL_ERROR, "cannot make a spool: %s", why);
			return -1;
		}
		rc = spool_open(&d->spool, &o);
	}
	if (rc != 0) {
		log_line(LEVEL_ERROR, "cannot open the spool in %s: %s", o.directory,
		         d->spool != NULL ? spool_error(d->spool) : "out of memory");
		return -1;
	}
	if (spool_claim(d->spool) != 0) {
		log_line(LEVEL_ERROR, "%s: %s",
		         spool_status(d->spool) == SPOOL_BUSY ? "another bangwayd is running"
		                                              : "cannot claim the spool",
		         spool_error(d->spool));
		return -1;
	}
	expect_crashes(o.directory);
	if (spool_sweep(d->spool) != 0) {
		log_line(LEVEL_ERROR, "cannot sweep the spool: %s", spool_error(d->spool));
		return -1;
	}
	if (replies_make_key(d->spool, &words) != 0) {
		log_line(LEVEL_ERROR, "%s", buf_text(&words));
		buf_free(&words);
		return -1;
	}
	return 0;
}

static int
make_parts(struct daemon *d, const struct config *c)
{
	static const struct links_calls links_calls = {on_links_changed, on_remember, on_note};
	static const struct schedule_calls calls = {on_ready, on_stopped, on_failed};
	struct schedule_parts parts = {.loop = &d->loop, .spool = d->spool};

	parts.writer = d->writer = writer_start(&d->loop, d->spool, on_failed, d);
	parts.resolver = d->resolver = resolver_new(&d->loop, &c->resolvers);
	if (d->writer == NULL || d->resolver == NULL)
		return -1;
	parts.links = d->links = links_new(&d->loop, d->resolver, &links_calls, d);
	if (d->links == NULL)
		return -1;
	d->schedule = schedule_new(&parts, &calls, d);
	d->watch = watch_new(&d->loop, on_file_changed, d);
	if (d->schedule == NULL || d->watch == NULL)
		return -1;
	reload_init(&d->reload, &(struct reload_parts){.loop = &d->loop,
	                                               .path = d->path,
	                                               .spool = d->spool,
	                                               .links = d->links,
	                                               .schedule = d->schedule,
	                                               .watch = d->watch});
	return 0;
}

static int
listen_to_operator(struct daemon *d, const struct config *c)
{
	struct control_world w = {.loop = &d->loop,
	                          .schedule = d->schedule,
	                          .links = d->links,
	                          .writer = d->writer,
	                          .config_path = d->path,
	                          .started_s = d->started_s,
	                          .reload = on_reload,
	                          .owner = d};
	char why[300];

	d->control = control_server_new(&w, c->control_socket, why, sizeof why);
	if (d->control == NULL)
		log_line(LEVEL_ERROR, "cannot listen for bangway: %s", why);
	return d->control != NULL ? 0 : -1;
}

static void
listen_to_signal(struct daemon *d, uv_signal_t *sig, uv_signal_cb cb, int number)
{
	uv_signal_init(&d->loop, sig);
	sig->data = d;
	uv_signal_start(sig, cb, number);
}

static int
listen_to_world(struct daemon *d)
{
	unsigned watchdog_ms = supervisor_watchdog_ms();
	int fd = spool_wake_fd(d->spool);

	if (fd < 0 || uv_poll_init(&d->loop, &d->wake, fd) != 0) {
		log_line(LEVEL_ERROR, "cannot listen for new mail: %s", spool_error(d->spool));
		return -1;
	}
	d->wake.data = d;
	uv_poll_start(&d->wake, UV_READABLE, on_wake);
	listen_to_signal(d, &d->term, on_stop, SIGTERM);
	listen_to_signal(d, &d->interrupt, on_stop, SIGINT);
	listen_to_signal(d, &d->hangup, on_hangup, SIGHUP);
	uv_timer_init(&d->loop, &d->watchdog);
	if (watchdog_ms > 0)
		uv_timer_start(&d->watchdog, on_watchdog, watchdog_ms, watchdog_ms);
	return 0;
}

/* Everything until the loop runs. */
static enum ending
begin(struct daemon *d, struct config *config)
{
	enum ending e = ENDING_DONE;

	if (open_spool(d, config) != 0) {
		e = ENDING_UNAVAILABLE;
	} else if (make_parts(d, config) != 0) {
		log_line(LEVEL_ERROR, "out of memory");
		e = ENDING_SYSTEM;
	} else if (listen_to_operator(d, config) != 0) {
		e = ENDING_UNAVAILABLE;
	} else if (listen_to_world(d) != 0)
		e = ENDING_SYSTEM;
	if (e == ENDING_DONE)
		return reload_first(&d->reload, config);
	config_free(config);
	return e;
}

enum ending
daemon_run(const char *path, struct config *config)
{
	struct daemon d = {.path = path, .started_s = clock_wall_s()};
	enum ending e;

#ifdef M_ARENA_MAX
	/* An arena a thread would multiply what is kept free by the number of threads. */
	mallopt(M_ARENA_MAX, 2);
#endif
	signal(SIGPIPE, SIG_IGN);
	if (uv_loop_init(&d.loop) != 0) {
		config_free(config);
		return ENDING_SYSTEM;
	}
	e = begin(&d, config);
	if (e != ENDING_DONE)
		tear_down(&d);
	uv_run(&d.loop, UV_RUN_DEFAULT);
	uv_loop_close(&d.loop);
	setup_release(d.reload.setup);
	spool_close(d.spool);
	return e;
}
