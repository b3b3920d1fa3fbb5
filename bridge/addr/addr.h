/*
 * One address, whatever its form: an ordered list of hops and the mailbox at
 * the end. `a!b!user`, `user@dom`, `@a:user@b`, `a!user@dom` all become this.
 *
 * Hops keep the spelling they came with, because all but the first are for
 * somebody else to read; addr_hop_name() gives the name to look up. A mailbox
 * is kept without its quoting. Nothing here allocates but in the caller's buf,
 * recurses, or takes longer than the text is long.
 *
 * Pure grammar: which hop is ours, what a site is, and who may send where is
 * asked in bridge/route.
 */
#ifndef ADDR_ADDR_H
#define ADDR_ADDR_H

#include "bridge/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define ADDR_HOPS_MAX    512  /* of a path that is parsed at all */
#define ADDR_HOPS_WANTED 64   /* of a recipient: more is a loop or abuse */
#define ADDR_TEXT_MAX    8192 /* octets of an address */
#define ADDR_LOCAL_MAX   64   /* of a mailbox, RFC 5321 4.5.3.1.1 */
#define ADDR_DOMAIN_MAX  255  /* RFC 5321 4.5.3.1.2 */

enum addr_reading {
	ADDR_DOMAIN_FIRST = 0, /* a!u@d is (a!u)@d: hops d, a (RFC 976 2.1, RFC 822) */
	ADDR_BANG_FIRST = 1,   /* a!u@d is a!(u@d): hops a, d (the UUCP custom) */
	ADDR_ANY_USER = 2,     /* or'ed to one of them: a mailbox that is no dot-atom is taken
	                          octet for octet (`a!x;y`, as From_ lines carry it) */
};

enum addr_flags {
	ADDR_NULL = 1,     /* the null path: "", <>, site!<>; path and user are "" */
	ADDR_AT = 2,       /* was written with an @ */
	ADDR_QUOTED = 4,   /* the mailbox means something else without its quotes: never look
	                      for ! % @ in it again */
	ADDR_UTF8 = 8,     /* has octets above 127, all of it UTF-8 (RFC 6531) */
	ADDR_LITERAL = 16, /* the first hop is a domain literal, [192.0.2.1] */
	ADDR_DAEMON = 32,  /* the mailbox is MAILER-DAEMON: as a sender, the null path */
};

struct addr {
	struct span path; /* hops joined by '!', no '!' at the end; "" none */
	unsigned hops;
	struct span user;  /* the mailbox's octets, unquoted */
	struct span route; /* what an RFC 822 source route asked for in front, hops joined by
	                      ','; not part of the path (RFC 5321 F.2), kept to be told */
	unsigned flags;    /* enum addr_flags */
};

/*
 * Reads one address as an envelope carries it: one pair of <> around it is
 * allowed; blanks, comments and names are not (bridge/addr/fields.h reads
 * those). 0, or -1 with *why in words (static). The spans of *out point into
 * text or into *store, which is emptied first; they live as long as both.
 * Lack of memory is -1 too, with store->bad set.
 */
int addr_parse(struct span text, enum addr_reading how, struct buf *store, struct addr *out,
               const char **why);

/* One pair of parentheses around the whole taken away: `(a!b)` is how uux protects a '!' from
 * being read as a file name, and not every uuxqt removes them. */
struct span addr_unwrap(struct span text);

/*
 * What the grammar allows and no door lets in, in words; NULL when there is
 * nothing. To be asked of each recipient and sender of an envelope, and again
 * of what is left once our own names are stripped from the front.
 */
enum addr_licence {
	ADDR_MAY_BE_NULL = 1, /* a sender */
	ADDR_MAY_BE_UTF8 = 2, /* SMTPUTF8 was asked for */
	ADDR_MAY_BE_LONG = 4, /* more than ADDR_HOPS_WANTED hops: a return path */
	ADDR_MAY_BE_WIDE = 8, /* a mailbox past ADDR_LOCAL_MAX: it is not for SMTP to carry */
};
const char *addr_refused(const struct addr *a, unsigned licence);

bool addr_is_null_sender(const struct addr *a); /* ADDR_NULL or MAILER-DAEMON at any site */

/*
 * Hops, the next one first. Start with rest = a->path; true while there was
 * one.
 */
bool addr_hop_next(struct span *rest, struct span *hop);
struct span addr_first_hop(const struct addr *a); /* as addr_hop_name(); "" none */
void addr_drop_first(struct addr *a);             /* a!b!u becomes b!u; nothing without hops */

/* The name a hop is looked up by: no dot at its end, no pseudo-domain .UUCP. */
struct span addr_hop_name(struct span hop);
bool addr_hop_is_domain(struct span hop); /* has a dot, or is a domain literal */
/* Names with a dot are domains: case does not count. Others are UUCP names: it does. */
bool addr_hop_equal(struct span a, struct span b);
/* A domain name, a site's name or a domain literal by its syntax: NULL, or what is wrong. */
const char *addr_hop_fault(struct span hop);

/* a!b!a!u becomes a!u. Bytes of *out are in *store, or where a's are. 0, or -1 without memory. */
int addr_cut_loops(const struct addr *a, struct buf *store, struct addr *out);

/*
 * user%host, once our own name was stripped: the last % is an @ (RFC 1123
 * 5.2.16). 1 with *out pointing where a points, 0 when there is nothing to
 * unfold (hops are left, no %, or it was quoted), -1 with *why.
 */
int addr_unfold_percent(const struct addr *a, struct addr *out, const char **why);

/*
 * Printing; each appends to *out. What was parsed and printed in any of these
 * forms is, parsed again, equal (addr_equal). The null path prints "".
 */
void addr_print_bang(const struct addr *a, struct buf *out); /* hop!hop!user: all classes read it */
/* user, user@hop, or hop!hop!user@first: read as ADDR_DOMAIN_FIRST. -1, nothing appended, when
 * no RFC 5321 form exists: hops before a mailbox that must be quoted. */
int addr_print_domain(const struct addr *a, struct buf *out);
/* The mailbox alone, as an RFC 5321 local part: quoted when it must be. */
void addr_print_user(const struct addr *a, struct buf *out);

/*
 * A mailbox for those who know no quotes (RFC 1137): for mail that goes on by
 * UUCP, where an argument of rmail is cut at blanks. `Joe Soap` is Joe_Soap.
 * Encoding is -1, nothing appended, for
 * octets above 127 and the empty one. Decoding is -1, nothing appended, where
 * encoding would not give this back: only who knows that it was encoded may
 * ask, for j_soap is most often a name of its own.
 */
int addr_encode_1137(struct span user, struct buf *out);
int addr_decode_1137(struct span atom, struct buf *out);

bool addr_equal(const struct addr *a, const struct addr *b); /* hops by addr_hop_equal() */

#endif
