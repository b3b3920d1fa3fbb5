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
 * A message under which a session broke without any progress may be what
 * breaks them (a middlebox that resets at a pattern, a path that loses large
 * packets), or the server is broken for all. To tell, and so that it does not
 * stop the others, it goes last from then on; when sessions go on breaking
 * under it, it is put off.
 */
static struct suspect *
suspect_of(struct hop *h, spool_id id)
{
	size_t i;

	for (i = 0; h->suspects != NULL && i < SUSPECTS; i++)
		if (h->suspects[i].id == id)
			return &h->suspects[i];
	return NULL;
}

bool
carry_suspects(struct hop *h, spool_id id)
{
	return suspect_of(h, id) != NULL;
}

void
carry_judge(struct carrier *c, struct parcel *p)
{
	struct suspect *k = suspect_of(c->h, p->m.id);
	size_t i;

	if (!hop_is_stuck(p) || c->struck != 0)
		return;
	c->struck = p->m.id;
	if (c->progress || c->abandoned || k == NULL || k->strikes < STRIKES)
		return;
	for (i = 0; i < p->n; i++)
		p->to[i].verdict.scope = SCOPE_MESSAGE;
	*k = (struct suspect){0};
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
	struct suspect *k;

	if (c->struck == 0 || c->progress)
		return;
	if (h->suspects == NULL && (h->suspects = calloc(SUSPECTS, sizeof *h->suspects)) == NULL)
		return;
	if ((k = suspect_of(h, c->struck)) == NULL) {
		k = &h->suspects[h->nsuspects++ % SUSPECTS];
		*k = (struct suspect){.id = c->struck};
	}
	k->strikes++;
}

void
carry_learn(struct carrier *c, const struct verdict *v)
{
	struct hop *h = c->h;
	struct verdict all;

	if (v->outcome == OUTCOME_SENT || c->idle) { /* an idle one the server may close */
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
