#include "bridge/intake/intake.h"

#include "bridge/base/clock.h"
#include "bridge/intake/crash.h"
#include "bridge/intake/job.h"
#include "bridge/message/replies.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define FILES_STEP_MS 100
#define FILES_WAIT_MS 3000 /* for files that are being written */

static enum ending
read_config(struct intake *in)
{
	struct config_faults faults = {0};
	struct buf words = {0};
	enum ending e = ENDING_DONE;

	if (config_load(in->door->config_path, &in->config, &faults) != 0) {
		if (faults.n > 0)
			config_fault_text(&faults.v[0], &words);
		e = keeper_reason(in->keeper, ENDING_CONFIG, "the configuration is wrong: %s",
		                  buf_text(&words));
	}
	buf_free(&words);
	config_faults_free(&faults);
	return e;
}

/* Without them a recipient would be judged by half of the tables. */
static enum ending
read_files_once(struct intake *in)
{
	struct config_faults faults = {0};
	const struct config_fault *first;
	struct buf words = {0};
	enum ending e = ENDING_DONE;

	if (route_table_read(in->routes, route_files_to_accept(in->config), &faults) != 0) {
		if ((first = config_faults_first(&faults)) != NULL)
			config_fault_text(first, &words);
		e = keeper_reason(in->keeper, ENDING_TEMPORARY, "%s",
		                  words.n > 0 ? buf_text(&words) : "out of memory");
	}
	buf_free(&words);
	config_faults_free(&faults);
	return e;
}

/*
 * A file that is written in place is short for a moment, and who stands at its
 * end would be nobody. The daemon waits until such a file is left alone; so do
 * we, for a little, and then uuxqt may try again.
 */
static enum ending
read_files(struct intake *in)
{
	const struct timespec step = {.tv_nsec = FILES_STEP_MS * 1000000L};
	unsigned waited_ms = 0;
	enum ending e = read_files_once(in);

	while (!route_files_rest(in->routes)) {
		if ((waited_ms += FILES_STEP_MS) > FILES_WAIT_MS)
			return keeper_reason(in->keeper, ENDING_TEMPORARY,
			                     "a file of aliases or paths is being written");
		nanosleep(&step, NULL);
		route_table_free(in->routes);
		if ((in->routes = route_table_new(in->config)) == NULL)
			return intake_no_memory(in);
		e = read_files_once(in);
	}
	return e;
}

/* Only uuxqt's word makes somebody a neighbour; all others are people on this machine. */
static void
name_the_bringer(struct intake *in, enum origin origin)
{
	bool believed = door_believes(in->door, in->config->uucp_user);

	in->origin = believed ? origin : ORIGIN_LOCAL;
	in->site = believed ? in->door->machine : "";
	in->ask =
	    (struct route_ask){.site = believed ? in->door->machine : NULL, .now_s = in->now_s};
	in->client = believed ? in->door->user : door_caller_name(in->door);
}

/* So that an answer to one of our tokens has its real destination at once. */
static enum ending
remember_answers(struct intake *in)
{
	struct buf why = {0};
	enum ending e = ENDING_DONE;

	if (replies_attach(in->spool, in->config, in->routes, &why) != 0)
		e = keeper_reason(in->keeper, ENDING_TEMPORARY, "%s", buf_text(&why));
	buf_free(&why);
	return e;
}

static enum ending
open_all(struct intake *in, enum origin origin)
{
	const char *directory;
	struct spool_options o;
	enum ending e;

	if ((e = read_config(in)) != ENDING_DONE)
		return e;
	name_the_bringer(in, origin);
	if ((in->routes = route_table_new(in->config)) == NULL)
		return intake_no_memory(in);
	directory = in->config->spool.directory;
	if (door_become_owner(directory) != 0)
		return keeper_reason(in->keeper, ENDING_UNAVAILABLE,
		                     "cannot become the owner of %s: %s", directory,
		                     strerror(errno));
	if ((e = read_files(in)) != ENDING_DONE)
		return e;
	config_spool_options(in->config, &o);
	if (spool_open(&in->spool, &o) != 0)
		return intake_spool_failed(in);
	return remember_answers(in);
}

static void
close_all(struct intake *in)
{
	spool_close(in->spool);
	route_table_free(in->routes);
	config_free(in->config);
	buf_free(&in->aside.reasons);
	buf_free(&in->aside.start);
	buf_free(&in->said);
}

