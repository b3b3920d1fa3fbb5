/*
 * Which links are there, which are up, and by whose word? A running daemon
 * knows; without one there is the configuration, and what was ordered.
 */
#include "bridge/operator/link.h"

#include "bridge/link/order.h"
#include "bridge/operator/args.h"
#include "bridge/operator/change.h"
#include "bridge/operator/json.h"
#include "bridge/operator/near.h"
#include "bridge/operator/show.h"
#include "bridge/operator/why.h"

#include <inttypes.h>

#define NAME_COLUMNS  16
#define STATE_COLUMNS 8
#define SINCE_COLUMNS 8
#define ORDER_COLUMNS 6
#define LEFT_COLUMNS  (80 - NAME_COLUMNS - STATE_COLUMNS - SINCE_COLUMNS - ORDER_COLUMNS - 4)

struct shown_link {
	const struct config_link *link;
	const json_t *live; /* what the daemon says; NULL: none runs */
	enum link_order order;
	const char *state; /* "up", "down", or "unknown" */
	int64_t since_s;   /* 0: not known */
	const char *words;
};

static void
evidence_text(const struct config_link *l, struct buf *out)
{
	switch (l->evidence) {
	case LINK_ALWAYS:
		buf_str(out, "always");
		break;
	case LINK_MANUAL:
		buf_str(out, "manual");
		break;
	case LINK_TCP:
		buf_fmt(out, "tcp:%s:%u", l->probe_host, (unsigned)l->probe_port);
		break;
	}
}

static enum link_order
order_kept(struct console *con, const char *name)
{
	char fact[LINK_FACT_NAME], value[16];
	size_t n = 0;

	if (con->spool == NULL ||
	    spool_fact_get(con->spool, link_order_fact(name, fact), value, sizeof value, &n) != 0 ||
	    n > sizeof value)
		return LINK_ORDER_AUTO;
	return link_order_of_fact(value, n);
}

/* Without a daemon nobody probes: an order, or evidence that cannot change, still says something.
 */
static const char *
state_without_daemon(const struct config_link *l, enum link_order order)
{
	if (order == LINK_ORDER_UP || (order == LINK_ORDER_AUTO && l->evidence == LINK_ALWAYS))
		return "up";
	if (order == LINK_ORDER_DOWN || l->evidence == LINK_MANUAL)
		return "down";
	return "unknown";
}

static const char *
text_of(const json_t *j, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text != NULL ? text : otherwise;
}

static struct shown_link
look(struct console *con, const json_t *status, const struct config_link *l)
{
	struct shown_link s = {.link = l, .live = why_link(status, l->name), .words = ""};

	s.order = order_kept(con, l->name);
	s.state = state_without_daemon(l, s.order);
	if (s.live != NULL) {
		link_order_parse(text_of(s.live, "order", ""), &s.order);
		s.state = text_of(s.live, "state", "unknown");
		s.since_s = json_integer_value(json_object_get(s.live, "since"));
		s.words = text_of(s.live, "words", "");
	}
	return s;
}

static void
cells(struct buf *out, const char *name, const char *state, const char *since, const char *order,
      struct span evidence)
{
	show_cell(out, span_of(name), NAME_COLUMNS, SHOW_LEFT);
	buf_ch(out, ' ');
	show_cell(out, span_of(state), STATE_COLUMNS, SHOW_LEFT);
	buf_ch(out, ' ');
	show_cell(out, span_of(since), SINCE_COLUMNS, SHOW_LEFT);
	buf_ch(out, ' ');
	show_cell(out, span_of(order), ORDER_COLUMNS, SHOW_LEFT);
	buf_ch(out, ' ');
	show_last(out, evidence, LEFT_COLUMNS);
	buf_ch(out, '\n');
}

/* What the last probe said has a line of its own: it is long, and often not there. */
static void
row(struct console *con, const struct shown_link *s, struct buf *out)
{
	char since[SHOW_TEXT] = "-";
	struct buf evidence = {0};

	if (s->since_s > 0)
		show_age(con->now_s - s->since_s, since);
	evidence_text(s->link, &evidence);
	cells(out, s->link->name, s->state, since, link_order_name(s->order), buf_view(&evidence));
	if (s->words[0] != '\0') {
		buf_str(out, "    ");
		show_last(out, span_of(s->words), show_width(con->out) - 4);
		buf_ch(out, '\n');
	}
	buf_free(&evidence);
}

