/*
 * What may be asked over the control socket, one row a verb.
 */
#include "bridge/operator/control_int.h"
#include "bridge/operator/json.h"
#include "bridge/schedule/record.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum control_kind
kind_of(enum spool_status st)
{
	switch (st) {
	case SPOOL_NONE:
		return CONTROL_NONE;
	case SPOOL_BUSY:
		return CONTROL_BUSY;
	default:
		return CONTROL_FAILED;
	}
}

static void
agree(struct control_peer *p)
{
	control_answer(p, json_pack("{s:b}", "ok", 1));
}

static void
on_changed(void *owner, struct writer_result result)
{
	if (result.status == SPOOL_OK)
		agree(owner);
	else
		control_refuse(owner, kind_of(result.status), result.error);
}

static void
do_change(struct control_peer *p, const json_t *request, enum schedule_deed deed)
{
	const char *id = json_string_value(json_object_get(request, "id"));
	const json_t *rcpt = json_object_get(request, "rcpt");
	struct schedule_change c = {.deed = deed,
	                            .rcpt = SPOOL_ALL,
	                            .by = control_who(p),
	                            .wait_ms = CONTROL_WAIT_S * 1000};
	json_int_t n = json_integer_value(rcpt);

	if (id == NULL || spool_id_parse(id, &c.id) != 0 ||
	    (rcpt != NULL && (!json_is_integer(rcpt) || n < 0 || n >= (json_int_t)SPOOL_ALL))) {
		control_refuse(p, CONTROL_USAGE,
		               "a message's id, and perhaps a delivery's number, is needed");
		return;
	}
	if (rcpt != NULL)
		c.rcpt = (uint32_t)n;
	if (schedule_change(control_world_of(p)->schedule, &c, on_changed, p) == 0)
		control_later(p);
	else
		control_refuse(p, CONTROL_FAILED, "out of memory");
}

static void
do_hold(struct control_peer *p, const json_t *request)
{
	do_change(p, request, SCHEDULE_HOLD);
}

static void
do_release(struct control_peer *p, const json_t *request)
{
	do_change(p, request, SCHEDULE_RELEASE);
}

static void
do_retry(struct control_peer *p, const json_t *request)
{
	do_change(p, request, SCHEDULE_RETRY);
}

static void
do_delete(struct control_peer *p, const json_t *request)
{
	do_change(p, request, SCHEDULE_DELETE);
}

static const char *
state_of(const struct links *l, const char *name)
{
	struct links_view v;
	size_t i;

	for (i = 0; i < links_count(l); i++) {
		links_view(l, i, &v);
		if (strcmp(v.name, name) == 0)
			return v.up ? "up" : "down";
	}
	return "down";
}

/* An order to a link that is durable, or is not: then it holds until the daemon ends. */
struct ordered {
	struct control_peer *peer;
	const char *state; /* static */
};

static void
on_ordered(void *owner, struct writer_result result)
{
	struct ordered *o = owner;

	if (result.status == SPOOL_OK)
		control_answer(o->peer, json_pack("{s:b,s:s}", "ok", 1, "state", o->state));
	else
		control_refuse(o->peer, kind_of(result.status), result.error);
	free(o);
}

/* Once more what links_order() has had written: this one says when it is there. */
static int
record_order(struct control_peer *p, const char *link, enum link_order order)
{
	const struct control_world *w = control_world_of(p);
	const char *value = order == LINK_ORDER_AUTO ? "" : link_order_name(order);
	struct ordered *o = calloc(1, sizeof *o);
	char fact[LINK_FACT_NAME];

	if (o == NULL)
		return -1;
	*o = (struct ordered){p, state_of(w->links, link)};
	if (record_fact_told(w->writer, link_order_fact(link, fact),
	                     (struct spool_bytes){value, strlen(value)}, on_ordered, o) == 0)
		return 0;
	free(o);
	return -1;
}

