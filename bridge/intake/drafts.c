#include "bridge/intake/drafts.h"

#include <stdlib.h>
#include <string.h>

static struct draft *
add(struct drafts *d, const char *owner)
{
	struct draft *new = &d->v[d->n];

	*new = (struct draft){0};
	if (owner != NULL && (new->owner = strdup(owner)) == NULL)
		return NULL;
	if ((new->spool = spool_draft_new(d->spool)) == NULL) {
		free(new->owner);
		return NULL;
	}
	d->n++;
	return new;
}

int
drafts_begin(struct drafts *d, struct spool *s)
{
	*d = (struct drafts){.spool = s};
	return add(d, NULL) != NULL ? 0 : -1;
}

struct draft *
drafts_from(struct drafts *d, const char *owner)
{
	size_t i;

	if (owner == NULL)
		return &d->v[0];
	for (i = 1; i < d->n; i++)
		if (strcmp(d->v[i].owner, owner) == 0)
			return &d->v[i];
	return d->n < DRAFTS_MAX ? add(d, owner) : NULL;
}

size_t
drafts_room(const struct drafts *d)
{
	return DRAFTS_MAX - d->n;
}

int
drafts_write(struct drafts *d, struct span octets)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (spool_draft_write(d->v[i].spool, octets.p, octets.n) != 0)
			return -1;
	return 0;
}

void
drafts_free(struct drafts *d)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		free(d->v[i].owner);
		spool_draft_free(d->v[i].spool);
		buf_free(&d->v[i].story);
	}
	d->n = 0;
}
