#include "bridge/schedule/told.h"

#include "bridge/base/clock.h"
#include "bridge/route/rewrite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define START_BYTES 32768 /* of the letter: its header, and the first lines */

bool
told_is_wanted(const struct parcel *p, const struct addressee *a, enum notice_kind *kind)
{
	if (a->decided && a->verdict.outcome == OUTCOME_NEVER)
		*kind = NOTICE_FAILED;
	else if (a->warn)
		*kind = NOTICE_DELAYED;
	else if (a->decided && a->verdict.outcome == OUTCOME_SENT && !p->dsn &&
	         (a->attrs.notify & DSN_SUCCESS) != 0)
		*kind = NOTICE_RELAYED;
	else
		return false;
	return notice_is_wanted(p->m.sender, *kind, &a->attrs);
}

static size_t
collect(const struct parcel *p, enum notice_kind kind, struct notice_recipient *out)
{
	const struct addressee *a;
	enum notice_kind k;
	size_t i, n = 0;

	for (i = 0; i < p->n; i++) {
		a = &p->to[i];
		if (!told_is_wanted(p, a, &k) || k != kind)
			continue;
		out[n++] = (struct notice_recipient){
		    .recipient = a->d.recipient,
		    .attrs = a->attrs,
		    .verdict = &a->verdict,
		    .remote = p->host,
		    .expired = a->expired,
		    .last_s = a->d.last_s,
		    .until_s = p->m.accepted_s + p->setup->retry.lifetime_s,
		};
	}
	return n;
}

static void
read_start(struct parcel *p, struct buf *start)
{
	size_t n = 0;

	/* A notice without the letter's header is better than none. */
	if (parcel_open(p) != 0 || buf_room(start, START_BYTES) != 0 ||
	    spool_content_read(p->content, 0, start->p, START_BYTES, &n) != 0)
		return;
	start->n = n;
	start->p[n] = '\0';
}

/* 1 it may go there; 0 it may not, and the journal says so; -1 no memory. */
static int
may_tell(const struct parcel *p, struct told *t)
{
	int may = route_may_notify(p->setup->table, span_of(p->m.sender), &p->ask);

	if (may == 0) {
		notice_untold(t->kind, p->m.sender, p->m.id, t->recipients, &t->untold);
		t->recipients = 0;
	}
	return t->untold.bad ? -1 : may;
}

int
told_write(struct parcel *p, enum notice_kind kind, struct told *t)
{
	struct notice n = {.kind = kind,
	                   .config = p->setup->config,
	                   .now_s = clock_wall_s(),
	                   .sender = p->m.sender,
	                   .attrs = &p->attrs,
	                   .id = p->m.id,
	                   .accepted_s = p->m.accepted_s};
	const struct route_ask ourselves = {.now_s = n.now_s};
	const struct rewrite as = {.table = p->setup->table, .ask = &p->ask, .now_s = n.now_s};
	struct buf domain = {0}, start = {0};
	struct notice_recipient *r = calloc(p->n + 1, sizeof *r);
	int may = 0, ret = -1;

	memset(t, 0, sizeof *t);
	t->kind = kind;
	if (r == NULL)
		return -1;
	n.recipients = r;
	n.nrecipients = t->recipients = collect(p, kind, r);
	if (t->recipients > 0 && (may = may_tell(p, t)) < 0)
		goto out;
	if (may > 0) {
		n.of_stranger = !route_may_relay(p->setup->table, &p->ask);
		if (getrandom(n.uuid, sizeof n.uuid, 0) != sizeof n.uuid ||
		    notice_sender(p->spool, &as, p->m.sender, &domain, &t->tokens, &t->words) < 0)
			goto out;
		read_start(p, &start);
		n.sender_domain = buf_text(&domain);
		n.start = buf_view(&start);
		n.whole = start.n == p->size;
		if (notice_write(&n, &t->content) != 0)
			goto out;
		t->whom.most = p->setup->config->limit.recipients;
		if (t->content.bad || route_expand(p->setup->table, span_of(p->m.sender),
		                                   &ourselves, NULL, &t->whom) != 0)
			goto out;
	}
	ret = 0;
out:
	buf_free(&start);
	buf_free(&domain);
	free(r);
	if (ret != 0)
		told_free(t);
	return ret;
}

void
told_free(struct told *t)
{
	buf_free(&t->content);
	route_expansion_free(&t->whom);
	buf_free(&t->tokens);
	buf_free(&t->words);
	buf_free(&t->untold);
	t->recipients = 0;
}
