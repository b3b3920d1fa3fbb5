/*
 * A header field in 7 bits: words with octets above 127 become encoded words
 * (RFC 2047), the rest keeps its octets.
 */
#ifndef MESSAGE_WORDS_H
#define MESSAGE_WORDS_H

#include "bridge/base/buf.h"

#include <stdbool.h>

bool words_need_encoding(struct span text); /* has octets above 127 */

/*
 * Appends the field's body in 7 bits. `structured`: it holds addresses, and
 * only names and comments may be encoded. 0, or -1, nothing appended, when the
 * octets above 127 stand where no encoded word may: in an address itself.
 */
int words_encode(struct span body, bool structured, struct buf *out);

#endif
