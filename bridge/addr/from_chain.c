/*
 * From_ lines in a row: who wrote, and over which sites it came.
 *
 * The newest hop is on top. Each line adds the site it is "remote from"; where
 * it names none, the path its user field begins with. The user is the last
 * line's, with whatever path it has; a path in the user field of an upper line
 * that names its site says again what the lines below it say, and is not added
 * (RFC 976 2.4).
 *
 * user@domain is absolute: no hop is put in front of it, which RFC 976 forbids
 * and Debian's rmail does. user@site without a dot, or in .UUCP, speaks of a
 * name that only the sites on the way know, and stays behind them.
 *
 * <>, an empty field, MAILER-DAEMON, and these behind any path are the null
 * path: to answer them makes mail loops.
 */
#include "bridge/addr/from_line_int.h"

enum { NEED_MORE = -2 };

/*
 * The first line of rest, its end not included. Octets with its end, 0 when it
 * is too long for a From_ line, NEED_MORE. A lone CR ends it too: a letter
 * whose lines all end so would otherwise be one line, and lost in it.
 */
static long
take_line(struct span rest, bool all, struct span *line)
{
	size_t n = 0, most = rest.n < FROM_LINE_MAX ? rest.n : FROM_LINE_MAX;

	while (n < most && rest.p[n] != '\n' && rest.p[n] != '\r')
		n++;
	*line = span_until(rest, n);
	if (n == FROM_LINE_MAX)
		return 0;
	if (n == rest.n)
		return all ? (long)n : NEED_MORE;
	if (rest.p[n] == '\n')
		return (long)n + 1;
	if (n + 1 == rest.n)
		return all ? (long)n + 1 : NEED_MORE;
	return (long)n + (rest.p[n + 1] == '\n' ? 2 : 1);
}

/* The last place of c in s; s.n for nowhere. */
static size_t
last_of(struct span s, char c)
{
	const char *p = s.n > 0 ? memrchr(s.p, c, s.n) : NULL;

	return p != NULL ? (size_t)(p - s.p) : s.n;
}

static void
add_hop(struct buf *path, struct span hop)
{
	if (hop.n == 0 || path->n > FROM_PATH_MAX) /* too long already: enough to say so */
		return;
	buf_span(path, hop);
	buf_ch(path, '!');
}

/* The sites of a line that is not the last one. */
static void
add_upper(struct buf *path, const struct from_line *l)
{
	size_t bang = last_of(l->user, '!');

	if (l->site.n > 0)
		add_hop(path, l->site);
	else if (bang < l->user.n)
		add_hop(path, span_until(l->user, bang));
}

/* "@a,@b:" in front asked for a way there, which nobody need take (RFC 5321 F.2). */
static struct span
without_route(struct span user)
{
	bool literal = false;
	size_t i;

	if (user.n == 0 || user.p[0] != '@')
		return user;
	for (i = 1; i < user.n && (literal || user.p[i] != ':'); i++)
		literal = user.p[i] == '[' || (literal && user.p[i] != ']');
	return i + 1 < user.n ? span_from(user, i + 1) : user;
}

static bool
is_null_user(struct span u)
{
	size_t bang = last_of(u, '!');

	if (u.n == 0)
		return true;
	if (bang < u.n)
		u = span_from(u, bang + 1);
	if (span_is(u, "<>"))
		return true;
	return span_is_nocase(span_cut(&u, '@'), "MAILER-DAEMON");
}

/* Does the path end in this hop? Then `From u@far ... remote from far` says it twice. */
static bool
ends_in(const struct buf *path, struct span hop)
{
	struct span s = span_until(buf_view(path), path->n > 0 ? path->n - 1 : 0);
	size_t bang = last_of(s, '!');

	return s.n > 0 && addr_hop_equal(bang < s.n ? span_from(s, bang + 1) : s, hop);
}

/* The last line's user, behind the sites that are in *path already. */
static void
add_user(struct buf *path, struct span written, enum addr_reading how)
{
	struct span user = without_route(written);
	size_t at = last_of(user, '@'), bang = last_of(user, '!');
	struct span domain, local;
	bool bang_first = (how & ADDR_BANG_FIRST) != 0 && bang < user.n;

	if (at == user.n || (bang < user.n && bang > at) || user.p[user.n - 1] == '"') {
		buf_span(path, user);
		return;
	}
	domain = addr_hop_name(span_from(user, at + 1));
	local = span_until(user, at);
	if (domain.n == 0 || addr_hop_is_domain(domain)) {
		buf_clear(path);
		buf_span(path, bang_first ? span_from(user, bang + 1) : written);
		return;
	}
	if (bang_first) {
		add_hop(path, span_until(user, bang));
		local = span_from(local, bang + 1);
	}
	if (!ends_in(path, domain))
		add_hop(path, domain);
	buf_span(path, local);
}

static const char *
path_fault(struct span path)
{
	size_t i;
	unsigned char c, before = '!';

	if (path.n > FROM_PATH_MAX)
		return "a return path longer than 1000 octets";
	for (i = 0; i < path.n; i++, before = c) {
		c = (unsigned char)path.p[i];
		if (c < 0x20 || c == 0x7f)
			return "a control character in the return path";
		if (c > 0x7f)
			return "octets above 127 in the return path";
		if (c == '!' && before == '!')
			return "an empty host name in the return path";
	}
	return before == '!' ? "a return path without a user" : NULL;
}

static int
finish(const struct from_line *last, enum addr_reading how, struct buf *path,
       struct from_chain *out)
{
	if (last->user.n == 0 && last->date.n == 0 && last->site.n == 0) {
		out->why = "a From_ line without a user";
		return -1;
	}
	if (is_null_user(without_route(last->user))) {
		buf_clear(path);
		return 0;
	}
	if (!last->forwarded)
		add_hop(path, last->site);
	add_user(path, last->user, how);
	out->why = path->bad ? "out of memory" : path_fault(buf_view(path));
	if (out->why != NULL)
		return -1;
	out->path = buf_view(path);
	return 0;
}

int
from_chain_read(struct span letter, bool all, enum addr_reading how, struct buf *path,
                struct from_chain *out)
{
	struct from_line line, last = {.forwarded = true};
	struct span text;
	long took;

	buf_clear(path);
	*out = (struct from_chain){.path = SPAN("")};
	while (out->bytes < FROM_CHAIN_MAX && out->bytes < letter.n) {
		took = take_line(span_from(letter, out->bytes), all, &text);
		if (took == NEED_MORE)
			return NEED_MORE;
		if (took == 0 || !from_line_read(text, out->lines == 0, &line))
			break;
		out->bytes += (size_t)took;
		/* a forwarding user is no hop, and names the sender only when nobody else does */
		if (line.forwarded && out->lines > 0) {
			out->lines++;
			continue;
		}
		if (out->lines > 0 && !last.forwarded)
			add_upper(path, &last);
		last = line;
		out->lines++;
	}
	if (out->lines == 0)
		return letter.n == 0 && !all ? NEED_MORE : 0;
	/* the letter given ends where a line may begin */
	if (out->bytes == letter.n && !all && out->bytes < FROM_CHAIN_MAX)
		return NEED_MORE;
	return finish(&last, how, path, out);
}

bool
from_chain_next(struct span *rest, struct from_line *out)
{
	struct span text;
	long took = rest->n > 0 ? take_line(*rest, true, &text) : 0;

	if (took <= 0)
		return false;
	*rest = span_from(*rest, (size_t)took);
	return from_line_read(text, true, out);
}
