/*
 * Would what is for us arrive? Every name that the configuration or a file of
 * aliases gives is put to the same stages as a letter's recipient, so what is
 * found here is what a letter would meet.
 */
#include "bridge/route/table.h"

#include <stdio.h>
#include <strings.h>

struct check {
	const struct route_table *t;
	struct config_faults *faults;
	const char *told; /* the postmaster that cannot be reached: he may be of many domains */
};

static const struct route_ask ourselves;

#define ASKED_FIRST 8 /* members: of most aliases one of these is reached */

/* The best of what becomes of a letter for so many of those that the address means, 0 for all. */
static enum outcome
ask_some(const struct check *c, struct span address, size_t most, bool *more,
         char words[VERDICT_WORDS])
{
	struct route_expansion x = {.most = most};
	struct route_answer a = {0};
	enum outcome best = OUTCOME_NEVER;
	size_t i;

	words[0] = '\0';
	if (route_expand(c->t, address, &ourselves, NULL, &x) != 0)
		best = OUTCOME_SENT; /* no memory: nothing is known */
	*more = x.too_many;
	for (i = 0; i < x.n && best != OUTCOME_SENT; i++) {
		if (route_find(c->t, span_of(x.v[i].address), &ourselves, &a) != 0)
			break;
		if (i == 0 || a.verdict.outcome != OUTCOME_NEVER) {
			best = a.verdict.outcome;
			snprintf(words, VERDICT_WORDS, "%s", a.verdict.words);
		}
	}
	route_answer_free(&a);
	route_expansion_free(&x);
	return best;
}

/*
 * What becomes of a letter to that address. Lists stand in lists: if each alias
 * were expanded whole, a file of them would take the square of its time.
 */
static enum outcome
ask(const struct check *c, struct span address, char words[VERDICT_WORDS])
{
	bool more;
	enum outcome best = ask_some(c, address, ASKED_FIRST, &more, words);

	return best != OUTCOME_SENT && more ? ask_some(c, address, 0, &more, words) : best;
}

static bool
arrives(const struct check *c, struct span address, char words[VERDICT_WORDS])
{
	return ask(c, address, words) != OUTCOME_NEVER;
}

/* ---- domains ---- */

/* RFC 5321 4.5.1: each domain has one. */
static void
check_postmaster(struct check *c, const struct own_domain *d)
{
	char words[VERDICT_WORDS];
	struct buf address = {0};
	enum outcome o;

	buf_fmt(&address, "postmaster@%s", d->name);
	o = ask(c, buf_view(&address), words);
	if (o != OUTCOME_SENT && c->told != d->postmaster.text) {
		if (o == OUTCOME_LATER)
			config_faults_warn(c->faults, d->postmaster.place,
			                   "the postmaster %s of %s has to wait for his mail: %s",
			                   d->postmaster.text, d->name, words);
		else
			config_faults_add(c->faults, d->postmaster.place,
			                  "the postmaster %s of %s cannot be reached: %s",
			                  d->postmaster.text, d->name, words);
		c->told = d->postmaster.text;
	}
	buf_free(&address);
}

static void
check_domain(struct check *c, const struct own_domain *d)
{
	char words[VERDICT_WORDS];

	check_postmaster(c, d);
	if (d->catch_all.text[0] != '\0' && !arrives(c, span_of(d->catch_all.text), words))
		config_faults_add(c->faults, d->catch_all.place,
		                  "the catch-all %s of %s cannot be reached: %s", d->catch_all.text,
		                  d->name, words);
}

/* ---- aliases ---- */

static void
alias_address(const struct alias *alias, const struct own_domain *d, struct buf *out)
{
	const struct addr a = {.user = span_of(alias->name), .path = span_of(d->name), .hops = 1};

	addr_print_domain(&a, out);
}

static void
check_program(const struct check *c, const struct alias *alias, const struct alias_member *m)
{
	config_faults_add(c->faults, m->place,
	                  "the alias %s names %s %.100s: %s here, and mail for it is returned",
	                  alias->name, m->kind == ALIAS_PROGRAM ? "the program" : "the file",
	                  m->text, m->kind == ALIAS_PROGRAM ? "none is run" : "none is written");
}

