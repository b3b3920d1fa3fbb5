/*
 * What does this line declare?
 *
 *	host  link, link ...            link:  site (cost), @site (cost), <site>
 *	host  = name, name ...          names of the same host
 *	net   = {host, host ...} (cost)
 *	private {host ...}   dead {host, host!host ...}   delete {host, host!host ...}
 *	adjust {host (cost) ...}   file {name}
 *
 * The words of the last two lines are names of hosts where no '{' follows. As
 * in pathalias what stands before a fault of a line holds, but a net with a
 * fault is left out whole; the line is read to its end and the next begins
 * afresh.
 */
#include "bridge/map/map_int.h"

static int
want_word(struct map_scan *s)
{
	return s->kind == TOKEN_WORD ? 0 : map_scan_fault(s, "a name");
}

/* Moves on behind the sign. */
static int
want(struct map_scan *s, char sign, const char *words)
{
	if (!map_scan_is(s, sign))
		return map_scan_fault(s, words);
	map_scan_next(s);
	return 0;
}

static bool
at_end(const struct map_scan *s)
{
	return s->kind == TOKEN_EOL || s->kind == TOKEN_END;
}

/* The node of the name in hand; moves on behind it. NULL after a fault. */
static struct map_node *
take_node(struct map_scan *s)
{
	struct map_node *n;

	if (want_word(s) != 0)
		return NULL;
	n = map_node(s->map, s->text);
	map_scan_next(s);
	return n;
}

/* Moves on behind it. */
static char
take_op(struct map_scan *s)
{
	char op = s->text.p[0];

	map_scan_next(s);
	return op;
}

/* One element; of is what the list belongs to. Moves on behind it. */
typedef int element(struct map_scan *s, struct map_node *of);

/* Elements with commas between them; one too many is no fault, as every map has some. */
static int
list(struct map_scan *s, element *each, struct map_node *of)
{
	if (each(s, of) != 0)
		return -1;
	while (map_scan_is(s, ',')) {
		map_scan_next(s);
		if (!map_scan_is(s, ',') && !map_scan_is(s, '}') && !at_end(s) && each(s, of) != 0)
			return -1;
	}
	return 0;
}

/* ---- links ---- */

static struct map_node *
site(struct map_scan *s, bool *terminal)
{
	struct map_node *n;

	*terminal = map_scan_is(s, '<');
	if (*terminal)
		map_scan_next(s);
	n = take_node(s);
	return n == NULL || (*terminal && want(s, '>', "`>`") != 0) ? NULL : n;
}

static int
one_link(struct map_scan *s, struct map_node *from)
{
	bool right = s->kind == TOKEN_NET; /* @site is user@site, site! is site!user */
	char op = right ? take_op(s) : '!';
	struct map_node *to;
	struct map_link *l;
	int64_t cost;
	bool terminal;

	if ((to = site(s, &terminal)) == NULL)
		return -1;
	if (!right && s->kind == TOKEN_NET)
		op = take_op(s);
	if (map_cost(s, &cost) != 0 ||
	    (l = map_link_add(s->map, from, to, cost, op, right)) == NULL)
		return -1;
	/* who says that he reaches a domain, or a net that wants gateways, is its gateway */
	l->gateway |= map_wants_gateway(to);
	l->terminal |= terminal;
	return 0;
}

/* ---- nets and aliases ---- */

static int
one_alias(struct map_scan *s, struct map_node *host)
{
	struct map_node *other = take_node(s);

	if (other == NULL)
		return -1;
	map_alias(s->map, host, other);
	return 0;
}

static int
one_member(struct map_scan *s, struct map_node *of)
{
	struct map_node *member = take_node(s);
	struct map *m = s->map;

	(void)of;
	if (member == NULL ||
	    map_grow(m, &m->members, m->nmembers, &m->members_size, sizeof m->members[0]) != 0)
		return -1;
	m->members[m->nmembers++] = member;
	return 0;
}

/* From the operator or '{' on; a net without a name when net is NULL. */
static int
one_net(struct map_scan *s, struct map_node *net)
{
	bool right = s->kind == TOKEN_NET;
	char op = right ? take_op(s) : '!';
	int64_t cost;

	s->map->nmembers = 0;
	if (want(s, '{', "`{`") != 0 || list(s, one_member, NULL) != 0 ||
	    want(s, '}', "`,` or `}`") != 0)
		return -1;
	if (!right && s->kind == TOKEN_NET)
		op = take_op(s);
	if (map_cost(s, &cost) != 0)
		return -1;
	if (net == NULL && (net = map_node_unnamed(s->map)) == NULL)
		return -1;
	map_net(s->map, net, cost, op, right);
	return 0;
}

/* ---- what begins with a word and '{' ---- */

