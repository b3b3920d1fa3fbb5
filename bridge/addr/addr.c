/*
 * Reading an address.
 *
 * All forms come down to two cuts. The text is scanned once for the places
 * that matter: the unquoted '@' (at most one may be there) and the last
 * unquoted '!' before it. What stands after the '@' is one hop, what stands
 * before the last '!' are the others, what is left is the mailbox. The reading
 * only says in which order the hops come: RFC 976 2.1 and RFC 822 take the
 * domain first, the UUCP custom takes it last. '%' is a letter like others
 * until our own name has been stripped (addr_unfold_percent).
 *
 * Nothing is guessed. Two '@', an empty hop or a stray bracket are refused in
 * words: an address that two mailers read differently is how a relay is
 * opened.
 */
#include "bridge/addr/addr_int.h"

struct cuts {
	size_t at;   /* of the '@'; text.n when there is none */
	size_t bang; /* of the last '!' before it; text.n when there is none */
	bool two;    /* more than one '@' */
	bool open;   /* a quote is not closed */
};

/* RFC 5322 atext and octets above 127, without '!', which never stands in a mailbox here. */
static bool
is_atext(unsigned char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c > 127)
		return true;
	return c != '\0' && strchr("#$%&'*+-/=?^_`{|}~", c) != NULL;
}

bool
addr_is_dot_atom(struct span s)
{
	bool dot = true;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '.') {
			if (dot)
				return false;
			dot = true;
		} else if (is_atext((unsigned char)s.p[i])) {
			dot = false;
		} else {
			return false;
		}
	}
	return !dot;
}

/* Octets that no part of any address may have. NULL, or what is wrong. */
static const char *
octets_fault(struct span s, unsigned *flags)
{
	const unsigned char *u = (const unsigned char *)s.p;
	size_t i, step;

	for (i = 0; i < s.n; i += step) {
		step = 1;
		if (u[i] < 0x20 || u[i] == 0x7f)
			return "a control character";
		if (u[i] < 0x80)
			continue;
		step = span_utf8(span_from(s, i));
		if (step == 0)
			return "octets above 127 that are not UTF-8";
		if (u[i] == 0xc2 && u[i + 1] < 0xa0) /* U+0080 to U+009F: terminals act on them */
			return "a control character";
		*flags |= ADDR_UTF8;
	}
	return NULL;
}

static struct cuts
find_cuts(struct span s, bool quotes)
{
	struct cuts c = {.at = s.n, .bang = s.n};
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (quotes && s.p[i] == '"')
			c.open = !c.open;
		else if (quotes && c.open && s.p[i] == '\\')
			i++;
		else if (c.open)
			continue;
		else if (s.p[i] == '@' && c.at != s.n)
			c.two = true;
		else if (s.p[i] == '@')
			c.at = i;
		else if (s.p[i] == '!' && c.at == s.n)
			c.bang = i;
	}
	return c;
}

/* Counts the hops of a path and looks at each. */
static int
check_path(struct span path, struct addr *out, const char **why)
{
	struct span hop;

	while (addr_hop_next(&path, &hop)) {
		if (++out->hops > ADDR_HOPS_MAX) {
			*why = "too many hops";
			return -1;
		}
		*why = addr_hop_fault(hop);
		if (*why != NULL)
			return -1;
	}
	return 0;
}

/* "@a,@b:" in front: checked, remembered, not followed (RFC 5321 F.2, RFC 1123 5.2.19). */
static int
take_source_route(struct span *text, struct addr *out, const char **why)
{
	struct span rest = span_from(*text, 1), hop;
	size_t end = 0;
	bool literal = false;

	while (end < rest.n && (literal || rest.p[end] != ':')) {
		literal = rest.p[end] == '[' || (literal && rest.p[end] != ']');
		end++;
	}
	*why = "a source route without its colon";
	if (end == rest.n)
		return -1;
	out->route = span_until(rest, end);
	*text = span_from(rest, end + 1);
	rest = out->route;
	for (;;) {
		hop = span_cut(&rest, ',');
		*why = addr_hop_fault(hop);
		if (*why != NULL)
			return -1;
		if (rest.n == 0)
			break;
		*why = "a source route without an @ before each host";
		if (rest.p[0] != '@')
			return -1;
		rest = span_from(rest, 1);
	}
	*why = "a source route ending in a comma";
	return out->route.p[out->route.n - 1] == ',' ? -1 : 0;
}

/* The text between two quotes: as it stands, or without its backslashes in the store. */
static int
unquote(struct span inner, struct buf *store, struct addr *out, const char **why)
{
	size_t i, from;

	for (i = 0; i < inner.n && inner.p[i] != '"'; i++)
		if (inner.p[i] == '\\')
			i++;
	*why = "a quoted string beside other text";
	if (i != inner.n)
		return -1;
	out->user = inner;
	if (inner.n == 0 || memchr(inner.p, '\\', inner.n) == NULL)
		return 0;
	from = store->n;
	for (i = 0; i < inner.n; i++) {
		if (inner.p[i] == '\\')
			i++;
		buf_ch(store, inner.p[i]);
	}
	out->user = span_from(buf_view(store), from);
	return 0;
}

