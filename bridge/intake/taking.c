/*
 * The start of a letter is held until its header is over, because hops are
 * counted and From_ lines are read in it; then it goes to the draft, and all
 * that follows goes there directly. limits.header bounds what is held.
 *
 * The phase told to the keeper is PARSE only while octets are understood, and
 * STORE while they are handed on: a spool whose disk fails must not be blamed
 * on the letter.
 */
#include "bridge/intake/taking.h"

#include "bridge/addr/from_line.h"
#include "bridge/intake/passages.h"
#include "bridge/message/header.h"

static int
fail(struct taking *t, enum taking_fault f)
{
	if (t->fault == TAKING_SOUND)
		t->fault = f;
	return -1;
}

int
taking_begin(struct taking *t, struct intake *in, bool drop_chain)
{
	*t = (struct taking){.in = in, .drop_chain = drop_chain};
	facts_begin(&t->facts);
	t->draft = spool_draft_new(in->spool);
	return t->draft ? 0 : fail(t, TAKING_SPOOL);
}

void
taking_free(struct taking *t)
{
	spool_draft_free(t->draft);
	t->draft = NULL;
	buf_free(&t->head);
	buf_free(&t->message_id);
}

static int
store(struct taking *t, struct span s)
{
	struct keeper *k = t->in->keeper;
	int rc;

	t->size += s.n;
	if (t->size > t->in->config->spool.message_bytes)
		return fail(t, TAKING_TOO_LARGE);
	facts_add(&t->facts, s);
	k->phase = KEEPER_STORE;
	k->progress++;
	rc = spool_draft_write(t->draft, s.p, s.n);
	k->phase = KEEPER_PARSE;
	return rc == 0 ? 0 : fail(t, TAKING_SPOOL);
}

int
taking_passed(struct taking *t, unsigned passages)
{
	return passages <= t->in->config->limit.passages ? 0 : fail(t, TAKING_LOOP);
}

static void
look_at_header(struct taking *t, const struct header *h, bool all)
{
	const struct config *c = t->in->config;
	const struct header_field *id = header_find(h, "Message-ID");

	if ((h->cut && !all) || h->body_at - h->chain_bytes > c->limit.header_bytes)
		fail(t, TAKING_HEADER);
	if (header_count(h, "Received") > c->limit.hops)
		fail(t, TAKING_LOOP);
	taking_passed(t, passages_of_header(h, c->hostname));
	if (id != NULL)
		header_unfold(id->body, &t->message_id);
	t->chain_bytes = h->chain_bytes;
}

/* A path through more sites than limits.hops is a loop as well: old sites add no Received. */
static void
count_chain(struct taking *t)
{
	struct span rest = {buf_text(&t->head), t->chain_bytes};
	struct from_line line;
	unsigned n = 0;

	while (from_chain_next(&rest, &line))
		n++;
	if (n > t->in->config->limit.hops)
		fail(t, TAKING_LOOP);
}

/* The header is over, or longer than we read. `all`: so is the letter. */
static int
end_head(struct taking *t, bool all)
{
	struct header h = {0};
	size_t skip;

	t->flowing = true;
	if (t->head.bad || header_parse(buf_view(&t->head), &h) != 0)
		return fail(t, TAKING_SPOOL);
	look_at_header(t, &h, all);
	header_free(&h);
	if (t->chain_bytes > 0)
		count_chain(t);
	if (t->fault != TAKING_SOUND)
		return -1;
	skip = t->drop_chain ? t->chain_bytes : 0;
	return store(t, (struct span){buf_text(&t->head) + skip, t->head.n - skip});
}

/* How much of head + s belongs to the header: up to and with its blank line, or all of s. */
static bool
blank_line(struct taking *t, struct span s, size_t *upto)
{
	char last = t->head.n > 0 ? t->head.p[t->head.n - 1] : '\n';

	for (size_t i = 0; i < s.n; i++) {
		const char *lf = memchr(s.p + i, '\n', s.n - i);

		if (lf == NULL)
			break;
		i = (size_t)(lf - s.p);
		if ((i > 0 ? s.p[i - 1] : last) == '\n') {
			*upto = i + 1;
			return true;
		}
	}
	*upto = s.n;
	return false;
}

static int
take_piece(void *arg, struct span s)
{
	struct taking *t = arg;
	size_t upto;
	bool over;

	if (t->flowing)
		return store(t, s);
	over = blank_line(t, s, &upto);
	buf_add(&t->head, s.p, upto);
	over = over || t->head.bad || t->head.n > t->in->config->limit.header_bytes;
	if (!over)
		return 0;
	if (end_head(t, false) != 0)
		return -1;
	return upto < s.n ? store(t, (struct span){s.p + upto, s.n - upto}) : 0;
}

int
taking_add(struct taking *t, struct span octets)
{
	if (t->fault != TAKING_SOUND)
		return -1;
	return text_canonical(&t->text, octets, take_piece, t);
}

int
taking_end(struct taking *t)
{
	if (t->fault != TAKING_SOUND || text_end(&t->text, take_piece, t) != 0)
		return -1;
	if (!t->flowing && end_head(t, true) != 0)
		return -1;
	facts_end(&t->facts);
	return 0;
}

static void
say_accepted(const struct taking *t, const char *sender, enum origin origin, struct buf *line)
{
	const struct intake *in = t->in;

	buf_clear(line);
	event_line(line, EVENT_ACCEPTED, event_text("protocol", origin_name(origin)),
	           event_text("site", in->site), event_text("client", in->client),
	           event_text("sender", sender),
	           event_number("recipients", spool_draft_recipients(t->draft)),
	           event_number("size", (int64_t)t->size),
	           event_text("message-id", t->message_id.n ? buf_text(&t->message_id) : NULL));
}

int
taking_accept(struct taking *t, struct spool_change *c, const char *sender,
              struct message_attrs *attrs, struct buf *line, spool_id *id)
{
	struct spool_draft *d = t->draft;
	struct buf record = {0};
	int rc = -1;

	attrs->facts = t->facts;
	message_attrs_encode(attrs, &record);
	say_accepted(t, sender, attrs->origin, line);
	if (!record.bad && !line->bad && spool_draft_sender(d, sender) == 0 &&
	    spool_draft_attributes(d, (struct spool_bytes){record.p, record.n}) == 0 &&
	    spool_draft_note(d, buf_text(line)) == 0) {
		t->draft = NULL;
		rc = spool_accept(c, d, t->in->now_s, id);
	}
	buf_free(&record);
	return rc;
}

const char *
taking_words(enum taking_fault f)
{
	switch (f) {
	case TAKING_TOO_LARGE:
		return "the letter is larger than spool.message-size";
	case TAKING_HEADER:
		return "the header is larger than limits.header";
	case TAKING_LOOP:
		return "the letter goes round in a circle: it has passed too many hosts, or us too "
		       "often";
	case TAKING_SPOOL:
		return "the spool did not take it";
	case TAKING_SOUND:
		break;
	}
	return "";
}

const char *
taking_status(enum taking_fault f)
{
	return f == TAKING_TOO_LARGE ? "5.3.4" : f == TAKING_LOOP ? "5.4.6" : "";
}
