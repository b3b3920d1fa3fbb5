/*
 * The last gate of a message's content: whatever comes in, out goes text whose
 * only line end is CR LF, whose lines that begin with a dot have one more, and
 * that ends with a line holding a dot alone (RFC 5321 sections 2.3.8, 4.5.2).
 * A server that reads a bare LF or CR as a line end would see two messages
 * where we sent one; so none leaves: LF becomes CR LF, a lone CR a blank.
 */
#ifndef SMTP_DOTS_H
#define SMTP_DOTS_H

#include "bridge/base/buf.h"

struct dots {         /* all zero: at the start of a message */
	bool in_line; /* the last octet given out was not a line's end */
	bool cr;      /* a CR was taken, and what follows it is not known */
};

void dots_add(struct dots *d, struct span piece, struct buf *out);
void dots_end(struct dots *d, struct buf *out); /* the final dot; d is at a start again */

#endif
