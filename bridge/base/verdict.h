/*
 * How one attempt ended for one delivery: three outcomes, and the words.
 * The same value drives the schedule, the notice, the log and the exit code.
 */
#ifndef BASE_VERDICT_H
#define BASE_VERDICT_H

#include <stdbool.h>

enum outcome {
	OUTCOME_SENT,  /* the next hop has it, and said so */
	OUTCOME_LATER, /* it may go another time */
	OUTCOME_NEVER, /* it will not go this way: the sender is told */
};

/* What a failure speaks of. A wider scope leaves narrower things uncharged. */
enum scope {
	SCOPE_DELIVERY, /* this recipient */
	SCOPE_MESSAGE,  /* this message, whatever the recipient */
	SCOPE_SESSION,  /* this connection: nothing is said of any message */
	SCOPE_HOST,     /* this next hop, for a while */
	SCOPE_LINK,     /* the way there */
};

#define VERDICT_WORDS 512

struct verdict {
	enum outcome outcome;
	enum scope scope;
	bool in_doubt;   /* LATER, and yet the next hop may have it: cut after the final dot */
	int code;        /* SMTP reply code, 0 when none was heard */
	char status[12]; /* enhanced status, RFC 3463: "5.1.1"; "" when unknown */
	char words[VERDICT_WORDS]; /* the reply or our reason; escaped where shown */
};

const char *outcome_name(enum outcome o); /* "sent", "later", "never" */
const char *scope_name(enum scope s);

/* Fills v; the words are cut to fit, at a character, never NULL. */
void verdict_set(struct verdict *v, enum outcome o, enum scope s, int code, const char *status,
                 const char *fmt, ...) __attribute__((format(printf, 6, 7)));

#endif
