/*
 * Which alias has that name? When all files are read they are put in order,
 * the second of a name is left out, and it is marked which of them are the
 * name of a mailbox too: \piet among the members of any alias, or piet among
 * his own.
 */
#include "bridge/route/aliases.h"

#include <stdlib.h>
#include <strings.h>

static int
compare(const void *x, const void *y)
{
	const struct alias *a = x, *b = y;
	int by_name = strcasecmp(a->name, b->name);

	/* the order of reading, which the members have too */
	return by_name != 0 ? by_name : a->first < b->first ? -1 : a->first > b->first;
}

/* Two of one name: the first stays. */
static void
drop_seconds(struct aliases *a, struct config_faults *faults)
{
	size_t i, kept = 0;

	for (i = 0; i < a->n; i++) {
		const struct alias *before = kept > 0 ? &a->v[kept - 1] : NULL;

		if (before != NULL && strcasecmp(before->name, a->v[i].name) == 0)
			config_faults_warn(faults, a->v[i].place,
			                   "the alias %s is there already, in line %d of %s: this "
			                   "one is left out",
			                   a->v[i].name, before->place.line, before->place.file);
		else
			a->v[kept++] = a->v[i];
	}
	a->n = kept;
}

/* name@host of ours, in the alias of that name, is the mailbox: nothing else is left to be meant.
 */
static bool
is_itself(const struct alias *alias, const struct alias_member *m, alias_ours_fn *ours, void *arg)
{
	struct span rest = span_of(m->text), name;

	if (m->kind != ALIAS_ADDRESS)
		return false;
	name = span_cut(&rest, '@');
	return span_is_nocase(name, alias->name) && (name.n == strlen(m->text) || ours(arg, rest));
}

int
aliases_index(struct aliases *a, alias_ours_fn *ours, void *arg, struct config_faults *faults)
{
	struct alias *meant;
	size_t i, k;

	if (a->n > 1)
		qsort(a->v, a->n, sizeof *a->v, compare);
	drop_seconds(a, faults);
	for (i = 0; i < a->n; i++)
		for (k = a->v[i].first; k < a->v[i].first + a->v[i].n; k++) {
			struct alias_member *m = &a->members[k];

			if (is_itself(&a->v[i], m, ours, arg)) {
				m->kind = ALIAS_MAILBOX;
				m->text = a->v[i].name;
			}
			if (m->kind != ALIAS_MAILBOX)
				continue;
			meant = (struct alias *)aliases_find(a, span_of(m->text));
			if (meant != NULL)
				meant->mailbox = true;
		}
	return a->bad || a->arena.bad ? -1 : 0;
}

const struct alias *
aliases_find(const struct aliases *a, struct span name)
{
	size_t low = 0, high = a != NULL ? a->n : 0, middle;

	while (low < high) {
		int d;

		middle = low + (high - low) / 2;
		d = span_order_nocase(name, a->v[middle].name);
		if (d == 0)
			return &a->v[middle];
		if (d < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void
aliases_free(struct aliases *a)
{
	free(a->v);
	free(a->members);
	arena_free(&a->arena);
	*a = (struct aliases){0};
}
