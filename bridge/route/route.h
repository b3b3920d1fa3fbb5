/*
 * Where a recipient goes: sites, domains and routes of the configuration,
 * asked with one address, answered with a next hop and the reasons for it.
 *
 * Pure but for route_table_read(), which reads files, and route_file_changed(),
 * which looks at them: no I/O, no clock. A table is built once and may be asked
 * from any thread. A recipient is looked at twice. When it is accepted,
 * route_expand() says whom it means and, of each of them, what decides the
 * route: the destination, a short text that the spool groups deliveries by.
 * When it is to be sent, route_find() says everything: routing is done again
 * from the recipient's own text, so a queue follows the tables of the day.
 *
 * The destinations:
 *	local:DOMAIN	ends here
 *	site:NAME	the first hop is a site we know, or a name without a dot
 *	domain:HOST	the first hop is a domain, in lower case
 *	user:USER@HOST	a rule names this very address
 *	refused:	no hop may have it; route_find() says why
 */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include "bridge/addr/addr.h"
#include "bridge/base/buf.h"
#include "bridge/base/config.h"
#include "bridge/base/seen.h"
#include "bridge/base/verdict.h"
#include "bridge/route/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct route_table;
struct route_steps;

/* Made from a configuration, which must outlive it. NULL: out of memory. */
struct route_table *route_table_new(const struct config *c);
void route_table_free(struct route_table *t); /* NULL is allowed */
const struct config *route_table_config(const struct route_table *t);

enum route_files {
	ROUTE_ALIASES = 1,
	ROUTE_PATHS = 2,
	ROUTE_FILES = ROUTE_ALIASES | ROUTE_PATHS,
};

/*
 * Reads those of the files that the configuration names, once, before the
 * table is asked anything. 0, perhaps with warnings of lines left out; -1 with
 * at least one fault that is none: the table is without that file. Without
 * memory there may be no fault at all.
 */
int route_table_read(struct route_table *t, unsigned files, struct config_faults *faults);
/* Those on which a recipient's destination depends: what a door must have read. */
unsigned route_files_to_accept(const struct config *c);

/* A file that a table was made from, and which one of that name it was. */
struct route_file {
	const char *name;   /* borrowed from the table */
	const char *target; /* likewise: with the symbolic links of the name followed */
	uint64_t device, inode, size;
	int64_t written_ns, changed_ns;
};

size_t route_table_files(const struct route_table *t, const struct route_file **files);
/*
 * Whether those that were read are what they were, and were not written to in
 * the last second: else somebody may be at it, and half of one was read.
 */
bool route_files_rest(const struct route_table *t);
/* Looks at it again: whether it is another one now, or was written to; *f becomes what it is. */
bool route_file_changed(struct route_file *f);

/*
 * The site that a hop means: of that UUCP name or alias, or of that domain;
 * else the one whose name differs in case alone, since maps are written in
 * lower case. NULL: none, or two.
 */
const struct config_site *route_site(const struct route_table *t, struct span name);
/* Who a neighbour is, and may do: the case of a UUCP name counts, of a domain it does not. */
const struct config_site *route_site_exact(const struct route_table *t, struct span name);
/* A name of ours: UUCP name, hostname, domain, "localhost". Case does not count. */
bool route_is_ours(const struct route_table *t, struct span name);
/* The domain our own users' addresses have: the first of `domains`, else the hostname. */
const char *route_our_domain(const struct route_table *t);

/*
 * Who brought a message, and when: what may be asked of us depends on both.
 * All zero is ourselves, who may send anywhere; relay.c has the rules for all
 * others. Text is borrowed.
 */
struct route_ask {
	const char *site;   /* the UUCP neighbour, by uuxqt's word; NULL: none */
	const char *client; /* an SMTP client: its address, "192.0.2.1", or words that are no
	                       address and that refusals name it by; NULL: none */
	int64_t now_s;      /* when it was accepted: tags expire */
};

/* May send through us to anywhere: is no stranger. */
bool route_may_relay(const struct route_table *t, const struct route_ask *ask);
/*
 * Whether a notice may go to the sender that a letter has by his word who
 * brought it: not to where a stranger could not send himself, or a letter to
 * nobody here with another's address would do it for him. user@domain is
 * anybody's to write, and whoever brought it may be asked to hand it back.
 * 1, 0; -1 without memory.
 */
int route_may_notify(const struct route_table *t, struct span sender, const struct route_ask *ask);

