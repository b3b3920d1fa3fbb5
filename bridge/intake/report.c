#include "bridge/intake/report.h"

#include "bridge/message/notice.h"
#include "bridge/route/rewrite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SHOWN_MAX 2048 /* octets of what was set aside that the postmaster is shown */
#define RANK_NOTICE 2

/* A letter of ours, from the null sender, to one address. */
static int
accept_notice(struct intake *in, struct spool_change *c, const struct buf *content, const char *to,
	      const char *from_site)
{
	struct message_attrs attrs = {.origin = ORIGIN_NOTICE};
	struct spool_draft *d = spool_draft_new(in->spool);
	struct buf record = {0}, destination = {0};
	int rc = -1;

	message_attrs_encode(&attrs, &record);
	route_destination(in->routes, span_of(to), from_site, &destination);
	if (d == NULL || content->bad || record.bad || destination.bad)
		goto out;
	if (spool_draft_write(d, content->p, content->n) != 0 || spool_draft_sender(d, "") != 0 ||
	    spool_draft_attributes(d, (struct spool_bytes){record.p, record.n}) != 0 ||
	    spool_draft_recipient(d, to, buf_text(&destination), RANK_NOTICE,
				  (struct spool_bytes){0}) != 0)
		goto out;
	rc = spool_accept(c, d, in->now_s, NULL);
	d = NULL;
out:
	spool_draft_free(d);
	buf_free(&record);
	buf_free(&destination);
	return rc;
}

static void
describe_source(const struct intake *in, struct buf *out)
{
	buf_str(out, in->door->program);
	if (in->site[0] != '\0')
		buf_fmt(out, " from %s", in->site);
	if (in->client[0] != '\0')
		buf_fmt(out, " (user %s)", in->client);
}

static int
journal_aside(struct intake *in, struct spool_change *c, const struct aside *a)
{
	struct buf line = {0};
	int rc;

	event_line(&line, EVENT_QUARANTINED, event_text("protocol", in->door->program),
		   event_text("site", in->site), event_text("client", in->client),
		   event_text("sender", a->sender), event_number("size", (int64_t)a->size),
		   event_text("reason", a->reason));
	rc = spool_note(c, 0, in->now_s, buf_text(&line));
	event_log(EVENT_QUARANTINED, NULL, &line);
	buf_free(&line);
	return rc;
}

int
report_aside(struct intake *in, struct spool_change *c, struct aside *a)
{
	struct notice_quarantined q = {.config = in->config,
				       .now_s = in->now_s,
				       .size = a->size,
				       .reason = a->reason,
				       .start = a->start};
	struct buf source = {0}, content = {0};
	int rc = -1;

	describe_source(in, &source);
	q.source = buf_text(&source);
	if (q.start.n > SHOWN_MAX)
		q.start.n = SHOWN_MAX;
	if (getrandom(q.uuid, sizeof q.uuid, 0) != (ssize_t)sizeof q.uuid)
		goto out;
	rc = spool_quarantine(c, a->draft, in->now_s,
			      &(struct spool_quarantined){a->reason, q.source}, NULL);
	a->draft = NULL;
	if (rc == 0)
		rc = journal_aside(in, c, a);
	if (rc == 0)
		rc = notice_quarantined_write(&q, &content);
	if (rc == 0)
		rc = accept_notice(in, c, &content, in->config->postmaster, NULL);
out:
	buf_free(&source);
	buf_free(&content);
	return rc;
}

enum ending
report_source_aside(struct intake *in, struct spool_change *c, struct source *src,
		    const char *sender, const char *reason)
{
	struct aside a = {.draft = spool_draft_new(in->spool), .sender = sender, .reason = reason};
	struct buf start = {0};
	struct span block;
	enum ending e = ENDING_DONE;

	if (a.draft == NULL)
		return intake_no_memory(in);
	if (source_rewind(src) != 0)
		goto unreadable;
	do {
		if (source_read(src, &block) != 0)
			goto unreadable;
		if (start.n < SHOWN_MAX)
			buf_add(&start, block.p, block.n < SHOWN_MAX ? block.n : SHOWN_MAX);
		a.size += block.n;
		in->keeper->progress++;
		if (spool_draft_write(a.draft, block.p, block.n) != 0)
			goto failed;
	} while (block.n > 0);
	a.start = buf_view(&start);
	if (report_aside(in, c, &a) == 0)
		goto out;
failed:
	e = intake_spool_failed(in);
	goto out;
unreadable:
	e = keeper_reason(in->keeper, ENDING_IO, "standard input: %s", strerror(errno));
out:
	spool_draft_free(a.draft);
	buf_free(&start);
	return e;
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

int
report_returned(struct intake *in, struct spool_change *c, const struct returned *r, bool *told)
{
	struct notice n = {.kind = NOTICE_FAILED,
			   .config = in->config,
			   .now_s = in->now_s,
			   .sender = r->sender,
			   .attrs = r->attrs,
			   .accepted_s = in->now_s,
			   .start = r->start};
	struct buf domain = {0}, content = {0}, names = {0};
	struct notice_recipient *list = NULL;
	struct verdict v;
	const char *why;
	int rc = -1;

	*told = r->sender[0] != '\0';
	if (!*told)
		return 0;
	verdict_set(&v, OUTCOME_NEVER, SCOPE_MESSAGE, 0, r->status, "%s", r->words);
	buf_span(&names, r->recipients);
	if (names.bad || (list = list_returned(&names, &v, &n.nrecipients)) == NULL)
		goto out;
	if (rewrite_sender(in->routes, span_of(r->sender), in->from, &domain, NULL, &why) != 0)
		buf_str(&domain, r->sender);
	n.recipients = list;
	n.sender_domain = buf_text(&domain);
	if (getrandom(n.uuid, sizeof n.uuid, 0) == (ssize_t)sizeof n.uuid &&
	    notice_write(&n, &content) == 0)
		rc = accept_notice(in, c, &content, r->sender, NULL);
out:
	free(list);
	buf_free(&domain);
	buf_free(&content);
	buf_free(&names);
	return rc;
}
