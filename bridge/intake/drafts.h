/*
 * The messages that one letter becomes: its own, from its sender, and one for
 * each owner of a list among its recipients, since an envelope has one sender.
 * All have the same content, which goes to each of them as it comes: none is
 * held in memory, and they are one change.
 */
#ifndef INTAKE_DRAFTS_H
#define INTAKE_DRAFTS_H

#include "bridge/base/buf.h"
#include "spool/spool.h"

#define DRAFTS_OWNERS_MAX 20 /* each is the whole letter once more on the disk */
#define DRAFTS_MAX        (1 + DRAFTS_OWNERS_MAX)

struct draft {
	char *owner;               /* owned; NULL: from the letter's own sender */
	struct spool_draft *spool; /* owned until given away; NULL then */
	struct buf story; /* owned; what its journal says of aliases: lines with an LF each */
};

struct drafts {
	struct spool *spool;
	struct draft v[DRAFTS_MAX]; /* the first is the letter's own */
	size_t n;
};

/* With the letter's own alone. 0, or -1 without memory; drafts_free() in any case. */
int drafts_begin(struct drafts *d, struct spool *s);
/*
 * The one from that owner (NULL: the letter's own); made when it is the first
 * time, which is before any content. NULL: no memory, or as many as there may be.
 */
struct draft *drafts_from(struct drafts *d, const char *owner);
/* How many more owners there may be. */
size_t drafts_room(const struct drafts *d);
/* Content to the end of each of them: 0, or -1, the spool's failure. Then they are of no use. */
int drafts_write(struct drafts *d, struct span octets);
/* Those that were not given away are dropped. */
void drafts_free(struct drafts *d);

#endif
