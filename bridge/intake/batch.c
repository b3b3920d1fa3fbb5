/*
 * A batch is taken whole: everything that comes of it is one change, committed
 * when its last octet was read. So a job that dies half way has left nothing,
 * and its next run takes each message once.
 *
 * What cannot be used is read a second time, from the same input, and set
 * aside octet for octet: holding it back while reading would mean to hold all
 * of the batch. Which messages are good is known only at the end anyway: a
 * checksum that does not match takes back everything (FACTS G7: who hands on
 * messages as they come out of gzip -dc has delivered what the checksum then
 * disowns); a stream that is merely short does not.
 */
#include "bridge/intake/batch.h"

#include "bridge/intake/bsmtp.h"
#include "bridge/intake/crash.h"
#include "bridge/intake/envelope.h"
#include "bridge/intake/job.h"
#include "bridge/intake/params.h"
#include "bridge/intake/pieces.h"
#include "bridge/intake/report.h"
#include "bridge/intake/taking.h"
#include "bridge/intake/unpack.h"

#include <errno.h>
#include <string.h>

struct batch {
	struct intake *in;
	char *const *arguments;
	struct job job;
	struct source source;
	struct unpack unpack;
	struct bsmtp bsmtp;
	struct spool_change *change;
	struct pieces pieces;
	enum ending ending; /* not DONE: the spool failed, stop */

	/* the transaction under way */
	bool open;
	const char *spoilt; /* why it cannot become a message */
	struct taking taking;
	struct envelope envelope;
	struct message_attrs attrs;
	struct buf envid, orcpt;

	uint64_t messages, recipients, refused, aside;
	const char *compression; /* static */
	uint64_t unpacked;
	struct buf flags, line;
};

/* ---- one message ---- */

static void
drop(struct batch *b)
{
	taking_free(&b->taking);
	b->open = false;
}

static void
spool_failed(struct batch *b)
{
	if (b->ending == ENDING_DONE)
		b->ending = intake_spool_failed(b->in);
}

static void
on_mail(struct batch *b, const struct bsmtp_event *e)
{
	const char *why = NULL;

	drop(b);
	envelope_clear(&b->envelope);
	b->attrs = (struct message_attrs){.origin = b->in->origin,
	                                  .site = span_of(b->in->site),
	                                  .client = span_of(b->in->client)};
	params_mail(e->params, &b->envid, &b->attrs);
	b->spoilt = NULL;
	b->open = true;
	if (taking_begin(&b->taking, b->in, true) != 0)
		spool_failed(b);
	else if (envelope_sender(&b->envelope, b->in, e->text, &why) != 0)
		b->spoilt = why;
}

static void
on_rcpt(struct batch *b, const struct bsmtp_event *e)
{
	struct recipient_attrs attrs = {0};
	int rc;

	if (!b->open || b->ending != ENDING_DONE)
		return;
	params_rcpt(e->params, &b->orcpt, &attrs);
	if (e->what == BSMTP_RCPT)
		rc = envelope_recipient(&b->envelope, b->in, b->taking.draft, e->text, &attrs);
	else
		rc = envelope_unreadable(&b->envelope, b->taking.draft, e->text, &attrs);
	if (rc != 0)
		spool_failed(b);
}

static int
return_message(struct batch *b, struct span recipients, const char *status, const char *words,
               bool *told)
{
	struct returned r = {.sender = buf_text(&b->envelope.sender),
	                     .attrs = &b->attrs,
	                     .recipients = recipients,
	                     .start = buf_view(&b->taking.head),
	                     .status = status,
	                     .words = words};

	return report_returned(b->in, b->change, &r, told);
}

static int
accept_message(struct batch *b)
{
	struct spool_draft *d = b->taking.draft;
	const struct buf *id = &b->taking.message_id;
	struct buf record = {0};
	int rc = -1;

	b->attrs.facts = b->taking.facts;
	message_attrs_encode(&b->attrs, &record);
	buf_clear(&b->line);
	event_line(&b->line, EVENT_ACCEPTED, event_text("protocol", origin_name(b->attrs.origin)),
	           event_text("site", b->in->site), event_text("client", b->in->client),
	           event_text("sender", buf_text(&b->envelope.sender)),
	           event_number("recipients", spool_draft_recipients(d)),
	           event_number("size", (int64_t)b->taking.size),
	           event_text("message-id", id->n ? buf_text(id) : NULL));
	if (!record.bad && spool_draft_sender(d, buf_text(&b->envelope.sender)) == 0 &&
	    spool_draft_attributes(d, (struct spool_bytes){record.p, record.n}) == 0 &&
	    spool_draft_note(d, buf_text(&b->line)) == 0) {
		rc = spool_accept(b->change, d, b->in->now_s, NULL);
		b->taking.draft = NULL;
	}
	buf_free(&record);
	return rc;
}

/* Why the transaction cannot become a message, or NULL. */
static const char *
verdict_of(const struct batch *b)
{
	if (b->spoilt != NULL)
		return b->spoilt;
	if (b->taking.fault != TAKING_SOUND && b->taking.fault != TAKING_TOO_LARGE)
		return taking_words(b->taking.fault);
	if (b->envelope.good == 0 && b->envelope.sender.n == 0)
		return "no recipient can be reached from here, and there is no sender to tell";
	return NULL;
}

