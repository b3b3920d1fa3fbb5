#include "bridge/message/notice.h"
#include "bridge/message/notice_text.h"
#include "spool/spool.h"

#include <inttypes.h>

#define SHOWN_LINES 20 /* of what was set aside */

static void
add_shown(struct buf *out, struct span start)
{
	int i;

	for (i = 0; i < SHOWN_LINES && start.n > 0; i++)
		notice_text_wrapped(out, 4, span_cut(&start, '\n'));
}

int
notice_quarantined_write(const struct notice_quarantined *q, struct buf *out)
{
	struct buf to = {0};
	char id[SPOOL_ID_TEXT];

	if (q->config->postmaster[0] != '\0')
		buf_str(&to, q->config->postmaster);
	else
		buf_fmt(&to, "postmaster@%s", q->config->hostname);
	notice_text_header(out, q->config, q->uuid, q->now_s, buf_text(&to), "auto-generated");
	buf_str(out, "Subject: Mail set aside: ");
	notice_text_ascii(out, span_of(q->reason));
	buf_str(out, "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
	             "Content-Transfer-Encoding: 8bit\n\n"
	             "Something came in that could not be understood. It was not delivered to\n"
	             "anybody, and it is not lost: its bytes are kept in quarantine.\n\n");
	notice_text_wrapped(out, 2, SPAN("Why:"));
	notice_text_wrapped(out, 4, span_of(q->reason));
	notice_text_wrapped(out, 2, SPAN("Who brought it:"));
	notice_text_wrapped(out, 4, span_of(q->source));
	buf_fmt(out, "  Its size:\n    %" PRIu64 " bytes\n\n", q->size);
	if (q->id != 0)
		buf_fmt(out, "To see it: bangway quarantine show %s\n\n", spool_id_text(q->id, id));
	else
		buf_str(out, "To find it: bangway quarantine list\n\n");
	if (q->start.n > 0) {
		buf_str(out, "It begins:\n\n");
		add_shown(out, q->start);
	}
	out->bad |= to.bad;
	buf_free(&to);
	return out->bad ? -1 : 0;
}