static void
check_member(const struct check *c, const struct own_domain *d, const struct alias *alias,
             const struct alias_member *m)
{
	char words[VERDICT_WORDS];
	struct buf address = {0};

	if (m->kind == ALIAS_PROGRAM || m->kind == ALIAS_FILE) {
		check_program(c, alias, m);
		return;
	}
	if (m->kind == ALIAS_MAILBOX && own_user(d, span_of(m->text)).n == 0 && !d->users->any) {
		config_faults_warn(c->faults, m->place,
		                   "the alias %s names the mailbox %s, and %s has no such user",
		                   alias->name, m->text, d->name);
		return;
	}
	if (m->kind == ALIAS_MAILBOX)
		return;
	buf_str(&address, m->text);
	if (strpbrk(m->text, "@!%") == NULL)
		buf_fmt(&address, "@%s", d->name);
	if (!arrives(c, buf_view(&address), words))
		config_faults_warn(c->faults, m->place,
		                   "the alias %s has a member that cannot be reached, %.100s: %s",
		                   alias->name, m->text, words);
	buf_free(&address);
}

/* What there is to say of all its members at once: true. */
static bool
check_nobody(const struct check *c, const struct own_domain *d, const struct alias *alias)
{
	struct route_expansion x = {.most = 1}; /* one is somebody */
	struct buf address = {0};
	bool nobody;

	alias_address(alias, d, &address);
	nobody = route_expand(c->t, buf_view(&address), &ourselves, NULL, &x) == 0 && x.nobody;
	/* of these there is a warning already: by route_check_circles(), and where it was read */
	if (nobody && !x.circular && alias->n > 0)
		config_faults_warn(c->faults, alias->place, "the alias %s leads to nobody: %s",
		                   alias->name, route_expansion_why(&x));
	route_expansion_free(&x);
	buf_free(&address);
	return nobody;
}

static void
check_alias(const struct check *c, const struct own_aliases *set, const struct alias *alias)
{
	const struct own_domain *d = own_find(c->t, span_of(set->domain));
	size_t i;

	if (!check_nobody(c, d, alias))
		for (i = alias->first; i < alias->first + alias->n; i++)
			check_member(c, d, alias, &set->aliases.members[i]);
	if (own_user(d, span_of(alias->name)).n > 0 && !alias->mailbox)
		config_faults_warn(
		    c->faults, alias->place,
		    "the alias %s takes all mail of the user of that name; with \\%s "
		    "among its members he has it too",
		    alias->name, alias->name);
	if ((strcasecmp(alias->name, "postmaster") == 0 ||
	     strcasecmp(alias->name, "mailer-daemon") == 0) &&
	    strncasecmp(d->postmaster.text, "postmaster@", 11) != 0)
		config_faults_warn(c->faults, alias->place,
		                   "the alias %s is never asked: `postmaster` says who that is, %s",
		                   alias->name, d->postmaster.text);
}

void
route_check_own(const struct route_table *t, struct config_faults *faults)
{
	struct check c = {.t = t, .faults = faults};
	const struct own_aliases *set;
	size_t i;

	for (i = 0; i < t->nown; i++)
		check_domain(&c, &t->own[i]);
	for (set = t->aliases; set != NULL; set = set->next)
		for (i = 0; i < set->aliases.n; i++)
			check_alias(&c, set, &set->aliases.v[i]);
	route_check_circles(t, faults);
}

/* Of each alias once, however many lead to it: in the time that it takes to read them. */
void
route_check_circles(const struct route_table *t, struct config_faults *faults)
{
	const struct own_aliases *set;
	struct seen seen = {0};
	struct buf address = {0};
	size_t i;

	for (set = t->aliases; set != NULL; set = set->next)
		for (i = 0; i < set->aliases.n; i++) {
			struct route_expansion x = {.faults = faults};

			buf_clear(&address);
			alias_address(&set->aliases.v[i], own_find(t, span_of(set->domain)),
			              &address);
			route_expand(t, buf_view(&address), &ourselves, &seen, &x);
			route_expansion_free(&x);
		}
	seen_free(&seen);
	buf_free(&address);
}
