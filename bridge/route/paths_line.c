/*
 * One line of a paths file. What stands there goes into addresses, so nothing
 * is taken that an address's own grammar would not: each hop is a host's name
 * in ASCII, and %s is there once.
 */
#include "bridge/addr/addr.h"
#include "bridge/route/paths.h"

#define COST_DIGITS 18 /* what an int64_t holds in any case */

/* Blanks and tabs alike; a # begins a comment. */
static struct span
field_cut(struct span *rest)
{
	struct span field;
	size_t n = 0;

	while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t'))
		*rest = (struct span){rest->p + 1, rest->n - 1};
	if (rest->n > 0 && rest->p[0] == '#')
		rest->n = 0;
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	field = (struct span){rest->p, n};
	*rest = (struct span){rest->p + n, rest->n - n};
	return field;
}

static bool
cost_parse(struct span s, int64_t *cost)
{
	size_t i;

	if (s.n == 0 || s.n > COST_DIGITS)
		return false;
	*cost = 0;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*cost = *cost * 10 + (s.p[i] - '0');
	}
	return true;
}

/* Where %s stands, and no other % before it but %%; NULL: nowhere. */
static const char *
user_find(struct span s)
{
	const char *p = s.p, *end = s.p + s.n;

	while ((p = memchr(p, '%', (size_t)(end - p))) != NULL && p + 1 < end) {
		if (p[1] == 's')
			return p;
		p += p[1] == '%' ? 2 : 1;
	}
	return NULL;
}

/* The fields as host, route, cost: the route is the one with %s, the cost stands at either end. */
static const char *
fields_sort(struct span line, struct path *out)
{
	struct span a = field_cut(&line), b = field_cut(&line), c = field_cut(&line), cost;
	bool second = user_find(b) != NULL;

	if (b.n == 0)
		return "a host and no route";
	if (field_cut(&line).n > 0)
		return "more than a host, a route and a cost";
	out->cost = -1;
	cost = second ? c : a;
	out->host = second ? a : b;
	out->route = second ? b : c;
	if (!second && user_find(c) == NULL)
		return "a route without %s";
	return cost.n == 0 || cost_parse(cost, &out->cost) ? NULL
	                                                   : "a cost that is not a whole number";
}

/* The grammar of addresses takes UTF-8 for a host's name; no map ever had it. */
static bool
is_ascii(struct span s)
{
	unsigned char all = 0;
	size_t i;

	for (i = 0; i < s.n; i++)
		all |= (unsigned char)s.p[i];
	return all < 0x80;
}

/* ".edu" too. */
static const char *
host_fault(struct span host)
{
	if (!is_ascii(host))
		return "octets that are not ASCII";
	if (host.p[0] == '.')
		host = (struct span){host.p + 1, host.n - 1};
	return addr_hop_fault(host);
}

static const char *
hops_fault(struct span hops)
{
	struct span hop;
	const char *why;
	unsigned n = 0;

	if (hops.n > 0 && hops.p[hops.n - 1] == '!')
		return "an empty host name";
	while (addr_hop_next(&hops, &hop)) {
		if ((why = addr_hop_fault(hop)) != NULL)
			return why;
		if (++n > PATHS_HOPS_MAX)
			return "a route with more than 64 hops";
	}
	return NULL;
}

/* Takes the last host behind an @ or a %% from what stands behind %s. */
static bool
behind_cut(struct span *rest, struct span *hop)
{
	size_t i = rest->n;

	while (i > 0 && rest->p[i - 1] != '@' && rest->p[i - 1] != '%')
		i--;
	*hop = (struct span){rest->p + i, rest->n - i};
	if (i >= 2 && rest->p[i - 1] == '%' && rest->p[i - 2] == '%')
		rest->n = i - 2;
	else if (i >= 1 && rest->p[i - 1] == '@')
		rest->n = i - 1;
	else
		return false;
	return true;
}

/* Hosts with nothing but ! between them. */
static bool
is_plain(struct span hops)
{
	return memchr(hops.p, ':', hops.n) == NULL && memchr(hops.p, '@', hops.n) == NULL &&
	       memchr(hops.p, '%', hops.n) == NULL;
}

