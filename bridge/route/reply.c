/*
 * Which form does an address get, and which does it have?
 *
 * One rule keeps this from being a relay: what we write down is good for
 * everybody who reads it, so it may do no more than the one who wrote it could
 * have done himself. A stranger who puts a path through us into his letter
 * gets it back as he wrote it.
 */
#include "bridge/route/reply_int.h"

#include <stdio.h>

#define REPLY_DAYS 180 /* of a config that was not read from a file */

bool
reply_tokens_next(struct span *rest, struct span *token, struct span *address)
{
	if (rest->n == 0)
		return false;
	*token = span_cut(rest, '\0');
	*address = span_cut(rest, '\0');
	return true;
}

unsigned
reply_days(const struct route_table *t)
{
	return t->config->reply_days != 0 ? t->config->reply_days : REPLY_DAYS;
}

bool
reply_is_plain(struct span mailbox)
{
	bool dot = true;
	size_t i;
	char c;

	if (mailbox.n > ADDR_LOCAL_MAX || (mailbox.n > 0 && mailbox.p[0] == '-'))
		return false;
	for (i = 0; i < mailbox.n; i++) {
		c = mailbox.p[i];
		if (c == '.' && dot)
			return false;
		dot = c == '.';
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    (c == '\0' || strchr(".-_+='", c) == NULL))
			return false;
	}
	return !dot;
}

/* ---- who may ---- */

int
reply_asked(const struct route_table *t, struct span recipient, const struct route_ask *ask)
{
	struct resolved r;
	int got = resolve(t, recipient, ask, NULL, &r) < 0 ? -1 : r.kind != RESOLVED_REFUSED;

	resolved_free(&r);
	return got;
}

/* Some route leads to that neighbour, who need not be one of `sites`. 1, 0; -1 without memory. */
static int
is_reached(const struct route_table *t, const char *site)
{
	struct route_answer a = {0};
	struct buf destination = {0};
	int got = -1;

	buf_fmt(&destination, "site:%s", site);
	if (!destination.bad && route_of_destination(t, buf_view(&destination), &a) == 0)
		got = a.verdict.outcome != OUTCOME_NEVER;
	buf_free(&destination);
	route_answer_free(&a);
	return got;
}

/* Back to the neighbour who brought the letter, and to no domain after him. 1, 0; -1. */
static int
is_back(const struct rewrite *w, const struct addr *a)
{
	if (w->ask->site == NULL || !addr_hop_equal(addr_first_hop(a), span_of(w->ask->site)) ||
	    relay_leads_out(a).n > 0)
		return 0;
	return is_reached(w->table, w->ask->site);
}

int
reply_may(const struct rewrite *w, const struct addr *a)
{
	struct buf path = {0};
	int got;

	if (route_may_relay(w->table, w->ask))
		return 1;
	if ((got = is_back(w, a)) != 0)
		return got;
	addr_print_bang(a, &path);
	got = path.bad ? -1 : reply_asked(w->table, buf_view(&path), w->ask);
	buf_free(&path);
	return got;
}

/* ---- making ---- */

/* The form asked for: by the first hop's site, or for all. */
static enum reply_form
form_of(const struct route_table *t, const struct addr *a)
{
	const struct config_site *site = route_site(t, addr_first_hop(a));

	if (site != NULL && site->reply_form != REPLY_FORM_UNSET)
		return site->reply_form;
	return t->config->reply_form;
}

int
reply_token(const struct rewrite *w, const struct addr *a, struct buf *mailbox)
{
	int got = w->table->memory.keyed ? reply_may(w, a) : 0;

	return got > 0 ? reply_token_make(w, a, mailbox) : got;
}

int
reply_by_token(const struct rewrite *w, const struct addr *a, struct buf *out)
{
	int got = reply_token(w, a, out);

	if (got > 0)
		buf_fmt(out, "@%s", route_our_domain(w->table));
	return out->bad ? -1 : got;
}

int
reply_make(const struct rewrite *w, const struct addr *a, struct buf *out)
{
	enum reply_form form = form_of(w->table, a);
	int got = 0;

	if (form == REPLY_FORM_SITE)
		got = reply_site(w, a, out);
	else if (form == REPLY_FORM_PATH)
		got = reply_path(w, a, out);
	return got != 0 ? got : reply_by_token(w, a, out);
}

/* ---- reading ---- */

