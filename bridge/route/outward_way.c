/*
 * The whole way of an address from here, and whether a path can hold it.
 *
 * A mailbox that cannot stand in a path gets a token (reply.h), and so does
 * one that an old rmail would hand to its shell: 4.2BSD's runs `sendmail
 * -fPATH` by popen().
 */
#include "bridge/route/outward_int.h"
#include "bridge/route/reply_int.h"

#include <string.h>

const char *
outward_user_fault(const struct addr *a, bool *soft)
{
	size_t i;

	*soft = false;
	if ((a->flags & ADDR_UTF8) != 0)
		return "octets above 127 cannot pass rmail (RFC 6531)";
	if ((a->flags & ADDR_QUOTED) != 0)
		return "a mailbox that must be quoted has no bang form";
	for (i = 0; i < a->user.n; i++)
		if (strchr("`$|&^", a->user.p[i]) != NULL)
			return "a mailbox with letters that an old rmail gives to its shell";
	*soft = true;
	for (i = 0; i < a->user.n; i++)
		if (strchr("'*?", a->user.p[i]) != NULL)
			return "a mailbox with letters that a shell reads";
	return NULL;
}

/*
 * A host without a dot that was written as a domain, `piet@att` or `att.!piet`,
 * has one at its end in a path (RFC 976 section 2.2).
 */
static bool
is_dotless_domain(const struct addr *given, const struct standpoint *from)
{
	struct span rest = from->addr.path, first = span_cut(&rest, '!');
	struct span name = addr_hop_name(first);

	if (addr_hop_is_domain(name))
		return false;
	if (first.p[first.n - 1] == '.')
		return true;
	return (given->flags & ADDR_AT) != 0 && given->hops == 1 && from->ours.n == 0 &&
	       name.n == first.n;
}

/* A site by its UUCP name, which the bang-only know it by. */
static void
add_first_hop(const struct rewrite *w, const struct addr *given, const struct standpoint *from,
              struct buf *out)
{
	struct span first = addr_first_hop(&from->addr);
	const struct config_site *site = route_site(w->table, first);

	if (site == NULL)
		site = reply_site_read(w->table, first);
	if (site != NULL && addr_hop_is_domain(first)) {
		buf_str(out, site->name);
		return;
	}
	buf_span(out, first);
	if (site == NULL && is_dotless_domain(given, from))
		buf_ch(out, '.');
}

int
outward_way_find(const struct rewrite *w, const struct addr *given, struct outward_way *way)
{
	struct standpoint from;
	struct buf first = {0};

	memset(way, 0, sizeof *way);
	standpoint_find(w, given, &from);
	way->ours = SPAN("");
	if (from.before.n > 0)
		buf_span(&first, from.before);
	else if (from.addr.hops == 0)
		way->ours = route_local_domain(w->table, from.ours);
	else
		add_first_hop(w, given, &from, &first);
	standpoint_way(&from, buf_view(&first), &way->addr, &way->path);
	way->first = addr_first_hop(&way->addr);
	way->path.bad |= first.bad;
	buf_free(&first);
	return way->path.bad ? -1 : 0;
}

void
outward_way_free(struct outward_way *way)
{
	buf_free(&way->path);
	buf_free(&way->user);
}

/*
 * It becomes a mailbox of ours that stands for it, if the neighbour might send
 * there himself: his people are who reads it. 1; 0 there is none, -1 without
 * memory.
 */
static int
way_to_token(const struct rewrite *w, struct outward_way *way)
{
	const struct route_ask reader = standpoint_of_reader(w);
	struct rewrite for_reader = *w;
	struct addr whole = way->addr;
	struct buf here = {0};
	int got;

	if (whole.hops == 0) {
		buf_span(&here, way->ours);
		whole.path = buf_view(&here);
		whole.hops = 1;
	}
	for_reader.ask = &reader;
	got = here.bad ? -1 : reply_token(&for_reader, &whole, &way->user);
	buf_free(&here);
	if (got <= 0)
		return got;
	way->addr =
	    (struct addr){.path = SPAN(""), .route = SPAN(""), .user = buf_view(&way->user)};
	way->first = SPAN("");
	way->ours = span_of(route_our_domain(w->table));
	return 1;
}

int
outward_way_make_plain(const struct rewrite *w, struct outward_way *way, const char **why)
{
	const char *fault;
	bool soft;
	int got;

	fault = outward_user_fault(&way->addr, &soft);
	if (fault == NULL && way->addr.path.n + way->addr.user.n <= OUTWARD_LONG)
		return 0;
	if ((got = way_to_token(w, way)) < 0)
		*why = "out of memory";
	else if (got == 0 && !soft)
		*why = fault;
	else
		return 0;
	return -1;
}