/* Returned to its sender; where there is none, set aside. */
static int
return_too_large(struct batch *b, const struct bsmtp_event *e)
{
	bool told;
	int rc = return_message(b, buf_view(&b->envelope.names), "5.3.4",
	                        taking_words(TAKING_TOO_LARGE), &told);

	b->refused += b->envelope.good;
	if (rc == 0 && !told)
		pieces_add(&b->pieces, e->from, e->to, taking_words(TAKING_TOO_LARGE));
	return rc;
}

static void
on_whole(struct batch *b, const struct bsmtp_event *e)
{
	const char *why;
	bool told = true;
	int rc = 0;

	if (b->ending != ENDING_DONE)
		return;
	taking_end(&b->taking);
	if (b->taking.fault == TAKING_SPOOL)
		rc = -1;
	else if ((why = verdict_of(b)) != NULL)
		pieces_add(&b->pieces, e->from, e->to, why);
	else if (b->taking.fault == TAKING_TOO_LARGE)
		rc = return_too_large(b, e);
	else if ((rc = accept_message(b)) == 0) {
		b->messages++;
		b->recipients += b->envelope.good;
		b->refused += b->envelope.refused + b->envelope.nexcess;
		if (b->envelope.nexcess > 0)
			rc = return_message(b, buf_view(&b->envelope.excess), "5.5.3",
			                    "too many recipients for one message", &told);
		if (rc == 0 && !told)
			pieces_add(&b->pieces, e->from, e->to,
			           "too many recipients, and there is no sender to tell");
	}
	if (rc != 0)
		spool_failed(b);
	drop(b);
}

static void
on_event(void *arg, const struct bsmtp_event *e)
{
	struct batch *b = arg;

	switch (e->what) {
	case BSMTP_HELLO:
		break;
	case BSMTP_MAIL:
		on_mail(b, e);
		break;
	case BSMTP_RCPT:
	case BSMTP_REFUSED:
		on_rcpt(b, e);
		break;
	case BSMTP_TEXT:
		if (b->open && b->ending == ENDING_DONE)
			taking_add(&b->taking, e->text);
		break;
	case BSMTP_WHOLE:
		on_whole(b, e);
		break;
	case BSMTP_DROP:
		drop(b);
		break;
	case BSMTP_KEEP:
		pieces_add(&b->pieces, e->from, e->to, e->why);
		break;
	}
}

/* ---- the stream ---- */

static enum ending
input_failed(struct batch *b)
{
	return keeper_reason(b->in->keeper, ENDING_IO, "standard input: %s", strerror(errno));
}

static enum ending
read_messages(struct batch *b)
{
	struct span block;

	if (unpack_open(&b->unpack, &b->source, b->in->config) != 0)
		return input_failed(b);
	b->compression = codec_name(b->unpack.format);
	bsmtp_begin(&b->bsmtp, on_event, b);
	b->in->keeper->phase = KEEPER_PARSE;
	for (;;) {
		if (unpack_read(&b->unpack, &block) != 0)
			return input_failed(b);
		b->in->keeper->progress++;
		if (block.n == 0 || b->ending != ENDING_DONE)
			break;
		bsmtp_feed(&b->bsmtp, block);
	}
	bsmtp_end(&b->bsmtp);
	b->unpacked = b->unpack.octets;
	return b->ending;
}

/* Why nothing of the batch may be used, or NULL. */
static const char *
disowned(const struct batch *b)
{
	switch (b->unpack.bound) {
	case UNPACK_RATIO:
		return "it grows more than limits.batch-ratio allows";
	case UNPACK_SIZE:
		return "decompressed it is larger than limits.batch-size";
	case UNPACK_WITHIN:
		break;
	}
	switch (b->unpack.end) {
	case CODEC_WHOLE:
	case CODEC_UNCHECKED:
	case CODEC_SHORT:
		return NULL;
	default:
		return codec_end_words(b->unpack.end);
	}
}

/* ---- setting aside ---- */

/* The octets of one block that belong to the piece. */
static struct span
overlap(const struct piece *p, uint64_t at, struct span block)
{
	uint64_t from = p->from > at ? p->from - at : 0;
	uint64_t to = p->to - at < block.n ? p->to - at : block.n;

	return from < to ? (struct span){block.p + from, (size_t)(to - from)} : SPAN("");
}

/* Reads the stream again up to the end of the piece. */
static enum ending
copy_piece(struct batch *b, const struct piece *p, struct aside_writer *w)
{
	struct unpack u;
	struct span block;
	enum ending e = ENDING_DONE;
	uint64_t at = 0;

	if (unpack_open(&u, &b->source, b->in->config) != 0)
		return input_failed(b);
	while (e == ENDING_DONE && at < p->to) {
		if (unpack_read(&u, &block) != 0)
			e = input_failed(b);
		else if (block.n == 0)
			break;
		else
			e = aside_write(w, overlap(p, at, block));
		at += block.n;
	}
	unpack_close(&u);
	return e;
}

