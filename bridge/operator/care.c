/*
 * How is the spool: its numbers, and whether all that it holds is sound.
 */
#include "bridge/base/units.h"
#include "bridge/operator/json.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"

#include <inttypes.h>

static void
stats_text(struct console *con, const struct spool_counts *c, bool claimed)
{
	char a[2 * SHOW_TEXT], b[2 * SHOW_TEXT], u[UNITS_TEXT], v[UNITS_TEXT];
	const struct config *f = con->config;
	struct buf out = {0};

	show_line(&out, "spool", span_of(f->spool.directory));
	show_linef(&out, "daemon", claimed ? "running" : "not running");
	show_linef(&out, "queued", "%s, %s, %s", show_count(c->messages, "message", "messages", a),
	           show_count(c->deliveries, "delivery", "deliveries", b),
	           units_text_size(c->bytes, u));
	show_linef(&out, "held", "%s", show_count(c->held, "delivery", "deliveries", a));
	show_linef(&out, "quarantine", "%s, %s", show_count(c->quarantined, "item", "items", a),
	           units_text_size(c->quarantine_bytes, u));
	show_linef(&out, "limit", "%s; %s kept free in the file, and as much on the disk",
	           f->spool.limit_bytes > 0 ? units_text_size(f->spool.limit_bytes, u) : "none",
	           units_text_size(f->spool.reserve_bytes, v));
	show_linef(&out, "file", "%s; %s of disk free", units_text_size(c->file_bytes, u),
	           units_text_size(c->disk_free_bytes, v));
	show_linef(&out, "ever",
	           "%" PRIu64 " accepted; deliveries: %" PRIu64 " sent, %" PRIu64
	           " returned, %" PRIu64 " deleted",
	           c->accepted, c->sent, c->never, c->deleted);
	show_flush(&out, con->out);
	buf_free(&out);
}

static json_t *
stats_json(struct console *con, const struct spool_counts *c, bool claimed)
{
	json_t *j =
	    json_pack("{s:o, s:b}", "directory",
	              json_outside(span_of(con->config->spool.directory)), "daemon", (int)claimed);
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
	    {"messages", c->messages},
	    {"deliveries", c->deliveries},
	    {"held", c->held},
	    {"bytes", c->bytes},
	    {"quarantined", c->quarantined},
	    {"quarantine-bytes", c->quarantine_bytes},
	    {"accepted", c->accepted},
	    {"sent", c->sent},
	    {"never", c->never},
	    {"deleted", c->deleted},
	    {"limit-bytes", con->config->spool.limit_bytes},
	    {"reserve-bytes", con->config->spool.reserve_bytes},
	    {"file-bytes", c->file_bytes},
	    {"disk-free-bytes", c->disk_free_bytes},
	};
	size_t i;

	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		json_object_set_new(j, numbers[i].name, json_integer((json_int_t)numbers[i].value));
	return j;
}

enum ending
operator_spool_stats(struct console *con)
{
	bool claimed = spool_claimed(con->spool);
	struct spool_counts c;

	if (spool_counts(con->spool, &c) != 0)
		return store_failed(con, "cannot read the spool");
	if (con->json)
		json_put(con, stats_json(con, &c, claimed));
	else
		stats_text(con, &c, claimed);
	return ENDING_DONE;
}

static void
fault_text(void *arg, const char *words)
{
	struct console *con = arg;
	struct buf shown = {0};

	buf_escape(&shown, span_of(words));
	fprintf(con->out, "%s\n", buf_text(&shown));
	buf_free(&shown);
}

static void
fault_json(void *arg, const char *words)
{
	json_list_put(arg, json_outside(span_of(words)));
}

enum ending
operator_spool_verify(struct console *con)
{
	struct json_list json = {0};
	struct spool_counts c = {0};
	char count[2 * SHOW_TEXT];
	uint64_t faults = 0;
	enum ending e = ENDING_DONE;
	int rc;

	if (con->json)
		json_list_begin(&json, con, "faults");
	rc = spool_verify(con->spool, con->json ? fault_json : fault_text,
	                  con->json ? (void *)&json : (void *)con, &faults);
	if (rc != 0 && faults == 0)
		e = store_failed(con, "cannot verify the spool");
	else if (faults > 0)
		e = operator_fail(
		    con, ENDING_DATA,
		    "%s in the spool; damaged messages go to quarantine when their turn comes",
		    show_count(faults, "fault", "faults", count));
	spool_counts(con->spool, &c);
	if (con->json)
		json_list_end(&json, json_pack("{s:b, s:I}", "ok", (int)(e == ENDING_DONE),
		                               "messages", (json_int_t)c.messages));
	else if (e == ENDING_DONE)
		fprintf(con->out, "ok: every page, digest and index of %s\n",
		        show_count(c.messages, "queued message", "queued messages", count));
	return e;
}
