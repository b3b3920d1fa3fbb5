/*
 * Everything about one message: its envelope, what each delivery waits for and
 * which way it would go today, its header, and what has happened to it.
 */
#include "bridge/base/clock.h"
#include "bridge/base/units.h"
#include "bridge/message/attrs.h"
#include "bridge/operator/args.h"
#include "bridge/operator/content.h"
#include "bridge/operator/hop.h"
#include "bridge/operator/hops.h"
#include "bridge/operator/json.h"
#include "bridge/operator/pick.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"
#include "bridge/operator/story.h"
#include "bridge/operator/why.h"

struct view {
	struct console *con;
	struct why why;
	struct spool_message message;
	struct message_attrs attrs;
	struct route_ask ask; /* who brought it, for the routing rules */
	struct buf ask_store;
	uint32_t rcpt; /* SPOOL_ALL: every delivery */
	struct buf out;
	json_t *deliveries; /* with --json */
};

static struct span
octets(struct spool_bytes b)
{
	return (struct span){b.n > 0 ? b.p : "", b.n};
}

/* ---- for people ---- */

static void
brought_text(const struct message_attrs *a, struct buf *out)
{
	buf_str(out, origin_name(a->origin));
	if (a->site.n > 0) {
		buf_str(out, ", site ");
		buf_span(out, a->site);
	}
	if (a->client.n > 0) {
		buf_str(out, ", from ");
		buf_span(out, a->client);
	}
}

static void
particulars_text(const struct message_attrs *a, struct buf *out)
{
	if (a->facts.known)
		buf_fmt(out, "%llu lines, %s", (unsigned long long)a->facts.lines,
		        !a->facts.eightbit ? "7-bit"
		        : a->facts.utf8    ? "UTF-8"
		                           : "8-bit");
	if (a->smtputf8)
		buf_fmt(out, "%sSMTPUTF8", out->n > 0 ? ", " : "");
	if (a->ret != DSN_RET_UNSAID)
		buf_fmt(out, "%sRET=%s", out->n > 0 ? ", " : "",
		        a->ret == DSN_RET_FULL ? "FULL" : "HDRS");
	if (a->envid.n > 0) {
		buf_fmt(out, "%sENVID=", out->n > 0 ? ", " : "");
		buf_span(out, a->envid);
	}
}

static void
message_text(struct view *v)
{
	const struct spool_message *m = &v->message;
	char id[SPOOL_ID_TEXT], at[CLOCK_TEXT], ago[SHOW_TEXT], size[UNITS_TEXT];
	struct buf text = {0};

	show_line(&v->out, "message", span_of(spool_id_text(m->id, id)));
	show_linef(&v->out, "accepted", "%s, %s", clock_text_iso(m->accepted_s, at),
	           show_when(m->accepted_s, v->con->now_s, ago));
	brought_text(&v->attrs, &text);
	show_line(&v->out, "by", buf_view(&text));
	show_line(&v->out, "sender", m->sender[0] != '\0' ? span_of(m->sender) : SPAN("<>"));
	show_linef(&v->out, "size", "%s (%llu octets)", units_text_size(m->size, size),
	           (unsigned long long)m->size);
	buf_clear(&text);
	particulars_text(&v->attrs, &text);
	if (text.n > 0)
		show_line(&v->out, "content", buf_view(&text));
	if (m->pending == m->recipients)
		show_linef(&v->out, "recipients", "%u, all still queued", m->recipients);
	else
		show_linef(&v->out, "recipients", "%u, of which %u still queued", m->recipients,
		           m->pending);
	buf_free(&text);
}

static void
tries_text(const struct view *v, const struct spool_delivery *d, struct buf *out)
{
	char when[SHOW_TEXT], chance[UNITS_TEXT];

	if (d->attempts == 0) {
		buf_str(out, "none yet");
		return;
	}
	buf_fmt(out, "%u, the last %s", d->attempts, show_when(d->last_s, v->con->now_s, when));
	if (d->chance_s > 0)
		buf_fmt(out, "; %s of chances to go", units_text_duration(d->chance_s, chance));
	if (d->warned)
		buf_str(out, "; the sender was told that it waits");
}

