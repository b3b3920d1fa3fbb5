/*
 * The configuration: one file in libconfig's syntax, read whole, every setting
 * checked, every default right (DESIGN section 13; bangway.conf(5)).
 *
 * A struct config is built once and never changed; who holds it may read it
 * from any thread. Every list is in the file's order. Strings are owned by the
 * config, never NULL ("" when not given) unless said. Every rule that an
 * answer can be blamed on carries the file and line that gave it.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "bridge/base/arena.h"
#include "bridge/base/buf.h"
#include "bridge/base/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_place {
	const char *file; /* borrowed from the config, or from the faults */
	int line;         /* 1..; 0: built in */
};

struct config_strings {
	const char **v;
	size_t n;
};

/* RFC 976 section 2.5 */
enum site_class {
	SITE_OLD,    /* class 1: bang paths only (the default) */
	SITE_NEW,    /* class 2: user@domain too */
	SITE_DOMAIN, /* class 3: domain!user and routing as well */
};

/* How a!b@c is read from a UUCP neighbour. */
enum mixed {
	MIXED_DOMAIN_FIRST, /* (a!b)@c, RFC 822 and 976: the default */
	MIXED_BANG_FIRST,   /* a!(b@c) */
};

/* How a path is written for the Internet side (bridge/route/reply.h). */
enum reply_form {
	REPLY_FORM_UNSET, /* of a site: as for all others; at the top: token */
	REPLY_FORM_TOKEN,
	REPLY_FORM_SITE,
	REPLY_FORM_PATH,
};

/* Which hop of a path is gone to first (bangway.conf(5), REROUTING). */
enum reroute_policy {
	REROUTE_UNSET,       /* of a site: as all others */
	REROUTE_NONE,        /* the first: the default */
	REROUTE_LAST_DOMAIN, /* the last that is a full domain */
	REROUTE_PATHS,       /* the last that a paths file or `sites` knows */
};

struct config_site {
	struct config_place place;
	const char *name;              /* the UUCP name; case counts */
	const char *domain;            /* "" when it has none */
	struct config_strings aliases; /* other UUCP names of it */
	enum site_class class;
	enum mixed mixed;
	enum reroute_policy reroute; /* of what it sends; REROUTE_UNSET: the configuration's */
	bool relay; /* may send through us to anywhere; default true for a configured site */
	enum reply_form reply_form; /* of paths that begin with it */
};

/*
 * What is said of a domain of ours. Lists that it does not say have v = NULL,
 * texts are "": the settings at the top count then.
 */
struct config_domain {
	struct config_place place;
	const char *name;
	struct config_strings users;   /* who has a mailbox; "*" among them: everybody */
	struct config_strings aliases; /* files */
	const char *catch_all;         /* who gets what is for nobody; "none": nobody */
	const char *postmaster;
	const char *local;
};

enum link_evidence { LINK_ALWAYS, LINK_MANUAL, LINK_TCP };

struct config_link {
	struct config_place place;
	const char *name;
	enum link_evidence evidence; /* up-when = "always" | "manual" | "tcp:HOST:PORT" */
	const char *probe_host;      /* LINK_TCP */
	uint16_t probe_port;
	unsigned probe_every_s;   /* default 60 */
	unsigned probe_timeout_s; /* default 10 */
};

/* "smtp:HOST[:PORT]", "mx", "maildir:PATH", "uucp", "reject:WORDS" */
enum hop_kind { HOP_SMTP, HOP_MX, HOP_MAILDIR, HOP_UUCP, HOP_REJECT };

enum tls_mode {
	TLS_OFF,
	TLS_OPPORTUNISTIC, /* the default: encrypt when offered, do not verify */
	TLS_VERIFY,        /* encrypt and verify the name, or LATER */
};

/* One smart host. */
struct config_host {
	const char *host; /* a name, an IPv4 address, or an IPv6 address without brackets */
	uint16_t port;    /* default 25; 465 when tls is implicit */
};

struct config_route {
	struct config_place place;
	const char *to;    /* "*", "host.example", ".example", "user@host", "site:*", "site:NAME" */
	enum hop_kind hop; /* next-hop */
	struct config_host hosts[4]; /* HOP_SMTP: next-hop, then fallback in order */
	size_t nhosts;
	const char *path;  /* HOP_MAILDIR: a path with %u (the user) and %d (the domain) */
	const char *words; /* HOP_REJECT: what the sender is told */
	struct config_strings links; /* names; empty: any link that is up, or none needed */
	enum tls_mode tls;
	bool tls_implicit;           /* tls-implicit, by default so on port 465 */
	const char *ca_file;         /* "" : the system's store */
	const char *auth_file;       /* auth = a file "user:password", mode 0600; "" none */
	const char *auth_mechanisms; /* "" : what the server and we know, strongest first */
	bool auth_plain_in_clear;    /* never a password in clear unless told */
	unsigned connections;        /* sessions at once to this next hop; default 2 */
	bool srs; /* senders that are not ours leave in SRS form; default true for HOP_MX */
};

