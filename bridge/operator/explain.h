/*
 * What `bangway route` has found out about one address, and the three ways to
 * show it: to a person, to a program, as a graph. All show the same.
 */
#ifndef OPERATOR_EXPLAIN_H
#define OPERATOR_EXPLAIN_H

#include "bridge/operator/why.h"
#include "bridge/route/rewrite.h"

/* Does an answer reach the one who wrote? */
enum comes_back {
	BACK_COMES,
	BACK_LOST,
	BACK_NULL, /* there is no sender whom one could answer */
};

struct explained {
	struct span address;         /* borrowed */
	const struct route_ask *ask; /* borrowed: who sends to it */
	struct route_steps forth;
	struct route_answer answer; /* where it goes; of an alias nothing */

	/* An alias stands for its members, each with a way of its own. */
	struct route_expansion alias;
	struct explained *members; /* owned */
	size_t nmembers;

	/* a letter from there, and an answer to it; nothing of a member */
	struct buf sender; /* what of that address is made; "" the null sender */
	struct route_steps back;
	struct route_answer answered; /* where the answer goes; no destination: not by us */
	struct buf reaches; /* BACK_COMES: whom the answer reaches, as a whole path from us */
	enum comes_back comes_back;
	const char *why; /* borrowed; "" when it comes back */
};

struct explain {
	struct console *con;
	struct why why; /* the table, and what a daemon says of the links */
	struct route_ask ask, ourselves;
	bool srs; /* what leaves here for the Internet has senders of ours */
};

#define EXPLAIN_MEMBERS 1000 /* of an alias; that there are more is told */

/* Finds out. 0, or -1 without memory; free it in any case. */
int explain_find(const struct explain *e, struct span address, struct explained *x);
void explained_free(struct explained *x);
bool explained_is_alias(const struct explained *x);
bool explained_is_refused(const struct explained *x); /* or one of its members is */

const char *comes_back_name(enum comes_back b);  /* "comes-back", "lost", "null" */
const char *comes_back_words(enum comes_back b); /* as a sentence */

/* ---- the three ways; each appends, or answers a value that is the caller's ---- */

void explain_text(const struct explain *e, const struct explained *x, struct buf *out);
json_t *explain_json(const struct explain *e, const struct explained *x);

/* Graphviz's language: one graph, a cluster for each address, by its number from 0. */
void explain_dot_begin(struct buf *out);
void explain_dot(const struct explain *e, const struct explained *x, unsigned number,
                 struct buf *out);
void explain_dot_end(struct buf *out);

#endif
