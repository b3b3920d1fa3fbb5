#include "bridge/base/clock.h"
#include "bridge/base/units.h"
#include "bridge/message/notice.h"
#include "bridge/message/notice_text.h"

#include <inttypes.h>

#define SHOWN_LINES 20 /* of what was set aside */

static void
add_shown(struct buf *out, struct span start)
{
	int i;

	for (i = 0; i < SHOWN_LINES && start.n > 0; i++)
		notice_text_wrapped(out, 4, span_cut(&start, '\n'));
}

static void
add_reasons(struct buf *out, struct span reasons)
{
	while (reasons.n > 0)
		notice_text_wrapped(out, 4, span_cut(&reasons, '\n'));
}

/* What `bangway quarantine list` shows of it, so that it is known there. */
static void
add_where(const struct notice_quarantined *q, struct buf *out)
{
	char when[CLOCK_TEXT], size[UNITS_TEXT];

	buf_fmt(out, "  When it came:\n    %s\n", clock_text_iso(q->now_s, when));
	buf_fmt(out, "  Its size:\n    %" PRIu64 " bytes", q->size);
	if (q->size >= 1000)
		buf_fmt(out, " (%s)", units_text_size(q->size, size));
	if (q->items > 1)
		buf_fmt(out, " in %zu pieces", q->items);
	buf_str(out, "\n\nEach piece has an id, which this shows beside its age, size and reason:\n"
	             "    bangway quarantine list\n"
	             "and with that id this shows it:\n"
	             "    bangway quarantine show ID\n\n");
}

int
notice_quarantined_write(const struct notice_quarantined *q, struct buf *out)
{
	struct span rest = q->reasons;
	struct buf to = {0};

	if (q->config->postmaster[0] != '\0')
		buf_str(&to, q->config->postmaster);
	else
		buf_fmt(&to, "postmaster@%s", q->config->hostname);
	notice_text_header(out, q->config, q->uuid, q->now_s, buf_text(&to), "auto-generated");
	buf_str(out, "Subject: Mail set aside: ");
	notice_text_ascii(out, span_cut(&rest, '\n'));
	buf_str(out, "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
	             "Content-Transfer-Encoding: 8bit\n\n"
	             "Something came in that could not be understood. It was not delivered to\n"
	             "anybody, and it is not lost: its bytes are kept in quarantine.\n\n");
	notice_text_wrapped(out, 2, SPAN("Why:"));
	add_reasons(out, q->reasons);
	notice_text_wrapped(out, 2, SPAN("Who brought it:"));
	notice_text_wrapped(out, 4, span_of(q->source));
	add_where(q, out);
	if (q->start.n > 0) {
		buf_str(out, "It begins:\n\n");
		add_shown(out, q->start);
	}
	out->bad |= to.bad;
	buf_free(&to);
	return out->bad ? -1 : 0;
}
