#include "bridge/operator/why.h"

#include "bridge/operator/control_client.h"
#include "bridge/operator/tables.h"
#include "bridge/operator/show.h"

#include <string.h>

#define STATUS_WAIT_MS 1000

void
why_begin(struct why *w, struct console *con)
{
	const char *words;

	*w = (struct why){.con = con, .claimed = con->spool != NULL && spool_claimed(con->spool)};
	w->table = tables_open(con, NULL); /* the queue is shown without them too */
	if (w->table != NULL)
		tables_remember(con, w->table, &w->unremembered);
	if (w->claimed)
		w->status = control_ask(con->config->control_socket, STATUS_WAIT_MS,
		                        json_pack("{s:s}", "do", "status"), NULL);
	if (w->status != NULL && control_ending(w->status, &words) != ENDING_DONE) {
		json_decref(w->status);
		w->status = NULL;
	}
}

void
why_end(struct why *w)
{
	json_decref(w->status);
	route_table_free(w->table);
	buf_free(&w->unremembered);
}

/* The member of that list that has the name, or NULL. */
static const json_t *
named(const json_t *status, const char *list, const char *name)
{
	const json_t *member;
	const char *found;
	size_t i;

	json_array_foreach(json_object_get(status, list), i, member) {
		found = json_string_value(json_object_get(member, "name"));
		if (found != NULL && strcmp(found, name) == 0)
			return member;
	}
	return NULL;
}

const json_t *
why_link(const json_t *status, const char *name)
{
	return named(status, "links", name);
}

static bool
link_is_down(const json_t *status, const char *name)
{
	const char *state = json_string_value(json_object_get(why_link(status, name), "state"));

	return state != NULL && strcmp(state, "down") == 0;
}

/* All links that may carry it are down: appends their names. */
static void
links_down(const json_t *status, const struct config_route *rule, struct buf *out)
{
	size_t i;

	for (i = 0; i < rule->links.n; i++)
		if (!link_is_down(status, rule->links.v[i]))
			return;
	for (i = 0; i < rule->links.n; i++)
		buf_fmt(out, "%s%s", i == 0 ? "link down: " : ", ", rule->links.v[i]);
}

/* The next hop failed, and is left alone for a while. */
static void
hop_backs_off(const struct why *w, const struct route_answer *a, struct span destination,
              struct buf *out)
{
	struct buf name = {0};
	const json_t *hop;
	const char *wait, *words;
	char when[SHOW_TEXT];

	route_hop_name(a, destination, &name);
	hop = named(w->status, "next-hops", buf_text(&name));
	wait = json_string_value(json_object_get(hop, "wait"));
	words = json_string_value(json_object_get(hop, "words"));
	if (wait != NULL && strcmp(wait, "backoff") == 0)
		buf_fmt(out, "retry %s: %s",
		        show_when(json_integer_value(json_object_get(hop, "until")), w->con->now_s,
		                  when),
		        words != NULL ? words : "");
	buf_free(&name);
}

static void
find(struct why *w, spool_dest dest, struct buf *out)
{
	struct spool_destination d;
	struct route_answer answer = {0};

	if (w->table == NULL || spool_destination_get(w->con->spool, dest, &d) != 0)
		return;
	if (route_of_destination(w->table, span_of(d.name), &answer) == 0) {
		if (answer.hop == HOP_UUCP && answer.site != NULL)
			buf_fmt(out, "no uucp yet: %s", answer.site->name);
		else if (answer.verdict.outcome == OUTCOME_LATER)
			buf_str(out, answer.verdict.words);
		else if (w->status != NULL && answer.rule != NULL)
			links_down(w->status, answer.rule, out);
		if (out->n == 0 && w->status != NULL)
			hop_backs_off(w, &answer, span_of(d.name), out);
	}
	route_answer_free(&answer);
}

/* Of a whole destination: "" when nothing stands in the way, as far as is known. Borrowed. */
static const char *
of_destination(struct why *w, spool_dest dest)
{
	struct why_of *c = &w->cache[dest % WHY_CACHE];
	struct buf words = {0};

	if (c->dest != dest) {
		find(w, dest, &words);
		c->dest = dest;
		snprintf(c->words, sizeof c->words, "%s", buf_text(&words));
		buf_free(&words);
	}
	return c->words;
}

void
why_state(struct why *w, const struct spool_delivery *d, struct buf *out)
{
	const char *of_all;
	char when[SHOW_TEXT];

	if (d->state == SPOOL_HELD) {
		buf_str(out, "held");
		return;
	}
	of_all = of_destination(w, d->dest);
	if (d->due_s <= w->con->now_s) {
		buf_str(out, of_all[0] != '\0' ? of_all : "due");
		return;
	}
	buf_str(out, show_when(d->due_s, w->con->now_s, when));
	if (of_all[0] != '\0')
		buf_fmt(out, ", %s", of_all);
}

void
why_delivery(struct why *w, const struct spool_delivery *d, struct buf *out)
{
	why_state(w, d, out);
	if (d->state != SPOOL_HELD && d->words[0] != '\0')
		buf_fmt(out, ": %s", d->words);
}