/* A client of whom we know nothing: he may do what everybody may. */
#define ROUTE_STRANGER(now)                                                                        \
	{                                                                                          \
		.client = "a stranger", .now_s = (now)                                             \
	}

/*
 * What the tables cannot know by themselves, because it is kept in the spool:
 * the key of our tags and tokens, and what the tokens stand for. Without it no
 * tag is made or believed.
 */
struct route_memory {
	bool keyed;
	uint8_t key[DIGEST_KEY];
	/* Appends the address a token stands for. 1; 0 it is none of ours; -1 not to be had now.
	 * Called from any thread. */
	int (*token)(void *arg, struct span token, struct buf *address);
	void *arg;
};

/* Before the table is asked anything; copied. */
void route_table_remember(struct route_table *t, const struct route_memory *m);
bool route_table_keyed(const struct route_table *t); /* was told a key */

/* How a!b@c is read in what he brought: his `mixed`. */
enum addr_reading route_reading(const struct route_table *t, const struct route_ask *ask);

/*
 * Appends the destination of a recipient as it stands, no alias expanded: for
 * tests, which compare routes by it. Never fails but for memory (out->bad):
 * what cannot be routed has a destination too, "refused:".
 */
void route_destination(const struct route_table *t, struct span recipient,
                       const struct route_ask *ask, struct buf *out);

/* One of those whom a recipient means: a delivery. */
struct route_member {
	const char *address;     /* as the delivery has it */
	const char *destination; /* see above; "refused:" is returned with its reason */
	const char *owner;       /* of the list it is in, who sends it the letter; NULL: none */
};

/* Zero it, set what is marked as asked for, free it with route_expansion_free(). */
struct route_expansion {
	size_t most;                  /* asked for: members; 0: any number */
	struct route_steps *steps;    /* asked for: borrowed, may be NULL */
	struct config_faults *faults; /* asked for: each circle is a warning; may be NULL */

	struct route_member *v; /* owned */
	size_t n;               /* 0 with none of the below: each of them was seen before */
	size_t reached;         /* with those that were seen before */
	bool expanded;          /* the recipient is an alias; else it is the one member itself */
	const char *alias;      /* its name; "" when it is none */
	bool too_many;          /* more than `most`: v is not all of them */
	bool nobody;            /* it leads to nobody: the recipient itself is v[0], refused */
	const char *circle;     /* aliases that lead to themselves and were cut there, in words;
	                           NULL: none */
	bool circular;          /* the recipient's own is one of these */
	const char *empty;      /* the first without a member, in words; NULL: none */

	size_t size;
	struct arena texts;
};

/*
 * Whom an accepted recipient means: aliases are expanded, now and not again
 * when it is sent. Each member once, and none that `seen` (which may be NULL)
 * has: so it is for several recipients of one letter. Members of an alias are
 * to be asked about as from ourselves (route_find() with a route_ask that has
 * the time alone). 0, or -1 without memory.
 */
int route_expand(const struct route_table *t, struct span recipient, const struct route_ask *ask,
                 struct seen *seen, struct route_expansion *out);
const char *route_expansion_why(const struct route_expansion *x); /* it leads to nobody */
void route_expansion_free(struct route_expansion *x);

/*
 * For `bangway check`, when the files are read: whether the postmaster and the
 * catch-all of each domain, and the members of each alias, can be reached, and
 * which aliases are not what they look like. Faults and warnings.
 */
void route_check_own(const struct route_table *t, struct config_faults *faults);
/* For whoever reads the files for long: a warning for each circle of aliases. */
void route_check_circles(const struct route_table *t, struct config_faults *faults);

/* One step of the way to an answer, as `bangway route` shows it. */
struct route_step {
	char *words;               /* owned */
	struct config_place place; /* the setting that gave it; line 0: built in */
};

/*
 * What could have given the next hop, from the worst to the best: the best is
 * chosen, the longer of two ends of a name, the first of equals.
 */
enum route_fit {
	FIT_NONE,
	FIT_PATHS_SITE, /* an entry of the paths files, for a site of ours */
	FIT_OTHERS,     /* to = "*" */
	FIT_SITES,      /* to = "site:*" */
	FIT_OURS,       /* `local`, of our own domains */
	FIT_PATHS_END,  /* an entry of the paths files, for others: .edu */
	FIT_PATHS_HOST, /* likewise: the host itself */
	FIT_END,        /* to = ".example" */
	FIT_HOST,       /* to = "host.example", or "site:NAME" */
	FIT_USER,       /* to = "user@host.example" */
};