/* The route of today; as from ourselves, for a member of an alias. 0, or -1: there is no table. */
static int
find_route(struct view *v, const struct spool_delivery *d, struct route_answer *a)
{
	struct recipient_attrs attrs;
	struct route_ask ask;

	recipient_attrs_decode(octets(d->attributes), &attrs);
	ask = recipient_attrs_ask(&attrs, &v->ask);
	return v->why.table != NULL ? route_find(v->why.table, span_of(d->recipient), &ask, a) : -1;
}

static void
route_text(struct view *v, const struct spool_delivery *d)
{
	struct route_answer a = {0};
	struct buf text = {0};

	if (find_route(v, d, &a) != 0) {
		route_answer_free(&a);
		return;
	}
	hop_text(&a, &text);
	if (a.rule != NULL) {
		buf_str(&text, " over ");
		hop_links_text(a.rule, &text);
		buf_str(&text, " (");
		hop_place_text(a.rule->place, &text);
		buf_str(&text, ")");
	}
	if (a.cost >= 0)
		buf_fmt(&text, ", cost %lld", (long long)a.cost);
	if (a.stands_for.n > 0)
		show_line(&v->out, "  stands for", buf_view(&a.stands_for));
	show_line(&v->out, "  route", buf_view(&text));
	if (a.address.n > 0 && a.hop != HOP_REJECT)
		show_line(&v->out, "  as", buf_view(&a.address));
	if (a.verdict.outcome != OUTCOME_SENT)
		show_line(&v->out, "  verdict", span_of(a.verdict.words));
	buf_free(&text);
	route_answer_free(&a);
}

static void
delivery_text(struct view *v, const struct spool_delivery *d)
{
	char id[SPOOL_ID_TEXT], at[CLOCK_TEXT];
	struct recipient_attrs attrs;
	struct buf text = {0};

	buf_fmt(&v->out, "\n%s/%u  ", spool_id_text(d->id, id), d->rcpt);
	buf_escape(&v->out, span_of(d->recipient));
	buf_ch(&v->out, '\n');
	why_state(&v->why, d, &text);
	if (d->state == SPOOL_QUEUED && d->due_s > v->con->now_s)
		buf_fmt(&text, " (%s)", clock_text_iso(d->due_s, at));
	show_line(&v->out, "  state", buf_view(&text));
	recipient_attrs_decode(octets(d->attributes), &attrs);
	if (attrs.alias.n > 0)
		show_line(&v->out, "  alias", attrs.alias);
	buf_clear(&text);
	tries_text(v, d, &text);
	show_line(&v->out, "  tries", buf_view(&text));
	if (d->words[0] != '\0')
		show_line(&v->out, "  last words", span_of(d->words));
	route_text(v, d);
	buf_free(&text);
}

/* ---- for programs ---- */

static json_t *
message_json(struct view *v)
{
	const struct spool_message *m = &v->message;
	const struct message_attrs *a = &v->attrs;

	return json_pack("{s:o, s:o, s:I, s:o, s:i, s:i, s:s, s:o, s:o, s:o, s:b, s:b}", "id",
	                 json_id(m->id), "accepted", json_time(m->accepted_s), "size",
	                 (json_int_t)m->size, "sender", json_outside(span_of(m->sender)),
	                 "recipients", (int)m->recipients, "pending", (int)m->pending, "protocol",
	                 origin_name(a->origin), "site", json_outside(a->site), "client",
	                 json_outside(a->client), "envid", json_outside(a->envid), "8bit",
	                 (int)a->facts.eightbit, "smtputf8", (int)a->smtputf8);
}

