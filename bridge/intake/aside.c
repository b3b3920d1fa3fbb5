#include "bridge/intake/aside.h"

#include "bridge/intake/report.h"

#include <string.h>
#include <sys/random.h>

#define SHOWN_MAX  2048                /* octets that the postmaster is shown */
#define ASIDE_MOST (UINT64_C(1) << 30) /* octets of one item of the quarantine */

static void
describe_source(const struct intake *in, struct buf *out)
{
	buf_str(out, in->door->program);
	if (in->site[0] != '\0')
		buf_fmt(out, " from %s", in->site);
	if (in->client[0] != '\0')
		buf_fmt(out, " (user %s)", in->client);
}

/* For whom it was: the octets do not say, and the job is gone. */
static void
describe_arguments(const struct intake *in, struct buf *out)
{
	char *const *a;

	for (a = in->arguments; a != NULL && *a != NULL && out->n < SPOOL_SOURCE; a++) {
		buf_str(out, a == in->arguments ? " for " : " ");
		buf_str(out, *a);
	}
}

static int
journal_aside(const struct aside_writer *w)
{
	struct intake *in = w->in;
	struct buf line = {0};
	int rc;

	event_line(&line, EVENT_QUARANTINED, event_text("protocol", in->door->program),
	           event_text("site", in->site), event_text("client", in->client),
	           event_text("sender", w->sender), event_number("size", (int64_t)w->size),
	           event_text("reason", w->why.words));
	rc = intake_note(in, w->change, &line);
	buf_free(&line);
	return rc;
}

static bool
ends_in(const struct buf *text, const struct buf *end)
{
	return text->n >= end->n && memcmp(text->p + text->n - end->n, end->p, end->n) == 0;
}

/* For the letter at the end. */
static int
remember(const struct aside_writer *w)
{
	struct intake_aside *a = &w->in->aside;
	struct buf reason = {0};

	if (w->why.in_silence)
		return 0;
	if (a->items++ == 0)
		buf_span(&a->start, buf_view(&w->start));
	a->bytes += w->size;
	buf_fmt(&reason, "%s\n", w->why.words);
	if (!reason.bad && !ends_in(&a->reasons, &reason))
		buf_span(&a->reasons, buf_view(&reason));
	a->reasons.bad |= reason.bad;
	buf_free(&reason);
	return a->reasons.bad || a->start.bad ? -1 : 0;
}

enum ending
aside_begin(struct aside_writer *w, struct intake *in, struct spool_change *c, const char *sender,
            struct aside_why why)
{
	*w = (struct aside_writer){.in = in, .change = c, .sender = sender, .why = why};
	w->draft = spool_draft_new(in->spool);
	return w->draft ? ENDING_DONE : intake_no_memory(in);
}

enum ending
aside_write(struct aside_writer *w, struct span s)
{
	enum ending e;

	if (w->size + s.n > ASIDE_MOST) {
		if ((e = aside_end(w)) != ENDING_DONE)
			return e;
		aside_free(w);
		if ((e = aside_begin(w, w->in, w->change, w->sender, w->why)) != ENDING_DONE)
			return e;
	}
	if (w->start.n < SHOWN_MAX)
		buf_add(&w->start, s.p,
		        s.n < SHOWN_MAX - w->start.n ? s.n : SHOWN_MAX - w->start.n);
	w->size += s.n;
	w->in->keeper->progress++;
	return spool_draft_write(w->draft, s.p, s.n) == 0 ? ENDING_DONE
	                                                  : intake_spool_failed(w->in);
}

enum ending
aside_end(struct aside_writer *w)
{
	struct spool_quarantined why = {.reason = w->why.words};
	struct buf source = {0};
	int rc;

	describe_source(w->in, &source);
	describe_arguments(w->in, &source);
	why.source = buf_text(&source);
	rc = spool_quarantine(w->change, w->draft, w->in->now_s, &why, NULL);
	w->draft = NULL;
	if (rc == 0)
		rc = journal_aside(w);
	if (rc == 0)
		rc = remember(w);
	buf_free(&source);
	return rc == 0 ? ENDING_DONE : intake_spool_failed(w->in);
}

void
aside_free(struct aside_writer *w)
{
	spool_draft_free(w->draft);
	w->draft = NULL;
	buf_free(&w->start);
	w->size = 0;
}

enum ending
aside_source(struct intake *in, struct spool_change *c, struct source *src, const char *sender,
             struct aside_why why)
{
	struct aside_writer w;
	struct span block = {0};
	enum ending e = aside_begin(&w, in, c, sender, why);
	bool read = source_rewind(src) == 0;

	while (e == ENDING_DONE && read) {
		read = source_read(src, &block) == 0;
		if (!read || block.n == 0)
			break;
		e = aside_write(&w, block);
	}
	if (e == ENDING_DONE && !read)
		e = intake_input_failed(in);
	if (e == ENDING_DONE)
		e = aside_end(&w);
	aside_free(&w);
	return e;
}

enum ending
aside_tell(struct intake *in, struct spool_change *c)
{
	struct notice_quarantined q = {.config = in->config,
	                               .now_s = in->now_s,
	                               .items = in->aside.items,
	                               .size = in->aside.bytes,
	                               .reasons = buf_view(&in->aside.reasons),
	                               .start = buf_view(&in->aside.start)};
	struct notice_letter letter = {
	    .to = in->config->postmaster, .kind = "quarantined", .words = ""};
	struct buf content = {0}, source = {0};
	int rc = -1;

	if (q.items == 0)
		return ENDING_DONE;
	describe_source(in, &source);
	q.source = buf_text(&source);
	if (getrandom(q.uuid, sizeof q.uuid, 0) == (ssize_t)sizeof q.uuid &&
	    notice_quarantined_write(&q, &content) == 0) {
		letter.content = buf_view(&content);
		rc = report_accept(in, c, &letter);
	}
	buf_free(&source);
	buf_free(&content);
	return rc == 0 ? ENDING_DONE : intake_spool_failed(in);
}
