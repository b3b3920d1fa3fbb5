/*
 * What is queued, the oldest first, and why is it still here? Costs what it
 * shows: the numbers at the end are the spool's own counters.
 */
#include "bridge/base/units.h"
#include "bridge/operator/args.h"
#include "bridge/operator/json.h"
#include "bridge/operator/pick.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"
#include "bridge/operator/why.h"

#define ID_COLUMNS    7 /* an id past 33 million moves its line rather than being cut */
#define AGE_COLUMNS   6
#define SIZE_COLUMNS  6
#define FIXED_COLUMNS (ID_COLUMNS + AGE_COLUMNS + SIZE_COLUMNS + 5) /* with the blanks between */
#define HELD_BACK     65536 /* octets gathered before they are written */

struct listing {
	struct console *con;
	struct why why;
	struct buf text;
	size_t sender_width, rcpt_width, why_width;
	struct json_list json;
};

static void
row(struct listing *l, const char *id, const char *age, const char *size, struct span sender,
    struct span rcpt_shown, struct span why)
{
	struct buf *b = &l->text;

	buf_fmt(b, "%-*s ", ID_COLUMNS, id);
	show_cell(b, span_of(age), AGE_COLUMNS, SHOW_RIGHT);
	buf_ch(b, ' ');
	show_cell(b, span_of(size), SIZE_COLUMNS, SHOW_RIGHT);
	buf_ch(b, ' ');
	show_cell(b, sender, l->sender_width, SHOW_LEFT);
	buf_ch(b, ' ');
	show_fit(b, rcpt_shown, l->rcpt_width, SHOW_LEFT);
	buf_ch(b, ' ');
	show_last(b, why, l->why_width);
	buf_ch(b, '\n');
	if (b->n > HELD_BACK)
		show_flush(b, l->con->out);
}

/* The first recipient in the cell, and how many others wait. */
static void
recipients_text(const struct listing *l, const struct spool_message *m,
                const struct spool_delivery *first, struct buf *out)
{
	char more[SHOW_TEXT] = "";

	if (m->pending > 1)
		snprintf(more, sizeof more, " +%u", m->pending - 1);
	show_last(out, span_of(first->recipient), l->rcpt_width - strlen(more));
	buf_str(out, more);
}

static enum ending
list_text(void *arg, const struct spool_message *m, const struct spool_delivery *first)
{
	struct listing *l = arg;
	struct buf rcpt = {0}, why = {0};
	char id[SPOOL_ID_TEXT], age[SHOW_TEXT], size[UNITS_TEXT];

	recipients_text(l, m, first, &rcpt);
	why_delivery(&l->why, first, &why);
	row(l, spool_id_text(m->id, id), show_age(l->con->now_s - m->accepted_s, age),
	    units_text_size(m->size, size), m->sender[0] != '\0' ? span_of(m->sender) : SPAN("<>"),
	    buf_view(&rcpt), buf_view(&why));
	buf_free(&rcpt);
	buf_free(&why);
	return ferror(l->con->out) ? ENDING_IO : ENDING_DONE;
}

struct gather {
	struct listing *l;
	json_t *deliveries;
};

static enum ending
gather_delivery(void *arg, const struct spool_delivery *d)
{
	struct gather *g = arg;
	struct buf why = {0};

	why_delivery(&g->l->why, d, &why);
	json_array_append_new(g->deliveries,
	                      json_pack("{s:i, s:o, s:s, s:o, s:i, s:o}", "rcpt", (int)d->rcpt,
	                                "recipient", json_outside(span_of(d->recipient)), "state",
	                                d->state == SPOOL_HELD ? "held" : "queued", "due",
	                                json_time(d->due_s), "attempts", (int)d->attempts, "why",
	                                json_outside(buf_view(&why))));
	buf_free(&why);
	return ENDING_DONE;
}

static enum ending
list_json(void *arg, const struct spool_message *m, const struct spool_delivery *first)
{
	struct listing *l = arg;
	struct gather g = {.l = l, .deliveries = json_array()};
	enum ending e;

	if (m->pending > 1)
		e = pick_deliveries(l->con, m->id, gather_delivery, &g);
	else
		e = gather_delivery(&g, first);
	json_list_put(&l->json,
	              json_pack("{s:o, s:o, s:I, s:o, s:i, s:i, s:o}", "id", json_id(m->id),
	                        "accepted", json_time(m->accepted_s), "size", (json_int_t)m->size,
	                        "sender", json_outside(span_of(m->sender)), "recipients",
	                        (int)m->recipients, "pending", (int)m->pending, "deliveries",
	                        g.deliveries));
	return e != ENDING_DONE ? e : ferror(l->con->out) ? ENDING_IO : ENDING_DONE;
}

static void
counts_text(const struct listing *l, const struct pick *w, const struct spool_counts *c,
            struct buf *out)
{
	char a[2 * SHOW_TEXT], b[2 * SHOW_TEXT], size[UNITS_TEXT];

	buf_fmt(out, "%s, %s, %s queued", show_count(c->messages, "message", "messages", a),
	        show_count(c->deliveries, "delivery", "deliveries", b),
	        units_text_size(c->bytes, size));
	if (c->held > 0)
		buf_fmt(out, " (%s)", show_count(c->held, "held delivery", "held deliveries", a));
	if (w->more)
		buf_fmt(out, "; shown: the %s %s", w->newest ? "newest" : "oldest",
		        show_count(w->shown, "", "", a));
	else if (pick_selects(w))
		buf_fmt(out, "; shown: %s", show_count(w->shown, "", "", a));
	if (!l->why.claimed)
		buf_str(out, "; bangwayd is not running");
	buf_ch(out, '\n');
}

static json_t *
counts_json(const struct spool_counts *c)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "messages", (json_int_t)c->messages, "deliveries",
	                 (json_int_t)c->deliveries, "held", (json_int_t)c->held, "bytes",
	                 (json_int_t)c->bytes);
}

/* What is left of the line goes to the sender, the recipients, and most of it to the reason. */
static void
widths(struct listing *l)
{
	size_t room = show_width(l->con->out) - FIXED_COLUMNS;

	l->sender_width = room * 3 / 10 + 1;
	l->rcpt_width = room * 3 / 10 + 2;
	l->why_width = room - l->sender_width - l->rcpt_width;
}

static enum ending
list(struct listing *l, struct pick *w)
{
	struct console *con = l->con;
	struct spool_counts counts;
	enum ending e;

	if (spool_counts(con->spool, &counts) != 0)
		return store_failed(con, "cannot read the queue");
	if (con->json) {
		json_list_begin(&l->json, con, "messages");
		e = pick_queue(con, w, list_json, l);
		json_list_end(&l->json,
		              json_pack("{s:o, s:b, s:b}", "counts", counts_json(&counts), "more",
		                        (int)w->more, "daemon", (int)l->why.claimed));
		return e;
	}
	if (counts.messages > 0)
		row(l, "ID", "AGE", "SIZE", SPAN("SENDER"), SPAN("RECIPIENTS"), SPAN("STATE"));
	e = pick_queue(con, w, list_text, l);
	if (e == ENDING_DONE)
		counts_text(l, w, &counts, &l->text);
	show_flush(&l->text, con->out);
	return e;
}

enum ending
operator_queue_list(struct console *con)
{
	struct listing l = {.con = con};
	struct pick w;
	enum ending e = pick_options(con, &w);

	if (e != ENDING_DONE)
		return e;
	why_begin(&l.why, con);
	widths(&l);
	e = list(&l, &w);
	pick_end(&w);
	why_end(&l.why);
	buf_free(&l.text);
	return e;
}
