/*
 * The inside of a map, for the files of this part alone.
 *
 *   posting.c  which parts of a file are maps?
 *   scan.c     what is the next token?
 *   parse.c    what does this line declare?
 *   cost.c     what does "(HOURLY*4+LOW)" amount to?
 *   graph.c    names, nodes, links, and every declaration on them
 *   find.c     the cheapest way to every node
 *   heap.c     which node is the cheapest not yet settled?
 *   copy.c     nodes at the end of a terminal link
 *   print.c    from the tree of ways to routes in writing
 */
#ifndef MAP_MAP_INT_H
#define MAP_MAP_INT_H

#include "bridge/base/arena.h"
#include "bridge/map/map.h"

#define COST_DEFAULT 4000
#define COST_TOP     1000000000000000000 /* sums stay below, so that none overflows */

struct map_node;

/* One spelling; a private host of one file has the name that others use for theirs. */
struct map_name {
	struct map_name *next; /* in its slot of the table */
	const char *text;
	uint64_t hash;
	struct map_node *shared;  /* NULL: none, or deleted */
	struct map_node *private; /* means something while scope is the map's */
	uint64_t scope;
};

struct map_link {
	struct map_link *next; /* of the same node */
	struct map_node *to;
	int64_t cost;
	const char *file; /* where it stands */
	int line;
	char op;        /* ! : @ % */
	bool right : 1; /* user@host; else host!user */
	bool dead : 1;  /* dead links of a node stand before its others */
	bool alias : 1;
	bool gateway : 1;  /* may be used into a net that wants gateways */
	bool terminal : 1; /* leads to its end, and not on from there */
};

struct map_node {
	struct map_node *next; /* of all, in the order they were made */
	struct map_name *name;
	struct map_link *links; /* the newest first, after the dead ones */
	int64_t penalty;        /* by "adjust": what each of its links costs more */

	/* as declared */
	bool private : 1; /* or deleted: has no route in writing */
	bool dead : 1;
	bool net : 1;
	bool domain : 1; /* the name begins with a dot */
	bool unnamed : 1;
	/* while the ways are sought */
	bool terminal : 1;
	bool by_alias : 1;  /* its way's last link is an alias */
	bool has_left : 1;  /* its way has host!user in it */
	bool has_right : 1; /* and user@host */
	bool mapped : 1;    /* settled: its way is final */
	bool left_out : 1;  /* had no way when its copy had one, and gets none any more */
	uint32_t place;     /* in the heap; 0: not there */
	uint32_t hops;      /* hosts and domains on its way */
	int64_t cost;
	struct map_node *parent;   /* where its way comes from; NULL: home */
	struct map_link *via;      /* and by which link */
	struct map_node *host;     /* itself, or the nearest on its way that is no net */
	struct map_node *copies;   /* ring of nodes for the same host, see copy.c */
	struct map_node *original; /* of a copy; else itself */
	/* while routes are written */
	struct map_node *best;  /* of an original: which of the ring is the host's */
	struct map_node *first; /* the first node of its way */
	struct map_node *hop;   /* itself, or the nearest on its way that adds to the route */
	struct map_node
	    *site;            /* itself, or the nearest on its way that is neither net nor domain */
	uint32_t length;      /* of the route, "%s" left out; more than MAP_ROUTE_MAX: too long */
	uint32_t name_length; /* with the domains it is in */
	char op;              /* as written after or before it */
	bool right : 1;
	bool has_at : 1; /* the route has an @ already, or must not get one */
};

struct map {
	struct map_hooks hooks;
	bool keep_case;
	struct arena arena;
	size_t bytes;      /* taken; at most MAP_BYTES_MAX */
	uint64_t steps;    /* made; at most MAP_STEPS_MAX */
	const char *error; /* "", or why the map is given up */
	const char *file;  /* where reading is, for faults */
	int line;

	struct map_name **slots; /* nslots of them, a power of two; in the arena */
	size_t nslots, nnames;
	uint64_t scope; /* number of the file whose private hosts are in force */
	struct map_node *nodes, **last_node;
	size_t nnodes, nunnamed;
	struct map_node *home;

	struct map_node **members; /* owned: of the net that is being read */
	size_t nmembers, members_size;

