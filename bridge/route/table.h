/*
 * The inside of a route table, for the files of this part alone.
 */
#ifndef ROUTE_TABLE_H
#define ROUTE_TABLE_H

#include "bridge/addr/addr.h"
#include "bridge/route/route.h"

struct name_entry {
	const char *name; /* borrowed from the config */
	const struct config_site *site;
};

struct route_table {
	const struct config *config;
	struct name_entry *names; /* owned; UUCP names and aliases, sorted */
	size_t nnames;
	struct name_entry *domains; /* owned; the sites' domains, sorted without case */
	size_t ndomains;
	bool has_user_rules; /* some rule's `to` is user@host */
};

/*
 * A recipient once our own names are off its front: what the route depends on.
 */
enum resolved_kind {
	RESOLVED_LOCAL,   /* no hop is left: host is the local domain */
	RESOLVED_SITE,    /* the first hop is a site, or a name without a dot: host */
	RESOLVED_DOMAIN,  /* the first hop is a domain: host */
	RESOLVED_REFUSED, /* refusal says why */
};

struct resolved {
	enum resolved_kind kind;
	struct addr addr;               /* what is left: addr.path starts with the first hop */
	struct span host;               /* in the spelling given */
	const struct config_site *site; /* NULL: not one of ours */
	const struct config_route *user_rule; /* a rule names this very address */
	bool to_postmaster;                   /* was to the postmaster, and is to whom that is */
	struct verdict refusal;

	struct buf text, cut, again; /* owned; what the spans point into */
};

/* 0, or -1 without memory. Free with resolved_free() in any case. */
int resolve(const struct route_table *t, struct span recipient, const char *from,
            struct route_steps *steps, struct resolved *out);
void resolved_free(struct resolved *r);

/* How a!b@c of that neighbour is read. */
enum addr_reading route_reading(const struct route_table *t, const char *from);

/*
 * The rule for a first hop; NULL when none fits (our own domains have the
 * built-in one then). An exact host and a site's name come first, then the
 * longest domain suffix, then site:*, then *; our own domains obey an exact
 * rule alone, so that a smart host for everything never gets what is for us.
 */
const struct config_route *route_rule(const struct route_table *t, enum resolved_kind kind,
                                      struct span host, const struct config_site *site);

/* What all deliveries with this first hop share: fills a->hop, verdict, domain, rule, site. */
void route_hop(const struct route_table *t, enum resolved_kind kind, struct span host,
               const struct config_site *site, const struct config_route *rule,
               struct route_answer *a);
/* And what one recipient adds: a->address, path, utf8, or a refusal of its own. */
void route_form(const struct route_table *t, const struct resolved *r, struct route_answer *a);

/* Makes the answer a refusal, NEVER with these words. */
void route_refuse(struct route_answer *a, int code, const char *status, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void route_add_lower(struct buf *out, struct span s); /* ASCII letters in lower case */

/* user@cwi.example as it stands: the Internet side reads it without help. */
bool route_addr_is_fine(const struct addr *a, enum addr_reading how);
/* rewrite_address() of what is parsed already. */
int route_addr_rewrite(const struct route_table *t, const struct addr *a, const char *from,
                       enum addr_reading how, struct buf *out, const char **why);

#define ROUTE_BUILT_IN ((struct config_place){"", 0})

#endif
