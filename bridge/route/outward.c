/*
 * The forms of outward.h.
 *
 * An address is read from where it was written (standpoint.c), its whole way
 * from here is put together, and the class says how that way is written. RFC
 * 976 gives class 2 the @ for domains and class 3 domain!user and the routing
 * that goes with it; Sendmail's uucp-old is our `old`. Our `domain` is between
 * its uucp-uudom and uucp-dom: domains in the header and the argument, `!` in
 * the From_ line.
 *
 * There, `From piet@cwi.example ... remote from gw` was rejected: the rmails
 * of Sendmail and of the BSDs put `gw!` in front of whatever stands there.
 * Without `remote from` older ones know no site and write "somewhere!". But
 * Exim and Postfix's script do not look at `remote from`, so for `domain` the
 * way starts with a domain: it is whole with our name before it and without.
 */
#include "bridge/route/outward_int.h"

#include <string.h>

const char *
outward_our_name(const struct route_table *t)
{
	const struct config *c = route_table_config(t);

	return c->uucp_names.n > 0 ? c->uucp_names.v[0] : c->hostname;
}

/* The domain that the first hop has or is; "" none. */
static struct span
domain_of_first(const struct rewrite *w, const struct outward_way *way)
{
	const struct config_site *site = route_site(w->table, way->first);

	if (site != NULL && site->domain[0] != '\0')
		return span_of(site->domain);
	return addr_hop_is_domain(way->first) ? way->first : SPAN("");
}

static bool
starts_at_neighbour(const struct rewrite *w, const struct outward_way *way)
{
	const struct config_site *site = route_site(w->table, way->first);

	return site != NULL && strcmp(site->name, w->to->name) == 0;
}

/* vax43!far!u is far!u to vax43, unless we should read that as another far than vax43's. */
static bool
may_start_behind(const struct rewrite *w, const struct outward_way *way)
{
	struct span rest = way->addr.path, hop;

	addr_hop_next(&rest, &hop);
	if (!starts_at_neighbour(w, way) || !addr_hop_next(&rest, &hop))
		return false;
	return !addr_hop_is_domain(addr_hop_name(hop)) && !route_is_ours(w->table, hop) &&
	       route_site(w->table, hop) == NULL;
}

/* start!rest!user, the first hop replaced by `start`. */
static void
add_path_from(const struct outward_way *way, struct span start, struct buf *out)
{
	struct span rest = way->addr.path, hop;

	addr_hop_next(&rest, &hop);
	if (start.n > 0) {
		buf_span(out, start);
		buf_ch(out, '!');
	}
	if (rest.n > 0) {
		buf_span(out, rest);
		buf_ch(out, '!');
	}
	buf_span(out, way->addr.user);
}

/* A way that is whole wherever it is read: it starts with a domain. */
static void
add_whole_path(const struct rewrite *w, const struct outward_way *way, struct buf *out)
{
	struct span domain = way->addr.hops == 0 ? way->ours : domain_of_first(w, way);

	if (domain.n == 0) {
		buf_fmt(out, "%s!", route_our_domain(w->table));
		addr_print_bang(&way->addr, out);
	} else {
		add_path_from(way, domain, out);
	}
}

/* Of a mailbox here: its domain in front, when that is not the one meant without. */
static void
add_local(const struct rewrite *w, const struct outward_way *way, struct buf *out)
{
	if (!span_is_nocase(way->ours, route_our_domain(w->table)))
		buf_fmt(out, "%.*s!", (int)way->ours.n, way->ours.p);
	buf_span(out, way->addr.user);
}

static void
add_bang(const struct rewrite *w, const struct outward_way *way, struct buf *out)
{
	if (may_start_behind(w, way)) {
		add_path_from(way, SPAN(""), out);
		return;
	}
	if (!starts_at_neighbour(w, way))
		buf_fmt(out, "%s!", outward_our_name(w->table));
	if (way->addr.hops == 0)
		add_local(w, way, out);
	else
		addr_print_bang(&way->addr, out);
}

/* user@domain, of a mailbox here or one hop away. False: it has no such form. */
static bool
add_at(const struct rewrite *w, const struct outward_way *way, struct buf *out)
{
	struct addr a = way->addr;

	if (a.hops > 1 || (a.flags & ADDR_UTF8) != 0)
		return false;
	a.path = a.hops == 0 ? way->ours : domain_of_first(w, way);
	a.hops = 1;
	return a.path.n > 0 && addr_print_domain(&a, out) == 0;
}

