/*
 * Which way would an address go, by which rules, what else could have been
 * chosen, and does an answer come back? Nothing is sent, and nothing is looked
 * up in DNS.
 */
#include "bridge/operator/explain.h"

#include <stdlib.h>

const char *
comes_back_name(enum comes_back b)
{
	static const char *const names[] = {
	    [BACK_COMES] = "comes-back", [BACK_LOST] = "lost", [BACK_NULL] = "null"};

	return names[b];
}

const char *
comes_back_words(enum comes_back b)
{
	static const char *const words[] = {[BACK_COMES] = "an answer comes back",
	                                    [BACK_LOST] = "an answer does not come back",
	                                    [BACK_NULL] = "nothing can answer it"};

	return words[b];
}

/* Home is where the address says, unless the way there is refused. */
static void
judge(struct explained *x, bool is_home)
{
	const struct verdict *v = &x->answered.verdict;
	bool refused = x->answered.destination.n > 0 && v->outcome == OUTCOME_NEVER;

	x->comes_back = is_home && !refused ? BACK_COMES : BACK_LOST;
	if (refused)
		x->why = v->words;
	else if (is_home)
		x->why = "";
	if (x->comes_back == BACK_LOST)
		buf_clear(&x->reaches);
}

/* A letter from that address, which leaves for the Internet, and an answer to it. */
static int
find_back(const struct explain *e, struct explained *x)
{
	const struct rewrite w = {
	    .table = e->why.table, .ask = x->ask, .now_s = x->ask->now_s, .srs = e->srs};
	int got;

	x->answered.steps = &x->back;
	if (rewrite_explain_answer(&w, x->address, &x->sender, &x->answered) < 0)
		return -1;
	if (x->sender.n == 0) {
		x->comes_back = BACK_NULL;
		x->why = "it is the null sender";
		return 0;
	}
	if ((got = rewrite_round_trip(&w, x->address, &x->reaches, &x->why)) >= 0)
		judge(x, got == 1);
	return got < 0 ? -1 : 0;
}

static void
begin(struct explained *x, struct span address, const struct route_ask *ask)
{
	*x = (struct explained){.address = address, .ask = ask, .why = ""};
	x->answer.steps = &x->forth;
}

static int
find_there(const struct explain *e, struct explained *x)
{
	return route_find(e->why.table, x->address, x->ask, &x->answer);
}

static int
find_member(const struct explain *e, struct span address, struct explained *x)
{
	struct explained *member = &x->members[x->nmembers++];

	begin(member, address, &e->ourselves);
	return find_there(e, member);
}

/* Whom an alias stands for. 1, 0 when it is none, -1 without memory. */
static int
find_members(const struct explain *e, struct explained *x)
{
	struct route_expansion *alias = &x->alias;
	size_t i;

	alias->most = EXPLAIN_MEMBERS;
	if (route_expand(e->why.table, x->address, x->ask, NULL, alias) < 0)
		return -1;
	if (!alias->expanded || alias->nobody)
		return 0;
	route_expansion_free(alias);
	*alias = (struct route_expansion){.most = EXPLAIN_MEMBERS, .steps = &x->forth};
	if (route_expand(e->why.table, x->address, x->ask, NULL, alias) < 0 ||
	    (x->members = calloc(alias->n + 1, sizeof *x->members)) == NULL)
		return -1;
	for (i = 0; i < alias->n; i++)
		if (find_member(e, span_of(alias->v[i].address), x) != 0)
			return -1;
	return 1;
}

int
explain_find(const struct explain *e, struct span address, struct explained *x)
{
	int got;

	begin(x, address, &e->ask);
	if ((got = find_members(e, x)) == 0)
		got = find_there(e, x);
	return got < 0 ? -1 : find_back(e, x);
}

bool
explained_is_alias(const struct explained *x)
{
	return x->members != NULL;
}

bool
explained_is_refused(const struct explained *x)
{
	size_t i;

	for (i = 0; i < x->nmembers; i++)
		if (explained_is_refused(&x->members[i]))
			return true;
	return !explained_is_alias(x) && x->answer.verdict.outcome == OUTCOME_NEVER;
}

void
explained_free(struct explained *x)
{
	size_t i;

	for (i = 0; i < x->nmembers; i++)
		explained_free(&x->members[i]);
	free(x->members);
	route_expansion_free(&x->alias);
	route_answer_free(&x->answer);
	route_answer_free(&x->answered);
	route_steps_free(&x->forth);
	route_steps_free(&x->back);
	buf_free(&x->sender);
	buf_free(&x->reaches);
}
