/*
 * Addresses in the form the Internet side reads: user@domain, whatever they
 * were, and such that an answer finds its way back.
 *
 *	user@cwi.example           stays, octet for octet
 *	vax43!ernie                ernie@vax43.example.com, the site having a domain
 *	gw!fred, fred@gw           fred@gw.example.com, an own name
 *	ernie                      of whoever sent it: ernie@vax43.example.com
 *	decvax!mcvax!piet          a mailbox of ours that stands for it (reply.h)
 *	vax43!far!ernie            likewise
 *	cwi.example!b!piet         likewise: who is asked by UUCP may know no SMTP
 *
 * Without a key nothing can stand for another, and the last three are bare
 * paths: decvax!mcvax!piet@gw.example.com, far!ernie@vax43.example.com.
 */
#ifndef ROUTE_REWRITE_H
#define ROUTE_REWRITE_H

#include "bridge/base/buf.h"
#include "bridge/route/route.h"

/*
 * For whom, and from whom. A path or a bare name that starts with nobody we
 * know is taken to start at the neighbour who brought it.
 */
struct rewrite {
	const struct route_table *table;
	const struct route_ask *ask;  /* who brought the letter */
	const struct config_site *to; /* the UUCP neighbour it is for; NULL: the Internet side */
	int64_t now_s;                /* of sending: the date in what is made */
	bool srs; /* a sender's domain must be ours: rewrite_sender() alone regards it */
	/*
	 * The tokens that stand in what was made: to be durable before it leaves
	 * (reply.h reads them). NULL: nothing leaves.
	 */
	struct buf *tokens;
};

/*
 * In all of these *why is static, and set only where it is said to be: a
 * success leaves there what was there.
 *
 * Appends the form of one address that the other side reads. The null path
 * gives "". 0; -1 with *why and nothing appended when it cannot be
 * read or has no such form, or without memory (out->bad).
 */
int rewrite_address(const struct rewrite *w, struct span address, struct buf *out,
                    const char **why);

/*
 * The same for an envelope's sender, told in steps (which may be NULL), and
 * never without an answer: 1, with *why, when the sender has no form that SMTP
 * can carry; then our postmaster's address is appended, so that errors come to
 * somebody. 0 otherwise, -1 without memory.
 */
int rewrite_sender(const struct rewrite *w, struct span sender, struct buf *out,
                   struct route_steps *steps, const char **why);

/*
 * The reverse direction in steps: a letter from that address, its sender as we
 * write it (appended to *sender) and in which form, and where a stranger's
 * answer to it goes. *answer has that (its steps are the steps), with an empty
 * destination when the answer does not go by us or is for an alias. 0, or -1
 * without memory.
 */
int rewrite_explain_answer(const struct rewrite *w, struct span address, struct buf *sender,
                           struct route_answer *answer);

/*
 * Would an answer to what we make of that address come home? 1: *answer_goes_to
 * has the address it reaches, as a path from us. 0: it would not, *why says
 * why, and nothing is appended. -1 without memory.
 */
int rewrite_round_trip(const struct rewrite *w, struct span address, struct buf *answer_goes_to,
                       const char **why);

/* Whether a header field's body holds addresses that are rewritten. */
bool rewrite_is_address_field(struct span name);

/*
 * Appends the body of a header field (what stands after the colon) with those
 * addresses replaced that need another form, and every other octet as it is.
 * The number of addresses replaced, with *why when one that needs another form
 * has none and stays. -1 with *why: the field cannot be read, and the body is
 * appended as it came (without memory: out->bad).
 */
int rewrite_field(const struct rewrite *w, struct span body, struct buf *out, const char **why);

#endif
