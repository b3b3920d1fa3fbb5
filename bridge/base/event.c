#include "bridge/base/event.h"

struct event_row {
	const char *name, *part, *keys, *meaning;
	enum log_level level;
};

static const struct event_row events[] = {
#define EVENT_ROW(id, part_, level_, name_, keys_, meaning_)                                       \
	[EVENT_##id] = {                                                                           \
	    .name = name_, .part = part_, .keys = keys_, .meaning = meaning_, .level = level_},
    EVENTS(EVENT_ROW)
#undef EVENT_ROW
};

const char *
event_name(enum event e)
{
	return events[e].name;
}

const char *
event_part(enum event e)
{
	return events[e].part;
}

const char *
event_keys(enum event e)
{
	return events[e].keys;
}

const char *
event_meaning(enum event e)
{
	return events[e].meaning;
}

/* One line per event: a text too long for a log is cut, and shown to be. */
#define VALUE_MAX 1000

static void
pair_add(struct buf *out, const struct event_pair *p)
{
	struct span text = p->text;

	if (p->unknown)
		return;
	buf_ch(out, ' ');
	buf_str(out, p->key);
	buf_ch(out, '=');
	if (p->numeric) {
		buf_fmt(out, "%lld", (long long)p->number);
		return;
	}
	if (text.n > VALUE_MAX)
		text.n = VALUE_MAX;
	buf_escape_value(out, text);
	if (text.n < p->text.n)
		buf_str(out, "...");
}

/* Moves past `key` in the words that are left; false when it is not among them. */
static bool
words_pass(struct span *left, struct span key)
{
	while (left->n > 0)
		if (span_eq(span_cut(left, ' '), key))
			return true;
	return false;
}

void
event_compose(struct buf *out, enum event e, const struct event_pair *pairs, size_t n)
{
	struct span rest = span_of(events[e].keys), key;
	size_t i;

	buf_str(out, events[e].name);
	while (rest.n > 0) {
		key = span_cut(&rest, ' ');
		for (i = 0; i < n; i++)
			if (span_is(key, pairs[i].key))
				pair_add(out, &pairs[i]);
	}
	/* a key that the list does not have is a mistake of ours, but what it says is kept */
	for (i = 0; i < n; i++) {
		rest = span_of(events[e].keys);
		if (!words_pass(&rest, span_of(pairs[i].key)))
			pair_add(out, &pairs[i]);
	}
}

void
event_log(enum event e, const char *id, const struct buf *line)
{
	struct buf text = {0};

	buf_str(&text, id != NULL ? id : "-");
	buf_ch(&text, ' ');
	buf_span(&text, buf_view(line));
	log_text(events[e].level, text.bad ? buf_view(line) : buf_view(&text));
	buf_free(&text);
}

static const struct event_row *
event_find(struct span name)
{
	size_t i;

	for (i = 0; i < EVENT_COUNT; i++)
		if (span_is(name, events[i].name))
			return &events[i];
	return NULL;
}

bool
event_line_valid(struct span line)
{
	const struct event_row *row = event_find(span_cut(&line, ' '));
	struct span keys, value, key;

	if (row == NULL)
		return false;
	keys = span_of(row->keys);
	while (line.n > 0) {
		value = span_cut(&line, ' ');
		if (value.n == 0 || memchr(value.p, '=', value.n) == NULL)
			return false;
		key = span_cut(&value, '=');
		if (!words_pass(&keys, key) || memchr(value.p, '=', value.n) != NULL)
			return false;
	}
	return true;
}

bool
event_value(struct span line, const char *key, struct span *value)
{
	struct span pair;

	span_cut(&line, ' ');
	while (line.n > 0) {
		pair = span_cut(&line, ' ');
		if (span_is(span_cut(&pair, '='), key)) {
			*value = pair;
			return true;
		}
	}
	return false;
}
