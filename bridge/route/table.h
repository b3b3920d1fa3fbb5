/*
 * The inside of a route table, for the files of this part alone:
 *
 *   table.c       which names are ours, which are sites'
 *   files.c       the files that the configuration names
 *   own_front.c   our own names off the front of an address
 *   resolve.c     from a recipient's text to the first hop that is not us
 *   reply*.c      which of our own mailboxes stand for somebody else (reply_int.h)
 *   srs.c         and for senders elsewhere
 *   digest.c      that we alone can make them
 *   own.c         what is said of each of our domains
 *   own_check.c   would what is for us arrive
 *   local.c       who lives here: users, aliases, the postmaster
 *   aliases*.c    names that stand for others
 *   expand.c      whom a recipient means, all of them
 *   reroute.c     which hop of a path we go to first
 *   relay.c       who may send where
 *   rule.c        which rule speaks of a first hop
 *   reach.c       or else which path of the paths files
 *   paths*.c      paths files, and what is found in them
 *   steps.c       the way to an answer, as it is told
 *   candidate.c   what else could have been chosen, and why it was not
 *   hop.c         a rule made into a next hop
 *   form.c        the address in the form the next hop understands
 *   route.c       the answers, as they are asked for
 *   standpoint.c  from where an address in a letter is to be read
 *   rewrite*.c    senders and header fields in the other side's form
 *   round_trip.c  and whether an answer to that comes home
 *   outward*.c    the same, for a UUCP neighbour of each class
 */
#ifndef ROUTE_TABLE_H
#define ROUTE_TABLE_H

#include "bridge/addr/addr.h"
#include "bridge/route/own.h"
#include "bridge/route/paths.h"
#include "bridge/route/rewrite.h"
#include "bridge/route/route.h"

#define ROUTE_ALIAS_DEPTH 50 /* aliases that lead to aliases; check tells of deeper ones */

struct name_entry {
	const char *name; /* borrowed from the config */
	const struct config_site *site;
};

struct route_table {
	const struct config *config;
	struct route_memory memory;
	struct name_entry *names; /* owned; UUCP names and aliases, sorted without case first */
	size_t nnames;
	struct name_entry *domains; /* owned; the sites' domains, sorted without case */
	size_t ndomains;
	struct own_domain *own; /* sorted without case */
	size_t nown;
	struct own_aliases *aliases;
	bool has_user_rules;      /* some rule's `to` is user@host */
	struct arena arena;       /* what the files gave, and own.c made */
	struct route_file *files; /* owned; read so far */
	size_t nfiles;
	struct paths paths;
};

/*
 * A file that `setting` names, whole: a regular one that not everybody may
 * write, of a bounded size, without NUL. *text is the caller's to free, and the
 * table remembers which file it was, to be watched. 0, or -1 with a fault
 * (without memory perhaps none).
 */
int route_file_read(struct route_table *t, const char *name, const char *setting, struct buf *text,
                    struct config_faults *faults);

/* The same, of a file that such a file asks for, and perhaps somebody else writes. */
int route_file_include(struct route_table *t, const char *name, const char *setting,
                       struct buf *text, struct config_faults *faults);

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
	bool expanding;                       /* an alias is to stay one, and not to be refused */
	const struct alias *alias; /* the mailbox is its name, and it is to be expanded */
	struct span mailbox;       /* whose it is, of those who live here; "" nobody's */
	bool listed;               /* in the spelling of `users` */
	bool caught;               /* was to nobody, and is to whom that goes */
	struct addr stands_for; /* a mailbox of ours means it, whole; without hops: it does not */
	bool licensed; /* by us: has our tag, stands in our memory, is our catch-all. Anybody may */
	struct verdict refusal;

	/* owned; what the spans point into */
	struct buf text, cut, again, reply, reply_store, way;
};

/* 0, or -1 without memory. Free with resolved_free() in any case. */
int resolve(const struct route_table *t, struct span recipient, const struct route_ask *ask,
            struct route_steps *steps, struct resolved *out);
/* The same, but an alias is an answer: out->alias. */
int resolve_expanding(const struct route_table *t, struct span recipient,
                      const struct route_ask *ask, struct route_steps *steps, struct resolved *out);
void resolved_free(struct resolved *r);
/* Of a first hop that is not ours: RESOLVED_SITE or RESOLVED_DOMAIN, and the site, NULL none. */
void route_kind_of(const struct route_table *t, struct span host, enum resolved_kind *kind,
                   const struct config_site **site);
/* Appends the destination (route.h). */
void resolved_destination(const struct resolved *r, struct buf *out);
/* The rule whose `to` is this very address; NULL: none. */
const struct config_route *resolve_user_rule(const struct route_table *t, const struct resolved *r);

/*
 * The stages of resolve(), in this order. Each looks at r, changes what is its
 * own and says so in steps (which may be NULL).
 */
enum stage {
	STAGE_NO_MEMORY = -1,
	STAGE_REFUSED, /* r->refusal says why */
	STAGE_ON,
	STAGE_BECAME, /* of reply_resolve() alone: it is another address now */
};

/*
 * One step of own names off the front. `own`: one that counts came off before,
 * so that a % may be unfolded. *name is what came off, or what is in front now.
 */
enum own_front {
	OWN_FRONT_UNREADABLE = -1, /* there is no host behind the last %: *why */
	OWN_FRONT_DONE,            /* nothing is ours any more */
	OWN_FRONT_NAME,            /* a name of ours came off */
	OWN_FRONT_PERCENT,         /* the last % of user%host was an @ */
};
enum own_front own_front_next(const struct route_table *t, struct addr *a, bool own,
                              struct span *name, const char **why);

