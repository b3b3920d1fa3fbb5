#include "bridge/schedule/settle_say.h"

#include "bridge/base/clock.h"

/* NULL is unknown, and left out of the line. */
static const char *
known(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static struct event_pair
code_of(const struct verdict *v)
{
	struct event_pair code = event_number("code", v->code);

	code.unknown = v->code == 0;
	return code;
}

static void
say_sent(const struct parcel *p, const struct addressee *a, struct buf *line)
{
	int64_t ms = p->began_ms > 0 ? clock_mono_ms() - p->began_ms : 0;

	event_line(line, EVENT_SENT, event_text("to", a->d.recipient),
	           event_text("as", known(buf_text(&a->address))),
	           event_text("next-hop", known(p->hop)), event_text("link", known(p->link)),
	           event_text("host", known(p->host)), code_of(&a->verdict),
	           event_text("status", a->verdict.status),
	           event_number("size", (int64_t)p->m.size), event_number("seconds", ms / 1000),
	           event_text("words", a->verdict.words));
}

static void
say_later(const struct parcel *p, const struct addressee *a, int64_t due_s, struct buf *line)
{
	event_line(
	    line, EVENT_LATER, event_text("to", a->d.recipient),
	    event_text("as", known(buf_text(&a->address))), event_text("next-hop", known(p->hop)),
	    event_text("link", known(p->link)), event_text("host", known(p->host)),
	    event_text("scope", scope_name(a->verdict.scope)), code_of(&a->verdict),
	    event_text("status", a->verdict.status), event_number("due", due_s),
	    event_number("attempts", a->d.attempts + 1), event_text("words", a->verdict.words));
}

static void
say_never(const struct parcel *p, const struct addressee *a, struct buf *line)
{
	event_line(line, EVENT_NEVER, event_text("to", a->d.recipient),
	           event_text("as", known(buf_text(&a->address))),
	           event_text("next-hop", known(p->hop)), event_text("link", known(p->link)),
	           event_text("host", known(p->host)), code_of(&a->verdict),
	           event_text("status", a->verdict.status), event_text("words", a->verdict.words));
}

static void
say_expired(const struct parcel *p, const struct addressee *a, int64_t now_s, struct buf *line)
{
	event_line(line, EVENT_EXPIRED, event_text("to", a->d.recipient),
	           event_text("next-hop", known(p->hop)), event_number("attempts", a->d.attempts),
	           event_number("chance", a->chance_s),
	           event_number("age", now_s - p->m.accepted_s),
	           event_text("words", a->verdict.words));
}

void
settle_say_remarks(const struct parcel *p, struct buf *line)
{
	event_line(line, EVENT_HEADER_KEPT, event_text("next-hop", known(p->hop)),
	           event_text("words", buf_text(&p->remarks)));
}

enum event
settle_say(const struct parcel *p, const struct addressee *a, int64_t now_s, int64_t due_s,
           struct buf *line)
{
	if (a->redirect.n > 0) {
		event_line(line, EVENT_REDIRECTED, event_text("to", a->d.recipient),
		           event_text("new", buf_text(&a->redirect)), event_text("by", "routes"));
		return EVENT_REDIRECTED;
	}
	if (a->expired) {
		say_expired(p, a, now_s, line);
		return EVENT_EXPIRED;
	}
	if (!a->decided) {
		event_line(line, EVENT_DELAY_NOTICE, event_text("to", p->m.sender),
		           event_number("recipients", 1));
		return EVENT_DELAY_NOTICE;
	}
	switch (a->verdict.outcome) {
	case OUTCOME_SENT:
		say_sent(p, a, line);
		return EVENT_SENT;
	case OUTCOME_NEVER:
		say_never(p, a, line);
		return EVENT_NEVER;
	case OUTCOME_LATER:
		break;
	}
	say_later(p, a, due_s, line);
	return EVENT_LATER;
}
