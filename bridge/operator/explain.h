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
	struct route_answer answer;  /* where it goes */
	struct route_steps forth;
	/* a letter from there, and an answer to it */
	struct buf sender; /* what of that address is made; "" the null sender */
	struct route_steps back;
	struct buf reaches; /* BACK_COMES: whom the answer reaches, as a path from us */
	enum comes_back comes_back;
	const char *why; /* static; "" when it comes back */
};

struct explain {
	struct console *con;
	struct why why; /* the table, and what a daemon says of the links */
	struct route_ask ask;
};

/* Finds out. 0, or -1 without memory; free it in any case. */
int explain_find(struct explain *e, struct span address, struct explained *x);
void explained_free(struct explained *x);

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
