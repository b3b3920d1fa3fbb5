/*
 * What the end of a session says: of its next hop, of the message it broke
 * under, and in the log.
 */
#include "bridge/schedule/carry_int.h"

#include "bridge/base/clock.h"
#include "bridge/base/event.h"

#include <stdlib.h>

#define STRIKES 3 /* sessions that one message may break before it is put off */

/*
 * A message under which session after session broke without any progress may
 * be what breaks them: it is put off, so that it does not stop all others.
 */
void
carry_judge(struct carrier *c, struct parcel *p)
{
	struct hop *h = c->h;
	size_t i;

	if (!hop_is_stuck(p) || c->struck != 0)
		return;
	c->struck = p->m.id;
	if (c->progress || c->abandoned || h->suspect != p->m.id || h->strikes < STRIKES)
		return;
	for (i = 0; i < p->n; i++)
		p->to[i].verdict.scope = SCOPE_MESSAGE;
	h->suspect = 0;
}

void
carry_say_end(struct carrier *c, const struct verdict *v, uint64_t in, uint64_t out)
{
	struct buf line = {0};

	event_line(&line, EVENT_SESSION_END, event_text("link", c->link[0] ? c->link : NULL),
	           event_text("next-hop", c->h->name), event_number("messages", c->messages),
	           event_number("sent", c->sent), event_number("later", c->later),
	           event_number("never", c->never), event_number("bytes-out", (int64_t)out),
	           event_number("bytes-in", (int64_t)in),
	           event_number("seconds", (clock_mono_ms() - c->began_ms) / 1000),
	           event_text("words", v->outcome == OUTCOME_SENT ? NULL : v->words));
	event_log(EVENT_SESSION_END, NULL, &line);
	buf_free(&line);
}

static void
strike(struct carrier *c)
{
	struct hop *h = c->h;

	if (c->struck == 0 || c->progress)
		return;
	h->strikes = h->suspect == c->struck ? h->strikes + 1 : 1;
	h->suspect = c->struck;
}

void
carry_learn(struct carrier *c, const struct verdict *v)
{
	struct hop *h = c->h;
	struct verdict all;

	if (v->outcome == OUTCOME_SENT) {
		h->failures = 0;
		free(h->words);
		h->words = NULL;
		return;
	}
	if (c->abandoned)
		return;
	if (v->scope == SCOPE_LINK && h->links != NULL)
		links_doubt(h->s->parts.links, h->links);
	strike(c);
	/*
	 * A domain that takes no mail (RFC 7505), or does not exist: all of it is
	 * returned. A smart host is our own configuration's choice: mail waits for
	 * the operator to mend it.
	 */
	if (v->outcome == OUTCOME_NEVER && v->scope == SCOPE_HOST && h->kind == HOP_MX) {
		all = *v;
		all.scope = SCOPE_DELIVERY;
		hop_refuse(h, &all);
	} else if (c->progress) {
		h->failures = 0;
		hop_pause(h, v->words);
	} else
		hop_failed(h, v->words);
}
