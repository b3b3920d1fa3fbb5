#include "bridge/operator/story.h"

#include "bridge/base/clock.h"
#include "bridge/operator/json.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"

#include <stdlib.h>

#define EVENT_COLUMN  22 /* after the time */
#define DETAIL_COLUMN 24 /* of lines that go on */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/*
 * A value of a line, as it is shown: blanks, quotes and '=', which are hidden
 * only to keep the line in one piece, are themselves again. Everything else
 * stays escaped.
 */
static void
value_shown(struct span v, struct buf *out)
{
	size_t i;
	int c;

	for (i = 0; i < v.n; i++) {
		c = -1;
		if (v.p[i] == '\\' && i + 3 < v.n && v.p[i + 1] == 'x' && hex(v.p[i + 2]) >= 0 &&
		    hex(v.p[i + 3]) >= 0)
			c = hex(v.p[i + 2]) * 16 + hex(v.p[i + 3]);
		if (c == ' ' || c == '"' || c == '=') {
			buf_ch(out, (char)c);
			i += 3;
		} else if (v.p[i] == '\\' && i + 1 < v.n) {
			buf_add(out, v.p + i, 2);
			i++;
		} else {
			buf_ch(out, v.p[i]);
		}
	}
}

/* The seconds of a time are a time again; every other value is shown as it is. */
static void
pair_shown(struct span key, struct span value, struct buf *out)
{
	char seconds[12], time[CLOCK_TEXT];

	if (span_is(key, "due") && value.n > 0 && value.n < sizeof seconds &&
	    strspn(value.p, "0123456789") >= value.n) {
		snprintf(seconds, sizeof seconds, "%.*s", (int)value.n, value.p);
		buf_str(out, clock_text_iso(strtoll(seconds, NULL, 10), time));
	} else {
		value_shown(value, out);
	}
}

/* "key value", beside what is there already when it fits; a long one breaks at blanks of its own.
 */
static void
particular(struct span key, struct span value, size_t width, size_t *column, struct buf *out)
{
	struct buf text = {0};

	if (key.n > 0) {
		buf_span(&text, key);
		buf_ch(&text, ' ');
	}
	pair_shown(key, value, &text);
	if (*column + 2 + show_columns(buf_view(&text)) > width) {
		buf_fmt(out, "\n%*s", DETAIL_COLUMN, "");
		*column = DETAIL_COLUMN;
	} else {
		buf_str(out, "  ");
		*column += 2;
	}
	show_fold(out, buf_view(&text), DETAIL_COLUMN + 2, column, width);
	buf_free(&text);
}

/* Each word after the first is key=value; a line of another making is shown as it is. */
static struct span
pair_cut(struct span *rest, struct span *value)
{
	*value = span_cut(rest, ' ');
	return memchr(value->p, '=', value->n) != NULL ? span_cut(value, '=') : SPAN("");
}

void
story_line(int64_t at_s, struct span line, size_t width, struct buf *out)
{
	char time[CLOCK_TEXT];
	struct span key, value, event = span_cut(&line, ' ');
	size_t column = EVENT_COLUMN + show_columns(event);

	buf_fmt(out, "%-*s", EVENT_COLUMN, clock_text_iso(at_s, time));
	buf_span(out, event);
	while (line.n > 0) {
		key = pair_cut(&line, &value);
		if (value.n > 0)
			particular(key, value, width, &column, out);
	}
	buf_ch(out, '\n');
}

json_t *
story_json(int64_t at_s, struct span line)
{
	json_t *j = json_pack("{s:o}", "time", json_time(at_s));
	struct span key, value, event = span_cut(&line, ' ');
	struct buf name = {0}, text = {0};

	json_object_set_new(j, "event", json_stringn(event.p, event.n));
	while (line.n > 0) {
		key = pair_cut(&line, &value);
		buf_clear(&name);
		buf_clear(&text);
		buf_span(&name, key.n > 0 ? key : SPAN("text"));
		pair_shown(key, value, &text);
		json_object_set_new(j, buf_text(&name), json_string(buf_text(&text)));
	}
	buf_free(&name);
	buf_free(&text);
	return j;
}

struct teller {
	struct buf *out;
	json_t *array;
	size_t width;
	unsigned lines;
};

static int
tell(void *arg, spool_id id, int64_t at_s, const char *line, size_t n)
{
	struct teller *t = arg;

	(void)id;
	t->lines++;
	if (t->array != NULL)
		json_array_append_new(t->array, story_json(at_s, (struct span){line, n}));
	else
		story_line(at_s, (struct span){line, n}, t->width, t->out);
	return 0;
}

static enum ending
told(struct console *con, spool_id id, struct teller *t)
{
	if (spool_journal(con->spool, id, tell, t) != 0 && spool_status(con->spool) != SPOOL_NONE)
		return store_failed(con, "cannot read the journal");
	return ENDING_DONE;
}

enum ending
story_text(struct console *con, spool_id id, struct buf *out, unsigned *lines)
{
	struct teller t = {.out = out, .width = show_width(con->out)};
	enum ending e = told(con, id, &t);

	*lines = t.lines;
	return e;
}

enum ending
story_array(struct console *con, spool_id id, json_t **out)
{
	struct teller t = {.array = json_array()};

	*out = t.array;
	return told(con, id, &t);
}
