#include "bridge/intake/report.h"

#include "bridge/message/replies.h"
#include "bridge/route/rewrite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

int
report_accept(struct intake *in, struct spool_change *c, struct notice_letter *n)
{
	const struct route_ask ourselves = {.now_s = in->now_s};
	struct route_expansion whom = {.most = in->config->limit.recipients};
	int rc = route_expand(in->routes, span_of(n->to), &ourselves, NULL, &whom);

	n->whom = &whom;
	if (rc == 0)
		rc = notice_accept(in->spool, c, n, in->now_s);
	n->whom = NULL;
	route_expansion_free(&whom);
	return rc;
}

/* The list as the notice wants it. Allocated; *n entries; NULL without memory. */
static struct notice_recipient *
list_returned(struct buf *names, const struct verdict *v, size_t *n)
{
	struct notice_recipient *list;
	size_t lines = 0;
	char *p;

	for (size_t i = 0; i < names->n; i++)
		lines += names->p[i] == '\n';
	list = calloc(lines + 1, sizeof *list);
	for (*n = 0, p = names->p; list != NULL && *n < lines; (*n)++) {
		char *lf = strchr(p, '\n');

		*lf = '\0';
		list[*n] = (struct notice_recipient){.recipient = p, .verdict = v, .remote = ""};
		p = lf + 1;
	}
	return list;
}

static int
note_returned(struct intake *in, struct spool_change *c, const struct returned *r,
              size_t recipients)
{
	struct buf line = {0};
	int rc;

	event_line(&line, EVENT_RETURNED, event_text("protocol", in->door->program),
	           event_text("site", in->site), event_text("client", in->client),
	           event_text("sender", r->sender), event_number("recipients", (int64_t)recipients),
	           event_text("status", r->status), event_text("words", r->words));
	rc = intake_note(in, c, &line);
	buf_free(&line);
	return rc;
}

/* 1 a notice may go to its sender; 0 it may not, and the journal says so; -1. */
static int
may_tell(struct intake *in, struct spool_change *c, enum notice_kind kind, const struct returned *r)
{
	int may = route_may_notify(in->routes, span_of(r->sender), &in->ask);
	struct buf line = {0};
	size_t i, recipients = 0;

	for (i = 0; i < r->recipients.n; i++)
		recipients += r->recipients.p[i] == '\n';
	if (may == 0) {
		notice_untold(kind, r->sender, 0, recipients, &line);
		may = intake_note(in, c, &line);
	}
	buf_free(&line);
	return may;
}

/* Writes the notice and gives it to the change, with the tokens that stand in it. */
static int
give(struct intake *in, struct spool_change *c, struct notice *n)
{
	const struct rewrite as = {.table = in->routes, .ask = &in->ask, .now_s = in->now_s};
	struct buf domain = {0}, tokens = {0}, words = {0}, content = {0};
	struct notice_letter letter = {
	    .to = n->sender, .kind = notice_kind_name(n->kind), .recipients = n->nrecipients};
	struct span rest;
	int rc = -1;

	if (notice_sender(in->spool, &as, n->sender, &domain, &tokens, &words) < 0)
		goto out;
	n->sender_domain = buf_text(&domain);
	if (getrandom(n->uuid, sizeof n->uuid, 0) != (ssize_t)sizeof n->uuid ||
	    notice_write(n, &content) != 0)
		goto out;
	rest = buf_view(&tokens);
	replies_keep(c, &rest, SIZE_MAX, in->now_s);
	letter.content = buf_view(&content);
	letter.words = buf_text(&words);
	rc = report_accept(in, c, &letter);
out:
	buf_free(&domain);
	buf_free(&tokens);
	buf_free(&words);
	buf_free(&content);
	return rc;
}

static int
report(struct intake *in, struct spool_change *c, enum notice_kind kind, const struct returned *r)
{
	struct notice n = {.kind = kind,
	                   .config = in->config,
	                   .now_s = in->now_s,
	                   .sender = r->sender,
	                   .attrs = r->attrs,
	                   .accepted_s = in->now_s,
	                   .start = r->start,
	                   .of_stranger = !route_may_relay(in->routes, &in->ask)};
	struct notice_recipient *list = NULL;
	struct buf names = {0};
	struct verdict v;
	int rc = -1;

	verdict_set(&v, kind == NOTICE_FAILED ? OUTCOME_NEVER : OUTCOME_SENT, SCOPE_MESSAGE, 0,
	            r->status, "%s", r->words);
	buf_span(&names, r->recipients);
	if (!names.bad && (list = list_returned(&names, &v, &n.nrecipients)) != NULL) {
		n.recipients = list;
		rc = give(in, c, &n);
	}
	if (rc == 0 && kind == NOTICE_FAILED)
		rc = note_returned(in, c, r, n.nrecipients);
	free(list);
	buf_free(&names);
	return rc;
}

/* 1 it is in the change; 0 it may not be; -1. */
static int
tell(struct intake *in, struct spool_change *c, enum notice_kind kind, const struct returned *r)
{
	int may = may_tell(in, c, kind, r);

	return may > 0 && report(in, c, kind, r) != 0 ? -1 : may;
}

int
report_returned(struct intake *in, struct spool_change *c, const struct returned *r, bool *told)
{
	int got = r->sender[0] != '\0' ? tell(in, c, NOTICE_FAILED, r) : 0;

	*told = got > 0;
	return got < 0 ? -1 : 0;
}

int
report_expanded(struct intake *in, struct spool_change *c, const struct envelope *e,
                const struct message_attrs *attrs, struct span start)
{
	struct returned r = {.sender = buf_text(&e->sender),
	                     .attrs = attrs,
	                     .recipients = buf_view(&e->expanded),
	                     .start = start,
	                     .status = "",
	                     .words = ""};
	int rc = 0;

	if (e->sender.n == 0)
		return 0;
	if (e->expanded.n > 0)
		rc = tell(in, c, NOTICE_EXPANDED, &r);
	r.recipients = buf_view(&e->listed);
	if (rc >= 0 && e->listed.n > 0)
		rc = tell(in, c, NOTICE_DELIVERED, &r);
	return rc < 0 ? -1 : 0;
}
