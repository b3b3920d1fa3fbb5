/*
 * The inside of the resolver: resolve.c asks, resolve_order.c makes answers of
 * what is heard, resolve_self.c leaves us out of them.
 */
#ifndef NET_RESOLVE_INT_H
#define NET_RESOLVE_INT_H

#include "bridge/net/resolve.h"

#include <stdbool.h>
#include <sys/queue.h>
#include <unbound.h>

#define TYPE_A    1
#define TYPE_MX   15
#define TYPE_AAAA 28

struct resolve_context { /* one libunbound context */
	struct ub_ctx *ub;
	uv_poll_t poll;
	unsigned lookups; /* open in it */
	bool retired, closing;
};

struct resolver {
	uv_loop_t *loop;
	char **servers; /* owned */
	size_t nservers;
	const char *hosts;               /* "/etc/hosts"; another in tests */
	unsigned timeout_ms;             /* RESOLVE_TIMEOUT_S, shorter in tests */
	struct resolve_context *context; /* NULL until one is wanted */
	struct resolve_query *queries;
	TAILQ_HEAD(, resolve_lookup) waiting;
	unsigned lookups; /* open, in all contexts */
};

enum lookup_ending {
	LOOKUP_LATER,   /* no answer, SERVFAIL, bogus: it cannot be said now */
	LOOKUP_NO_NAME, /* NXDOMAIN */
	LOOKUP_NO_DATA, /* the name is there, without records of this type */
	LOOKUP_DATA,
};

struct resolve_lookup {
	TAILQ_ENTRY(resolve_lookup) of_resolver;
	struct resolve_query *query;
	struct resolve_context *context;
	unsigned host;
	const char *name; /* in the query */
	int type, id;
	bool waiting, open;
	enum lookup_ending ending;
};

struct resolve_host {
	char name[RESOLVE_NAME];
	uint16_t preference;
	uint32_t lot; /* drawn: the order among equals */
};

struct resolve_found {
	unsigned host; /* its index */
	struct sockaddr_storage addr;
};

struct resolve_query {
	struct resolver *resolver;
	struct resolve_query *next, **at;
	uv_timer_t timer;
	resolve_done *done;
	void *owner;
	const struct resolve_self *self;
	char name[RESOLVE_NAME];
	bool mx;       /* the MX are asked for, and not yet known */
	bool implicit; /* there was none: the domain itself */
	bool nobody;   /* RFC 7505 */
	bool looped;   /* we are among the MX */
	bool at_once, left;
	unsigned pending; /* lookups open */

	struct resolve_lookup lookups[1 + 2 * RESOLVE_HOSTS];
	unsigned nlookups;
	struct resolve_host hosts[RESOLVE_HOSTS];
	unsigned nhosts;
	struct resolve_found found[RESOLVE_ADDRESSES];
	unsigned nfound;
};

/* resolve.c */
void lookup_ask(struct resolve_query *q, unsigned host, const char *name, int type);
void query_answer(struct resolve_query *q, const struct resolve_answer *a);
void query_fail(struct resolve_query *q, enum outcome o, const char *status, const char *words);

/* resolve_order.c */
void resolve_name(const char *name, char out[RESOLVE_NAME]); /* without brackets, final dot */
bool query_is_known(struct resolve_query *q);                /* a literal, or localhost */
void query_ask_host(struct resolve_query *q);
void query_ask_mx(struct resolve_query *q);
void query_go_on(struct resolve_query *q); /* all that was asked is answered */
void lookup_take(struct resolve_lookup *l, const struct ub_result *result);
bool resolve_literal(const char *text, struct sockaddr_storage *a); /* false: it is none */

/* resolve_self.c: leaves out hosts, or addresses, from our own preference on */
void query_cut_at_our_name(struct resolve_query *q);
void query_cut_at_our_address(struct resolve_query *q);

#endif