static int
one_private(struct map_scan *s, struct map_node *of)
{
	(void)of;
	if (want_word(s) != 0)
		return -1;
	map_node_private(s->map, s->text);
	map_scan_next(s);
	return 0;
}

/* "private {}" ends what was private. */
static int
privates(struct map_scan *s, struct map_node *of)
{
	if (!map_scan_is(s, '}'))
		return list(s, one_private, of);
	s->map->scope++;
	return 0;
}

/* host, or host!host with any operator: *to is NULL of a host alone. */
static int
host_or_link(struct map_scan *s, struct map_node **from, struct map_node **to)
{
	*to = NULL;
	if ((*from = take_node(s)) == NULL)
		return -1;
	if (s->kind != TOKEN_NET)
		return 0;
	take_op(s);
	return (*to = take_node(s)) != NULL ? 0 : -1;
}

static int
one_dead(struct map_scan *s, struct map_node *of)
{
	struct map_node *from, *to;

	(void)of;
	if (host_or_link(s, &from, &to) != 0)
		return -1;
	if (to == NULL)
		from->dead = true;
	else
		map_dead_link(s->map, from, to);
	return 0;
}

static int
deads(struct map_scan *s, struct map_node *of)
{
	return list(s, one_dead, of);
}

static int
one_delete(struct map_scan *s, struct map_node *of)
{
	struct map_node *from, *to;

	(void)of;
	if (host_or_link(s, &from, &to) != 0)
		return -1;
	if (to == NULL)
		map_delete_node(s->map, from);
	else
		map_delete_link(s->map, from, to);
	return 0;
}

static int
deletes(struct map_scan *s, struct map_node *of)
{
	return list(s, one_delete, of);
}

static int
one_adjust(struct map_scan *s, struct map_node *of)
{
	struct map_node *n = take_node(s);
	int64_t cost;

	(void)of;
	if (n == NULL || map_cost(s, &cost) != 0)
		return -1;
	map_adjust(s->map, n, cost);
	return 0;
}

static int
adjusts(struct map_scan *s, struct map_node *of)
{
	return list(s, one_adjust, of);
}

static const struct statement {
	const char *name;
	element *body; /* what stands between the braces */
} statements[] = {
    {"private", privates}, {"dead", deads}, {"delete", deletes},
    {"adjust", adjusts},   {"file", NULL},  {NULL, NULL},
};

/* The name that faults tell from here on; the line behind it is that file's first. */
static int
one_file(struct map_scan *s)
{
	struct span name = map_scan_file(s);
	char *text = map_take(s->map, name.n + 1);

	if (text == NULL)
		return -1;
	memcpy(text, name.p, name.n);
	map_scan_next(s);
	if (want(s, '}', "`}`") != 0)
		return -1;
	s->map->file = text;
	s->line = s->kind == TOKEN_EOL ? 1 : 0;
	return 0;
}

static int
one_statement(struct map_scan *s, const struct statement *st)
{
	if (st->body == NULL)
		return one_file(s);
	map_scan_next(s);
	return st->body(s, NULL) == 0 ? want(s, '}', "`,` or `}`") : -1;
}

/* ---- lines ---- */

/* What the word begins when a '{' follows it; NULL: nothing. */
static const struct statement *
statement(struct span word, bool quoted)
{
	const struct statement *st;

	for (st = statements; !quoted && st->name != NULL; st++)
		if (span_is(word, st->name))
			return st;
	return NULL;
}

/* From the host's name on. */
static int
host_line(struct map_scan *s)
{
	const struct statement *st = statement(s->text, s->quoted);
	struct span name = s->text;
	struct map_node *host;

	map_scan_next(s);
	if (st != NULL && map_scan_is(s, '{'))
		return one_statement(s, st);
	if ((host = map_node(s->map, name)) == NULL)
		return -1;
	if (!map_scan_is(s, '='))
		return list(s, one_link, host);
	map_scan_next(s);
	if (s->kind == TOKEN_WORD)
		return list(s, one_alias, host);
	return one_net(s, host);
}

static int
one_line(struct map_scan *s)
{
	int rc;

	if (map_scan_is(s, '=')) {
		map_scan_next(s);
		rc = one_net(s, NULL);
	} else {
		rc = want_word(s) == 0 ? host_line(s) : -1;
	}
	if (rc == 0 && !at_end(s))
		rc = map_scan_fault(s, "`,` or the line's end");
	return rc;
}

void
map_parse(struct map *m, struct span text, int line)
{
	struct map_scan s;

	map_scan_begin(&s, m, text, line);
	do {
		map_scan_next(&s);
		if (!at_end(&s))
			one_line(&s);
		while (!at_end(&s))
			map_scan_next(&s); /* the rest of a line with a fault */
	} while (s.kind != TOKEN_END && m->error[0] == '\0');
}