static json_t *
shown_json(const struct shown_link *s)
{
	struct buf evidence = {0};
	json_t *j;

	evidence_text(s->link, &evidence);
	j = json_pack("{s:o, s:s, s:o, s:s, s:o, s:o, s:o, s:i}", "name",
	              json_outside(span_of(s->link->name)), "state", s->state, "since",
	              json_time(s->since_s), "order", link_order_name(s->order), "evidence",
	              json_outside(buf_view(&evidence)), "words", json_outside(span_of(s->words)),
	              "file", json_outside(span_of(s->link->place.file)), "line",
	              s->link->place.line);
	buf_free(&evidence);
	return j;
}

void
link_table(struct console *con, const struct why *why, struct buf *out)
{
	struct shown_link s;
	size_t i;

	if (con->config->nlinks > 0)
		cells(out, "LINK", "STATE", "SINCE", "ORDER", SPAN("EVIDENCE"));
	for (i = 0; i < con->config->nlinks; i++) {
		s = look(con, why->status, &con->config->links[i]);
		row(con, &s, out);
	}
}

json_t *
link_array(struct console *con, const struct why *why)
{
	json_t *list = json_array();
	struct shown_link s;
	size_t i;

	for (i = 0; i < con->config->nlinks; i++) {
		s = look(con, why->status, &con->config->links[i]);
		json_array_append_new(list, shown_json(&s));
	}
	return list;
}

void
link_text(struct console *con, const struct why *why, const struct config_link *l, struct buf *out)
{
	const struct shown_link s = look(con, why->status, l);
	char age[SHOW_TEXT];

	buf_fmt(out, "%s: %s", l->name, s.state);
	if (s.since_s > 0)
		buf_fmt(out, " for %s", show_age(con->now_s - s.since_s, age));
	buf_str(out, ", ");
	evidence_text(l, out);
	if (s.order != LINK_ORDER_AUTO)
		buf_fmt(out, ", ordered %s", link_order_name(s.order));
	if (s.words[0] != '\0')
		buf_fmt(out, ": %s", s.words);
}

json_t *
link_json(struct console *con, const struct why *why, const struct config_link *l)
{
	const struct shown_link s = look(con, why->status, l);

	return shown_json(&s);
}

static void
answer(struct console *con, const struct why *why)
{
	struct buf out = {0};

	if (con->json) {
		json_put(con, json_pack("{s:o, s:b}", "links", link_array(con, why), "daemon",
		                        (int)why->claimed));
		return;
	}
	link_table(con, why, &out);
	if (con->config->nlinks == 0)
		buf_str(&out, "no links are configured: every route may be used at any time\n");
	else if (!why->claimed)
		buf_str(&out,
		        "bangwayd is not running: nothing is probed, and orders wait for it\n");
	show_flush(&out, con->out);
	buf_free(&out);
}

enum ending
operator_link_list(struct console *con)
{
	struct why why;

	why_begin(&why, con);
	answer(con, &why);
	why_end(&why);
	return ENDING_DONE;
}

static enum ending
no_link(struct console *con, const char *name)
{
	struct near near = near_begin(span_of(name));
	struct buf names = {0};
	enum ending e;
	size_t i;

	for (i = 0; i < con->config->nlinks; i++) {
		near_offer(&near, con->config->links[i].name);
		buf_fmt(&names, "%s%s", i > 0 ? ", " : "", con->config->links[i].name);
	}
	if (near_best(&near) != NULL)
		e = operator_fail(con, ENDING_NOINPUT, "no link %s; did you mean %s?", name,
		                  near_best(&near));
	else
		e = operator_fail(con, ENDING_NOINPUT, "no link %s; there is %s", name,
		                  names.n > 0 ? buf_text(&names) : "none configured");
	buf_free(&names);
	return e;
}

static bool
link_exists(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->nlinks; i++)
		if (strcmp(c->links[i].name, name) == 0)
			return true;
	return false;
}

static enum ending
set(struct console *con, enum link_order order)
{
	const struct args *a = con->args;
	struct changes changes;
	enum ending e = ENDING_DONE;
	int i;

	for (i = 0; i < a->n; i++)
		if (!link_exists(con->config, a->words[i]))
			return no_link(con, a->words[i]);
	if ((e = change_begin(&changes, con)) != ENDING_DONE)
		return e;
	for (i = 0; i < a->n && e == ENDING_DONE; i++)
		e = change_link(&changes, a->words[i], link_order_name(order));
	change_end(&changes);
	if (e == ENDING_DONE && changes.by_daemon)
		return operator_link_list(con);
	if (e == ENDING_DONE)
		answer(con, &(struct why){.con = con}); /* the claim on the spool is our own */
	return e;
}

enum ending
operator_link_up(struct console *con)
{
	return set(con, LINK_ORDER_UP);
}

enum ending
operator_link_down(struct console *con)
{
	return set(con, LINK_ORDER_DOWN);
}

enum ending
operator_link_auto(struct console *con)
{
	return set(con, LINK_ORDER_AUTO);
}