/* The setting that makes the name ours, "" for what always is; NULL: it is not. */
const char *route_own_setting(const struct route_table *t, struct span name);
/* Reads a text into r->addr; the spans point into text or *store. */
enum stage resolve_text(const struct route_table *t, struct resolved *r, struct span text,
                        enum addr_reading how, struct buf *store, struct route_steps *steps);
/* Own names off the front; r->host is the domain of ours that stood there last. */
enum stage resolve_own_names(const struct route_table *t, struct resolved *r,
                             struct route_steps *steps);
/* A mailbox of ours that stands for somebody else becomes that address. */
enum stage reply_resolve(const struct route_table *t, struct resolved *r,
                         const struct route_ask *ask, struct route_steps *steps);
enum stage resolve_loops(struct resolved *r, struct route_steps *steps);
/* No hop is left: is there such a mailbox, or such an alias? The postmaster becomes whoever that
 * is, and nobody becomes the catch-all. */
enum stage local_resolve(const struct route_table *t, struct resolved *r,
                         struct route_steps *steps);
/* Hops that policy leaves out. */
enum stage reroute(const struct route_table *t, struct resolved *r, const struct route_ask *ask,
                   struct route_steps *steps);
/* Who may send where. */
enum stage relay_check(const struct route_table *t, struct resolved *r, const struct route_ask *ask,
                       struct route_steps *steps);

/* What looks like a tag of ours at the mailbox's end, and is none: "=k3v7xab"; "" nothing does. */
struct span reply_path_tag(const struct route_table *t, const struct addr *a);
/* Past its first hop it may lead into a domain: where, "" when it does not. */
struct span relay_leads_out(const struct addr *a);

/* Makes it a refusal: NEVER with these words: STAGE_REFUSED, for the stage to return. */
enum stage resolve_refuse(struct resolved *r, struct route_steps *steps, int code,
                          const char *status, const char *words);

/*
 * The rule for a first hop; NULL when none fits (our own domains have the
 * built-in one then). An exact host and a site's name come first, then the
 * longest domain suffix, then site:*, then *; our own domains obey an exact
 * rule alone, so that a smart host for everything never gets what is for us.
 */
const struct config_route *route_rule(const struct route_table *t, enum resolved_kind kind,
                                      struct span host, const struct config_site *site);

/* How well the rule fits that first hop: FIT_NONE, it does not. */
struct route_worth route_rule_worth(const struct route_table *t, const struct config_route *rule,
                                    enum resolved_kind kind, struct span host,
                                    const struct config_site *site);
/* Every rule that fits, as candidates in steps (which may be NULL). */
void route_rules_considered(const struct route_table *t, const struct resolved *r,
                            struct route_steps *steps);

/* How a first hop is reached: by itself, or by a path of the paths files. */
struct route_reach {
	enum resolved_kind kind; /* of where we go first, as all up to the rule */
	struct span host;
	const struct config_site *site;
	const struct config_route *rule; /* NULL: none fits */
	const struct path *path;         /* NULL: no path is gone by */
	struct span hops;                /* of it, from us on */
	bool end; /* the path is to a domain's gateway, that is told the host too */
};

void route_reach_find(const struct route_table *t, enum resolved_kind kind, struct span host,
                      const struct config_site *site, const struct config_route *user_rule,
                      struct route_steps *steps, struct route_reach *w);
/* r becomes what is asked of the way's first hop. 0, or -1 without memory. */
int route_reach_take(const struct route_reach *w, struct resolved *r, struct route_steps *steps);

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

/* The spelling in the configuration of a domain of ours; else our first one. */
struct span route_local_domain(const struct route_table *t, struct span own_name);

/* An address of a letter as it is read from here: `before` and addr's hops are its way. */
struct standpoint {
	struct addr addr;   /* without our own names in front */
	struct span ours;   /* the last of those; "" there was none */
	struct span before; /* the neighbour that the rest is behind; "" none */
};
/* Who reads what is made, and answers it: the neighbour, or anybody. */
struct route_ask standpoint_of_reader(const struct rewrite *w);
void standpoint_find(const struct rewrite *w, const struct addr *given, struct standpoint *out);
/*
 * The whole way of it from here, its first hop spelled `first` ("" when it has
 * none); way's path is in *path, which was empty. 0, or -1 without memory.
 */
int standpoint_way(const struct standpoint *s, struct span first, struct addr *way,
                   struct buf *path);

bool route_local_fits(struct span address); /* before its @ are ADDR_LOCAL_MAX octets at most */
/* It keeps its octets on the Internet side: that reads it without help, and can answer it. 1, 0;
 * -1 without memory. */
int route_addr_stays(const struct rewrite *w, const struct addr *a, enum addr_reading how);
/*
 * The whole way of an address of a letter, as seen from us: fills out->addr and
 * what it points into. 1, 0 with *why, -1; resolved_free() in any case.
 */
int route_way(const struct rewrite *w, struct span address, struct resolved *out, const char **why);
int route_addr_to_domain(const struct rewrite *w, const struct addr *a, enum addr_reading how,
                         struct buf *out, const char **why);
/* user@cwi.example as it stands: the Internet side reads it, and answers it, without help. */
bool route_addr_is_fine(const struct route_table *t, const struct addr *a, enum addr_reading how);
/* rewrite_address() of what is parsed already. */
int route_addr_rewrite(const struct rewrite *w, const struct addr *a, enum addr_reading how,
                       struct buf *out, const char **why);

#define ROUTE_BUILT_IN ((struct config_place){"", 0})

#endif
