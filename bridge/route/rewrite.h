/*
 * Addresses in the form the Internet side reads: user@domain, whatever they
 * were, and such that an answer finds its way back.
 *
 *	user@cwi.example           stays, octet for octet
 *	cwi.example!b!piet         b!piet@cwi.example
 *	vax43!ernie                ernie@vax43.example.com, the site having a domain
 *	vax43!far!ernie            far!ernie@vax43.example.com
 *	decvax!mcvax!piet          decvax!mcvax!piet@gw.example.com: by way of us
 *	gw!fred, fred@gw           fred@gw.example.com, an own name
 *	ernie                      of whoever sent it: ernie@vax43.example.com
 *
 * The path form needs a `!` that a default Exim does not let its own users
 * write to, so it is the last one tried; nothing else is replyable for a site
 * that has no name in DNS.
 */
#ifndef ROUTE_REWRITE_H
#define ROUTE_REWRITE_H

#include "bridge/base/buf.h"
#include "bridge/route/route.h"

/*
 * Appends the domain form of one address. `from` is the neighbour it came by
 * (NULL: ourselves): a path or a bare name that starts with nobody we know is
 * taken to start there. The null path gives "". 0; -1 with *why (static) and
 * nothing appended when it cannot be read or has no such form, or without
 * memory (out->bad).
 */
int rewrite_address(const struct route_table *t, struct span address, const char *from,
                    struct buf *out, const char **why);

/*
 * The same for an envelope's sender, told in steps (which may be NULL), and
 * never without an answer: 1, with *why, when the sender has no form that SMTP
 * can carry; then our postmaster's address is appended, so that errors come to
 * somebody. 0 otherwise, -1 without memory.
 */
int rewrite_sender(const struct route_table *t, struct span sender, const char *from,
                   struct buf *out, struct route_steps *steps, const char **why);

/*
 * The reverse direction in steps: what sender we make of that address, and
 * where an answer to it goes. 0, or -1 without memory.
 */
int rewrite_explain_answer(const struct route_table *t, struct span address, const char *from,
                           struct route_steps *steps);

/* Whether a header field's body holds addresses that are rewritten. */
bool rewrite_is_address_field(struct span name);

/*
 * Appends the body of a header field (what stands after the colon) with those
 * addresses replaced that need another form, and every other octet as it is.
 * The number of addresses replaced, or -1 with *why (static): the field cannot
 * be read, and the body is appended as it came (without memory: out->bad).
 */
int rewrite_field(const struct route_table *t, struct span body, const char *from, struct buf *out,
                  const char **why);

#endif
