/* What the files of a batch share. */
#ifndef INTAKE_BATCH_INT_H
#define INTAKE_BATCH_INT_H

#include "bridge/intake/batch.h"
#include "bridge/intake/bsmtp.h"
#include "bridge/intake/envelope.h"
#include "bridge/intake/job.h"
#include "bridge/intake/pieces.h"
#include "bridge/intake/taking.h"
#include "bridge/intake/unpack.h"

struct batch {
	struct intake *in;
	char *const *arguments;
	struct job job;
	struct source source;
	struct unpack unpack;
	struct bsmtp bsmtp;
	struct spool_change *change;
	struct pieces pieces;
	enum ending ending; /* not DONE: the spool failed, stop */

	/* the transaction under way */
	bool open;
	const char *spoilt; /* why it cannot become a message */
	struct taking taking;
	struct envelope envelope;
	struct message_attrs attrs;
	struct buf envid, orcpt;

	uint64_t messages, recipients, refused, aside;
	const char *compression; /* static */
	uint64_t unpacked;
	struct buf flags, line;
};

/* ---- batch_message.c: transactions become messages of the change ---- */

bsmtp_handler batch_event;        /* arg: the struct batch */
void batch_drop(struct batch *b); /* the transaction under way, if any */

#endif
