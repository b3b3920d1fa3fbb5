/*
 * Whose mail is asked for? A person has the address that the Internet sees, of
 * which the queue and the journal know nothing: a mailbox of ours that stands
 * for another (route/reply.h), its token alone, or a site's domain. What was
 * written in the envelope is looked for as well.
 */
#ifndef OPERATOR_SOUGHT_H
#define OPERATOR_SOUGHT_H

#include "bridge/operator/operator.h"

struct sought {
	const char *part; /* borrowed; NULL: any address */
	struct buf path,
	    mailbox; /* what it stands for: a!b, and b@a when it has two names; or empty */
};

/* For `part` of an address, and says what it stands for to con->out but with --json. */
void sought_begin(struct console *con, const char *part, struct sought *s);
void sought_end(struct sought *s);

/* Whether text has it, ASCII letters' case alike; `line`: its value in a line of the journal. */
bool sought_in(const struct sought *s, const char *text);
bool sought_in_value(const struct sought *s, struct span value);

#endif
