/*
 * Bytes that could not become a message: why, from whom, and the bytes. They
 * do not become mail again from here; who wants them takes them out with
 * --content, mends them, and hands them to rmail or rsmtp.
 */
#include "bridge/base/clock.h"
#include "bridge/base/units.h"
#include "bridge/operator/args.h"
#include "bridge/operator/content.h"
#include "bridge/operator/json.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"
#include "bridge/operator/story.h"

#define AT_ONCE        32
#define ID_COLUMNS     7
#define AGE_COLUMNS    6
#define SIZE_COLUMNS   7
#define SOURCE_COLUMNS 16

typedef enum ending item_fn(void *arg, const struct spool_quarantine_item *item);

static enum ending
each(struct console *con, item_fn *fn, void *arg)
{
	struct spool_quarantine_item items[AT_ONCE];
	enum ending e = ENDING_DONE;
	spool_id after = 0;
	size_t i, n;

	do {
		n = AT_ONCE;
		if (spool_quarantine_list(con->spool, after, items, &n) != 0)
			return spool_status(con->spool) == SPOOL_NONE
			           ? ENDING_DONE
			           : store_failed(con, "cannot read the quarantine");
		for (i = 0; i < n && e == ENDING_DONE; i++)
			e = fn(arg, &items[i]);
		if (n > 0)
			after = items[n - 1].id;
	} while (n == AT_ONCE && e == ENDING_DONE);
	return e;
}

/* ---- list ---- */

struct listing {
	struct console *con;
	struct buf out;
	struct json_list json;
};

static json_t *
item_json(const struct spool_quarantine_item *q)
{
	return json_pack("{s:o, s:o, s:I, s:o, s:o}", "id", json_id(q->id), "time",
	                 json_time(q->at_s), "size", (json_int_t)q->size, "source",
	                 json_outside(span_of(q->source)), "reason",
	                 json_outside(span_of(q->reason)));
}

static void
row(struct listing *l, const char *id, const char *age, const char *size, const char *source,
    const char *reason)
{
	struct buf *b = &l->out;

	buf_fmt(b, "%-*s ", ID_COLUMNS, id);
	show_cell(b, span_of(age), AGE_COLUMNS, SHOW_RIGHT);
	buf_ch(b, ' ');
	show_cell(b, span_of(size), SIZE_COLUMNS, SHOW_RIGHT);
	buf_str(b, "  ");
	show_cell(b, span_of(source), SOURCE_COLUMNS, SHOW_LEFT);
	buf_ch(b, ' ');
	show_last(b, span_of(reason),
	          show_width(l->con->out) - ID_COLUMNS - AGE_COLUMNS - SIZE_COLUMNS -
	              SOURCE_COLUMNS - 5);
	buf_ch(b, '\n');
}

static enum ending
list_item(void *arg, const struct spool_quarantine_item *q)
{
	struct listing *l = arg;
	char id[SPOOL_ID_TEXT], age[SHOW_TEXT], size[UNITS_TEXT];

	if (l->con->json)
		json_list_put(&l->json, item_json(q));
	else
		row(l, spool_id_text(q->id, id), show_age(l->con->now_s - q->at_s, age),
		    units_text_size(q->size, size), q->source, q->reason);
	return ENDING_DONE;
}

enum ending
operator_quarantine_list(struct console *con)
{
	struct listing l = {.con = con};
	struct spool_counts c = {0};
	char count[2 * SHOW_TEXT], size[UNITS_TEXT];
	enum ending e;

	spool_counts(con->spool, &c);
	if (con->json)
		json_list_begin(&l.json, con, "items");
	else if (c.quarantined > 0)
		row(&l, "ID", "AGE", "SIZE", "SOURCE", "REASON");
	e = each(con, list_item, &l);
	if (con->json)
		json_list_end(&l.json, json_pack("{s:I, s:I}", "count", (json_int_t)c.quarantined,
		                                 "bytes", (json_int_t)c.quarantine_bytes));
	else if (e == ENDING_DONE)
		buf_fmt(&l.out, "%s in quarantine, %s; kept %u days\n",
		        show_count(c.quarantined, "item", "items", count),
		        units_text_size(c.quarantine_bytes, size),
		        con->config->spool.quarantine_days);
	show_flush(&l.out, con->out);
	buf_free(&l.out);
	return e;
}

/* ---- one item ---- */

struct search {
	spool_id id;
	struct spool_quarantine_item *out;
	bool found;
};

static enum ending
search_item(void *arg, const struct spool_quarantine_item *q)
{
	struct search *s = arg;

	if (q->id == s->id) {
		*s->out = *q;
		s->found = true;
	}
	return ENDING_DONE;
}

