/*
 * The operator's changes to deliveries. While a daemon runs they go through
 * it, which knows what is on the wire just now; when none does, straight to
 * the spool, held meanwhile as a daemon would hold it. Never both, and nothing
 * is changed behind a daemon's back.
 */
#ifndef OPERATOR_CHANGE_H
#define OPERATOR_CHANGE_H

#include "bridge/operator/control_client.h"
#include "bridge/operator/operator.h"

enum change_verb { CHANGE_HOLD, CHANGE_RELEASE, CHANGE_RETRY, CHANGE_DELETE };

const char *change_done(enum change_verb v); /* "held", "released", "due now", "deleted" */
const char *change_key(enum change_verb v);  /* "held", "released", "retried", "deleted" */

/* Whether it changes anything for that delivery: what is held cannot be held. */
bool change_concerns(enum change_verb v, const struct spool_delivery *d);

struct changes {
	struct console *con;
	bool by_daemon;
	struct control_client daemon;
};

struct change_item {
	spool_id id;
	uint32_t rcpt;      /* or SPOOL_ALL */
	enum ending ending; /* out */
	char words[200];    /* out: why not; "" */
};

#define CHANGE_AT_ONCE 64 /* items of one change_apply() at most */

/* Finds out which way it goes, claiming the spool if need be. ENDING_DONE, or said. */
enum ending change_begin(struct changes *c, struct console *con);
void change_end(struct changes *c); /* the claim ends with the spool */

/* Makes the changes, each item with its ending. ENDING_DONE, or the first that was not, unsaid. */
enum ending change_apply(struct changes *c, enum change_verb v, struct change_item *items,
                         size_t n);

/* A link's order: "up", "down" or "auto". ENDING_DONE, or said. */
enum ending change_link(struct changes *c, const char *link, const char *order);

#endif
