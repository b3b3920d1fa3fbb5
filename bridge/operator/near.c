#include "bridge/operator/near.h"

#define WORD_MAX 24 /* longer words are nobody's slip */

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Slips between two short words, by the usual table of their beginnings. */
static unsigned
slips(struct span a, struct span b)
{
	unsigned t[WORD_MAX + 1][WORD_MAX + 1];
	unsigned change;
	size_t i, j;

	for (i = 0; i <= a.n; i++)
		t[i][0] = (unsigned)i;
	for (j = 0; j <= b.n; j++)
		t[0][j] = (unsigned)j;
	for (i = 1; i <= a.n; i++) {
		for (j = 1; j <= b.n; j++) {
			change = a.p[i - 1] != b.p[j - 1];
			t[i][j] =
			    least(t[i - 1][j - 1] + change, least(t[i - 1][j], t[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				t[i][j] = least(t[i][j], t[i - 2][j - 2] + 1);
		}
	}
	return t[a.n][b.n];
}

struct near
near_begin(struct span typed)
{
	/* one slip in three letters is a slip; more is another word */
	return (struct near){.typed = typed, .slips = (unsigned)(typed.n + 1) / 3 + 1};
}

void
near_offer(struct near *n, const char *known)
{
	struct span k = span_of(known);
	unsigned found;

	if (n->typed.n > WORD_MAX || k.n > WORD_MAX || n->typed.n == 0)
		return;
	/* "stat" for "status" is no slip but a beginning, and as good */
	found = n->typed.n > 1 && k.n > n->typed.n && memcmp(k.p, n->typed.p, n->typed.n) == 0
	            ? 1
	            : slips(n->typed, k);
	if (found < n->slips) {
		n->best = known;
		n->slips = found;
	}
}

const char *
near_best(const struct near *n)
{
	return n->best;
}
