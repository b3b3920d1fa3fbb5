/*
 * Tokens become durable before the letters that have them leave: a letter with
 * a token that nobody knows could not be answered. The tokens of a whole batch
 * are one job of the writer, as long as they are not very many; they need not
 * be durable together, and a change has its bounds.
 */
#ifndef SCHEDULE_TOKEN_KEEP_H
#define SCHEDULE_TOKEN_KEEP_H

#include "bridge/base/buf.h"
#include "bridge/schedule/writer.h"

struct token_keep {
	struct writer_job job; /* first */
	struct buf tokens;     /* owned: what replies_missing() found */
	/* In the loop, once: all of them are durable, or they are not. */
	void (*done)(struct token_keep *k, struct writer_result result);
	/* its own */
	struct writer *writer;
	size_t through; /* octets of tokens that are durable */
	size_t taken;   /* and of those that the job under way takes */
	int64_t now_s;
};

void token_keep_start(struct token_keep *k, struct writer *w);
void token_keep_free(struct token_keep *k); /* not while it is under way */

#endif
