/*
 * A backup under way: what is read from one spool, slice by slice, and poured
 * into the other.
 */
#ifndef SPOOL_BACKUP_INT_H
#define SPOOL_BACKUP_INT_H

#include "spool/change_int.h"

struct backup {
	struct spool *from, *to;
	struct pack slice; /* database, key, value of each record */
	spool_id newest;   /* later ones are left out */
};

int backup_pour(struct backup *b); /* writes the slice, and empties it */

#endif
