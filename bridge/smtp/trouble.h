/*
 * What a reply means for the letter, by the stage at which it was heard: the
 * one place where (stage, reply) becomes (outcome, scope).
 */
#ifndef SMTP_TROUBLE_H
#define SMTP_TROUBLE_H

#include "bridge/base/verdict.h"
#include "bridge/smtp/reply.h"

enum stage {
	STAGE_GREETING,
	STAGE_HELLO,
	STAGE_TLS,
	STAGE_AUTH,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_TEXT,    /* the final dot */
	STAGE_BETWEEN, /* RSET, QUIT, or no command at all */
};

/* Always fills v; SENT only for a 2yz at STAGE_RCPT (accepted) and STAGE_TEXT. */
void trouble_verdict(enum stage at, const struct reply *r, struct verdict *v);

/* 452, or 552 as RFC 821 had it: too many recipients, the rest in another transaction. */
bool trouble_too_many(const struct reply *r);

#endif
