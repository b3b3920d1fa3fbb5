/* Hops: their names, their order, and what may be one. */
#include "bridge/addr/addr_int.h"

#include <arpa/inet.h>

bool
addr_hop_next(struct span *rest, struct span *hop)
{
	if (rest->n == 0)
		return false;
	*hop = span_cut(rest, '!');
	return true;
}

struct span
addr_hop_name(struct span hop)
{
	static const char pseudo[] = ".uucp";
	size_t n = sizeof pseudo - 1;

	hop = hop_undotted(hop);
	while (hop.n > n && span_is_nocase(span_from(hop, hop.n - n), pseudo))
		hop.n -= n;
	return hop;
}

/* U+3002, U+FF0E, U+FF61: RFC 5321 knows none of them, but who types one means a dot (UTS 46). */
static bool
has_wide_dot(struct span s)
{
	static const char *const dots[] = {"\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"};
	size_t i;

	for (i = 0; i < sizeof dots / sizeof dots[0]; i++)
		if (memmem(s.p, s.n, dots[i], 3) != NULL)
			return true;
	return false;
}

bool
addr_hop_is_domain(struct span hop)
{
	return hop.n > 0 &&
	       (hop.p[0] == '[' || memchr(hop.p, '.', hop.n) != NULL || has_wide_dot(hop));
}

bool
addr_hop_equal(struct span a, struct span b)
{
	a = addr_hop_name(a);
	b = addr_hop_name(b);
	if (addr_hop_is_domain(a))
		return span_eq_nocase(a, b);
	return span_eq(a, b);
}

struct span
addr_first_hop(const struct addr *a)
{
	struct span rest = a->path;

	return addr_hop_name(span_cut(&rest, '!'));
}

void
addr_drop_first(struct addr *a)
{
	if (a->hops == 0)
		return;
	span_cut(&a->path, '!');
	a->hops--;
	a->flags &= ~(unsigned)(ADDR_AT | ADDR_LITERAL);
	if (a->path.n > 0 && a->path.p[0] == '[')
		a->flags |= ADDR_LITERAL;
}

/* [192.0.2.1] and [IPv6:2001:db8::1], RFC 5321 4.1.3. */
static const char *
literal_fault(struct span s)
{
	unsigned char address[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];
	int family = AF_INET;

	s = span_from(s, 1);
	if (s.n < 2 || s.p[s.n - 1] != ']')
		return "a domain literal without its ]";
	s.n--;
	if (span_starts_nocase(s, "IPv6:")) {
		s = span_from(s, 5);
		family = AF_INET6;
	}
	if (s.n >= sizeof text)
		return "a domain literal that is no address";
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(family, text, address) == 1 ? NULL : "a domain literal that is no address";
}

static bool
is_host_octet(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

const char *
addr_hop_fault(struct span hop)
{
	size_t i, label = 0;

	if (hop.n == 0)
		return "an empty host name";
	if (hop.p[0] == '[')
		return literal_fault(hop);
	hop = hop_undotted(hop);
	if (hop.n > ADDR_DOMAIN_MAX)
		return "a domain longer than 255 octets";
	for (i = 0; i <= hop.n; i++) {
		if (i == hop.n || hop.p[i] == '.') {
			if (label == 0)
				return "a host name with an empty label";
			if (label > 63)
				return "a label longer than 63 octets";
			label = 0;
		} else if (!is_host_octet(hop.p[i])) {
			return "a host name with other characters than letters, digits and - _ .";
		} else if (hop.p[i] == '-' && label == 0) {
			return "a host name with a label that begins with -";
		} else {
			label++;
		}
	}
	return NULL;
}

int
addr_cut_loops(const struct addr *a, struct buf *store, struct addr *out)
{
	struct span kept[ADDR_HOPS_MAX], rest = a->path, hop;
	unsigned n = 0, i;

	buf_clear(store);
	*out = *a;
	while (n < ADDR_HOPS_MAX && addr_hop_next(&rest, &hop)) {
		for (i = 0; i < n && !addr_hop_equal(kept[i], hop); i++)
			;
		kept[i] = hop;
		n = i + 1;
	}
	if (n == a->hops)
		return 0;
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_ch(store, '!');
		buf_span(store, kept[i]);
	}
	if (store->bad)
		return -1;
	out->path = buf_view(store);
	out->hops = n;
	return 0;
}