static json_t *
delivery_json(struct view *v, const struct spool_delivery *d)
{
	struct route_answer a = {0};
	struct recipient_attrs attrs;
	struct buf why = {0};
	json_t *j;

	recipient_attrs_decode(octets(d->attributes), &attrs);

	why_delivery(&v->why, d, &why);
	j = json_pack("{s:i, s:o, s:s, s:o, s:i, s:o, s:I, s:o, s:o}", "rcpt", (int)d->rcpt,
	              "recipient", json_outside(span_of(d->recipient)), "state",
	              d->state == SPOOL_HELD ? "held" : "queued", "due", json_time(d->due_s),
	              "attempts", (int)d->attempts, "last", json_time(d->last_s), "chance",
	              (json_int_t)d->chance_s, "words", json_outside(span_of(d->words)), "why",
	              json_outside(buf_view(&why)));
	if (attrs.alias.n > 0)
		json_object_set_new(j, "alias", json_outside(attrs.alias));
	if (find_route(v, d, &a) == 0)
		json_object_set_new(j, "route", hop_json(&a));
	route_answer_free(&a);
	buf_free(&why);
	return j;
}

/* ---- both ---- */

static enum ending
each_delivery(void *arg, const struct spool_delivery *d)
{
	struct view *v = arg;

	if (v->rcpt != SPOOL_ALL && v->rcpt != d->rcpt)
		return ENDING_DONE;
	if (v->con->json)
		json_array_append_new(v->deliveries, delivery_json(v, d));
	else
		delivery_text(v, d);
	show_flush(&v->out, v->con->out);
	return ENDING_DONE;
}

/* The ending of the whole: that of the first thing that failed. */
static void
keep_first(enum ending *first, enum ending e)
{
	if (*first == ENDING_DONE)
		*first = e;
}

/* A message whose content is damaged still has an envelope and a journal to be seen. */
static enum ending
view_json(struct view *v)
{
	struct console *con = v->con;
	json_t *j = message_json(v), *journal = NULL;
	enum ending e;

	v->deliveries = json_array();
	e = pick_deliveries(con, v->message.id, each_delivery, v);
	json_object_set_new(j, "deliveries", v->deliveries);
	keep_first(&e, content_header_json(con, v->message.id, j));
	if (e == ENDING_DONE)
		e = hops_of_json(con, v->message.id, j);
	keep_first(&e, story_array(con, v->message.id, &journal));
	json_object_set_new(j, "journal", journal);
	json_put(con, j);
	return e;
}

static enum ending
view_text(struct view *v)
{
	struct console *con = v->con;
	unsigned lines;
	enum ending e, failed;

	message_text(v);
	failed = v->rcpt == SPOOL_ALL ? hops_of_text(con, v->message.id, &v->out) : ENDING_DONE;
	e = pick_deliveries(con, v->message.id, each_delivery, v);
	keep_first(&e, failed);
	if (v->rcpt == SPOOL_ALL) {
		buf_str(&v->out, "\n");
		if (failed == ENDING_DONE)
			keep_first(&e, content_header_text(con, v->message.id, &v->out));
		buf_str(&v->out, "\n");
		keep_first(&e, story_text(con, v->message.id, &v->out, &lines));
	}
	show_flush(&v->out, con->out);
	return e;
}

static enum ending
view(struct console *con, spool_id id, uint32_t rcpt)
{
	struct view v = {.con = con, .rcpt = rcpt};
	enum ending e;

	if (spool_message_get(con->spool, id, &v.message) != 0)
		return spool_status(con->spool) == SPOOL_NONE
		           ? store_no_message(con, id)
		           : store_failed(con, "cannot read the queue");
	message_attrs_decode(octets(v.message.attributes), &v.attrs);
	message_attrs_ask(&v.attrs, v.message.accepted_s, &v.ask_store, &v.ask);
	why_begin(&v.why, con);
	e = con->json ? view_json(&v) : view_text(&v);
	why_end(&v.why);
	spool_message_free(&v.message);
	buf_free(&v.ask_store);
	buf_free(&v.out);
	return e;
}

enum ending
operator_queue_show(struct console *con)
{
	const struct args *a = con->args;
	enum ending e = ENDING_DONE;
	uint32_t rcpt;
	spool_id id;

	if (store_delivery_id(con, a->words[0], &id, &rcpt, &e) != 0)
		return e;
	if (args_given(a, "content") && con->json)
		return operator_fail(
		    con, ENDING_USAGE,
		    "--content gives the octets themselves; it does not go with --json");
	if (args_given(a, "content"))
		return content_print(con, id);
	return view(con, id, rcpt);
}
