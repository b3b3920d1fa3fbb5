/*
 * Forgetting answers: tokens that were not used for longer than `reply-days`,
 * and when they take too much room some of the rest: those of long addresses
 * first, and of each kind the oldest. Somebody's four hundred paths of a
 * thousand octets shall not cost others the way home.
 *
 * A neighbour can make us remember as much as it can make us send, so the room
 * has a bound. Facts ask for no room when they are committed (letters must
 * leave a full spool, and may need a token for that): the bound is a quarter
 * of the spool's reserve, which leaves the greater part to settling.
 *
 * All tokens are walked twice: to count the octets of each age, and, if there
 * is something to remove, to remove it. Nothing is sorted or kept in order.
 */
#ifndef MESSAGE_REPLIES_TRIM_H
#define MESSAGE_REPLIES_TRIM_H

#include "bridge/message/replies.h"

/* Of one kind: of long addresses, or not. */
struct replies_trim_kind {
	uint64_t *of_age; /* owned: octets by days of age; the last: older than are kept */
	unsigned from;    /* this age and more goes */
	uint64_t left;    /* and so many octets of the age before it */
};

struct replies_trim {
	unsigned days; /* a tenth more is kept: so old may the record be of what is in use */
	uint64_t most_bytes;
	int64_t now_s;
	uint64_t removed; /* tokens, so far */
	bool crowded;     /* some of them only to make room */
	/* its own */
	bool counted;
	char after[REPLY_TOKEN + 1];
	struct replies_trim_kind kinds[2]; /* long ones, others */
	struct spool_change *change;
	unsigned seen, going; /* in this step */
};

/* What the memory may take of a spool with that reserve. */
uint64_t replies_most_bytes(uint64_t reserve_bytes);

/* With the first three set and the rest zero. 0, or -1 without memory. */
int replies_trim_begin(struct replies_trim *t);
/*
 * A bounded part of it, which commits what it removes: in the writer's thread
 * that is before what others gave the writer to commit, so a token that they
 * use again stays. 1 more is to do; 0 done; -1 the spool's failure.
 */
int replies_trim_step(struct replies_trim *t, struct spool *s);
void replies_trim_end(struct replies_trim *t);

#endif
