/*
 * The reverse direction, told: what do we write for a sender, in which of our
 * forms and by which setting; and where does a stranger's answer to that go?
 * The verdict is round_trip.c's.
 */
#include "bridge/route/reply_int.h"

/* The setting that asked for the form: the first hop's site's own, or everybody's. */
static struct config_place
asked_by(const struct route_table *t, const struct config_site *site)
{
	if (site != NULL && site->reply_form != REPLY_FORM_UNSET)
		return site->place;
	return config_place(t->config, "reply-form");
}

/* The site that a path of ours leads to first. */
static const struct config_site *
site_behind(const struct route_table *t, struct span path)
{
	struct span hop = span_cut(&path, '!');

	return route_site(t, addr_hop_name(hop));
}

static void
say_token(const struct route_table *t, struct span stands_for, struct route_steps *steps)
{
	route_step(steps, asked_by(t, site_behind(t, stands_for)),
	           "that is a token, kept from before the letter leaves, for %.*s",
	           (int)stands_for.n, stands_for.p);
}

/* In which form is user@our.domain? 0, or -1 without memory. */
static int
say_ours(const struct route_table *t, int64_t now_s, const struct addr *a,
         struct route_steps *steps)
{
	struct buf stands_for = {0};
	struct addr path = *a;
	int tagged = 0, rc;

	addr_drop_first(&path);
	if (path.hops > 0 && (tagged = reply_path_read(t, now_s, &path)) < 0)
		return -1;
	if (tagged > 0)
		route_step(steps, asked_by(t, route_site(t, addr_first_hop(&path))),
		           "that is the path itself, with a tag by which we know it again");
	else if (path.hops > 0)
		route_step(steps, asked_by(t, route_site(t, addr_first_hop(&path))),
		           "that is the path itself, by way of us");
	else if (t->memory.keyed && srs_is(path.user))
		route_step(steps, ROUTE_BUILT_IN,
		           "that is its SRS form, in the envelope alone, for notices: a person "
		           "answers to From:");
	else if (reply_token_read(t, path.user, &stands_for) == TOKEN_FOUND)
		say_token(t, buf_view(&stands_for), steps);
	rc = stands_for.bad ? -1 : 0;
	buf_free(&stands_for);
	return rc;
}

/* To whom, when it is an alias. 1, 0 when it is none, -1 without memory. */
static int
say_members(const struct route_table *t, struct span sender, const struct route_ask *ask,
            struct route_steps *steps)
{
	struct route_expansion is = {0}, told = {.steps = steps};
	int got = route_expand(t, sender, ask, NULL, &is);

	if (got == 0 && is.expanded && !is.nobody)
		got = route_expand(t, sender, ask, NULL, &told) < 0 ? -1 : 1;
	route_expansion_free(&is);
	route_expansion_free(&told);
	return got;
}

/* Where what is sent to it goes: by `who`, a stranger. 0, or -1 without memory. */
static int
say_answer(const struct route_table *t, struct span sender, const char *who, int64_t now_s,
           struct route_answer *a)
{
	const struct route_ask stranger = ROUTE_STRANGER(now_s);
	int got;

	route_step(a->steps, ROUTE_BUILT_IN, "%s %.*s", who, (int)sender.n, sender.p);
	if ((got = say_members(t, sender, &stranger, a->steps)) == 0)
		got = route_find(t, sender, &stranger, a);
	return got < 0 ? -1 : 0;
}

/* In which form is it, if in one of ours? 0, or -1 without memory. */
static int
say_form(const struct trip *trip, const struct addr *sender, struct route_steps *steps)
{
	const struct route_table *t = &trip->table;
	const struct config_site *site = reply_site_read(t, addr_first_hop(sender));

	if (site != NULL)
		route_step(steps, asked_by(t, site),
		           "that is the site %s, by its name below our domain", site->name);
	else if (route_is_ours(t, addr_first_hop(sender)))
		return say_ours(t, trip->there.now_s, sender, steps);
	return 0;
}

static int
say_sender(const struct trip *trip, struct span sender, struct route_answer *answer)
{
	struct buf store = {0};
	struct addr a;
	struct span host;
	const char *why;
	int rc = 0;

	if (addr_parse(sender, ADDR_DOMAIN_FIRST, &store, &a, &why) == 0) {
		host = addr_first_hop(&a);
		rc = say_form(trip, &a, answer->steps);
		if (rc == 0 && !trip_is_elsewhere(&trip->table, host))
			rc = say_answer(&trip->table, sender,
			                a.hops == 1 && srs_is(a.user) ? "a notice goes to"
			                                              : "a stranger answers to",
			                trip->there.now_s, answer);
		else if (rc == 0)
			route_step(answer->steps, ROUTE_BUILT_IN,
			           "an answer goes to %.*s, and not by way of us", (int)host.n,
			           host.p);
	}
	rc = store.bad ? -1 : rc;
	buf_free(&store);
	return rc;
}

int
rewrite_explain_answer(const struct rewrite *w, struct span address, struct buf *sender,
                       struct route_answer *answer)
{
	const char *why;
	struct trip trip;
	int rc;

	trip_begin(&trip, w);
	rc = rewrite_sender(&trip.there, address, sender, answer->steps, &why);
	if (rc >= 0 && sender->n > 0)
		rc = say_sender(&trip, buf_view(sender), answer);
	trip_end(&trip);
	return rc < 0 || sender->bad ? -1 : 0;
}