struct route_worth {
	enum route_fit fit;
	size_t length; /* octets of the name's end that fit; 0 for all others */
};

/* A rule, or an entry of a paths file, that fits. */
struct route_candidate {
	char *words;               /* owned */
	struct config_place place; /* line 0: built in */
	struct route_worth worth;
	unsigned choice; /* candidates of one choice stand together */
	size_t after;    /* steps that were told before it */
};

#define ROUTE_STEPS 1000 /* more are counted only: no way is that long */

/* Zero it before its first use. */
struct route_steps {
	struct route_step *v; /* owned */
	size_t n, size;
	size_t lost; /* steps that are not there: above ROUTE_STEPS, or no memory */
	struct route_candidate *candidates; /* owned; in the order they were found */
	size_t ncandidates, candidates_size;
	unsigned choices;
	struct buf hosts; /* owned; for whom each choice was, NUL behind each */
};

void route_steps_free(struct route_steps *s);
/* The next step. s may be NULL. */
void route_step(struct route_steps *s, struct config_place place, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Another choice begins: a path leads to a host, for which there are rules again. */
void route_choice(struct route_steps *s, struct span host); /* s may be NULL */
/* For which host the nth choice was, from 1 on; "" when it is not known. */
const char *route_choice_host(const struct route_steps *s, unsigned n);
/* One more that fits, of this choice. s may be NULL. */
void route_candidate(struct route_steps *s, struct config_place place, struct route_worth worth,
                     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
bool route_worth_more(struct route_worth a, struct route_worth b); /* a before b */
/* Whether c is the one that its choice fell on. */
bool route_candidate_chosen(const struct route_steps *s, const struct route_candidate *c);
/* Why it is chosen, or why another is; static. */
const char *route_candidate_why(const struct route_steps *s, const struct route_candidate *c);

/*
 * An answer. Zero it, point `steps` at a struct route_steps if they are
 * wanted; free what it owns with route_answer_free(), which leaves the steps.
 */
struct route_answer {
	struct route_steps *steps; /* borrowed, may be NULL */

	enum hop_kind hop;
	const struct config_route *rule; /* borrowed from the config; NULL: built in, or no rule */
	struct buf destination;          /* of today: when it is another than the delivery has, the
	                                    delivery is redirected */
	/*
	 * HOP_REJECT: NEVER, and why. HOP_UUCP: LATER with scope HOST, because this
	 * version does not carry mail to a UUCP neighbour. Otherwise SENT, no words:
	 * nothing stands in the way.
	 */
	struct verdict verdict;
	struct buf domain; /* HOP_MX: whose MX records; HOP_MAILDIR: the local domain */
	const struct config_site *site; /* the neighbour, when the first hop is one we know */
	int64_t cost; /* of the way there, by the paths files; -1: they do not say, or were not
	                 needed */

	/* of one recipient: empty in the answer for a whole destination */
	struct buf address; /* in the form the next hop understands */
	struct buf path;    /* HOP_MAILDIR: the directory, %u and %d put in */
	size_t path_fixed;  /* octets of it that are the same for all: a directory; not made here */
	bool utf8;          /* the address needs SMTPUTF8 */
	struct buf
	    stands_for; /* a mailbox of ours that means another: that one, as a path from us */
};

/* The whole answer for one recipient. 0, or -1 without memory. */
int route_find(const struct route_table *t, struct span recipient, const struct route_ask *ask,
               struct route_answer *out);

/* Paths that nothing can go by: nobody here knows their first hop. */
struct route_astray {
	size_t n;
	struct config_place place; /* of the first of them, as all below */
	struct span host;          /* borrowed from the table */
	struct verdict verdict;
};

/* 0, or -1 without memory. */
int route_paths_astray(const struct route_table *t, struct route_astray *out);

/*
 * The answer for a whole destination: what the schedule works with. With
 * HOP_REJECT each delivery has words of its own, from route_find(). 0, or -1
 * without memory.
 */
int route_of_destination(const struct route_table *t, struct span destination,
                         struct route_answer *out);
void route_answer_free(struct route_answer *a);

/*
 * What logs, status and reasons call the next hop: "smtp:HOST:PORT,HOST:PORT",
 * "mx:DOMAIN", "maildir", "uucp:SITE", "reject". Appends.
 */
void route_hop_name(const struct route_answer *a, struct span destination, struct buf *out);

#endif