/* The item that the first word names. ENDING_DONE, or said. */
static enum ending
find(struct console *con, const char *word, struct spool_quarantine_item *out)
{
	struct search s = {.out = out};
	char text[SPOOL_ID_TEXT];
	enum ending e = ENDING_DONE;

	if (spool_id_parse(word, &s.id) != 0)
		return operator_fail(con, ENDING_USAGE,
		                     "%s is no id; `bangway quarantine` lists what is there", word);
	if ((e = each(con, search_item, &s)) != ENDING_DONE || s.found)
		return e;
	return operator_fail(
	    con, ENDING_NOINPUT,
	    "nothing in quarantine is called %s; `bangway quarantine` lists what is there",
	    spool_id_text(s.id, text));
}

/* With all it was for, which a row has no room for. */
static void
whole_source(struct console *con, const struct spool_quarantine_item *q, struct buf *out)
{
	size_t n;

	if (buf_room(out, SPOOL_SOURCE) == 0 &&
	    spool_quarantine_source(con->spool, q->id, out->p, SPOOL_SOURCE, &n) == 0)
		out->n = n < SPOOL_SOURCE ? n : SPOOL_SOURCE;
	else
		buf_str(out, q->source);
}

static enum ending
show_item(struct console *con, const struct spool_quarantine_item *q)
{
	char id[SPOOL_ID_TEXT], at[CLOCK_TEXT], size[UNITS_TEXT];
	struct buf out = {0}, source = {0};
	unsigned lines;
	enum ending e;

	whole_source(con, q, &source);
	show_line(&out, "quarantined", span_of(spool_id_text(q->id, id)));
	show_line(&out, "at", span_of(clock_text_iso(q->at_s, at)));
	show_line(&out, "source", buf_view(&source));
	buf_free(&source);
	show_line(&out, "reason", span_of(q->reason));
	show_linef(&out, "size", "%s (%llu octets)", units_text_size(q->size, size),
	           (unsigned long long)q->size);
	buf_str(&out, "\n");
	e = story_text(con, q->id, &out, &lines);
	if (lines > 0)
		buf_str(&out, "\n");
	if (e == ENDING_DONE)
		e = content_start_text(con, q->id, &out);
	show_flush(&out, con->out);
	buf_free(&out);
	return e;
}

enum ending
operator_quarantine_show(struct console *con)
{
	const struct args *a = con->args;
	struct spool_quarantine_item q;
	enum ending e = find(con, a->words[0], &q);

	if (e != ENDING_DONE)
		return e;
	if (args_given(a, "content") && con->json)
		return operator_fail(
		    con, ENDING_USAGE,
		    "--content gives the octets themselves; it does not go with --json");
	if (args_given(a, "content"))
		return content_print(con, q.id);
	if (!con->json)
		return show_item(con, &q);
	json_put(con, item_json(&q));
	return ENDING_DONE;
}

static enum ending
drop(struct console *con, const struct spool_quarantine_item *items, int n)
{
	struct spool_change *change = spool_change_new(con->spool);
	struct json_list json;
	char id[SPOOL_ID_TEXT];
	enum ending e = ENDING_DONE;
	int i;

	if (change == NULL)
		return operator_fail(con, ENDING_TEMPORARY, "out of memory");
	for (i = 0; i < n; i++)
		spool_quarantine_drop(change, items[i].id);
	if (spool_commit(change) != 0)
		e = store_failed(con, "nothing was dropped");
	spool_change_free(change);
	if (e != ENDING_DONE)
		return e;
	if (con->json)
		json_list_begin(&json, con, "dropped");
	for (i = 0; i < n; i++) {
		if (con->json)
			json_list_put(&json, item_json(&items[i]));
		else
			fprintf(con->out, "dropped %s, %llu octets\n",
			        spool_id_text(items[i].id, id), (unsigned long long)items[i].size);
	}
	if (con->json)
		json_list_end(&json, NULL);
	return ENDING_DONE;
}

/* The daemon has no hand in quarantine: what is there is on no wire. */
enum ending
operator_quarantine_drop(struct console *con)
{
	const struct args *a = con->args;
	struct spool_quarantine_item items[AT_ONCE];
	enum ending e = ENDING_DONE;
	int i;

	if (a->n > AT_ONCE)
		return operator_fail(con, ENDING_USAGE, "at most %d ids at once", AT_ONCE);
	for (i = 0; i < a->n && e == ENDING_DONE; i++)
		e = find(con, a->words[i], &items[i]);
	return e == ENDING_DONE ? drop(con, items, a->n) : e;
}
