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
	    spool_draft_recipient(d, n->to, n->destination, NOTICE_RANK, (struct spool_bytes){0}) ==
	        0 &&
	    (n->line == NULL || spool_draft_note(d, n->line) == 0)) {
		rc = spool_accept(c, d, now_s, NULL);
		d = NULL;
	}
	spool_draft_free(d);
	buf_free(&record);
	return rc;
}
