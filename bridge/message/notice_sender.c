#include "bridge/message/notice.h"

#include "bridge/message/replies.h"
#include "bridge/route/rewrite.h"

#include <string.h>

static const char *
our_postmaster(const struct rewrite *w, struct buf *domain)
{
	buf_clear(domain);
	buf_fmt(domain, "postmaster@%s", route_our_domain(w->table));
	return buf_text(domain);
}

/* A notice that is refused itself is answered by nobody: no token is kept for it. */
static bool
is_refused(const struct rewrite *w, const char *sender)
{
	const struct route_ask ourselves = {.now_s = w->now_s};
	struct buf destination = {0};
	bool refused;

	route_destination(w->table, span_of(sender), &ourselves, &destination);
	refused = strcmp(buf_text(&destination), "refused:") == 0;
	buf_free(&destination);
	return refused;
}

int
notice_sender(struct spool *s, const struct rewrite *as, const char *sender, struct buf *domain,
              struct buf *missing, struct buf *why)
{
	struct buf tokens = {0}, words = {0};
	struct rewrite w = *as;
	const char *reason = "";
	int rc;

	w.tokens = &tokens;
	rc = rewrite_sender(&w, span_of(sender), domain, NULL, &reason);
	if (rc == 0 && tokens.n > 0 && is_refused(&w, sender)) {
		rc = 1;
		reason = "no letter can be sent to him";
	} else if (rc == 0 && !tokens.bad) {
		rc = replies_missing(s, buf_view(&tokens), route_table_config(w.table)->reply_days,
		                     w.now_s, missing, &words);
		reason = buf_text(&words);
	}
	if (rc == 1)
		buf_fmt(why, "%s stands for the sender in To: %s", our_postmaster(&w, domain),
		        reason);
	if (tokens.bad || words.bad || domain->bad || why->bad)
		rc = -1;
	buf_free(&tokens);
	buf_free(&words);
	return rc;
}
