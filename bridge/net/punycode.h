/*
 * A domain name of any script in the form DNS has it (RFC 3492, RFC 5890):
 * "bücher.example" is "xn--bcher-kva.example". What comes in are U-labels, that
 * is small letters, composed, as RFC 6531 has them on the wire: nothing is
 * mapped but A to Z.
 */
#ifndef NET_PUNYCODE_H
#define NET_PUNYCODE_H

#include "bridge/base/buf.h"

/* ASCII passes as it is. 0; -1: not UTF-8, a label longer than DNS takes, or no room in out. */
int punycode_domain(struct span domain, char *out, size_t size);

#endif
