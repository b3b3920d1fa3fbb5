/*
 * hold, release, retry, delete: of the messages and deliveries named, or of
 * all that options select. What was changed is said delivery by delivery,
 * since nothing was asked before.
 */
#include "bridge/operator/args.h"
#include "bridge/operator/change.h"
#include "bridge/operator/json.h"
#include "bridge/operator/pick.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"

struct batch {
	struct console *con;
	struct changes changes;
	enum change_verb verb;
	struct change_item items[CHANGE_AT_ONCE];
	struct buf told[CHANGE_AT_ONCE]; /* the line of each item */
	json_t *json[CHANGE_AT_ONCE];    /* owned; with --json instead */
	size_t n;
	uint64_t done;
	struct json_list list;
	enum ending ending; /* of the first that failed */
};

/* ---- what is said of each ---- */

struct line {
	struct batch *b;
	size_t at;
	uint32_t rcpt;   /* SPOOL_ALL: all */
	unsigned n;      /* deliveries that are changed */
	unsigned others; /* that need not be */
	json_t *recipients;
};

static enum ending
add_recipient(void *arg, const struct spool_delivery *d)
{
	struct line *l = arg;
	struct buf *out = &l->b->told[l->at];

	if (l->rcpt != SPOOL_ALL && l->rcpt != d->rcpt)
		return ENDING_DONE;
	if (!change_concerns(l->b->verb, d)) {
		l->others++;
		return ENDING_DONE;
	}
	if (l->b->con->json) {
		json_array_append_new(l->recipients, json_outside(span_of(d->recipient)));
	} else {
		buf_str(out, l->n > 0 ? ", " : " to ");
		buf_escape(out, span_of(d->recipient));
	}
	l->n++;
	return ENDING_DONE;
}

static void
name_text(const struct change_item *item, struct buf *out)
{
	char id[SPOOL_ID_TEXT];

	buf_str(out, spool_id_text(item->id, id));
	if (item->rcpt != SPOOL_ALL)
		buf_fmt(out, "/%u", item->rcpt);
}

/* Made before the change, because a deleted message cannot be asked any more. */
static enum ending
describe(struct line *l, const struct spool_message *m)
{
	struct batch *b = l->b;
	struct buf name = {0}, *told = &b->told[l->at];

	name_text(&b->items[l->at], &name);
	if (b->con->json) {
		l->recipients = json_array();
		b->json[l->at] =
		    json_pack("{s:s, s:o, s:o}", "id", buf_text(&name), "sender",
		              json_outside(span_of(m->sender)), "recipients", l->recipients);
	} else {
		buf_fmt(told, "%s from ", buf_text(&name));
		buf_escape(told, m->sender[0] != '\0' ? span_of(m->sender) : SPAN("<>"));
	}
	buf_free(&name);
	return pick_deliveries(b->con, m->id, add_recipient, l);
}

static void
forget(struct batch *b, size_t at)
{
	buf_free(&b->told[at]);
	json_decref(b->json[at]);
	b->json[at] = NULL;
}

/* Mail moves while one types: of all messages, one that went meanwhile is no fault. */
static void
say_failed(struct batch *b, const struct change_item *item)
{
	struct console *con = b->con;
	struct buf name = {0};
	char id[SPOOL_ID_TEXT];

	if (item->ending == ENDING_NOINPUT && args_given(con->args, "all"))
		return;
	name_text(item, &name);
	if (item->ending == ENDING_NOINPUT)
		operator_fail(con, item->ending, "%s went meanwhile; `bangway trace %s` tells how",
		              buf_text(&name), spool_id_text(item->id, id));
	else
		operator_fail(con, item->ending, "%s: %s", buf_text(&name), item->words);
	if (b->ending == ENDING_DONE)
		b->ending = item->ending;
	buf_free(&name);
}

static void
say(struct batch *b, size_t at)
{
	if (b->items[at].ending != ENDING_DONE) {
		say_failed(b, &b->items[at]);
		return;
	}
	b->done++;
	if (b->con->json)
		json_list_put(&b->list, json_incref(b->json[at]));
	else
		fprintf(b->con->out, "%s %s\n", change_done(b->verb), buf_text(&b->told[at]));
}

/* ---- one batch after another ---- */

static void
empty(struct batch *b)
{
	size_t i;

	for (i = 0; i < CHANGE_AT_ONCE; i++)
		forget(b, i);
	b->n = 0;
}

static void
apply(struct batch *b)
{
	size_t i;

	if (b->n > 0)
		change_apply(&b->changes, b->verb, b->items, b->n);
	for (i = 0; i < b->n; i++)
		say(b, i);
	empty(b);
}

