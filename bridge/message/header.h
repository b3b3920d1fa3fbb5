/*
 * The header of a stored letter, taken apart without changing an octet of it.
 *
 * Content is stored as it came: a chain of From_ lines may stand in front, and
 * there may be no header at all. A 4.3BSD /bin/mail sends none, and its text
 * starts right after the From_ line: when the first line is no field, the
 * whole text is a body. A line that is no field ends the header in the same
 * way, as if a blank line stood before it.
 */
#ifndef MESSAGE_HEADER_H
#define MESSAGE_HEADER_H

#include "bridge/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct header_field {
	struct span all;  /* name, colon, body and the LF of its last line (if it has one) */
	struct span name; /* without blanks before the colon */
	struct span body; /* after the colon, folded, without the last LF */
};

struct header {
	struct header_field *v; /* owned; the spans point into the content given */
	size_t n;
	size_t room;
	size_t chain_bytes; /* From_ lines in front */
	size_t body_at;     /* where the body starts, after the blank line if there is one */
	bool blank;         /* a blank line ends the header */
	bool cut;           /* the header went on past the octets given: body_at is the start
	                       of the first field that is not whole */
};

/*
 * `start` is the start of the content, as much of it as a header may take; a
 * field that is not whole in it counts as body. 0, or -1 without memory.
 */
int header_parse(struct span start, struct header *out);
void header_free(struct header *h);

/* The first field of that name (case does not count), or NULL. */
const struct header_field *header_find(const struct header *h, const char *name);
size_t header_count(const struct header *h, const char *name);

/* The body of a field on one line: LFs taken out, trimmed. Appends. */
void header_unfold(struct span body, struct buf *out);

#endif
