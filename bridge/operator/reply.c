/*
 * Which tokens are remembered, and what does each stand for? An answer to
 * piet+k3v7x2mq4dwe@our.domain comes home as long as the token is in this list.
 */
#include "bridge/base/units.h"
#include "bridge/message/replies_trim.h"
#include "bridge/operator/args.h"
#include "bridge/operator/json.h"
#include "bridge/operator/show.h"
#include "bridge/operator/store.h"

#include <inttypes.h>

#define USED_COLUMNS 9 /* "412d ago" */

struct listing {
	struct console *con;
	struct span wanted; /* a part of it; empty: all */
	struct buf out;
	struct json_list json;
	uint64_t n, shown, bytes;
};

/* Days are all that is kept of the time. */
static const char *
used(const struct listing *l, const struct reply_kept *k, char out[SHOW_TEXT])
{
	int64_t days = (l->con->now_s - k->day_s) / 86400;

	if (days <= 0)
		snprintf(out, SHOW_TEXT, "today");
	else
		snprintf(out, SHOW_TEXT, "%" PRId64 "d ago", days);
	return out;
}

static void
row(struct listing *l, const char *token, const char *when, struct span address)
{
	show_cell(&l->out, span_of(token), REPLY_TOKEN + 1, SHOW_LEFT);
	show_cell(&l->out, span_of(when), USED_COLUMNS, SHOW_LEFT);
	show_last(&l->out, address, show_width(l->con->out) - REPLY_TOKEN - 1 - USED_COLUMNS);
	buf_ch(&l->out, '\n');
	if (l->out.n > 16384)
		show_flush(&l->out, l->con->out);
}

static bool
is_wanted(const struct listing *l, const struct reply_kept *k)
{
	return l->wanted.n == 0 ||
	       memmem(k->address.p, k->address.n, l->wanted.p, l->wanted.n) != NULL ||
	       memmem(k->token, REPLY_TOKEN, l->wanted.p, l->wanted.n) != NULL;
}

static int
list_one(void *arg, const struct reply_kept *k)
{
	struct listing *l = arg;
	char when[SHOW_TEXT];

	l->n++;
	l->bytes += k->address.n + REPLIES_OVERHEAD;
	if (!is_wanted(l, k))
		return 0;
	if (l->con->json) {
		json_list_put(&l->json,
		              json_pack("{s:s, s:o, s:o}", "token", k->token, "address",
		                        json_outside(k->address), "used", json_time(k->day_s)));
	} else {
		if (l->shown == 0)
			row(l, "TOKEN", "USED", SPAN("STANDS FOR"));
		row(l, k->token, used(l, k, when), k->address);
	}
	l->shown++;
	return 0;
}

static void
say_sum(struct listing *l, uint64_t most)
{
	char count[2 * SHOW_TEXT], size[UNITS_TEXT], room[UNITS_TEXT];

	if (l->wanted.n > 0 && l->shown == 0)
		buf_str(&l->out, "none of ");
	buf_fmt(&l->out, "%s, about %s of %s; kept %u days after the last use\n",
	        show_count(l->n, "token", "tokens", count), units_text_size(l->bytes, size),
	        units_text_size(most, room), l->con->config->reply_days);
}

enum ending
operator_reply_list(struct console *con)
{
	struct listing l = {.con = con};
	uint64_t most = replies_most_bytes(con->config->spool.reserve_bytes);
	enum ending e = ENDING_DONE;

	if (con->args->n > 0)
		l.wanted = span_of(con->args->words[0]);
	if (con->json)
		json_list_begin(&l.json, con, "tokens");
	if (replies_each(con->spool, "", list_one, &l) != 0)
		e = store_failed(con, "cannot read the tokens");
	if (con->json)
		json_list_end(&l.json,
		              json_pack("{s:I, s:I, s:I}", "count", (json_int_t)l.n, "bytes",
		                        (json_int_t)l.bytes, "limit-bytes", (json_int_t)most));
	else if (e == ENDING_DONE)
		say_sum(&l, most);
	show_flush(&l.out, con->out);
	buf_free(&l.out);
	return e;
}