static int
add_form(const struct rewrite *w, struct outward_way *way, struct buf *out, const char **why)
{
	bool ats = w->to->class != SITE_OLD;

	if (ats && add_at(w, way, out))
		return 0;
	if (outward_way_make_plain(w, way, why) < 0)
		return -1;
	if (ats && add_at(w, way, out)) /* a token now */
		return 0;
	if (w->to->class == SITE_DOMAIN && (!may_start_behind(w, way) || w->to->domain[0] != '\0'))
		add_whole_path(w, way, out);
	else
		add_bang(w, way, out);
	return 0;
}

bool
outward_is_fine(const struct rewrite *w, const struct addr *a, enum addr_reading how)
{
	return w->to->class != SITE_OLD && a->hops == 1 && a->route.n == 0 &&
	       (a->flags & ADDR_UTF8) == 0 && route_addr_is_fine(w->table, a, how);
}

int
outward_address(const struct rewrite *w, const struct addr *a, struct buf *out, const char **why)
{
	struct outward_way way;
	int rc;

	if ((a->flags & ADDR_NULL) != 0)
		return 0;
	rc = outward_way_find(w, a, &way);
	if (rc == 0)
		rc = add_form(w, &way, out, why);
	out->bad |= way.path.bad || way.user.bad;
	outward_way_free(&way);
	return rc;
}

/* The USER of the From_ line, whose reader puts our name before it. */
static int
add_user(const struct rewrite *w, struct outward_way *way, struct buf *out, const char **why)
{
	if (outward_way_make_plain(w, way, why) < 0)
		return -1;
	if (w->to->class == SITE_DOMAIN)
		add_whole_path(w, way, out);
	else if (way->addr.hops > 0)
		addr_print_bang(&way->addr, out);
	else {
		/* rmail would hand it to sendmail as an option */
		if (way->addr.user.p[0] == '-')
			buf_fmt(out, "%s!", outward_our_name(w->table));
		add_local(w, way, out);
	}
	return 0;
}

/* 0, or -1 with *why and nothing appended. */
static int
make_user(const struct rewrite *w, struct span sender, struct buf *out, const char **why)
{
	enum addr_reading how = route_reading(w->table, w->ask);
	struct buf store = {0};
	struct outward_way way = {0};
	const char *fault;
	struct addr a;
	int rc;

	if ((rc = addr_parse(sender, how | ADDR_ANY_USER, &store, &a, &fault)) < 0)
		*why = fault;
	else if (!addr_is_null_sender(&a)) {
		rc = outward_way_find(w, &a, &way);
		if (rc == 0)
			rc = add_user(w, &way, out, why);
	}
	out->bad |= store.bad || way.path.bad || way.user.bad;
	outward_way_free(&way);
	buf_free(&store);
	return rc;
}

int
outward_sender(const struct rewrite *w, struct span sender, struct buf *out,
               struct route_steps *steps, const char **why)
{
	const char *us = outward_our_name(w->table);
	size_t at = out->n;
	int rc = make_user(w, sender, out, why);

	if (out->bad)
		return -1;
	if (rc < 0) {
		if (w->to->class == SITE_DOMAIN)
			buf_fmt(out, "%s!", route_our_domain(w->table));
		buf_str(out, "postmaster");
		route_step(steps, w->to->place,
		           "as a sender it has no form for %s (%s): %s stands for it", w->to->name,
		           *why, buf_text(out) + at);
		return 1;
	}
	route_step(steps, w->to->place, "%s gets it after the line `From %s DATE remote from %s`",
	           w->to->name, out->n > at ? buf_text(out) + at : "MAILER-DAEMON", us);
	return 0;
}

int
outward_recipient(const struct config_site *to, const struct addr *given, struct buf *out,
                  const char **status, const char **why)
{
	struct addr a = *given;
	bool soft, odd;

	*status = (a.flags & ADDR_UTF8) != 0 ? "5.6.7" : "5.1.3";
	*why = outward_user_fault(&a, &soft);
	if (*why != NULL && !soft)
		return 553;
	addr_drop_first(&a);
	/* rmail would take it for an option, uuxqt ~x for a directory: never in front */
	odd = a.user.p[0] == '-' || a.user.p[0] == '~';
	if (!odd && to->class != SITE_OLD && a.hops == 1 &&
	    addr_hop_is_domain(addr_first_hop(&a))) {
		addr_print_domain(&a, out);
		return 0;
	}
	/* its own name in front is no harm to it */
	if (odd && a.hops == 0)
		buf_fmt(out, "%s!", to->name);
	addr_print_bang(&a, out);
	return 0;
}