/* Octets of the operator that stands at i, of those pathalias puts between hosts. */
static size_t
operator_at(struct span s, size_t i)
{
	if (s.p[i] == '%')
		return i + 1 < s.n && s.p[i + 1] == '%' ? 2 : 0;
	return memchr("!:@", s.p[i], 3) != NULL ? 1 : 0;
}

static size_t
operator_at_end(struct span s)
{
	if (s.n >= 2 && operator_at(s, s.n - 2) == 2)
		return 2;
	return s.n > 0 ? operator_at(s, s.n - 1) : 0;
}

/* a:b@c%%: hosts with their operators behind them, whatever those are, come as they stand. */
static void
before_add(struct span before, struct buf *hops)
{
	bool literal = false;
	size_t i, n;

	for (i = 0; i < before.n; i += n) {
		literal = before.p[i] == '[' || (literal && before.p[i] != ']');
		n = literal ? 0 : operator_at(before, i);
		buf_ch(hops, n > 0 ? '!' : before.p[i]);
		n = n > 0 ? n : 1;
	}
}

/* a!%s@b, %s@b, %s%%c@b, a:%s: rare, so they may take memory. */
static const char *
hops_mixed(struct span before, struct span behind, struct arena *store, struct path *out)
{
	struct buf hops = {0};
	struct span hop;
	const char *why = NULL;

	before_add(before, &hops);
	while (behind.n > 0 && why == NULL) {
		if (hops.n > 0)
			buf_ch(&hops, '!');
		if (!behind_cut(&behind, &hop))
			why = "a route that is not made of !, @ and %";
		else if (hop.n == 0)
			why = "an empty host name";
		buf_span(&hops, hop);
	}
	out->hops = span_of(arena_text(store, buf_view(&hops)));
	buf_free(&hops);
	return why;
}

/* What smail has for hosts that it does not find. pathalias, too, writes `.uucp %s`: ourselves. */
static const char *
smails_own(const struct path *p)
{
	if (span_is_nocase(p->host, "smart-host"))
		return "smail's smart-host, which is a route to \"*\" here";
	if (span_is_nocase(p->host, ".uucp") && p->hops.n > 0)
		return "smail's .uucp, which is a route to \"site:*\" here";
	return NULL;
}

static const char *
route_parse(struct arena *store, struct path *out)
{
	struct span before = out->route, behind;
	const char *user = user_find(before), *why;
	size_t last;

	if (!is_ascii(out->route))
		return "octets that are not ASCII";
	behind = (struct span){user + 2, (size_t)(before.p + before.n - user) - 2};
	before.n = (size_t)(user - before.p);
	if (user_find(behind) != NULL)
		return "a route with %s twice";
	last = operator_at_end(before);
	if (before.n > 0 && last == 0)
		return "a route that has no ! before %s";
	before.n -= last;
	if (before.n == 0 && user > out->route.p)
		return "an empty host name";
	out->hops = before;
	if ((behind.n > 0 || !is_plain(before)) &&
	    (why = hops_mixed(before, behind, store, out)) != NULL)
		return why;
	why = hops_fault(out->hops);
	return why != NULL ? why : smails_own(out);
}

/* FILE:LINE of a map, as `bangway map --places` writes it, is a comment's only meaning. */
static struct span
from_find(struct span line)
{
	const char *hash = memchr(line.p, '#', line.n), *colon;
	struct span said, number;
	int64_t n;

	if (hash == NULL)
		return SPAN("");
	said = span_trim((struct span){hash + 1, line.n - (size_t)(hash + 1 - line.p)});
	if (said.n == 0 || (colon = memrchr(said.p, ':', said.n)) == NULL || colon == said.p)
		return SPAN("");
	number = (struct span){colon + 1, said.n - (size_t)(colon + 1 - said.p)};
	return cost_parse(number, &n) ? said : SPAN("");
}

int
paths_line(struct span line, struct arena *store, struct path *out, const char **why)
{
	struct span start = line;

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	*why = NULL;
	if (line.n > PATHS_LINE_MAX)
		*why = "a line longer than 4096 octets";
	else if (field_cut(&start).n == 0)
		return 0;
	else if ((*why = fields_sort(line, out)) == NULL && (*why = host_fault(out->host)) == NULL)
		*why = route_parse(store, out);
	out->from = from_find(line);
	return *why == NULL ? 1 : -1;
}
