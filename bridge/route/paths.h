/*
 * Paths files, as pathalias writes them and mailers of the 1980s read them: for
 * each host the route there, and for some domains the gateway.
 *
 *	mcvax	decvax!mcvax!%s
 *	.edu	ucbvax!%s
 *	mcvax	decvax!mcvax!%s	5200	and with its cost, on either side
 *	mcvax	decvax!mcvax!%s	# d.nld.1:12	and the line of the map it is from
 *
 * %s stands for what is left of the address once that host is reached. Where
 * @ and % stand in a route it is read as pathalias makes it: the nearest host
 * is the first before a !, then the last behind an @ or %. So each route is a
 * list of hops, and is kept as one.
 */
#ifndef ROUTE_PATHS_H
#define ROUTE_PATHS_H

#include "bridge/base/arena.h"
#include "bridge/base/config.h"

#include <stdint.h>

#define PATHS_LINE_MAX   4096
#define PATHS_HOPS_MAX   64                 /* of a route */
#define PATHS_BYTES_MAX  ((size_t)64 << 20) /* of all files */
#define PATHS_ROUTES_MAX 1000000
#define PATHS_FILES_MAX  16 /* as the configuration lets */

struct path {
	uint64_t key;      /* the first octets of the host, for a quick comparison */
	struct span host;  /* in the spelling of the file; ".edu": all in that domain */
	struct span route; /* as the file has it */
	struct span hops;  /* joined by '!'; "": ourselves */
	int64_t cost;      /* -1: none is given */
	struct span from;  /* "d.nld.1:12", of a comment behind it; "" none */
	struct config_place place;
	uint32_t order; /* among all lines of all files */
};

struct paths {
	struct path *v; /* owned; by host, without regard to case */
	size_t n, size;
	struct buf texts[PATHS_FILES_MAX]; /* owned; what the spans point into */
	size_t ntexts, bytes;
};

struct route_table;

/* The files that `paths` names, of which the first to have a host has it. 0, or -1 with faults. */
int paths_read(struct route_table *t, struct config_faults *faults);
void paths_free(struct paths *p);

/*
 * The path to a host by its name. Case counts where a name has no dot, unless
 * the files have only one that differs in nothing else: maps were made into
 * paths in lower case. NULL: none.
 */
const struct path *paths_host(const struct paths *p, struct span host);
/*
 * The path to the gateway of the smallest domain that a domain name is in, or
 * is itself. NULL: none.
 */
const struct path *paths_end(const struct paths *p, struct span host);

/*
 * Reads one line into all but key, place and order; its spans point into the line, or
 * into `store` for a route that is not written with ! alone. 1; 0: nothing is
 * in it; -1: it is not understood, with *why (static).
 */
int paths_line(struct span line, struct arena *store, struct path *out, const char **why);

#endif
