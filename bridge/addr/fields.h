/*
 * The addresses in the body of one header field (From, To, Cc, ...), each with
 * its place, so that a rewriter replaces these octets and keeps all others:
 * names, comments, groups, folding and encoded words stay as they are.
 *
 *	struct fields w;
 *	fields_begin(&w, body, ADDR_DOMAIN_FIRST);
 *	while ((got = fields_next(&w, &store, &f)) > 0)
 *		... body.p[f.at .. f.at + f.n) is f.addr ...
 *	if (got < 0)
 *		... pass the field on as it is; w.why says what is wrong
 *
 * Reads RFC 5322 lists, its obsolete forms (blanks and comments inside an
 * address, source routes, empty elements), and what was there before: bare
 * bang paths, with the name in a comment or not, and paths with only blanks
 * between them (`cc: a!b c!d`).
 */
#ifndef ADDR_FIELDS_H
#define ADDR_FIELDS_H

#include "bridge/addr/addr.h"
#include "bridge/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct fields {
	struct span body; /* borrowed */
	size_t at;
	enum addr_reading how;
	bool group;      /* between "Name:" and ";" */
	bool words;      /* within a list that has only blanks between its addresses */
	const char *why; /* static words */
};

struct field_address {
	size_t at, n;     /* the address in the body: without <>, name and comments around it */
	bool angle;       /* stands in <> */
	struct addr addr; /* as enum addr_reading said; <> is ADDR_NULL with n = 0 */
};

/* The body is what stands after the colon, folded or not. */
void fields_begin(struct fields *w, struct span body, enum addr_reading how);

/*
 * 1 with the next address; 0 at the end; -1 when the field cannot be read,
 * with w->why: then no address of it, earlier ones included, may be replaced.
 * The address lives until *store is used again. Lack of memory is -1 too, with
 * store->bad set.
 */
int fields_next(struct fields *w, struct buf *store, struct field_address *out);

#endif