enum ending
intake_no_memory(struct intake *in)
{
	return keeper_reason(in->keeper, ENDING_TEMPORARY, "out of memory");
}

/* A pipe is copied to the spool's disk first, and a full disk may pass. */
enum ending
intake_input_failed(struct intake *in)
{
	bool full = errno == ENOSPC || errno == EDQUOT;

	return keeper_reason(in->keeper, full ? ENDING_TEMPORARY : ENDING_IO, "standard input: %s",
	                     strerror(errno));
}

static void
say_full(const struct intake *in)
{
	struct buf line = {0};

	event_line(&line, EVENT_SPOOL_FULL, event_text("protocol", in->door->program),
	           event_text("site", in->site), event_text("words", spool_error(in->spool)));
	event_log(EVENT_SPOOL_FULL, NULL, &line);
	buf_free(&line);
}

enum ending
intake_spool_failed(struct intake *in)
{
	enum spool_status st;

	if (in->spool == NULL)
		return intake_no_memory(in);
	st = spool_status(in->spool);
	if (st == SPOOL_FULL)
		say_full(in);
	return keeper_reason(in->keeper,
	                     st == SPOOL_NONE || st == SPOOL_FORMAT || st == SPOOL_REFUSED
	                         ? ENDING_UNAVAILABLE
	                         : ENDING_TEMPORARY,
	                     "the spool: %s", spool_error(in->spool));
}

int
intake_note(struct intake *in, struct spool_change *c, const struct buf *line)
{
	buf_span(&in->said, buf_view(line));
	buf_ch(&in->said, '\n');
	return line->bad || in->said.bad ? -1 : spool_note(c, 0, in->now_s, buf_text(line));
}

/* All of them are warnings of this part. */
static void
say_noted(const struct intake *in)
{
	struct span rest = buf_view(&in->said);

	while (rest.n > 0) {
		struct buf line = {0};

		buf_span(&line, span_cut(&rest, '\n'));
		event_log(EVENT_QUARANTINED, NULL, &line);
		buf_free(&line);
	}
}

enum ending
intake_commit(struct intake *in, struct spool_change *c)
{
	struct buf line = {0};

	in->keeper->progress++;
	if (spool_commit(c) == 0) {
		spool_wake(in->spool);
		say_noted(in);
		return ENDING_DONE;
	}
	if (spool_status(in->spool) != SPOOL_DUPLICATE)
		return intake_spool_failed(in);
	spool_wake(in->spool); /* who accepted it may have died before he could */
	event_line(&line, EVENT_DUPLICATE_JOB, event_text("protocol", in->door->program),
	           event_text("site", in->site));
	event_log(EVENT_DUPLICATE_JOB, NULL, &line);
	buf_free(&line);
	return ENDING_DONE;
}

/* ---- the keeper's two works ---- */

struct run {
	const struct door *door;
	enum origin origin;
	intake_take *take;
	char *const *arguments;
};

static enum ending
work(struct keeper *k, void *arg)
{
	const struct run *r = arg;
	struct intake in = {.door = r->door, .keeper = k, .now_s = clock_wall_s()};
	enum ending e = open_all(&in, r->origin);

	in.arguments = r->arguments;
	if (e == ENDING_DONE)
		e = r->take(&in, r->arguments);
	close_all(&in);
	return e;
}

static void
note_death(const struct intake *in, char *const *arguments)
{
	const struct config *c = in->config;
	struct job job = {0};

	spool_suspect(c->spool.directory);
	if (in->keeper->phase == KEEPER_PARSE && job_identify(&job, in->site, arguments) == 0 &&
	    job.known)
		crash_note(c->spool.directory, job.key, c->spool.job_days);
	job_free(&job);
}

static enum ending
mourn(struct keeper *k, void *arg)
{
	const struct run *r = arg;
	struct intake in = {.door = r->door, .keeper = k};
	enum ending e = read_config(&in);

	if (e != ENDING_DONE)
		return e;
	name_the_bringer(&in, r->origin);
	if (door_become_owner(in.config->spool.directory) == 0)
		note_death(&in, r->arguments);
	close_all(&in);
	return ENDING_DONE;
}

int
intake_run(const struct door *d, enum origin origin, intake_take *take, char *const *arguments)
{
	struct run r = {d, origin, take, arguments};

	return keeper_run(d, work, mourn, &r);
}
