#include "bridge/base/event.h"
#include "bridge/message/facts.h"
#include "bridge/message/notice.h"
#include "spool/spool.h"

#define NOTICE_RANK 2 /* normal mail */

static void
encode_attrs(struct span content, struct buf *out)
{
	struct message_attrs attrs = {.origin = ORIGIN_NOTICE};

	facts_begin(&attrs.facts);
	facts_add(&attrs.facts, content);
	facts_end(&attrs.facts);
	message_attrs_encode(&attrs, out);
}

/* An owner of a list among them does not matter: a notice has no sender. */
static int
add_recipients(struct spool_draft *d, const struct notice_letter *n)
{
	struct recipient_attrs attrs = {.orcpt = SPAN(""), .alias = SPAN("")};
	struct buf record = {0};
	size_t i;
	int rc;

	if (n->whom->expanded)
		attrs.alias = span_of(n->to);
	recipient_attrs_encode(&attrs, &record);
	rc = record.bad ? -1 : 0;
	for (i = 0; rc == 0 && i < n->whom->n; i++)
		rc = spool_draft_recipient(d, n->whom->v[i].address, n->whom->v[i].destination,
		                           NOTICE_RANK, (struct spool_bytes){record.p, record.n});
	buf_free(&record);
	return rc;
}

/* With what is left out, because an alias is larger than a letter may have recipients. */
static void
add_words(const struct notice_letter *n, struct buf *out)
{
	buf_str(out, n->words);
	if (n->whom->too_many)
		buf_fmt(out,
		        "%s%s has more than %zu members (limits.recipients): the others are "
		        "not told",
		        out->n > 0 ? "; " : "", n->to, n->whom->most);
}

static void
say_notice(const struct notice_letter *n, struct buf *line)
{
	struct buf words = {0};
	char about[SPOOL_ID_TEXT];
	struct event_pair recipients = event_number("recipients", (int64_t)n->recipients);

	add_words(n, &words);
	recipients.unknown = n->recipients == 0;
	event_line(line, EVENT_NOTICE, event_text("to", n->to),
	           event_text("about", n->about != 0 ? spool_id_text(n->about, about) : NULL),
	           event_text("kind", n->kind), recipients,
	           event_text("words", words.n > 0 ? buf_text(&words) : NULL));
	line->bad |= words.bad;
	buf_free(&words);
}

void
notice_untold(enum notice_kind kind, const char *sender, uint64_t about, size_t recipients,
              struct buf *line)
{
	char id[SPOOL_ID_TEXT];

	event_line(
	    line, EVENT_UNTOLD, event_text("to", sender),
	    event_text("about", about != 0 ? spool_id_text(about, id) : NULL),
	    event_text("kind", notice_kind_name(kind)),
	    event_number("recipients", (int64_t)recipients),
	    event_text("words", "he who brought the letter may not send through us to there"));
}

int
notice_accept(struct spool *s, struct spool_change *c, const struct notice_letter *n, int64_t now_s)
{
	struct spool_draft *d = spool_draft_new(s);
	struct buf record = {0}, line = {0};
	int rc = -1;

	encode_attrs(n->content, &record);
	say_notice(n, &line);
	if (d != NULL && !record.bad && !line.bad &&
	    spool_draft_write(d, n->content.p, n->content.n) == 0 &&
	    spool_draft_sender(d, "") == 0 &&
	    spool_draft_attributes(d, (struct spool_bytes){record.p, record.n}) == 0 &&
	    add_recipients(d, n) == 0 && spool_draft_note(d, buf_text(&line)) == 0) {
		rc = spool_accept(c, d, now_s, NULL);
		d = NULL;
	}
	spool_draft_free(d);
	buf_free(&record);
	buf_free(&line);
	return rc;
}
