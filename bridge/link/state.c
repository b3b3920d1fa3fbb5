#include "bridge/link/state.h"

static bool
settle(struct link_state *s, int64_t now_ms)
{
	bool up = s->order == LINK_ORDER_AUTO ? s->evident : s->order == LINK_ORDER_UP;

	if (up == s->up)
		return false;
	s->up = up;
	s->since_ms = now_ms;
	return true;
}

void
link_state_init(struct link_state *s, enum link_evidence evidence, struct link_pace pace,
                enum link_order order, int64_t now_ms)
{
	*s = (struct link_state){
	    .evidence = evidence,
	    .order = order,
	    .pace = pace,
	    .evident = evidence == LINK_ALWAYS,
	    .evident_ms = now_ms,
	    .since_ms = now_ms,
	    .good_needed = 1,
	    .probe_due_ms = evidence == LINK_TCP ? now_ms : INT64_MAX,
	};
	settle(s, now_ms);
}

bool
link_state_order(struct link_state *s, enum link_order order, int64_t now_ms)
{
	s->order = order;
	return settle(s, now_ms);
}

static void
becomes(struct link_state *s, bool up, int64_t now_ms)
{
	/* Gone again before two probes could have confirmed it: a false start. */
	if (!up)
		s->good_needed = now_ms - s->evident_ms < 2 * s->pace.every_ms ? 2 : 1;
	s->evident = up;
	s->evident_ms = now_ms;
}

bool
link_state_probe(struct link_state *s, bool answered, int64_t now_ms)
{
	int64_t soon_ms = s->pace.every_ms < LINK_DOUBT_MS ? s->pace.every_ms : LINK_DOUBT_MS;

	s->good = answered ? s->good + 1 : 0;
	s->bad = answered ? 0 : s->bad + 1;
	if (answered && !s->evident && s->good >= s->good_needed)
		becomes(s, true, now_ms);
	else if (!answered && s->evident && s->bad >= LINK_FAILURES_DOWN)
		becomes(s, false, now_ms);
	s->probe_due_ms = now_ms + (answered == s->evident ? s->pace.every_ms : soon_ms);
	return settle(s, now_ms);
}

void
link_state_doubt(struct link_state *s, int64_t now_ms)
{
	if (s->evidence == LINK_TCP && s->probe_due_ms > now_ms)
		s->probe_due_ms = now_ms;
}