static int
take_user(struct span user, bool any, struct buf *store, struct addr *out, const char **why)
{
	out->user = user;
	if (addr_is_dot_atom(user)) {
		if (span_is_nocase(user, "MAILER-DAEMON"))
			out->flags |= ADDR_DAEMON;
		return 0;
	}
	*why = "no mailbox at the end";
	if (user.n == 0)
		return -1;
	if (user.n >= 2 && user.p[0] == '"' && user.p[user.n - 1] == '"' &&
	    unquote(span_until(span_from(user, 1), user.n - 2), store, out, why) == 0) {
		/* "joe" is joe; what needs its quotes, or hides a '%', is not what it looks */
		if (!addr_is_dot_atom(out->user) || memchr(out->user.p, '%', out->user.n) != NULL)
			out->flags |= ADDR_QUOTED;
		return 0;
	}
	if (any) {
		out->flags |= ADDR_QUOTED;
		return 0;
	}
	*why = "a mailbox that is neither a dot-atom nor quoted";
	return -1;
}

/* The hops in their order: one cut alone stays where it is, two are joined in the store. */
static int
take_path(struct span bangs, struct span domain, enum addr_reading how, struct buf *store,
          struct addr *out, const char **why)
{
	size_t from = store->n;
	bool bang_first = (how & ADDR_BANG_FIRST) != 0;

	out->hops = 0;
	if ((out->flags & ADDR_AT) != 0 && span_is_nocase(hop_undotted(domain), "UUCP")) {
		*why = "the pseudo-domain UUCP without a site";
		return -1;
	}
	if (bangs.n == 0 || domain.n == 0) {
		out->path = bangs.n > 0 ? bangs : domain;
	} else {
		buf_span(store, bang_first ? bangs : domain);
		buf_ch(store, '!');
		buf_span(store, bang_first ? domain : bangs);
		out->path = span_from(buf_view(store), from);
	}
	return check_path(out->path, out, why);
}

static int
parse_cuts(struct span text, struct cuts c, enum addr_reading how, struct buf *store,
           struct addr *out, const char **why)
{
	struct span bangs = SPAN(""), domain = SPAN(""), local = span_until(text, c.at);

	if (c.at != text.n) {
		out->flags |= ADDR_AT;
		domain = span_from(text, c.at + 1);
		*why = addr_hop_fault(domain);
		if (*why != NULL)
			return -1;
	}
	if (c.bang != text.n) {
		bangs = span_until(text, c.bang);
		local = span_from(local, c.bang + 1);
		*why = "an empty host name before a !";
		if (bangs.n == 0 || bangs.p[bangs.n - 1] == '!')
			return -1;
	}
	if (take_path(bangs, domain, how, store, out, why) < 0)
		return -1;
	if (out->path.n > 0 && out->path.p[0] == '[')
		out->flags |= ADDR_LITERAL;
	if (span_is(local, "<>") && c.at == text.n) {
		*out = (struct addr){.path = SPAN(""), .user = SPAN(""), .route = SPAN("")};
		out->flags = ADDR_NULL;
		return 0;
	}
	return take_user(local, (how & ADDR_ANY_USER) != 0, store, out, why);
}

int
addr_parse_more(struct span text, enum addr_reading how, struct buf *store, struct addr *out,
                const char **why)
{
	struct cuts c;

	*out = (struct addr){.path = SPAN(""), .user = SPAN(""), .route = SPAN("")};
	*why = "too long for an address";
	if (text.n > ADDR_TEXT_MAX)
		return -1;
	*why = octets_fault(text, &out->flags);
	if (*why != NULL)
		return -1;
	if (text.n >= 2 && text.p[0] == '<' && text.p[text.n - 1] == '>')
		text = span_until(span_from(text, 1), text.n - 2);
	if (text.n == 0) {
		out->flags = ADDR_NULL;
		return 0;
	}
	if (text.p[0] == '@' && take_source_route(&text, out, why) < 0)
		return -1;
	c = find_cuts(text, true);
	if (c.open && (how & ADDR_ANY_USER) != 0)
		c = find_cuts(text, false);
	*why = c.open ? "a quote that is not closed" : "more than one @";
	if (c.open || c.two)
		return -1;
	*why = "out of memory";
	if (buf_room(store, 2 * text.n + 2) < 0) /* so that no span into it moves */
		return -1;
	return parse_cuts(text, c, how, store, out, why);
}

int
addr_parse(struct span text, enum addr_reading how, struct buf *store, struct addr *out,
           const char **why)
{
	buf_clear(store);
	return addr_parse_more(text, how, store, out, why);
}
