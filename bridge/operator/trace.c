/*
 * What became of a message? Its journal, which outlives it. Asked with a part
 * of an address: every message, the newest first, whose journal or envelope
 * has it.
 */
#include "bridge/base/event.h"
#include "bridge/operator/args.h"
#include "bridge/operator/hops.h"
#include "bridge/operator/json.h"
#include "bridge/operator/pick.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"
#include "bridge/operator/story.h"

#include <stdlib.h>
#include <string.h>

#define IDS_AT_ONCE   256
#define MATCHES_USUAL 20

/* How deliveries ended, as the journal has it. */
struct ends {
	unsigned sent, returned, deleted;
};

static int
count_end(void *arg, spool_id id, int64_t at_s, const char *line, size_t n)
{
	struct ends *ends = arg;
	struct span rest = {line, n}, event = span_cut(&rest, ' ');

	(void)id, (void)at_s;
	ends->sent += span_is(event, event_name(EVENT_SENT));
	ends->returned +=
	    span_is(event, event_name(EVENT_NEVER)) || span_is(event, event_name(EVENT_EXPIRED));
	ends->deleted += span_is(event, event_name(EVENT_DELETED));
	return 0;
}

/* "queued, for 2 of 3 recipients; 1 sent", "no longer queued; 3 sent". */
static void
fate_text(struct console *con, spool_id id, bool *queued, struct buf *out)
{
	struct ends ends = {0};
	struct spool_message m;

	*queued = spool_message_get(con->spool, id, &m) == 0;
	if (*queued) {
		buf_fmt(out, "queued, for %u of %u recipients", m.pending, m.recipients);
		spool_message_free(&m);
	} else {
		buf_str(out, "no longer queued");
	}
	spool_journal(con->spool, id, count_end, &ends);
	if (ends.sent > 0)
		buf_fmt(out, "; %u sent", ends.sent);
	if (ends.returned > 0)
		buf_fmt(out, "; %u returned", ends.returned);
	if (ends.deleted > 0)
		buf_fmt(out, "; %u deleted", ends.deleted);
}

static enum ending
tell(struct console *con, spool_id id, struct json_list *json)
{
	struct buf out = {0}, fate = {0};
	json_t *journal = NULL, *j;
	enum ending e, hops = ENDING_DONE;
	unsigned lines;
	char text[SPOOL_ID_TEXT];
	bool queued;

	fate_text(con, id, &queued, &fate);
	if (con->json) {
		e = story_array(con, id, &journal);
		j = json_pack("{s:o, s:b, s:s, s:o}", "id", json_id(id), "queued", (int)queued,
		              "fate", buf_text(&fate), "journal", journal);
		if (queued)
			hops = hops_of_json(con, id, j);
		json_list_put(json, j);
	} else {
		buf_fmt(&out, "%s: %s\n", spool_id_text(id, text), buf_text(&fate));
		if (queued)
			hops = hops_of_text(con, id, &out);
		e = story_text(con, id, &out, &lines);
		show_flush(&out, con->out);
	}
	buf_free(&out);
	buf_free(&fate);
	return e == ENDING_DONE ? hops : e;
}

/* ---- by a part of an address ---- */

struct search {
	struct sought sought;
	bool found;
};

/* Whether one of the line's addresses has the part: the keys whose values are addresses. */
static int
line_has(void *arg, spool_id id, int64_t at_s, const char *line, size_t n)
{
	static const char *const keys[] = {"sender", "to", "as", "message-id"};
	struct search *s = arg;
	struct span value;
	size_t i;

	(void)id, (void)at_s;
	for (i = 0; i < sizeof keys / sizeof keys[0] && !s->found; i++)
		s->found = event_value((struct span){line, n}, keys[i], &value) &&
		           sought_in_value(&s->sought, value);
	return s->found;
}

static enum ending
recipient_has(void *arg, const struct spool_delivery *d)
{
	struct search *s = arg;

	s->found |= sought_in(&s->sought, d->recipient);
	return ENDING_DONE;
}

static enum ending
tell_matches(struct console *con, const char *part, struct json_list *json)
{
	struct search s = {0};
	uint64_t limit = MATCHES_USUAL, found = 0;
	spool_id ids[IDS_AT_ONCE], before = UINT64_MAX;
	enum ending e = ENDING_DONE;
	size_t i, n = IDS_AT_ONCE;

	args_number(con->args, "limit", &limit);
	sought_begin(con, part, &s.sought);
	while (n == IDS_AT_ONCE && e == ENDING_DONE && found < limit) {
		if (spool_journalled(con->spool, before, ids, &n) != 0) {
			e = store_failed(con, "cannot read the journal");
			break;
		}
		for (i = 0; i < n && e == ENDING_DONE && found < limit; i++) {
			s.found = false;
			spool_journal(con->spool, before = ids[i], line_has, &s);
			if (!s.found)
				pick_deliveries(con, ids[i], recipient_has, &s);
			if (s.found && found++ > 0 && !con->json)
				fputc('\n', con->out);
			if (s.found)
				e = tell(con, ids[i], json);
		}
	}
	if (e == ENDING_DONE && found == 0)
		e = operator_fail(
		    con, ENDING_NOINPUT,
		    "nothing about %s in the queue or the journal, which keeps %u days", part,
		    con->config->spool.journal_days);
	sought_end(&s.sought);
	return e;
}

static int
any_line(void *arg, spool_id id, int64_t at_s, const char *line, size_t n)
{
	(void)id, (void)at_s, (void)line, (void)n;
	*(bool *)arg = true;
	return 1;
}

static enum ending
trace(struct console *con, const char *word, struct json_list *json)
{
	struct spool_message m;
	bool known = false;
	spool_id id;

	if (strpbrk(word, "@!.%") != NULL || spool_id_parse(word, &id) != 0)
		return tell_matches(con, word, json);
	spool_journal(con->spool, id, any_line, &known);
	if (!known && spool_message_get(con->spool, id, &m) == 0) {
		spool_message_free(&m);
		known = true;
	}
	if (known)
		return tell(con, id, json);
	/* a word may look like an id and be a part of a name */
	return tell_matches(con, word, json);
}

enum ending
operator_trace(struct console *con)
{
	const struct args *a = con->args;
	struct json_list json = {0};
	enum ending e = ENDING_DONE, one;
	uint64_t limit;
	int i;

	if (args_number(a, "limit", &limit) != 0)
		return operator_fail(con, ENDING_USAGE, "--limit %s: a number from 1 on is wanted",
		                     args_value(a, "limit"));
	if (con->json)
		json_list_begin(&json, con, "messages");
	for (i = 0; i < a->n; i++) {
		if (i > 0 && !con->json)
			fputc('\n', con->out);
		one = trace(con, a->words[i], &json);
		if (e == ENDING_DONE)
			e = one;
	}
	if (con->json)
		json_list_end(&json, NULL);
	return e;
}
