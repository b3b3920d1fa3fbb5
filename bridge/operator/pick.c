#include "bridge/operator/pick.h"

#include "bridge/operator/args.h"
#include "bridge/operator/store.h"

#include <string.h>

#define IDS_AT_ONCE        256
#define DELIVERIES_AT_ONCE 32

enum ending
pick_options(struct console *con, struct pick *w)
{
	const struct args *a = con->args;

	*w = (struct pick){
	    .newest = args_given(a, "newest"),
	    .held = args_given(a, "held"),
	    .limit = UINT64_MAX,
	};
	if (args_number(a, "limit", &w->limit) != 0)
		return operator_fail(con, ENDING_USAGE, "--limit %s: a number from 1 on is wanted",
		                     args_value(a, "limit"));
	sought_begin(con, args_value(a, "from"), &w->from);
	sought_begin(con, args_value(a, "to"), &w->to);
	return ENDING_DONE;
}

void
pick_end(struct pick *w)
{
	sought_end(&w->from);
	sought_end(&w->to);
}

bool
pick_selects(const struct pick *w)
{
	return w->held || w->from.part != NULL || w->to.part != NULL;
}

enum ending
pick_deliveries(struct console *con, spool_id id, pick_delivery_fn *each, void *arg)
{
	struct spool_delivery d[DELIVERIES_AT_ONCE];
	enum ending e = ENDING_DONE;
	uint32_t from = 0;
	size_t i, n;

	do {
		n = DELIVERIES_AT_ONCE;
		if (spool_deliveries(con->spool, id, from, d, &n) != 0)
			return spool_status(con->spool) == SPOOL_NONE
			           ? ENDING_DONE
			           : store_failed(con, "cannot read the queue");
		for (i = 0; i < n; i++) {
			if (e == ENDING_DONE)
				e = each(arg, &d[i]);
			from = d[i].rcpt + 1;
			spool_delivery_free(&d[i]);
		}
	} while (n == DELIVERIES_AT_ONCE && e == ENDING_DONE);
	return e;
}

struct search {
	const struct pick *w;
	bool held, to;
};

static enum ending
search_delivery(void *arg, const struct spool_delivery *d)
{
	struct search *s = arg;

	s->held |= d->state == SPOOL_HELD;
	s->to |= sought_in(&s->w->to, d->recipient);
	return ENDING_DONE;
}

static bool
selected(struct console *con, const struct pick *w, const struct spool_message *m)
{
	struct search s = {.w = w};

	if (!sought_in(&w->from, m->sender))
		return false;
	if (!w->held && w->to.part == NULL)
		return true;
	if (pick_deliveries(con, m->id, search_delivery, &s) != ENDING_DONE)
		return false;
	return (s.held || !w->held) && s.to;
}

static enum ending
one(struct console *con, struct pick *w, spool_id id, pick_fn *each, void *arg)
{
	struct spool_message m;
	struct spool_delivery d;
	enum ending e = ENDING_DONE;
	size_t n = 1;

	if (w->shown == w->limit) {
		w->more = true;
		return ENDING_DONE;
	}
	if (spool_message_get(con->spool, id, &m) != 0)
		return spool_status(con->spool) == SPOOL_NONE
		           ? ENDING_DONE
		           : store_failed(con, "cannot read the queue");
	if (selected(con, w, &m) && spool_deliveries(con->spool, id, 0, &d, &n) == 0 && n == 1) {
		w->shown++;
		e = each(arg, &m, &d);
		spool_delivery_free(&d);
	}
	spool_message_free(&m);
	return e;
}

enum ending
pick_queue(struct console *con, struct pick *w, pick_fn *each, void *arg)
{
	spool_id ids[IDS_AT_ONCE], at = w->newest ? UINT64_MAX : 0;
	enum ending e = ENDING_DONE;
	size_t i, n;
	int rc;

	do {
		n = IDS_AT_ONCE;
		rc = w->newest ? spool_list_newest(con->spool, at, ids, &n)
		               : spool_list(con->spool, at, ids, &n);
		if (rc != 0)
			return spool_status(con->spool) == SPOOL_NONE
			           ? ENDING_DONE
			           : store_failed(con, "cannot read the queue");
		for (i = 0; i < n && e == ENDING_DONE && !w->more; i++)
			e = one(con, w, at = ids[i], each, arg);
	} while (n == IDS_AT_ONCE && e == ENDING_DONE && !w->more);
	return e;
}
