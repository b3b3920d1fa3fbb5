/* Printing: the form is the caller's choice, the address stays the same. */
#include "bridge/addr/addr_int.h"

static bool
must_quote(const struct addr *a)
{
	return (a->flags & ADDR_QUOTED) != 0 || !addr_is_dot_atom(a->user);
}

void
addr_print_user(const struct addr *a, struct buf *out)
{
	size_t i;

	if ((a->flags & ADDR_NULL) != 0)
		return;
	if (!must_quote(a)) {
		buf_span(out, a->user);
		return;
	}
	buf_ch(out, '"');
	for (i = 0; i < a->user.n; i++) {
		if (a->user.p[i] == '"' || a->user.p[i] == '\\')
			buf_ch(out, '\\');
		buf_ch(out, a->user.p[i]);
	}
	buf_ch(out, '"');
}

void
addr_print_bang(const struct addr *a, struct buf *out)
{
	if (a->path.n > 0) {
		buf_span(out, a->path);
		buf_ch(out, '!');
	}
	addr_print_user(a, out);
}

int
addr_print_domain(const struct addr *a, struct buf *out)
{
	struct span rest = a->path, first = span_cut(&rest, '!');

	/* a path is a dot-atom only without literals, and never before a quoted string */
	if (rest.n > 0 && (must_quote(a) || memchr(rest.p, '[', rest.n) != NULL))
		return -1;
	first = hop_undotted(first);
	if (span_is_nocase(first, "UUCP"))
		return -1;
	if (rest.n > 0) {
		buf_span(out, rest);
		buf_ch(out, '!');
	}
	addr_print_user(a, out);
	if (first.n > 0) {
		buf_ch(out, '@');
		buf_span(out, first);
	}
	return 0;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	struct span ra = a->path, rb = b->path, ha, hb;

	if (a->hops != b->hops || !span_eq(a->user, b->user) ||
	    ((a->flags ^ b->flags) & (ADDR_NULL | ADDR_QUOTED)) != 0)
		return false;
	while (addr_hop_next(&ra, &ha) && addr_hop_next(&rb, &hb))
		if (!addr_hop_equal(ha, hb))
			return false;
	return true;
}