/* SITE.our.domain!rest is SITE!rest. -1 without memory. */
static int
read_site(const struct route_table *t, struct resolved *r, struct route_steps *steps)
{
	const struct config_site *site = reply_site_read(t, addr_first_hop(&r->addr));
	struct span rest = r->addr.path;

	if (site == NULL)
		return 1;
	span_cut(&rest, '!');
	buf_str(&r->reply, site->name);
	if (rest.n > 0)
		buf_fmt(&r->reply, "!%.*s", (int)rest.n, rest.p);
	route_step(steps, site->place, "%.*s is the site %s, by its name below our domain",
	           (int)addr_first_hop(&r->addr).n, addr_first_hop(&r->addr).p, site->name);
	r->addr.path = buf_view(&r->reply);
	return r->reply.bad ? -1 : 1;
}

/* r->addr becomes what a mailbox stands for. */
static enum stage
become(struct resolved *r, struct span mailbox, const char *what, struct route_steps *steps)
{
	struct span is = buf_view(&r->reply);
	const char *why;
	char words[VERDICT_WORDS];

	if (r->reply.bad)
		return STAGE_NO_MEMORY;
	route_step(steps, ROUTE_BUILT_IN, "%.*s is %s of ours: it stands for %.*s", (int)mailbox.n,
	           mailbox.p, what, (int)is.n, is.p);
	r->licensed = true;
	why = NULL;
	if (addr_parse(is, ADDR_DOMAIN_FIRST | ADDR_ANY_USER, &r->reply_store, &r->addr, &why) == 0)
		why =
		    addr_refused(&r->addr, ADDR_MAY_BE_UTF8 | ADDR_MAY_BE_LONG | ADDR_MAY_BE_WIDE);
	if (r->reply_store.bad)
		return STAGE_NO_MEMORY;
	if (why == NULL) {
		r->stands_for = r->addr;
		return STAGE_BECAME;
	}
	snprintf(words, sizeof words, "what it stands for cannot be used: %s", why);
	return resolve_refuse(r, steps, 550, "5.1.3", words);
}

static enum stage
read_srs(const struct route_table *t, struct resolved *r, const struct route_ask *ask,
         struct route_steps *steps)
{
	struct span mailbox = r->addr.user;

	switch (srs_read(t, ask->now_s, mailbox, &r->reply)) {
	case DIGEST_GOOD:
		return become(r, mailbox, "an SRS address", steps);
	case DIGEST_EXPIRED:
		return resolve_refuse(r, steps, 550, "5.1.1", "this SRS address has expired");
	case DIGEST_FORGED:
		break;
	}
	return resolve_refuse(r, steps, 550, "5.7.1",
	                      "this SRS address was not made here, or was changed on its way");
}

static enum stage
read_token(const struct route_table *t, struct resolved *r, struct route_steps *steps)
{
	struct span mailbox = r->addr.user;

	switch (reply_token_read(t, mailbox, &r->reply)) {
	case TOKEN_NONE:
		return STAGE_ON;
	case TOKEN_FOUND:
		return become(r, mailbox, "a token", steps);
	case TOKEN_UNKNOWN:
		return resolve_refuse(r, steps, 550, "5.1.1",
		                      "the address that this one stood for is not known here "
		                      "(any more): it was forgotten, or changed on its way");
	case TOKEN_NOT_NOW:
		break;
	}
	if (r->reply.bad)
		return STAGE_NO_MEMORY;
	resolve_refuse(r, steps, 451, "4.3.0",
	               "whom this address stands for cannot be looked up just now");
	r->refusal.outcome = OUTCOME_LATER;
	return STAGE_REFUSED;
}

enum stage
reply_resolve(const struct route_table *t, struct resolved *r, const struct route_ask *ask,
              struct route_steps *steps)
{
	int got;

	if (r->addr.hops > 0) {
		if (read_site(t, r, steps) < 0 ||
		    (got = reply_path_read(t, ask->now_s, &r->addr)) < 0)
			return STAGE_NO_MEMORY;
		if (got > 0) {
			r->licensed = true;
			route_step(steps, ROUTE_BUILT_IN, "the path has a tag of ours at its end");
		}
		if (r->reply.n > 0)
			r->stands_for = r->addr;
		return STAGE_ON;
	}
	if (!t->memory.keyed || (r->addr.flags & ADDR_QUOTED) != 0)
		return STAGE_ON;
	return srs_is(r->addr.user) ? read_srs(t, r, ask, steps) : read_token(t, r, steps);
}
