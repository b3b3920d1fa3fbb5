/*
 * A body in octets that every SMTP server may be sent: 7 bits, no NUL, no bare
 * CR, lines of at most 998 octets. Part by part where it is MIME, by encoding
 * each part's text (RFC 6152 section 3, RFC 2045 section 6). Fed with pieces of
 * any size (LF line ends), writes CR LF lines.
 *
 * Where no encoding is sound, it says so: what is signed, and what says of
 * itself that it is in an encoding we do not know.
 */
#ifndef MESSAGE_SEVEN_H
#define MESSAGE_SEVEN_H

#include "bridge/base/buf.h"
#include "bridge/message/encode.h"
#include "bridge/message/header.h"
#include "bridge/message/mime.h"

#include <stdbool.h>

#define SEVEN_DEPTH 16 /* multiparts within multiparts */

enum seven_state {
	SEVEN_HEADER, /* of a part, or of a message in a message */
	SEVEN_BODY,   /* a text that is encoded */
	SEVEN_BESIDE, /* before the first part and after the last: shown to nobody */
	SEVEN_OPAQUE, /* octets that may not change */
};

struct seven {
	bool eightbit;       /* octets above 127 may stay where they cannot be encoded */
	const char *charset; /* of text that does not say: static */
	enum seven_state state;
	struct encoder encoder;
	struct seven_level {
		char boundary[MIME_BOUNDARY_MAX + 1];
		bool digest;
	} stack[SEVEN_DEPTH];
	unsigned depth;
	struct buf line;   /* owned: the start of a line that may be a boundary */
	bool within;       /* the line's start has been passed on: no boundary any more */
	bool in_message;   /* SEVEN_HEADER is that of a message/rfc822, not of a part */
	struct buf header; /* owned */
	const char *fault; /* why there is no sound form; NULL so far */
};

/* `top` is what the letter's own header says. */
void seven_begin(struct seven *s, const struct mime *top, bool eightbit, const char *charset);
/* 0, or -1: s->fault says why, or out->bad is set. */
int seven_feed(struct seven *s, struct span piece, struct buf *out);
int seven_end(struct seven *s, struct buf *out);
void seven_free(struct seven *s);

/*
 * The Content- fields that go with a body in this form. seven_drops() says
 * which of the old ones they replace; `mime_version` is wanted at the top of a
 * letter that is no MIME yet. Appends lines with LF.
 */
bool seven_drops(const struct mime *m, struct span name);
void seven_fields(const struct mime *m, const char *charset, bool mime_version, struct buf *out);

/*
 * One header field with the octets that may be in it: no CR, no NUL, no line
 * past 998 octets where it can be folded, and in 7 bits unless `eightbit`.
 * Appends it with LF line ends. 0, or -1 when octets above 127 had to stay.
 */
int seven_field(struct span all, struct span name, struct span body, bool eightbit,
                struct buf *out);
/* The field with its lines folded, where they are longer and can be. */
void seven_fold(struct span field, struct buf *out);

#endif
