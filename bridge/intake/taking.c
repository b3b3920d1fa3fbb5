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
	return drafts_begin(&t->drafts, in->spool) == 0 ? 0 : fail(t, TAKING_SPOOL);
}

void
taking_free(struct taking *t)
{
	drafts_free(&t->drafts);
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
	rc = drafts_write(&t->drafts, s);
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
say_accepted(const struct taking *t, const struct draft *d, const char *sender, enum origin origin,
             struct buf *line)
{
	const struct intake *in = t->in;

	event_line(line, EVENT_ACCEPTED, event_text("protocol", origin_name(origin)),
	           event_text("site", in->site), event_text("client", in->client),
	           event_text("sender", sender),
	           event_number("recipients", spool_draft_recipients(d->spool)),
	           event_number("size", (int64_t)t->size),
	           event_text("message-id", t->message_id.n ? buf_text(&t->message_id) : NULL));
	buf_ch(line, '\n');
	buf_span(line, buf_view(&d->story));
}

static int
note_all(struct spool_draft *d, struct span lines)
{
	struct buf line = {0};
	int rc = 0;

	while (rc == 0 && lines.n > 0) {
		buf_clear(&line);
		buf_span(&line, span_cut(&lines, '\n'));
		rc = line.bad ? -1 : spool_draft_note(d, buf_text(&line));
	}
	buf_free(&line);
	return rc;
}

/* One of the messages. A list's is from its owner, unless it is a notice. */
static int
accept_draft(struct taking *t, struct draft *d, struct spool_change *c, const char *sender,
             const struct message_attrs *attrs, struct taken *taken)
{
	const char *from = d->owner != NULL && sender[0] != '\0' ? d->owner : sender;
	struct spool_draft *draft = d->spool;
	struct buf record = {0}, lines = {0};
	spool_id *id = NULL;
	int rc = -1;

	message_attrs_encode(attrs, &record);
	say_accepted(t, d, from, attrs->origin, &lines);
	if (!record.bad && !lines.bad && spool_draft_sender(draft, from) == 0 &&
	    spool_draft_attributes(draft, (struct spool_bytes){record.p, record.n}) == 0 &&
	    note_all(draft, buf_view(&lines)) == 0) {
		if (taken != NULL) {
			id = &taken->v[taken->n].id;
			taken->v[taken->n++].lines = lines;
			lines = (struct buf){0};
		}
		d->spool = NULL;
		rc = spool_accept(c, draft, t->in->now_s, id);
	}
	buf_free(&record);
	buf_free(&lines);
	return rc;
}

int
taking_accept(struct taking *t, struct spool_change *c, const char *sender,
              struct message_attrs *attrs, struct taken *taken)
{
	struct message_attrs of_list;
	size_t i;

	attrs->facts = t->facts;
	of_list = *attrs; /* RFC 3461 5.2.7.1: what its sender asked for ends at a list */
	of_list.ret = DSN_RET_UNSAID;
	of_list.envid = SPAN("");
	for (i = 0; i < t->drafts.n; i++) {
		struct draft *d = &t->drafts.v[i];

		if (spool_draft_recipients(d->spool) > 0 &&
		    accept_draft(t, d, c, sender, d->owner != NULL ? &of_list : attrs, taken) != 0)
			return -1;
	}
	return 0;
}

void
taken_log(struct taken *t)
{
	char name[SPOOL_ID_TEXT];
	struct span rest;
	size_t i;

	for (i = 0; i < t->n; i++) {
		rest = buf_view(&t->v[i].lines);
		for (enum event e = EVENT_ACCEPTED; rest.n > 0; e = EVENT_EXPANDED) {
			struct buf line = {0};

			buf_span(&line, span_cut(&rest, '\n'));
			event_log(e, spool_id_text(t->v[i].id, name), &line);
			buf_free(&line);
		}
	}
}

void
taken_free(struct taken *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		buf_free(&t->v[i].lines);
	t->n = 0;
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

bool
taking_is_returned(enum taking_fault f)
{
	return taking_status(f)[0] != '\0';
}

/* A letter that goes round is kept in silence: the one that tells of it might go round as well. */
struct aside_why
taking_aside(enum taking_fault f)
{
	return (struct aside_why){.words = taking_words(f), .in_silence = f == TAKING_LOOP};
}

const char *
taking_status(enum taking_fault f)
{
	return f == TAKING_TOO_LARGE ? "5.3.4" : f == TAKING_LOOP ? "5.4.6" : "";
}
