#include "bridge/operator/hops.h"

#include "bridge/addr/from_line.h"
#include "bridge/base/clock.h"
#include "bridge/operator/content.h"
#include "bridge/operator/json.h"
#include "bridge/operator/show.h"

/* The next line that is a hop: who forwards a mailbox is none. */
static bool
hop_next(struct span *rest, struct from_line *hop)
{
	while (from_chain_next(rest, hop))
		if (!hop->forwarded)
			return true;
	return false;
}

void
hops_text(struct span chain, struct buf *out)
{
	struct from_line hop;
	struct buf text = {0};
	char at[CLOCK_TEXT];
	int64_t when_s;

	while (hop_next(&chain, &hop)) {
		buf_clear(&text);
		buf_span(&text, hop.site.n > 0 ? hop.site : SPAN("(no site)"));
		if (from_date_read(hop.date, &when_s) == 0)
			buf_fmt(&text, ", %s", clock_text_iso(when_s, at));
		else if (hop.date.n > 0)
			buf_fmt(&text, ", %.*s", (int)hop.date.n, hop.date.p);
		buf_fmt(&text, ", from %.*s", (int)hop.user.n, hop.user.p);
		show_line(out, "hop", buf_view(&text));
	}
	out->bad |= text.bad;
	buf_free(&text);
}

json_t *
hops_json(struct span chain)
{
	json_t *hops = json_array();
	struct from_line hop;
	int64_t when_s;

	while (hop_next(&chain, &hop)) {
		if (from_date_read(hop.date, &when_s) != 0)
			when_s = 0;
		json_array_append_new(
		    hops, json_pack("{s:o, s:o, s:o, s:o}", "site", json_outside(hop.site), "user",
		                    json_outside(hop.user), "time", json_time(when_s), "date",
		                    json_outside(hop.date)));
	}
	return hops;
}

enum ending
hops_of_text(struct console *con, spool_id id, struct buf *out)
{
	struct buf start = {0};
	struct span chain;
	enum ending e = content_chain(con, id, &start, &chain);

	if (e == ENDING_DONE)
		hops_text(chain, out);
	buf_free(&start);
	return e;
}

enum ending
hops_of_json(struct console *con, spool_id id, json_t *object)
{
	struct buf start = {0};
	struct span chain;
	enum ending e = content_chain(con, id, &start, &chain);

	json_object_set_new(object, "hops", e == ENDING_DONE ? hops_json(chain) : json_array());
	buf_free(&start);
	return e;
}
