/*
 * One SMTP reply, of one or many lines (RFC 5321 section 4.2.1).
 *
 * Two real clients read a multi-line reply that never ends for a gigabyte:
 * here a reply has a bound in lines, in bytes a line and in bytes, and passing
 * one is an error with words of its own. Codes are 200 to 599 and the same on
 * every line; anything else is not SMTP, and the session is over.
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "bridge/base/buf.h"

#define REPLY_LINE_BYTES 2048 /* RFC 5321 allows 512; real servers put URLs there */
#define REPLY_LINES      256
#define REPLY_BYTES      16384

struct reply {
	int code;
	char status[12]; /* enhanced status, RFC 2034: "5.1.1"; "" when none, or not of the code's
	                    class */
	unsigned lines;
	struct span raw; /* all lines with their codes and line ends; borrowed from the input */
};

#define REPLY_BAD  -1
#define REPLY_MORE -2

/*
 * Reads one whole reply from the front of `in`. Octets used, REPLY_MORE when
 * it is not whole yet, REPLY_BAD with the reason in *why (a constant string).
 */
long reply_parse(struct span in, struct reply *r, const char **why);

/*
 * The text of the next line: without code, separator and line end. *at starts
 * at 0. false: no more lines.
 */
bool reply_line(const struct reply *r, size_t *at, struct span *text);

/* The whole reply as one line, "550 5.1.1 no such user; ask elsewhere", cut to size. */
void reply_words(const struct reply *r, char *words, size_t size);

#endif
