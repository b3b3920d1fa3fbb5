/*
 * A recipient that is an alias: its members get the letter in its place.
 *
 * All of them or none. An alias whose members do not fit into what one letter
 * may have (limits.recipients, what the spool holds of one letter, one message
 * for each owner of a list) goes back to the sender under its own name, which
 * is the only one he knows. But by then its members count as seen, and whoever
 * of them is written after it as well would be taken for served. So nothing
 * after it is taken either: it is returned with the alias, and nobody misses
 * the letter without a word.
 *
 * Whoever is met twice, as a member of two aliases or beside one, is one
 * delivery, by the first way that led to him. An alias of which everybody was
 * seen before is served, and says nothing.
 *
 * What the sender asked to be told (RFC 3461 5.2.7) ends at a list: its members
 * are the business of its owner, who sends them the letter, and the sender is
 * told "delivered". A single member of an alias inherits all of it. Of several
 * the sender is told "expanded", and of each only what is no success: he asked
 * of one recipient and is to hear of success once.
 */
#include "bridge/intake/envelope_int.h"

#include <string.h>

/* What the sender asked for, as a member has it. */
static struct recipient_attrs
attrs_of_member(const struct recipient_attrs *asked, struct span alias,
                const struct route_member *m, bool single)
{
	struct recipient_attrs a = *asked;

	a.alias = alias;
	if (m->owner != NULL) {
		a.notify = 0;
		a.orcpt = SPAN("");
	} else if (!single && (a.notify & DSN_SUCCESS) != 0) {
		a.notify &= ~(unsigned)DSN_SUCCESS;
		if (a.notify == 0)
			a.notify = DSN_NEVER;
	}
	return a;
}

/* The journal's word on those members of the alias that the message goes to. */
static void
say_expanded(struct envelope *e, struct draft *d, struct span alias, const struct buf *members,
             unsigned n)
{
	size_t before = d->story.n;

	event_line(&d->story, EVENT_EXPANDED, event_span("to", alias),
	           event_span("as", buf_view(members)), event_number("recipients", n),
	           event_text("owner", d->owner));
	buf_ch(&d->story, '\n');
	e->octets += d->story.n - before;
}

static bool
is_from(const struct route_member *m, const struct draft *d)
{
	return m->owner == NULL ? d->owner == NULL
	                        : d->owner != NULL && strcmp(m->owner, d->owner) == 0;
}

/* Those members that are sent the letter by the draft's sender. */
static int
deliver_from(struct envelope *e, struct draft *d, struct span alias,
             const struct recipient_attrs *asked, const struct route_expansion *x)
{
	struct recipient_attrs attrs;
	struct buf members = {0};
	unsigned n = 0;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < x->n; i++) {
		if (!is_from(&x->v[i], d))
			continue;
		attrs = attrs_of_member(asked, alias, &x->v[i], x->reached == 1);
		rc = envelope_member(e, d, &x->v[i], &attrs);
		if (members.n < ENVELOPE_SHOWN)
			buf_fmt(&members, "%s%s", n > 0 ? ", " : "", x->v[i].address);
		n++;
	}
	if (n > 0)
		say_expanded(e, d, alias, &members, n);
	rc = members.bad || d->story.bad ? -1 : rc;
	buf_free(&members);
	return rc;
}

/* Owners that are new, each once; more than DRAFTS_MAX are not told apart. */
static size_t
new_owners(const struct drafts *d, const struct route_expansion *x)
{
	const char *known[DRAFTS_MAX + 1];
	size_t i, k, had = 0, n;

	for (i = 1; i < d->n; i++)
		known[had++] = d->v[i].owner;
	for (i = 0, n = had; i < x->n && n <= DRAFTS_MAX; i++) {
		if (x->v[i].owner == NULL)
			continue;
		for (k = 0; k < n && strcmp(known[k], x->v[i].owner) != 0;)
			k++;
		if (k == n)
			known[n++] = x->v[i].owner;
	}
	return n - had;
}

/* Room for all of it: members, octets, and a message for each owner that is new. */
static bool
fits(const struct envelope *e, const struct drafts *d, struct span alias,
     const struct recipient_attrs *asked, const struct route_expansion *x)
{
	size_t i, octets = e->octets;

	for (i = 0; i < x->n; i++)
		octets += strlen(x->v[i].address) + strlen(x->v[i].destination) + alias.n +
		          asked->orcpt.n + 16;
	return !x->too_many && octets < ENVELOPE_OCTETS && new_owners(d, x) <= drafts_room(d);
}

int
envelope_alias(struct envelope *e, struct drafts *d, struct span alias,
               const struct recipient_attrs *asked, const struct route_expansion *x)
{
	size_t i;

	if (!fits(e, d, alias, asked, x)) {
		e->full = true;
		return envelope_excess(e, alias);
	}
	for (i = 0; i < x->n; i++)
		if (drafts_from(d, x->v[i].owner) == NULL)
			return -1;
	for (i = 0; i < d->n; i++)
		if (deliver_from(e, &d->v[i], alias, asked, x) != 0)
			return -1;
	if (x->n > 0 && (asked->notify & DSN_SUCCESS) != 0) {
		if (x->v[0].owner != NULL)
			return envelope_name(&e->listed, alias);
		if (x->reached > 1)
			return envelope_name(&e->expanded, alias);
	}
	return 0;
}
