/* What the files of the batch parser share. */
#ifndef INTAKE_BSMTP_INT_H
#define INTAKE_BSMTP_INT_H

#include "bridge/intake/bsmtp.h"

enum state {
	STATE_IDLE,
	STATE_ENVELOPE, /* after MAIL */
	STATE_TEXT,     /* after DATA */
	STATE_CHUNK,    /* after BDAT */
};

/* Where in the text the next octet stands. */
enum scan {
	SCAN_START,  /* at the start of a line */
	SCAN_INSIDE, /* elsewhere */
	SCAN_CR,     /* elsewhere, after a CR that ended the octets given */
	SCAN_DOT,    /* after a dot at the start of a line */
	SCAN_DOT_CR, /* after that and a CR, where lines end CR LF */
};

/* ---- bsmtp.c ---- */

/* The transaction can become no message: it is kept from its MAIL to `to`. */
void bsmtp_keep_transaction(struct bsmtp *b, uint64_t to, const char *why);

/* ---- bsmtp_text.c: octets of s that were used; the state changes where the text ends ---- */

size_t bsmtp_feed_text(struct bsmtp *b, struct span s);
size_t bsmtp_feed_chunk(struct bsmtp *b, struct span s);
void bsmtp_end_chunk(struct bsmtp *b); /* a chunk of no octets ends without any being given */

/* ---- bsmtp_words.c ---- */

/* After the colon: the path, and behind it the parameters. NULL, or what is wrong. */
const char *bsmtp_split_path(struct span s, struct span *path, struct span *params);
/* "n" or "n LAST"; false for what is no number of at most 18 digits (0x5, 2^64, -1). */
bool bsmtp_read_chunk(struct span rest, uint64_t *octets, bool *last);

#endif