static void
do_link(struct control_peer *p, const json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "name"));
	const char *set = json_string_value(json_object_get(request, "set"));
	struct links *links = control_world_of(p)->links;
	enum link_order order;

	if (name == NULL || set == NULL || link_order_parse(set, &order) != 0)
		control_refuse(p, CONTROL_USAGE,
		               "a link's name and one of up, down, auto is needed");
	else if (links_order(links, name, order, control_who(p)) != 0)
		control_refuse(p, CONTROL_NONE, "there is no such link");
	else if (record_order(p, name, order) == 0)
		control_later(p);
	else
		control_refuse(p, CONTROL_FAILED, "out of memory");
}

static void
on_reloaded(void *arg, const char *why)
{
	if (why == NULL)
		agree(arg);
	else
		control_refuse(arg, CONTROL_CONFIG, why);
}

static void
do_reload(struct control_peer *p, const json_t *request)
{
	const struct control_world *w = control_world_of(p);

	(void)request;
	if (w->reload(w->owner, on_reloaded, p) == 0)
		control_later(p);
	else
		control_refuse(p, CONTROL_BUSY, "the configuration is being read just now");
}

/* ---- status ---- */

static json_t *
links_json(const struct links *l)
{
	json_t *all = json_array();
	struct links_view v;
	size_t i;

	for (i = 0; i < links_count(l); i++) {
		links_view(l, i, &v);
		json_array_append_new(
		    all, json_pack("{s:s,s:s,s:s,s:s,s:I,s:o}", "name", v.name, "evidence",
		                   link_evidence_name(v.evidence), "order",
		                   link_order_name(v.order), "state", v.up ? "up" : "down", "since",
		                   (json_int_t)v.since_s, "words", json_outside(span_of(v.words))));
	}
	return all;
}

static json_t *
names_json(const struct config_strings *names)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; names != NULL && i < names->n; i++)
		json_array_append_new(all, json_string(names->v[i]));
	return all;
}

static void
see_hop(void *arg, const struct schedule_view *v)
{
	json_array_append_new(
	    arg, json_pack("{s:o,s:o,s:I,s:I,s:I,s:s,s:I,s:I,s:o}", "name",
	                   json_outside(span_of(v->name)), "links", names_json(v->links),
	                   "destinations", (json_int_t)v->destinations, "sessions",
	                   (json_int_t)v->sessions, "under-way", (json_int_t)v->under_way, "wait",
	                   v->wait, "until", (json_int_t)v->until_s, "failures",
	                   (json_int_t)v->failures, "words", json_outside(span_of(v->words))));
}

static void
do_status(struct control_peer *p, const json_t *request)
{
	const struct control_world *w = control_world_of(p);
	json_t *hops = json_array();

	(void)request;
	schedule_look(w->schedule, see_hop, hops);
	control_answer(p, json_pack("{s:b,s:s,s:I,s:o,s:I,s:I,s:o,s:o}", "ok", 1, "version",
	                            BANGWAY_VERSION, "pid", (json_int_t)getpid(), "config",
	                            json_outside(span_of(w->config_path)), "started",
	                            (json_int_t)w->started_s, "under-way",
	                            (json_int_t)schedule_under_way(w->schedule), "links",
	                            links_json(w->links), "next-hops", hops));
}

void
control_request(struct control_peer *p, struct span line)
{
	static const struct {
		const char *name;
		void (*run)(struct control_peer *p, const json_t *request);
	} verbs[] = {
	    {"hold", do_hold},     {"release", do_release}, {"retry", do_retry},
	    {"delete", do_delete}, {"link", do_link},       {"reload", do_reload},
	    {"status", do_status},
	};
	json_t *request = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
	const char *name = json_string_value(json_object_get(request, "do"));
	const char *by = json_string_value(json_object_get(request, "by"));
	size_t i;

	if (by != NULL && by[0] != '\0')
		control_name(p, by);
	for (i = 0; name != NULL && i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(name, verbs[i].name) == 0)
			break;
	if (name == NULL || i == sizeof verbs / sizeof verbs[0])
		control_refuse(p, CONTROL_USAGE, "this request is not understood");
	else
		verbs[i].run(p, request);
	json_decref(request);
}
