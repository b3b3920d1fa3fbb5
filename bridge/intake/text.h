/*
 * Line ends made canonical: CR LF becomes LF, a lone CR stays (the stored
 * form). A stream torn anywhere gives the same octets.
 */
#ifndef INTAKE_TEXT_H
#define INTAKE_TEXT_H

#include "bridge/base/buf.h"

struct text {
	bool cr; /* a CR came last and was not said yet */
};

/* Says s in pieces: each(arg, piece) returns 0, or what stops it and is returned. */
typedef int text_piece(void *arg, struct span piece);
int text_canonical(struct text *t, struct span s, text_piece *each, void *arg);
int text_end(struct text *t, text_piece *each, void *arg); /* a CR as the very last octet */

#endif
