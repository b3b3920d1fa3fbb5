#include "bridge/base/network.h"

#include <arpa/inet.h>

#define MAPPED_BITS 96

static const uint8_t mapped[MAPPED_BITS / 8] = {[10] = 0xff, [11] = 0xff};

static bool
is_mapped(const uint8_t octets[16])
{
	return memcmp(octets, mapped, sizeof mapped) == 0;
}

/* The bits a prefix may have as it is written: 32 or 128. 0: no address. */
static unsigned
address_parse(struct span s, uint8_t octets[16])
{
	char text[INET6_ADDRSTRLEN];

	if (s.n >= sizeof text || memchr(s.p, '\0', s.n) != NULL)
		return 0;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET6, text, octets) == 1)
		return 128;
	memcpy(octets, mapped, sizeof mapped);
	return inet_pton(AF_INET, text, octets + sizeof mapped) == 1 ? 32 : 0;
}

static bool
bits_parse(struct span s, unsigned most, unsigned *bits)
{
	size_t i;

	*bits = 0;
	if (s.n == 0 || s.n > 3)
		return false;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*bits = *bits * 10 + (unsigned)(s.p[i] - '0');
	}
	return *bits <= most;
}

/* The first `bits` bits are the same. */
static bool
same_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 &&
	       (rest == 0 || ((a[whole] ^ b[whole]) & (0xff00 >> rest) & 0xff) == 0);
}

/* No bit is set behind the prefix. */
static bool
is_clean(const struct network *n)
{
	struct network cut = *n;
	unsigned i;

	for (i = n->bits; i < 128; i++)
		cut.octets[i / 8] &= (uint8_t) ~(0x80 >> (i % 8));
	return memcmp(cut.octets, n->octets, sizeof cut.octets) == 0;
}

int
network_parse(struct span text, struct network *out, const char **why)
{
	struct span rest = text, address = span_cut(&rest, '/');
	unsigned most = address_parse(address, out->octets);

	*why = "an address or a network such as \"192.0.2.0/24\" or \"2001:db8::/32\"";
	if (most == 0)
		return -1;
	out->bits = most;
	if (address.n < text.n && !bits_parse(rest, most, &out->bits))
		return -1;
	*why = "less than the whole Internet";
	if (out->bits == 0)
		return -1;
	out->bits += 128 - most;
	*why = "a network without bits set behind its prefix";
	return is_clean(out) ? 0 : -1;
}

bool
network_has(const struct network *n, struct span address)
{
	uint8_t octets[16];

	if (address_parse(span_cut(&address, '%'), octets) == 0)
		return false;
	/* 2000::/3 and the like say nothing of IPv4, nor does a mapped prefix of IPv6 */
	if (is_mapped(octets) != (is_mapped(n->octets) && n->bits >= MAPPED_BITS))
		return false;
	return same_prefix(n->octets, octets, n->bits);
}
