/*
 * Who lives here? Asked in this order, and always without regard to case:
 *
 *	the postmaster   of every domain, whatever it lists (RFC 5321 4.5.1)
 *	an alias         it stands for others
 *	a user           of the domain's list; of everybody when it has none
 *	the catch-all    for what is for nobody
 *
 * and when there is none of these the mailbox does not exist. user+detail is
 * looked for as it is, and then as user.
 *
 * An alias is expanded when a letter is accepted, and never again: a queued
 * letter goes to those whom its alias meant on that day. Whoever asks for a
 * next hop here has the expansion behind him, so the mailbox goes before the
 * alias of its name; a name that is an alias alone, and was none when its
 * letter was accepted, is refused in words that say so.
 */
#include "bridge/route/table.h"

#include <stdio.h>

static bool
is_postmaster(const struct addr *a)
{
	return span_is_nocase(a->user, "postmaster") || span_is_nocase(a->user, "mailer-daemon");
}

/* What a setting says becomes the address. */
static enum stage
become(const struct route_table *t, struct resolved *r, const struct own_text *who)
{
	enum stage got;

	if ((got = resolve_text(t, r, span_of(who->text), ADDR_DOMAIN_FIRST, &r->again, NULL)) <=
	        STAGE_REFUSED ||
	    (got = resolve_own_names(t, r, NULL)) <= STAGE_REFUSED)
		return got;
	return resolve_loops(r, NULL);
}

/* The one who is our postmaster, who may live anywhere. */
static enum stage
become_postmaster(const struct route_table *t, struct resolved *r, struct route_steps *steps)
{
	const struct own_domain *d = own_find(t, r->host);
	struct span domain = r->host;
	enum stage got;

	r->to_postmaster = true;
	r->addr.user = span_of("postmaster");
	if (d->postmaster.text[0] == '\0')
		return STAGE_ON;
	route_step(steps, d->postmaster.place, "our postmaster is %s", d->postmaster.text);
	got = become(t, r, &d->postmaster);
	if (got > STAGE_REFUSED && r->addr.hops == 0 && span_is_nocase(r->addr.user, "postmaster"))
		r->host = domain;
	return got;
}

static enum stage
become_catch_all(const struct route_table *t, struct resolved *r, struct route_steps *steps)
{
	const struct own_domain *d = own_find(t, r->host);

	route_step(steps, d->catch_all.place, "%s has nobody of that name: for its catch-all %s",
	           d->name, d->catch_all.text);
	r->caught = r->licensed = true;
	return become(t, r, &d->catch_all);
}

/* ---- names ---- */

static bool
look_for(const struct own_domain *d, struct span name, struct resolved *r)
{
	r->alias = d->aliases != NULL ? aliases_find(&d->aliases->aliases, name) : NULL;
	r->mailbox = own_user(d, name);
	r->listed = r->mailbox.n > 0;
	return r->alias != NULL || r->listed;
}

/* Sets r->alias, r->mailbox, or both; false: neither is there. */
static bool
find_name(const struct own_domain *d, struct resolved *r)
{
	struct span user = r->addr.user, base = user;
	const char *plus = memchr(user.p, '+', user.n);

	if (plus != NULL && plus > user.p)
		base.n = (size_t)(plus - user.p);
	if (!look_for(d, user, r) && base.n < user.n)
		look_for(d, base, r);
	if (d->users->any && !r->listed && (r->alias == NULL || r->alias->mailbox))
		r->mailbox = base;
	return r->alias != NULL || r->mailbox.n > 0;
}

/* ---- refusals ---- */

static enum stage
refuse_unknown(const struct own_domain *d, struct resolved *r, struct route_steps *steps)
{
	struct span user = r->addr.user;
	char words[VERDICT_WORDS];

	if (!d->users->any)
		route_step(steps, d->users->place, "%.*s is none of the `users` of %s", (int)user.n,
		           user.p, d->name);
	snprintf(words, sizeof words, "%.200s has no user %.*s", d->name,
	         user.n > 200 ? 200 : (int)user.n, user.p);
	return resolve_refuse(r, steps, 550, "5.1.1", words);
}

/* No member of another alias is this mailbox, so asking for the members comes here no more. */
static enum stage
refuse_alias(const struct route_table *t, struct resolved *r, struct route_steps *steps)
{
	const struct route_ask ourselves = {0};
	struct route_expansion x = {0};
	const char *status = "5.1.6";
	char words[VERDICT_WORDS];
	struct buf whole = {0};
	int rc;

	buf_fmt(&whole, "%s@%.*s", r->alias->name, (int)r->host.n, r->host.p);
	rc = whole.bad ? -1 : route_expand(t, buf_view(&whole), &ourselves, NULL, &x);
	if (rc == 0 && x.nobody) {
		status = x.circle != NULL ? "5.4.6" : "5.3.5";
		snprintf(words, sizeof words, "the alias %s leads to nobody: %s", r->alias->name,
		         route_expansion_why(&x));
	} else {
		snprintf(words, sizeof words,
		         "%s is an alias that was none when the letter came, or is behind more "
		         "than %d others",
		         r->alias->name, ROUTE_ALIAS_DEPTH);
	}
	route_expansion_free(&x);
	buf_free(&whole);
	return rc < 0 ? STAGE_NO_MEMORY : resolve_refuse(r, steps, 550, status, words);
}

/* ---- the stage ---- */

static void
say_found(const struct route_table *t, const struct resolved *r, struct route_steps *steps)
{
	if (r->alias != NULL && r->expanding)
		route_step(steps, r->alias->place, "%s is an alias of ours, for %zu member%s",
		           r->alias->name, r->alias->n, r->alias->n == 1 ? "" : "s");
	else if (r->listed)
		route_step(steps, own_find(t, r->host)->users->place, "%.*s is a user of ours",
		           (int)r->mailbox.n, r->mailbox.p);
}

enum stage
local_resolve(const struct route_table *t, struct resolved *r, struct route_steps *steps)
{
	const struct own_domain *d;
	bool found;
	enum stage got;

	if (r->addr.hops == 0 && is_postmaster(&r->addr) &&
	    (got = become_postmaster(t, r, steps)) <= STAGE_REFUSED)
		return got;
	if (r->addr.hops > 0)
		return STAGE_ON;
	d = own_find(t, r->host);
	found = find_name(d, r);
	say_found(t, r, steps);
	if ((r->expanding && r->alias != NULL) || r->mailbox.n > 0 || r->to_postmaster ||
	    resolve_user_rule(t, r) != NULL)
		return STAGE_ON;
	if (found)
		return r->alias->mailbox ? refuse_unknown(d, r, steps) : refuse_alias(t, r, steps);
	if (d->catch_all.text[0] == '\0' || r->caught)
		return refuse_unknown(d, r, steps);
	if ((got = become_catch_all(t, r, steps)) <= STAGE_REFUSED)
		return got;
	return local_resolve(t, r, steps);
}
