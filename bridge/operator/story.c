#include "bridge/operator/story.h"
#include "bridge/operator/json.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"
#include "bridge/base/clock.h"

#define EVENT_COLUMN  22 /* after the time */
#define DETAIL_COLUMN 24

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

static void
indent(struct buf *out, size_t columns)
{
	buf_fmt(out, "\n%*s", (int)columns, "");
}

/* "key value" pairs, several on a line as they fit; a long one breaks at blanks of its own. */
static void
particular(struct span key, struct span value, size_t width, size_t *column, struct buf *out)
{
	struct buf text = {0};
	struct span rest, word;
	bool first = true;

	buf_span(&text, key);
	buf_ch(&text, ' ');
	value_shown(value, &text);
	if (*column > DETAIL_COLUMN && *column + 2 + show_columns(buf_view(&text)) > width) {
		indent(out, DETAIL_COLUMN);
		*column = DETAIL_COLUMN;
	} else if (*column > DETAIL_COLUMN) {
		buf_str(out, "  ");
		*column += 2;
	}
	for (rest = buf_view(&text); rest.n > 0; first = false) {
		word = span_cut(&rest, ' ');
		if (!first && *column + 1 + show_columns(word) > width) {
			indent(out, DETAIL_COLUMN + 2);
			*column = DETAIL_COLUMN + 2;
		} else if (!first) {
			buf_ch(out, ' ');
			*column += 1;
		}
		buf_span(out, word);
		*column += show_columns(word);
	}
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
	size_t column = DETAIL_COLUMN;

	buf_fmt(out, "%-*s", EVENT_COLUMN, clock_text_iso(at_s, time));
	buf_span(out, event);
	if (line.n > 0)
		indent(out, DETAIL_COLUMN);
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
		value_shown(value, &text);
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
told(struct operator *op, spool_id id, struct teller *t)
{
	if (spool_journal(op->spool, id, tell, t) != 0 && spool_status(op->spool) != SPOOL_NONE)
		return store_failed(op, "cannot read the journal");
	return ENDING_DONE;
}

enum ending
story_text(struct operator *op, spool_id id, struct buf *out, unsigned *lines)
{
	struct teller t = {.out = out, .width = show_width(op->out)};
	enum ending e = told(op, id, &t);

	*lines = t.lines;
	return e;
}

enum ending
story_array(struct operator *op, spool_id id, json_t **out)
{
	struct teller t = {.array = json_array()};

	*out = t.array;
	return told(op, id, &t);
}
