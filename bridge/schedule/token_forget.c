/*
 * Tokens grow old, and there may be too many of them: with each patrol, since
 * those of notices made at a door are told to nobody, and whenever a sixteenth
 * of their room was newly filled here, all of them are walked, in steps of the
 * writer's thread that others come between.
 */
#include "bridge/schedule/schedule_int.h"

#include "bridge/base/clock.h"
#include "bridge/base/event.h"
#include "bridge/message/replies_trim.h"

#include <stdlib.h>

struct token_forget {
	struct writer_job job; /* first */
	struct schedule *s;
	struct replies_trim trim; /* owned */
	int more;                 /* out of a step: 1 more is to do, 0 done, -1 the spool failed */
};

static void
end(struct token_forget *f)
{
	struct buf line = {0};

	f->s->forgetting = false;
	if (f->trim.removed > 0) {
		event_line(&line, EVENT_FORGOTTEN, event_number("tokens", (int64_t)f->trim.removed),
		           event_text("reason", f->trim.crowded ? "room" : "days"));
		event_log(EVENT_FORGOTTEN, NULL, &line);
		buf_free(&line);
	}
	replies_trim_end(&f->trim);
	free(f);
}

/* What fails is tried another day; what is wrong with the spool the commit says as well. */
static int
fill(struct writer_job *job, struct spool *s, struct spool_change *c)
{
	struct token_forget *f = (struct token_forget *)job;

	(void)c;
	f->more = replies_trim_step(&f->trim, s);
	return 0;
}

static void
done(struct writer_job *job, struct writer_result result)
{
	struct token_forget *f = (struct token_forget *)job;

	if (f->more > 0 && result.status == SPOOL_OK && !f->s->stopping)
		writer_put(f->s->parts.writer, &f->job);
	else
		end(f);
}

void
token_forget_start(struct schedule *s)
{
	const struct config *c = s->setup->config;
	struct token_forget *f;

	if (s->forgetting || s->stopping || (f = calloc(1, sizeof *f)) == NULL)
		return;
	f->s = s;
	f->trim = (struct replies_trim){.days = c->reply_days,
	                                .most_bytes = replies_most_bytes(c->spool.reserve_bytes),
	                                .now_s = clock_wall_s()};
	if (replies_trim_begin(&f->trim) != 0) {
		free(f);
		return;
	}
	s->kept_bytes = 0;
	s->forgetting = true;
	f->job.fill = fill;
	f->job.done = done;
	writer_put(s->parts.writer, &f->job);
}

void
token_forget_kept(struct schedule *s, size_t bytes)
{
	s->kept_bytes += bytes;
	if (s->kept_bytes >= replies_most_bytes(s->setup->config->spool.reserve_bytes) / 16)
		token_forget_start(s);
}
