/*
 * Addresses in the form that a UUCP neighbour reads, by its class (RFC 976
 * section 2.5). Here gw (gw.example.com, and example.com beside it) writes to
 * vax43, which has the domain vax43.example.com; alpha is another site, without
 * a domain, and bravo one with a domain.
 *
 *	in the header            old                    new                 domain
 *	fred, of ours            gw!fred                fred@gw.example.com as new
 *	fred@example.com         gw!example.com!fred    fred@example.com    as new
 *	vax43!ernie              vax43!ernie            ernie@vax43.exa...  as new
 *	vax43!far!ernie          far!ernie              far!ernie           vax43.exa...!far!ernie
 *	alpha!bob                gw!alpha!bob           as old              gw.example.com!alpha!bob
 *	bravo!x                  gw!bravo!x             x@bravo.example.net as new
 *	bravo!far!x              gw!bravo!far!x         as old              bravo.example.net!far!x
 *	piet@cwi.example         gw!cwi.example!piet    piet@cwi.example    as new
 *	b!piet@cwi.example       gw!cwi.example!b!piet  as old              cwi.example!b!piet
 *	piet@att, no dot         gw!att.!piet           as old              gw.example.com!att.!piet
 *	"Joe Soap"@cwi.example   gw!Joe_Soap+TOKEN      stays               stays
 *	alpha!"Joe Soap"         gw!Joe_Soap+TOKEN      Joe_Soap+TOKEN@...  as new
 *
 *	USER of "From USER ... remote from gw"
 *	fred, of ours            fred                   as old              gw.example.com!fred
 *	vax43!far!ernie          vax43!far!ernie        as old              vax43.exa...!far!ernie
 *	alpha!bob                alpha!bob              as old              gw.example.com!alpha!bob
 *	piet@cwi.example         cwi.example!piet       as old              as old
 *	nobody                   MAILER-DAEMON          as old              as old
 *
 *	the recipient, rmail's argument
 *	vax43!ernie              ernie                  as old              as old
 *	vax43!far!ernie          far!ernie              as old              as old
 *	vax43!cwi.example!piet   cwi.example!piet       piet@cwi.example    as new
 *	vax43!a!cwi.example!x    a!cwi.example!x        as old              as old
 *
 * What is written has a `!` or an `@` and never both, so that it means the same
 * by either reading of a!b@c, and `site!` never stands in front of user@domain
 * (RFC 976 section 2.4). An answer comes back to what it was.
 */
#ifndef ROUTE_OUTWARD_H
#define ROUTE_OUTWARD_H

#include "bridge/route/rewrite.h"

/* Of the longest form: 4.2BSD's rmail has 512 octets for a From_ line. A token is never long. */
#define OUTWARD_LONG 400

/* Needs no other form in a header for w->to. */
bool outward_is_fine(const struct rewrite *w, const struct addr *a, enum addr_reading how);

/*
 * An address of a header for w->to. 0; -1 with *why (static), nothing appended,
 * when it has no such form, or without memory (out->bad).
 */
int outward_address(const struct rewrite *w, const struct addr *a, struct buf *out,
                    const char **why);

/* rewrite_sender(): the USER of the From_ line, "" for the null path. */
int outward_sender(const struct rewrite *w, struct span sender, struct buf *out,
                   struct route_steps *steps, const char **why);

/*
 * What rmail at the neighbour is given, of an address whose first hop it is. 0;
 * or the reply code of a refusal, with its enhanced status and words (static).
 */
int outward_recipient(const struct config_site *to, const struct addr *a, struct buf *out,
                      const char **status, const char **why);

/* Our name at the end of the From_ line. */
const char *outward_our_name(const struct route_table *t);

#endif