/* Takes it into the batch when it has deliveries to be changed; *l says how many. */
static enum ending
add(struct line *l, const struct spool_message *m)
{
	struct batch *b = l->b;
	enum ending e;

	l->at = b->n;
	b->items[b->n] = (struct change_item){.id = m->id, .rcpt = l->rcpt};
	e = describe(l, m);
	if (e != ENDING_DONE || l->n == 0) {
		forget(b, b->n);
		return e;
	}
	if (++b->n == CHANGE_AT_ONCE)
		apply(b);
	return b->ending;
}

static enum ending
add_selected(void *arg, const struct spool_message *m, const struct spool_delivery *first)
{
	struct line l = {.b = arg, .rcpt = SPOOL_ALL};

	(void)first;
	return add(&l, m);
}

static enum ending
nothing_to_change(const struct line *l, spool_id id)
{
	struct console *con = l->b->con;
	struct buf name = {0};
	char text[SPOOL_ID_TEXT];

	name_text(&(struct change_item){.id = id, .rcpt = l->rcpt}, &name);
	if (l->others > 0)
		operator_fail(con, ENDING_NOINPUT, "%s is %s", buf_text(&name),
		              l->b->verb == CHANGE_HOLD ? "held already" : "not held");
	else
		operator_fail(con, ENDING_NOINPUT,
		              "no delivery %s is queued; `bangway queue show %s` lists them",
		              buf_text(&name), spool_id_text(id, text));
	buf_free(&name);
	return ENDING_NOINPUT;
}

/*
 * All names are looked up before anything is changed: a slip of a finger in
 * the last one leaves the others alone.
 */
static enum ending
add_named(struct batch *b, const char *word)
{
	struct console *con = b->con;
	struct line l = {.b = b};
	struct spool_message m;
	enum ending e = ENDING_DONE;
	spool_id id;

	if (store_delivery_id(con, word, &id, &l.rcpt, &e) != 0)
		return e;
	if (spool_message_get(con->spool, id, &m) != 0)
		return spool_status(con->spool) == SPOOL_NONE
		           ? store_no_message(con, id)
		           : store_failed(con, "cannot read the queue");
	e = add(&l, &m);
	if (e == ENDING_DONE && l.n == 0)
		e = nothing_to_change(&l, id);
	spool_message_free(&m);
	return e;
}

static enum ending
change(struct batch *b)
{
	const struct args *a = b->con->args;
	struct pick w;
	enum ending e;
	int i;

	if ((e = pick_options(b->con, &w)) != ENDING_DONE)
		return e;
	if (args_given(a, "all"))
		e = pick_queue(b->con, &w, add_selected, b);
	pick_end(&w);
	for (i = 0; i < a->n && e == ENDING_DONE; i++)
		e = add_named(b, a->words[i]);
	return e;
}

static enum ending
words_right(struct console *con)
{
	const struct args *a = con->args;
	bool selects = args_given(a, "from") || args_given(a, "to") || args_given(a, "held");

	if (args_given(a, "all") ? a->n > 0 : a->n == 0)
		return operator_fail(con, ENDING_USAGE,
		                     "`%s` wants message ids, or --all without any",
		                     a->command->name);
	if (selects && !args_given(a, "all"))
		return operator_fail(con, ENDING_USAGE, "--from, --to and --held go with --all");
	if (a->n > CHANGE_AT_ONCE)
		return operator_fail(con, ENDING_USAGE,
		                     "at most %d ids at once; --all takes --from and --to",
		                     CHANGE_AT_ONCE);
	return ENDING_DONE;
}

static enum ending
run(struct console *con, enum change_verb v)
{
	struct batch b = {.con = con, .verb = v};
	char count[2 * SHOW_TEXT];
	enum ending e;

	if ((e = words_right(con)) != ENDING_DONE ||
	    (e = change_begin(&b.changes, con)) != ENDING_DONE)
		return e;
	if (con->json)
		json_list_begin(&b.list, con, change_key(v));
	e = change(&b);
	if (e == ENDING_DONE)
		apply(&b);
	empty(&b);
	if (e == ENDING_DONE)
		e = b.ending;
	if (con->json)
		json_list_end(&b.list, NULL);
	else if (args_given(con->args, "all"))
		fprintf(con->out, "%s: %s\n", change_done(v),
		        show_count(b.done, "message", "messages", count));
	change_end(&b.changes);
	return e;
}

enum ending
operator_queue_hold(struct console *con)
{
	return run(con, CHANGE_HOLD);
}

enum ending
operator_queue_release(struct console *con)
{
	return run(con, CHANGE_RELEASE);
}

enum ending
operator_queue_retry(struct console *con)
{
	return run(con, CHANGE_RETRY);
}

enum ending
operator_queue_delete(struct console *con)
{
	return run(con, CHANGE_DELETE);
}
