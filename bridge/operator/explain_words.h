/*
 * What the text, the graph and the JSON of an explanation share. Each function
 * appends its words, with the place in [FILE:LINE] where there is one, and
 * nothing where there is nothing to tell. Not escaped.
 */
#ifndef OPERATOR_EXPLAIN_WORDS_H
#define OPERATOR_EXPLAIN_WORDS_H

#include "bridge/operator/explain.h"

#define EXPLAIN_BACK "a letter from there, and an answer to it"

void explain_step(const struct route_step *s, struct buf *out);
void explain_lost(const struct route_steps *s, struct buf *out); /* "and 3 more, ..." */
void explain_candidate(const struct route_steps *s, const struct route_candidate *c,
                       struct buf *out);
void explain_asker(const struct explain *e, struct buf *out);     /* nothing of ourselves */
void explain_members(const struct explained *x, struct buf *out); /* how many */
void explain_verdict(const struct explained *x, struct buf *out);

/* Of the links that may carry it the one after `link` (NULL: the first), or NULL. */
const struct config_link *explain_next_link(const struct explain *e, const struct route_answer *a,
                                            const struct config_link *link);

/* A next hop, row by row; the label of each link is EXPLAIN_LINK. */
#define EXPLAIN_LINK "link"
typedef void explain_row(void *arg, const char *label, struct span text);
void explain_hop(const struct explain *e, const struct route_answer *a, explain_row *row,
                 void *arg);

#endif
