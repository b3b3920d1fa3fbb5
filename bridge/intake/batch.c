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
#include "bridge/intake/batch_int.h"

#include "bridge/intake/aside.h"
#include "bridge/intake/crash.h"

#include <string.h>

/* ---- the stream ---- */

static enum ending
read_messages(struct batch *b)
{
	struct span block;

	if (unpack_open(&b->unpack, &b->source, b->in->config) != 0)
		return intake_input_failed(b->in);
	b->compression = codec_name(b->unpack.format);
	bsmtp_begin(&b->bsmtp, batch_event, b);
	b->in->keeper->phase = KEEPER_PARSE;
	for (;;) {
		if (unpack_read(&b->unpack, &block) != 0)
			return intake_input_failed(b->in);
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
		return intake_input_failed(b->in);
	while (e == ENDING_DONE && at < p->to) {
		if (unpack_read(&u, &block) != 0)
			e = intake_input_failed(b->in);
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
	return aside_source(b->in, b->change, &b->source, NULL, aside_words(why));
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
	if ((e = aside_tell(in, b->change)) == ENDING_DONE)
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
		return intake_input_failed(b->in);
	if (job_identify(&b->job, b->in->site, b->arguments) != 0 ||
	    (b->change = spool_change_new(b->in->spool)) == NULL)
		return intake_no_memory(b->in);
	if (b->job.known && job_add_source(&b->job, &b->source) != 0)
		return intake_input_failed(b->in);
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

	batch_drop(&b);
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