	struct map_node **heap; /* owned; from 1 on */
	size_t nheap, heap_size;
};

/* ---- map.c ---- */

/* Zeroed memory of the map's; NULL, and the map is given up, when there is no more. */
void *map_take(struct map *m, size_t bytes);
/* Makes *v (n * size octets) larger when n of it are in use. 0 or -1, likewise. */
int map_grow(struct map *m, void *v, size_t n, size_t *size, size_t each);
/* One step of what could go on for ever: 0, or -1 when there were too many. */
int map_step(struct map *m);
void map_give_up(struct map *m, const char *why);
/* Tells of a fault at the place where reading is. */
void map_tell(struct map *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- posting.c ---- */

struct map_part {
	struct span text;
	int line; /* of the file, where it begins */
	bool cut; /* the archive ends in its middle */
};

struct map_posting {
	struct span rest;
	int line;
	bool archive, done;
};

void map_posting_begin(struct map_posting *p, struct span text);
bool map_posting_next(struct map_posting *p, struct map_part *part);

/* ---- scan.c ---- */

enum map_token { TOKEN_END, TOKEN_EOL, TOKEN_WORD, TOKEN_NUMBER, TOKEN_NET, TOKEN_SIGN, TOKEN_BAD };

struct map_scan {
	struct map *map;
	const char *p, *end;
	int line;
	bool costing; /* inside ( ): '-' is minus, digits are a number */
	/* the token in hand */
	enum map_token kind;
	struct span text;
	bool quoted;
	const char *why; /* TOKEN_BAD: what is wrong with it */
};

/* What a route and a paths file can carry: visible ASCII, and not too long. */
bool map_name_is_fit(struct span name);

void map_scan_begin(struct map_scan *s, struct map *m, struct span text, int line);
void map_scan_next(struct map_scan *s);
/* After the '{' of "file {": everything up to a blank or '}'. */
struct span map_scan_file(struct map_scan *s);
bool map_scan_is(const struct map_scan *s, char sign);
/* Tells what was wanted and what stands there; -1. */
int map_scan_fault(struct map_scan *s, const char *wanted);

/* ---- parse.c, cost.c ---- */

void map_parse(struct map *m, struct span text, int line);
/* An optional "(expression)"; moves on behind it. 0, or -1 after a fault. */
int map_cost(struct map_scan *s, int64_t *cost);
int64_t map_cost_add(int64_t a, int64_t b);

/* ---- graph.c: each may give the map up; then what it returns is of no use but safe ---- */

struct map_node *map_node(struct map *m, struct span name);
struct map_node *map_node_private(struct map *m, struct span name);
struct map_node *map_node_unnamed(struct map *m);
struct map_node *map_node_add(struct map *m, struct map_name *name);

struct map_link *map_link_insert(struct map *m, struct map_node *from, struct map_node *to,
                                 int64_t cost);
struct map_link *map_link_add(struct map *m, struct map_node *from, struct map_node *to,
                              int64_t cost, char op, bool right);
void map_alias(struct map *m, struct map_node *a, struct map_node *b);
void map_net(struct map *m, struct map_node *net, int64_t cost, char op, bool right);
void map_dead_link(struct map *m, struct map_node *from, struct map_node *to);
void map_delete_link(struct map *m, struct map_node *from, struct map_node *to);
void map_delete_node(struct map *m, struct map_node *n);
void map_adjust(struct map *m, struct map_node *n, int64_t cost);

static inline bool
map_is_net(const struct map_node *n) /* a net or a domain */
{
	return n->net || n->domain;
}

static inline bool
map_wants_gateway(const struct map_node *n)
{
	return n->domain || (n->net && n->dead);
}

/* ---- find.c, heap.c, copy.c, print.c ---- */

int map_find(struct map *m);

int map_heap_push(struct map *m, struct map_node *n);
void map_heap_rise(struct map *m, struct map_node *n); /* its cost is less than it was */
void map_heap_sink(struct map *m, struct map_node *n); /* and more */
struct map_node *map_heap_pop(struct map *m);          /* NULL: empty */

struct map_node *map_copy(struct map *m, const struct map_node *parent, const struct map_link *l);

long map_print(struct map *m);

#endif