static enum ending
set_pieces_aside(struct batch *b)
{
	enum ending e = ENDING_DONE;

	for (size_t i = 0; i < b->pieces.n && e == ENDING_DONE; i++) {
		struct aside_writer w;

		e = aside_begin(&w, b->in, b->change, NULL, b->pieces.v[i].why);
		if (e == ENDING_DONE)
			e = copy_piece(b, &b->pieces.v[i], &w);
		if (e == ENDING_DONE)
			e = aside_end(&w);
		aside_free(&w);
		b->aside++;
	}
	return e;
}

/* The batch as it came, compressed if it was. */
static enum ending
set_all_aside(struct batch *b, const char *why)
{
	b->aside++;
	return report_source_aside(b->in, b->change, &b->source, NULL, why);
}

/* Nothing of it counts: forget what was gathered. */
static enum ending
disown(struct batch *b, const char *why)
{
	b->messages = b->recipients = b->refused = 0;
	spool_change_free(b->change);
	if ((b->change = spool_change_new(b->in->spool)) == NULL)
		return intake_no_memory(b->in);
	return set_all_aside(b, why);
}

/* ---- the end ---- */

static void
flag(struct batch *b, bool is, const char *word)
{
	if (!is)
		return;
	if (b->flags.n > 0)
		buf_ch(&b->flags, ',');
	buf_str(&b->flags, word);
}

static enum ending
finish_reading(struct batch *b)
{
	bool unchecked = b->unpack.end == CODEC_UNCHECKED, cut = b->unpack.end == CODEC_SHORT;
	const char *why = disowned(b);
	enum ending e;

	unpack_close(&b->unpack);
	if (why != NULL)
		return disown(b, why);
	flag(b, b->source.size == 0, "empty");
	flag(b, cut, "short");
	flag(b, b->bsmtp.cut, "cut");
	flag(b, unchecked, "unchecked");
	flag(b, !b->bsmtp.quit, "no-quit");
	e = set_pieces_aside(b);
	/* What is missing may be a message: when nothing of it can be shown, keep all there is. */
	if (e == ENDING_DONE && cut && !b->bsmtp.cut)
		e = set_all_aside(b, codec_end_words(CODEC_SHORT));
	return e;
}

static enum ending
commit(struct batch *b)
{
	struct intake *in = b->in;
	enum ending e;

	in->keeper->phase = KEEPER_STORE;
	buf_clear(&b->line);
	event_line(&b->line, EVENT_BATCH_ACCEPTED, event_text("site", in->site),
	           event_text("client", in->client), event_text("compression", b->compression),
	           event_number("messages", (int64_t)b->messages),
	           event_number("recipients", (int64_t)b->recipients),
	           event_number("refused", (int64_t)b->refused),
	           event_number("quarantined", (int64_t)b->aside),
	           event_number("size", (int64_t)b->source.size),
	           event_number("unpacked", (int64_t)b->unpacked),
	           event_text("flags", b->flags.n ? buf_text(&b->flags) : NULL));
	if (spool_note(b->change, 0, in->now_s, buf_text(&b->line)) != 0 ||
	    (b->job.known && spool_job(b->change, &b->job.id, in->now_s) != 0))
		return intake_spool_failed(in);
	e = intake_commit(in, b->change);
	if (e == ENDING_DONE)
		event_log(EVENT_BATCH_ACCEPTED, NULL, &b->line);
	return e;
}

static enum ending
take(struct batch *b)
{
	const struct config *c = b->in->config;
	unsigned crashes = 0;
	enum ending e;

	if (source_open(&b->source, c->spool.directory, c->limit.batch_bytes) != 0)
		return input_failed(b);
	if (job_identify(&b->job, b->in->site, b->arguments) != 0 ||
	    (b->change = spool_change_new(b->in->spool)) == NULL)
		return intake_no_memory(b->in);
	if (b->job.known && job_add_source(&b->job, &b->source) != 0)
		return input_failed(b);
	job_finish(&b->job);
	if (b->job.known)
		crashes = crash_count(c->spool.directory, b->job.key);
	if (crashes >= CRASH_MOST)
		e = set_all_aside(b, "reading this batch has ended our program twice");
	else if ((e = read_messages(b)) == ENDING_DONE)
		e = finish_reading(b);
	if (e == ENDING_DONE)
		e = commit(b);
	if (e == ENDING_DONE && crashes > 0 && crashes < CRASH_MOST)
		crash_forget(c->spool.directory, b->job.key);
	return e;
}

enum ending
batch_accept(struct intake *in, char *const *arguments)
{
	struct batch b = {.in = in, .arguments = arguments, .unpack = {.pipe = -1}};
	enum ending e = take(&b);

	drop(&b);
	unpack_close(&b.unpack);
	bsmtp_free(&b.bsmtp);
	envelope_free(&b.envelope);
	spool_change_free(b.change);
	source_close(&b.source);
	job_free(&b.job);
	buf_free(&b.envid);
	buf_free(&b.orcpt);
	buf_free(&b.flags);
	buf_free(&b.line);
	return e;
}