/* A setting at the top of the file that is there. */
struct config_setting_at {
	const char *name;
	struct config_place place;
};

struct config {
	struct config_strings files; /* every file read, the first first */
	struct config_setting_at *settings;
	size_t nsettings;
	const char *hostname;
	struct config_strings uucp_names; /* ours; the first is the one we say */
	struct config_strings domains;    /* delivered here */
	struct config_domain *own;        /* what is said of each of them; NULL: nothing */
	struct config_strings users;      /* local users; v NULL: any */
	struct config_strings aliases;    /* files of the /etc/aliases form */
	const char *catch_all;            /* "" none */
	const char *local;                /* next hop of our own domains: "maildir:PATH" or "" */
	const char *postmaster;
	enum reply_form reply_form;
	unsigned reply_days; /* how long our reply forms are good; default 180 */
	const char *secret;  /* a file with the key of our reply forms; "": the spool has one */

	struct config_site *sites;
	size_t nsites;
	struct config_link *links;
	size_t nlinks;
	struct config_route *routes;
	size_t nroutes;
	struct network *relay_clients; /* SMTP clients who may send through us to anywhere */
	size_t nrelay_clients;
	struct config_strings paths; /* files of routes, the first first */
	enum reroute_policy reroute;
	struct config_strings resolvers; /* "ADDRESS" or "ADDRESS@PORT"; empty: the system's */

	struct {
		const char *directory;
		uint64_t limit_bytes; /* stored bytes; 0: only the disk's reserve bounds it */
		uint64_t reserve_bytes;
		uint64_t message_bytes; /* largest message; default 100 MB, at most 2 GiB */
		unsigned lock_wait_s;
		unsigned journal_days;
		uint64_t journal_bytes;
		unsigned quarantine_days;
		uint64_t quarantine_bytes;
		unsigned job_days;
	} spool;

	struct {
		unsigned recipients; /* of one message */
		unsigned hops;       /* Received fields */
		unsigned passages;   /* how often a letter may have been here before */
		uint64_t header_bytes;
		unsigned batch_ratio;   /* decompressed to compressed */
		uint64_t batch_bytes;   /* decompressed, whole */
		uint64_t decoder_bytes; /* memory of the decompressing child */
	} limit;

	struct {
		unsigned backoff_min_s;       /* first wait after a LATER; default 300 */
		unsigned backoff_max_s;       /* default 14400 */
		unsigned lifetime_s;          /* of chance; default 5 days */
		unsigned lifetime_absolute_s; /* by the calendar; default 60 days */
		unsigned warn_after_s;        /* delay notice; 0 none; default 24 h */
	} retry;

	const char *uucp_user;      /* whose UU_MACHINE is believed; default "uucp" */
	const char *control_socket; /* default: `control` in the spool's directory */
	bool log_syslog;            /* bangwayd's log goes to syslog rather than to stderr */
};

/* One fault found: the file, the line (0 when it has none), what is wrong and what to do. */
struct config_fault {
	struct config_place place;
	bool warning; /* of a line that is left out; all else is in force */
	char words[300];
};

struct config_faults {
	struct config_fault *v; /* owned; at most 100 are kept, 50 of them warnings; 0 when memory
	                           failed */
	size_t n;
	struct arena names; /* of the files: faults outlive the config */
};

/*
 * Where the configuration is: the -C argument if given (not NULL), else
 * BANGWAY_CONFIG unless the program is set-uid, else the built-in place.
 */
const char *config_path(const char *from_option);

/*
 * Reads and checks the whole file. 0 with *out owned by the caller, or -1 with
 * at least one fault. All faults of a file are found in one reading.
 */
int config_load(const char *path, struct config **out, struct config_faults *faults);
void config_free(struct config *c);
void config_faults_free(struct config_faults *f);

/*
 * For those who read the files that the configuration names: a fault, and what
 * is only a warning. The place's file is copied.
 */
void config_faults_add(struct config_faults *f, struct config_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void config_faults_warn(struct config_faults *f, struct config_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The first that is no warning; NULL when there is none. */
const struct config_fault *config_faults_first(const struct config_faults *f);

/* Where that setting of the top is; line 0 when it is not given. */
struct config_place config_place(const struct config *c, const char *name);

/* What it says of the spool, for spool_open() and its like. Borrows from c. */
struct spool_options;
void config_spool_options(const struct config *c, struct spool_options *o);

/*
 * Looks at the files that a sound configuration names: secrets that others may
 * read, certificates that are not there. For `bangway check` and the daemon's
 * start; the doors have no time for it. 0, or -1 with the faults.
 */
int config_check_files(const struct config *c, struct config_faults *faults);

/*
 * Every setting by its whole name ("spool.limit", "routes.to"), with its
 * default as one would write it ("" : none). For the manual's test and for
 * completion.
 */
typedef void config_key_fn(void *arg, const char *name, const char *fallback);
void config_keys(config_key_fn *each, void *arg);

/* "FILE:LINE: words" as a person expects it, one fault. */
void config_fault_text(const struct config_fault *f, struct buf *out);

#endif
