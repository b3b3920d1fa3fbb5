/*
 * An address as the Internet side reads it, user@domain (rewrite.h).
 *
 * Three kinds need nothing but that form: mailboxes here, user@domain as it
 * was written, and a mailbox at a site with a domain. All others go by
 * way of us, and get the form of a reply (reply.c). Without a key, and where
 * the writer could not send there himself, that is the bare path, which
 * resolve.c reads back.
 *
 * What needs no other form keeps its octets, what is a reply form already too.
 */
#include "bridge/route/reply_int.h"

struct way {
	struct addr addr; /* the whole of it, as seen from us */
	struct span first;
	const struct config_site *site; /* of the first hop; NULL: none */
	bool asked;                     /* was written user@first: it is first's to read */
	struct buf path;                /* owned: addr.path */
};

bool
route_local_fits(struct span address)
{
	const char *at = memrchr(address.p, '@', address.n);

	return at != NULL && at - address.p <= ADDR_LOCAL_MAX;
}

/* a!u@us and u%a@us: a mailbox of ours that means one elsewhere. */
static bool
leads_on(const struct route_table *t, const struct addr *a, struct span first)
{
	return route_is_ours(t, first) &&
	       (a->hops > 1 ||
	        ((a->flags & ADDR_QUOTED) == 0 && memchr(a->user.p, '%', a->user.n) != NULL));
}

bool
route_addr_is_fine(const struct route_table *t, const struct addr *a, enum addr_reading how)
{
	struct span rest = a->path, first;

	if ((a->flags & ADDR_AT) == 0 || a->route.n > 0 || !addr_hop_next(&rest, &first) ||
	    (how != ADDR_DOMAIN_FIRST && a->hops > 1))
		return false;
	/* a dot at its end is none of RFC 5322's, .UUCP none of DNS */
	return addr_hop_is_domain(first) && addr_hop_name(first).n == first.n &&
	       !leads_on(t, a, first);
}

/* ---- the way ---- */

/* By its name, which an alias or its domain becomes; another case of it stays as it came. */
static struct span
first_name(const struct way *way)
{
	if (way->site == NULL || span_is_nocase(way->first, way->site->name))
		return way->first;
	return span_of(way->site->name);
}

static int
way_find(const struct rewrite *w, const struct standpoint *from, enum addr_reading how,
         struct way *way)
{
	unsigned hops = from->addr.hops + (from->before.n > 0);

	memset(way, 0, sizeof *way);
	way->asked = (from->addr.flags & ADDR_AT) != 0 && from->ours.n == 0 &&
	             (how == ADDR_DOMAIN_FIRST || from->addr.hops == 1);
	way->first = from->before.n > 0 ? from->before : addr_first_hop(&from->addr);
	way->site = route_site(w->table, way->first);
	if (way->site == NULL && w->table->memory.keyed &&
	    (hops > 1 || !reply_is_plain(from->addr.user)))
		way->site = reply_site_read(w->table, way->first);
	return standpoint_way(from, first_name(way), &way->addr, &way->path);
}

/*
 * user@domain, or what was handed to that domain to read. A path that only
 * begins there came by UUCP, from somebody who may know no SMTP: its answer
 * goes by way of us, who know the path. (A literal has no place in a mailbox.)
 */
static bool
way_is_domains(const struct way *way)
{
	return addr_hop_is_domain(way->first) &&
	       (way->addr.hops == 1 || way->asked || way->first.p[0] == '[');
}

/*
 * Nobody needs us to answer it, or what we are needed for is a site's domain
 * alone. user%host there, and "host!user", is a path that not everybody may go;
 * nobody takes -x from a stranger.
 */
static bool
way_is_direct(const struct way *way)
{
	struct span user = way->addr.user;

	if (way->addr.hops == 0)
		return true;
	if (way->site == NULL)
		return way_is_domains(way);
	return way->addr.hops == 1 && way->site->domain[0] != '\0' &&
	       relay_leads_out(&way->addr).n == 0 && (user.n == 0 || user.p[0] != '-');
}

/* rest!user@domain, by the first hop's domain or by ours. 1, or 0 with *why; -1 without memory. */
static int
way_print(const struct route_table *t, const struct way *way, struct buf *out, const char **why)
{
	struct addr send = way->addr;
	struct span rest = way->addr.path;
	struct buf path = {0};
	int got;

	if (way->site != NULL && way->site->domain[0] != '\0') {
		span_cut(&rest, '!');
		buf_str(&path, way->site->domain);
	} else if (way_is_domains(way)) {
		span_cut(&rest, '!');
		buf_span(&path, way->first);
	} else {
		buf_str(&path, route_our_domain(t));
		send.hops++;
	}
	if (rest.n > 0)
		buf_fmt(&path, "!%.*s", (int)rest.n, rest.p);
	send.path = buf_view(&path);
	got = path.bad ? -1 : addr_print_domain(&send, out) == 0;
	if (got == 0)
		*why = "a quoted mailbox at the end of a path has no domain form";
	buf_free(&path);
	return out->bad ? -1 : got;
}

