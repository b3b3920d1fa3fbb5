/*
 * One screen: the daemon, the queue, the links, and the next hops that keep
 * mail waiting. Ends with 69 when no daemon runs, so that a script can ask.
 */
#include "bridge/base/units.h"
#include "bridge/operator/json.h"
#include "bridge/operator/link.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"
#include "bridge/operator/why.h"

#include <inttypes.h>

#define HOPS_SHOWN 10

static int64_t
number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static const char *
text(const json_t *j, const char *key)
{
	const char *t = json_string_value(json_object_get(j, key));

	return t != NULL ? t : "";
}

static void
daemon_text(struct console *con, const struct why *w, struct buf *out)
{
	char age[SHOW_TEXT];

	if (w->status == NULL) {
		show_line(out, "bangwayd",
		          w->claimed ? SPAN("running, but it does not answer")
		                     : SPAN("not running"));
		return;
	}
	show_linef(out, "bangwayd", "%s, process %" PRId64 ", up %s", text(w->status, "version"),
	           number(w->status, "pid"),
	           show_age(con->now_s - number(w->status, "started"), age));
	show_line(out, "config", span_of(text(w->status, "config")));
	show_linef(out, "under way", "%" PRId64, number(w->status, "under-way"));
}

static void
counts_text(const struct spool_counts *c, struct buf *out)
{
	char a[2 * SHOW_TEXT], b[2 * SHOW_TEXT], size[UNITS_TEXT];

	show_linef(out, "queued", "%s, %s, %s", show_count(c->messages, "message", "messages", a),
	           show_count(c->deliveries, "delivery", "deliveries", b),
	           units_text_size(c->bytes, size));
	if (c->held > 0)
		show_linef(out, "held", "%s; `bangway queue list --held` lists them",
		           show_count(c->held, "delivery", "deliveries", a));
	if (c->quarantined > 0)
		show_linef(out, "quarantine", "%s; `bangway quarantine` lists them",
		           show_count(c->quarantined, "item", "items", a));
}

static bool
is_in_trouble(const json_t *hop)
{
	return text(hop, "wait")[0] != '\0' || number(hop, "failures") > 0;
}

/* What it said last has a line of its own, as with links. */
static void
hop_row(struct console *con, const json_t *hop, struct buf *out)
{
	const char *wait = text(hop, "wait"), *words = text(hop, "words");
	size_t width = show_width(con->out);
	struct buf line = {0};
	char when[SHOW_TEXT];

	buf_fmt(&line, "%s ", text(hop, "name"));
	if (strcmp(wait, "link") == 0)
		buf_str(&line, "waits for a link");
	else if (strcmp(wait, "carrier") == 0)
		buf_str(&line, "waits for a carrier that this version lacks");
	else if (wait[0] != '\0')
		buf_fmt(&line, "tries again %s", show_when(number(hop, "until"), con->now_s, when));
	if (number(hop, "failures") > 0)
		buf_fmt(&line, "%sfailed %" PRId64 "x", wait[0] != '\0' ? ", " : "",
		        number(hop, "failures"));
	buf_str(out, "  ");
	show_last(out, buf_view(&line), width - 2);
	if (words[0] != '\0') {
		buf_str(out, "\n    ");
		show_last(out, span_of(words), width - 4);
	}
	buf_ch(out, '\n');
	buf_free(&line);
}

static void
hops_text(struct console *con, const json_t *status, struct buf *out)
{
	const json_t *hop;
	size_t i, n = 0;

	json_array_foreach(json_object_get(status, "next-hops"), i, hop) {
		if (!is_in_trouble(hop))
			continue;
		if (n++ == 0)
			buf_str(out, "\nnext hops that keep mail waiting\n");
		if (n <= HOPS_SHOWN)
			hop_row(con, hop, out);
	}
	if (n > HOPS_SHOWN)
		buf_fmt(out, "  and %zu more; --json has them all\n", n - HOPS_SHOWN);
}

static void
show_text(struct console *con, const struct why *w, const struct spool_counts *c)
{
	struct buf out = {0};

	daemon_text(con, w, &out);
	counts_text(c, &out);
	if (con->config->nlinks > 0)
		buf_str(&out, "\n");
	link_table(con, w, &out);
	if (c->deliveries > 0) /* the daemon forgets a next hop later than the queue does */
		hops_text(con, w->status, &out);
	show_flush(&out, con->out);
	buf_free(&out);
}

static json_t *
daemon_json(const struct why *w)
{
	json_t *j;

	if (w->status == NULL)
		return json_null();
	j = json_copy(w->status);
	json_object_del(j, "ok");
	return j;
}

static void
show_json(struct console *con, const struct why *w, const struct spool_counts *c)
{
	json_put(con,
	         json_pack("{s:b, s:o, s:{s:I, s:I, s:I, s:I}, s:I, s:o}", "running",
	                   (int)w->claimed, "daemon", daemon_json(w), "counts", "messages",
	                   (json_int_t)c->messages, "deliveries", (json_int_t)c->deliveries, "held",
	                   (json_int_t)c->held, "bytes", (json_int_t)c->bytes, "quarantined",
	                   (json_int_t)c->quarantined, "links", link_array(con, w)));
}

enum ending
operator_status(struct console *con)
{
	struct spool_counts c;
	struct why w;
	enum ending e;

	if (spool_counts(con->spool, &c) != 0)
		return store_failed(con, "cannot read the queue");
	why_begin(&w, con);
	if (con->json)
		show_json(con, &w, &c);
	else
		show_text(con, &w, &c);
	e = w.status != NULL ? ENDING_DONE : ENDING_UNAVAILABLE;
	why_end(&w);
	return e;
}
