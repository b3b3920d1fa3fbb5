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

int
notice_accept(struct spool *s, struct spool_change *c, const struct notice_letter *n, int64_t now_s)
{
	struct spool_draft *d = spool_draft_new(s);
	struct buf record = {0};
	int rc = -1;

	encode_attrs(n->content, &record);
	if (d != NULL && !record.bad && spool_draft_write(d, n->content.p, n->content.n) == 0 &&
	    spool_draft_sender(d, "") == 0 &&
	    spool_draft_attributes(d, (struct spool_bytes){record.p, record.n}) == 0 &&
	    add_recipients(d, n) == 0 && (n->line == NULL || spool_draft_note(d, n->line) == 0)) {
		rc = spool_accept(c, d, now_s, NULL);
		d = NULL;
	}
	spool_draft_free(d);
	buf_free(&record);
	return rc;
}