/* As way_print(), unless it is too long. */
static int
way_print_short(const struct route_table *t, const struct way *way, struct buf *out)
{
	const char *why;
	size_t at = out->n;
	int got = way_print(t, way, out, &why);

	if (got > 0 && !route_local_fits((struct span){buf_text(out) + at, out->n - at})) {
		out->p[out->n = at] = '\0';
		got = 0;
	}
	return got;
}

/* ---- what keeps its octets ---- */

/* Of an address that is fine by its form. 1, 0; -1 without memory. */
static int
way_stays(const struct rewrite *w, const struct standpoint *from, const struct way *way)
{
	struct addr untagged = way->addr;
	struct buf form = {0};
	int stays = way_is_direct(way) && (from->ours.n == 0 || way->addr.hops == 0);

	if (stays > 0 && way->addr.hops > 0)
		stays = way_print_short(w->table, way, &form);
	if (stays == 0)
		stays = reply_path_read(w->table, w->now_s, &untagged);
	buf_free(&form);
	return stays;
}

int
route_addr_stays(const struct rewrite *w, const struct addr *a, enum addr_reading how)
{
	struct standpoint from;
	struct way way;
	int stays;

	if (!route_addr_is_fine(w->table, a, how))
		return 0;
	if (!w->table->memory.keyed)
		return 1;
	standpoint_find(w, a, &from);
	stays = way_find(w, &from, how, &way);
	if (stays == 0)
		stays = way_stays(w, &from, &way);
	buf_free(&way.path);
	return stays;
}

/* ---- the form ---- */

/* A sender that is none of ours, and is to be one. */
static bool
way_is_foreign(const struct rewrite *w, const struct way *way)
{
	return way->addr.hops > 0 && way->site == NULL && addr_hop_is_domain(way->first) &&
	       !route_is_ours(w->table, way->first) &&
	       reply_site_read(w->table, way->first) == NULL && !addr_is_null_sender(&way->addr);
}

static int
way_form(const struct rewrite *w, const struct way *way, struct buf *out, const char **why)
{
	struct addr untagged = way->addr;
	bool direct = way_is_direct(way);
	int got;

	if (w->srs && way_is_foreign(w, way))
		got = srs_make(w, &way->addr, out);
	else if (direct)
		got = way_print_short(w->table, way, out);
	else if ((got = reply_path_read(w->table, w->now_s, &untagged)) == 0)
		got = reply_make(w, &way->addr, out);
	else if (got > 0)
		got = 0; /* a form already: as it was printed */
	if (got == 0 && direct && way->addr.hops > 0 && !route_is_ours(w->table, way->first))
		got = reply_by_token(w, &way->addr, out);
	return got != 0 ? got : way_print(w->table, way, out, why);
}

int
route_addr_to_domain(const struct rewrite *w, const struct addr *given, enum addr_reading how,
                     struct buf *out, const char **why)
{
	struct standpoint from = {.addr = *given, .before = SPAN(""), .ours = SPAN("")};
	struct way way = {0};
	int got;

	if ((given->flags & ADDR_NULL) != 0)
		return 0;
	if ((got = route_addr_stays(w, given, how)) == 0)
		standpoint_find(w, given, &from);
	if (got >= 0)
		got = way_find(w, &from, how, &way);
	if (got == 0)
		got = way_form(w, &way, out, why);
	buf_free(&way.path);
	if (got < 0) {
		*why = "out of memory";
		out->bad = true;
	}
	return got > 0 ? 0 : -1;
}

int
route_way(const struct rewrite *w, struct span address, struct resolved *out, const char **why)
{
	enum addr_reading how = route_reading(w->table, w->ask);
	struct standpoint from;
	struct way way = {0};
	struct addr a;
	int got = 0;

	memset(out, 0, sizeof *out);
	if (addr_parse(address, how | ADDR_ANY_USER, &out->text, &a, why) == 0) {
		standpoint_find(w, &a, &from);
		got = way_find(w, &from, how, &way) < 0 ? -1 : 1;
	}
	out->addr = way.addr;
	out->cut = way.path; /* now its own */
	return out->text.bad ? -1 : got;
}
