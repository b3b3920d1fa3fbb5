/*
 * UUCP maps: from files in which thousands of sites wrote down whom they call
 * and what that costs, to the cheapest route from one host to every other.
 *
 * The language and its meaning are those of pathalias (P. Honeyman and S.
 * Bellovin, "Pathalias, or: The Care and Feeding of Relative Addresses",
 * USENIX Summer 1986, and its manual page); bangway(8) lists where we differ.
 *
 * Pure: text comes in as spans, routes and faults go out by calls. Maps come
 * from strangers, so everything has a bound: a name, a route, the memory taken
 * and the steps made. At the last two the map is given up, in words.
 */
#ifndef MAP_MAP_H
#define MAP_MAP_H

#include "bridge/base/buf.h"

#include <stdint.h>

#define MAP_NAME_MAX  255                 /* octets of a host, net or domain */
#define MAP_ROUTE_MAX 1024                /* octets of a route */
#define MAP_BYTES_MAX ((size_t)128 << 20) /* what one struct map may take */
#define MAP_STEPS_MAX 200000000           /* where it could be made to go on and on */
#define MAP_DEAD      100000000           /* costs from here on: by a way of last resort */

struct map;

struct map_fault {
	const char *file;  /* as map_read() was told, or as a "file {name}" of the map says */
	int line;          /* 1.. */
	const char *words; /* may have text of the map in it: escape it */
};

struct map_route {
	const char *host;   /* or a domain: ".edu" */
	const char *route;  /* for printf: "decvax!mcvax!%s"; a % of its own is "%%" */
	int64_t cost;       /* of the whole route */
	int64_t first_cost; /* of its first hop */
	const char *file;   /* where the link stands that leads to it; "" to ourselves */
	int line;
};

/* Whom to tell. Text is borrowed for the time of the call. */
struct map_hooks {
	void (*fault)(void *arg, const struct map_fault *fault);
	void (*route)(void *arg, const struct map_route *route);
	void (*unreached)(void *arg, const char *host); /* no way there at all */
	void *arg;
};

/*
 * An empty map, seen from host `from`. Names are compared without regard to
 * case, and given in lower case, unless keep_case. NULL: no memory, or `from`
 * is no name of a host.
 */
struct map *map_new(struct span from, bool keep_case, const struct map_hooks *hooks);
void map_free(struct map *m);

/*
 * Reads one file: a map, or a posting with maps in a shell archive. Lines that
 * are not understood are told as faults and left out. 0, or -1 when the map is
 * given up: map_error() says why, and nothing more can be done with it.
 */
int map_read(struct map *m, const char *file, struct span text); /* the name is kept: borrowed */

/*
 * After the last map_read(), once: calls hooks->route for every host and
 * domain in the order of their names (as octets), hooks->unreached for those
 * without a route. The number of routes, or -1 as above.
 */
long map_routes(struct map *m);

const char *map_error(const struct map *m); /* "" when there is none */

#endif
