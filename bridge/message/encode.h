/*
 * Text in 7-bit lines (RFC 2045 section 6): encoders that are fed any pieces
 * and write CR LF lines.
 */
#ifndef MESSAGE_ENCODE_H
#define MESSAGE_ENCODE_H

#include "bridge/base/buf.h"

#include <stdbool.h>

enum encoding {
	ENCODE_NONE, /* as it is */
	ENCODE_QP,   /* quoted-printable */
	ENCODE_BASE64,
	ENCODE_REPAIR_QP,     /* said to be quoted-printable: what may not be in it is encoded */
	ENCODE_REPAIR_BASE64, /* said to be base64: what no decoder reads is left out */
};

struct encoder {
	enum encoding as;
	unsigned column; /* octets of the output line */
	char held;       /* QP: a blank that may turn out to end its line; 0 none */
	unsigned escape; /* REPAIR_QP: octets of =XX still to come */
	bool line_end;   /* BASE64: a line end that is not yet encoded */
	unsigned char group[3];
	unsigned grouped;
};

void encoder_begin(struct encoder *e, enum encoding as);
void encoder_text(struct encoder *e, struct span text, struct buf *out); /* holds no LF */
void encoder_line_end(struct encoder *e, struct buf *out);
/* The end, where the last line end is of the text. */
void encoder_end(struct encoder *e, struct buf *out);
/* The end before a boundary, to which the last line end belongs (RFC 2046 section 5.1.1). */
void encoder_end_at_boundary(struct encoder *e, struct buf *out);

#endif
