/*
 * A header field in 7 bits: words with octets above 127 become encoded words
 * (RFC 2047), the rest keeps its octets.
 */
#ifndef MESSAGE_WORDS_H
#define MESSAGE_WORDS_H

#include "bridge/base/buf.h"

#include <stdbool.h>

bool words_need_encoding(struct span text); /* has octets above 127 */

/* Where an encoded word may stand. */
enum words_of {
	WORDS_TEXT,      /* anywhere: Subject and all that is only read */
	WORDS_ADDRESSES, /* in names and comments */
	/*
	 * Nowhere, says RFC 2047; but all readers of mail look for them in the
	 * quotes of a Content-Type, and there they break nothing.
	 */
	WORDS_PARAMETERS,
};

/*
 * Appends the field's body in 7 bits. 0, or -1, nothing appended, when octets
 * above 127 stand where no encoded word may: in an address itself.
 */
int words_encode(struct span body, enum words_of of, struct buf *out);

#endif
