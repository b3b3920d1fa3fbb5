/*
 * The header a letter gets on its way out, from the one it came with.
 */
#ifndef MESSAGE_EDIT_H
#define MESSAGE_EDIT_H

#include "bridge/base/buf.h"
#include "bridge/message/header.h"
#include "bridge/message/mime.h"
#include "bridge/message/render.h"
#include "bridge/route/rewrite.h"

#include <stdbool.h>

struct edit {
	const struct render_job *job;
	struct rewrite rewrite;
	const struct header *header;
	const char *start;       /* of the stored content: the From_ chain is there */
	const struct mime *mime; /* the body's new form is described; NULL: it keeps its own */
	const char *charset;     /* of a text that does not say, for `mime` */
	bool eightbit;           /* octets above 127 may stay in the header */

	bool stuck;         /* some did have to, where they may not */
	struct buf remarks; /* owned: what stays as it came, though it should not */
};

/*
 * Appends the new header without its blank line, LF line ends, the From_ line
 * of a UUCP neighbour before it. 0, or -1 without memory.
 */
int edit_header(struct edit *e, struct buf *out);

#endif
