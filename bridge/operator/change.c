#include "bridge/operator/change.h"

#include "bridge/base/event.h"
#include "bridge/link/order.h"
#include "bridge/operator/control.h"
#include "bridge/operator/json.h"
#include "bridge/operator/pick.h"
#include "bridge/operator/store.h"

#include <time.h>
#include <unistd.h>

#define CLAIM_WAIT_MS 2000 /* a second command, a daemon that starts or stops */
#define STEP_MS       50
#define ANSWER_MS     ((CONTROL_WAIT_S + 5) * 1000)

static const struct {
	const char *request, *done;
	enum event event;
} verbs[] = {
    [CHANGE_HOLD] = {"hold", "held", EVENT_HELD},
    [CHANGE_RELEASE] = {"release", "released", EVENT_RELEASED},
    [CHANGE_RETRY] = {"retry", "due now", EVENT_RETRIED},
    [CHANGE_DELETE] = {"delete", "deleted", EVENT_DELETED},
};

const char *
change_done(enum change_verb v)
{
	return verbs[v].done;
}

const char *
change_key(enum change_verb v)
{
	return event_name(verbs[v].event);
}

bool
change_concerns(enum change_verb v, const struct spool_delivery *d)
{
	if (v == CHANGE_HOLD)
		return d->state == SPOOL_QUEUED;
	if (v == CHANGE_RELEASE)
		return d->state == SPOOL_HELD;
	return true;
}

enum ending
change_begin(struct changes *c, struct console *con)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	unsigned waited_ms;

	*c = (struct changes){.con = con, .daemon.fd = -1};
	for (waited_ms = 0; waited_ms <= CLAIM_WAIT_MS; waited_ms += STEP_MS) {
		if (spool_claim(con->spool) == 0)
			return ENDING_DONE;
		if (spool_status(con->spool) != SPOOL_BUSY)
			return store_failed(con, "cannot hold the spool");
		c->by_daemon =
		    control_connect(&c->daemon, con->config->control_socket, ANSWER_MS) == 0;
		if (c->by_daemon)
			return ENDING_DONE;
		nanosleep(&step, NULL);
	}
	return operator_fail(
	    con, ENDING_TEMPORARY,
	    "the spool is held, by a daemon that does not answer or by another command: %s",
	    c->daemon.why);
}

void
change_end(struct changes *c)
{
	control_close(&c->daemon);
}

/* ---- through the daemon ---- */

static json_t *
request(enum change_verb v, const struct change_item *item, const char *by)
{
	json_t *j =
	    json_pack("{s:s, s:o}", "do", verbs[v].request, "by", json_outside(span_of(by)));
	char id[SPOOL_ID_TEXT];

	json_object_set_new(j, "id", json_string(spool_id_text(item->id, id)));
	if (item->rcpt != SPOOL_ALL)
		json_object_set_new(j, "rcpt", json_integer(item->rcpt));
	return j;
}

static void
answered(struct control_client *daemon, struct change_item *item)
{
	json_t *answer = control_receive(daemon);
	const char *words = daemon->why;

	item->ending = answer == NULL ? ENDING_UNAVAILABLE : control_ending(answer, &words);
	snprintf(item->words, sizeof item->words, "%s", item->ending == ENDING_DONE ? "" : words);
	json_decref(answer);
}

static void
apply_by_daemon(struct changes *c, enum change_verb v, struct change_item *items, size_t n)
{
	size_t i, sent;

	for (sent = 0; sent < n; sent++)
		if (control_send(&c->daemon, request(v, &items[sent], c->con->who)) != 0)
			break;
	for (i = 0; i < sent; i++)
		answered(&c->daemon, &items[i]);
	for (; i < n; i++) {
		items[i].ending = ENDING_UNAVAILABLE;
		snprintf(items[i].words, sizeof items[i].words, "%s", c->daemon.why);
	}
}

/* ---- straight to the spool ---- */

struct direct {
	struct changes *c;
	struct spool_change *change;
	enum change_verb verb;
	uint32_t rcpt;
	bool found;
};

static enum ending
change_delivery(void *arg, const struct spool_delivery *d)
{
	struct direct *to = arg;
	struct buf line = {0};
	int64_t now_s = to->c->con->now_s;

	if (to->rcpt != SPOOL_ALL && to->rcpt != d->rcpt)
		return ENDING_DONE;
	to->found = true;
	if (!change_concerns(to->verb, d))
		return ENDING_DONE;
	/* nobody is told of a deletion: who wants a notice lets the letter expire */
	event_line(&line, verbs[to->verb].event, event_text("to", d->recipient),
	           event_text("by", to->c->con->who));
	spool_note(to->change, d->id, now_s, buf_text(&line));
	if (to->verb == CHANGE_HOLD)
		spool_hold(to->change, d->id, d->rcpt);
	else if (to->verb == CHANGE_RELEASE)
		spool_release(to->change, d->id, d->rcpt, now_s);
	else if (to->verb == CHANGE_RETRY)
		spool_retry(to->change, d->id, d->rcpt, now_s);
	else
		spool_settle(to->change, &(struct spool_settlement){.id = d->id,
		                                                    .rcpt = d->rcpt,
		                                                    .outcome = SPOOL_DELETED,
		                                                    .now_s = now_s});
	buf_free(&line);
	return ENDING_DONE;
}

