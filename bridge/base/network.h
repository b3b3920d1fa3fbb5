/*
 * IP networks, "192.0.2.0/24" and "2001:db8::/32", and which addresses are in
 * them. An IPv4 address in IPv6 clothes, ::ffff:192.0.2.1, is the IPv4 address:
 * a socket that listens for both gives it so.
 */
#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

#include "bridge/base/buf.h"

#include <stdint.h>

struct network {
	uint8_t octets[16]; /* IPv4 as ::ffff:0:0/96 */
	unsigned bits;      /* of octets that count: 0..128 */
};

/*
 * "ADDRESS/BITS", or "ADDRESS" alone, which is a network of one. 0, or -1 with
 * *why (static) as it is said after "must be": bits set behind the prefix are
 * a slip, and a prefix of none is everybody.
 */
int network_parse(struct span text, struct network *out, const char **why);

/* Of text that is no address, false. A zone ("fe80::1%eth0") does not count. */
bool network_has(const struct network *n, struct span address);

#endif
