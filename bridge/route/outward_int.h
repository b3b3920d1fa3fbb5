/* Between the files of outward.h alone. */
#ifndef ROUTE_OUTWARD_INT_H
#define ROUTE_OUTWARD_INT_H

#include "bridge/route/outward.h"
#include "bridge/route/table.h"

/* The whole way of an address from here. */
struct outward_way {
	struct addr addr;      /* its path is in `path`; no hops: of our domain `ours` */
	struct span first;     /* the first hop's name, "" none */
	struct span ours;      /* of a mailbox here: its domain */
	struct buf path, user; /* owned */
};

/* Free with outward_way_free() in any case. 0, or -1 without memory. */
int outward_way_find(const struct rewrite *w, const struct addr *given, struct outward_way *way);
/* 0 when it can be written with `!`, as itself or as a token now; -1 with *why. */
int outward_way_make_plain(const struct rewrite *w, struct outward_way *way, const char **why);
void outward_way_free(struct outward_way *way);

/* What keeps a mailbox out of a path, NULL nothing; soft: it may go, where there is no token. */
const char *outward_user_fault(const struct addr *a, bool *soft);

#endif