/*
 * One change, of as many items as make it large; how many. The spool is ours
 * alone, so what is found now is there at the commit.
 */
static size_t
apply_some(struct changes *c, enum change_verb v, struct change_item *items, size_t most)
{
	struct direct to = {.c = c, .verb = v, .change = spool_change_new(c->con->spool)};
	enum ending e = ENDING_DONE;
	const char *words = "";
	size_t i, n;

	for (n = 0; n < most && to.change != NULL && !spool_change_is_large(to.change); n++) {
		to.rcpt = items[n].rcpt;
		to.found = false;
		items[n].ending = pick_deliveries(c->con, items[n].id, change_delivery, &to);
		if (items[n].ending == ENDING_DONE && !to.found)
			items[n].ending = ENDING_NOINPUT;
		snprintf(items[n].words, sizeof items[n].words, "%s",
		         items[n].ending == ENDING_DONE ? "" : "it is not there");
	}
	if (to.change == NULL) {
		n = most;
		e = ENDING_TEMPORARY;
		words = "out of memory";
	} else if (spool_commit(to.change) != 0) {
		e = store_ending(spool_status(c->con->spool));
		words = spool_error(c->con->spool);
	}
	for (i = 0; i < n && e != ENDING_DONE; i++) {
		items[i].ending = e;
		snprintf(items[i].words, sizeof items[i].words, "%s", words);
	}
	spool_change_free(to.change);
	return n;
}

static void
apply_by_spool(struct changes *c, enum change_verb v, struct change_item *items, size_t n)
{
	size_t done;

	for (done = 0; done < n;)
		done += apply_some(c, v, items + done, n - done);
}

enum ending
change_apply(struct changes *c, enum change_verb v, struct change_item *items, size_t n)
{
	size_t i;

	if (c->by_daemon)
		apply_by_daemon(c, v, items, n);
	else
		apply_by_spool(c, v, items, n);
	for (i = 0; i < n; i++)
		if (items[i].ending != ENDING_DONE)
			return items[i].ending;
	return ENDING_DONE;
}

/* ---- links ---- */

static enum ending
link_by_daemon(struct changes *c, const char *link, const char *order)
{
	const char *words;
	json_t *answer = NULL;
	enum ending e;

	if (control_send(&c->daemon,
	                 json_pack("{s:s, s:s, s:s, s:o}", "do", "link", "name", link, "set", order,
	                           "by", json_outside(span_of(c->con->who)))) == 0)
		answer = control_receive(&c->daemon);
	if (answer == NULL)
		return operator_fail(c->con, ENDING_UNAVAILABLE, "%s", c->daemon.why);
	e = control_ending(answer, &words);
	if (e != ENDING_DONE)
		operator_fail(c->con, e, "%s", words);
	json_decref(answer);
	return e;
}

static enum ending
link_by_spool(struct changes *c, const char *link, const char *order)
{
	struct spool_change *change = spool_change_new(c->con->spool);
	bool automatic = strcmp(order, link_order_name(LINK_ORDER_AUTO)) == 0;
	bool up = strcmp(order, link_order_name(LINK_ORDER_UP)) == 0;
	char fact[LINK_FACT_NAME];
	struct buf line = {0};
	enum ending e = ENDING_DONE;

	if (change == NULL)
		return operator_fail(c->con, ENDING_TEMPORARY, "out of memory");
	event_line(&line,
	           automatic ? EVENT_LINK_AUTO
	           : up      ? EVENT_LINK_UP
	                     : EVENT_LINK_DOWN,
	           event_text("link", link), event_text("by", c->con->who));
	spool_fact(change, link_order_fact(link, fact),
	           automatic ? (struct spool_bytes){NULL, 0}
	                     : (struct spool_bytes){order, strlen(order)});
	spool_note(change, 0, c->con->now_s, buf_text(&line));
	if (spool_commit(change) != 0)
		e = store_failed(c->con, "cannot keep the link's order");
	spool_change_free(change);
	buf_free(&line);
	return e;
}

enum ending
change_link(struct changes *c, const char *link, const char *order)
{
	return c->by_daemon ? link_by_daemon(c, link, order) : link_by_spool(c, link, order);
}
