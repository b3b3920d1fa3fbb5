/*
 * When was a link up, and by whose word? What the system's own journal has of
 * links, the last lines of it.
 */
#include "bridge/base/event.h"
#include "bridge/operator/args.h"
#include "bridge/operator/json.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"
#include "bridge/operator/story.h"

#define LINES_USUAL 20

struct history {
	struct console *con;
	uint64_t found, skip; /* lines of the links asked for; how many of them are too old */
	bool telling;         /* the second time through */
	struct buf out;
	struct json_list json;
};

/* Whether it is about a link, and one of those named, if any are. */
static bool
is_wanted(const struct args *a, struct span line)
{
	struct span rest = line, event = span_cut(&rest, ' '), name;
	int i;

	if (!span_is(event, event_name(EVENT_LINK_UP)) &&
	    !span_is(event, event_name(EVENT_LINK_DOWN)) &&
	    !span_is(event, event_name(EVENT_LINK_AUTO)))
		return false;
	if (!event_value(line, "link", &name))
		return false;
	for (i = 0; i < a->n; i++)
		if (span_is(name, a->words[i]))
			return true;
	return a->n == 0;
}

static int
see_line(void *arg, spool_id id, int64_t at_s, const char *text, size_t n)
{
	struct history *h = arg;
	struct span line = {text, n};

	(void)id;
	if (!is_wanted(h->con->args, line))
		return 0;
	h->found++;
	if (!h->telling || h->found <= h->skip)
		return 0;
	if (h->con->json)
		json_list_put(&h->json, story_json(at_s, line));
	else
		story_line(at_s, line, show_width(h->con->out), &h->out);
	return 0;
}

/* Through the journal twice: to know which lines are the last, and to tell them. */
static enum ending
see(struct history *h, uint64_t limit)
{
	struct console *con = h->con;

	for (h->telling = false;; h->telling = true) {
		h->skip = h->found > limit ? h->found - limit : 0;
		h->found = 0;
		if (spool_journal(con->spool, 0, see_line, h) != 0 &&
		    spool_status(con->spool) != SPOOL_NONE)
			return store_failed(con, "cannot read the journal");
		if (h->telling)
			return ENDING_DONE;
	}
}

enum ending
operator_link_history(struct console *con)
{
	struct history h = {.con = con};
	uint64_t limit = LINES_USUAL;
	enum ending e;

	if (args_number(con->args, "limit", &limit) != 0)
		return operator_fail(con, ENDING_USAGE, "--limit %s: a number from 1 on is wanted",
		                     args_value(con->args, "limit"));
	if (con->json)
		json_list_begin(&h.json, con, "lines");
	e = see(&h, limit);
	if (e == ENDING_DONE && h.found == 0 && !con->json)
		buf_str(&h.out, "the journal has nothing of that\n");
	show_flush(&h.out, con->out);
	buf_free(&h.out);
	if (con->json)
		json_list_end(&h.json, NULL);
	return e;
}
