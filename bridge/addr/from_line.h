/*
 * The chain of From_ lines that rmail finds in front of a letter, newest hop
 * on top:
 *
 *	From uucp Mon Jan  5 10:00:00 1987 remote from near
 *	>From bob Sun Jan  4 09:00:00 1987 remote from far
 *
 * is near!far!bob. No two programs write them alike; from_line.c says which
 * forms are read and where they were seen.
 */
#ifndef ADDR_FROM_LINE_H
#define ADDR_FROM_LINE_H

#include "bridge/addr/addr.h"
#include "bridge/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FROM_LINE_MAX  8192  /* a longer line is no From_ line: it is data */
#define FROM_CHAIN_MAX 65536 /* octets of a chain; what follows is data */
#define FROM_PATH_MAX  1000  /* octets of a return path: no SMTP line holds more */

struct from_line {
	struct span user; /* as written, <> removed; may hold a path; "" when the field is empty */
	struct span date; /* the text of the date, "" none; from_date_read() */
	struct span site; /* after "remote from", "" none; may hold a path */
	bool forwarded;   /* "forwarded by": System V's mail -F; adds no hop */
};

struct from_chain {
	size_t bytes;     /* of the letter that the chain takes */
	unsigned lines;   /* 0: the letter has none */
	struct span path; /* the reverse path, in the caller's buf; "" is the null path */
	const char *why;  /* for -1: static words */
};

/*
 * Takes the chain off the start of a letter; `all` says that nothing follows
 * the octets given. 0 with *out; -2 when more octets are needed to tell (never
 * asked for beyond FROM_CHAIN_MAX + FROM_LINE_MAX); -1 with out->why when it
 * is a chain but says no usable path (out->bytes is set nonetheless, and so is
 * path->bad when only memory was short).
 *
 * A path without hop and domain names a user of the machine that called, which
 * is UU_MACHINE's to say. The mailbox may be no dot-atom: addr_parse(..., how |
 * ADDR_ANY_USER) reads it.
 */
int from_chain_read(struct span letter, bool all, enum addr_reading how, struct buf *path,
                    struct from_chain *out);

/*
 * The lines of that chain one by one: start with rest = the first chain.bytes
 * octets of the letter. True while there was one. Newest hop first.
 */
bool from_chain_next(struct span *rest, struct from_line *out);

/*
 * One new line in front: `From user date remote from site`, LF at its end, the
 * date in UTC as ctime() has it. Without a site: the line of a local mailbox.
 * The null path is written MAILER-DAEMON, as Sendmail and Postfix do. -1,
 * nothing appended, when user or site has a blank or a control character.
 */
int from_line_write(struct buf *out, struct span user, int64_t when_s, struct span site);

/*
 * The time that a From_ line's date means, in seconds of 1970: ctime, with a
 * zone before or after the year, without seconds, with a two-digit year, RFC
 * 822 and ISO 8601 style. Without a known zone it is read as UTC. 0, or -1
 * when it is no date.
 */
int from_date_read(struct span text, int64_t *when_s);

#endif
