/*
 * The configuration's own face: how its files share one reading.
 *
 *   config.c        where is it, is it sound, what was wrong
 *   config_key.c    how is one setting read, as its row in a table says
 *   config_unknown.c  what was meant by a name that is none
 *   config_top.c    which settings are there
 *   config_domain.c what is said of a domain of ours
 *   config_site.c   what is known of a site
 *   config_link.c   what is known of a link
 *   config_route.c  what is known of a route
 *   config_word.c   what may a name, a path, an address look like
 *   config_check.c  do the settings agree with one another
 *   config_files.c  are the files they name what they should be
 *
 * A setting is one row of a table: what it is called, what it holds, where it
 * goes, its bounds, its default as one would write it. Reading fills a struct
 * from a group by the group's table, and tells each fault with its line; it
 * never stops at the first.
 */
#ifndef BASE_CONFIG_INT_H
#define BASE_CONFIG_INT_H

#include "bridge/base/arena.h"
#include "bridge/base/config.h"

#include <libconfig.h>

struct config_file {
	struct config_file *next;
	const char *theirs; /* libconfig's name of it; NULL for the first */
	const char *name;   /* ours */
};

struct config_reader {
	struct config *out;
	struct arena *arena; /* of out */
	struct config_faults *faults;
	struct config_file *files; /* met so far, the first first */
	struct span directory;     /* of the first file; included names are relative to it */
	const config_setting_t *root;
};

enum config_type {
	KEY_TEXT,     /* const char *: "text" */
	KEY_TEXTS,    /* struct config_strings: "text" or [ "text", ... ] */
	KEY_BOOL,     /* bool: true, false */
	KEY_COUNT,    /* unsigned: a number */
	KEY_DURATION, /* unsigned: "5m", or a number of seconds */
	KEY_SIZE,     /* uint64_t: "100MB" */
	KEY_CHOICE,   /* an enum: one of some words */
	KEY_GROUP,    /* { settings of the same struct } */
	KEY_LIST,     /* one struct for each member: read by each() */
};

#define NOWHERE SIZE_MAX /* an offset: parse() puts it where it belongs */

struct config_choice {
	const char *word; /* NULL ends the list */
	int value;
};

/* Looks at a text, stores what it means; false with the reason, said after the setting's name. */
typedef bool config_parse_fn(struct config_reader *r, void *into, const char *text,
                             struct buf *why);
/* Reads one member of a list or group into its struct, which is zero. */
typedef void config_each_fn(struct config_reader *r, const config_setting_t *member, void *into);

struct config_key {
	const char *name; /* NULL ends the table */
	enum config_type type;
	size_t offset;
	uint64_t least, most;                /* of numbers; of texts, how many */
	const char *fallback;                /* as it would be written; NULL: zero, or "" */
	const char *missing;                 /* it must be set, and this is what it is for */
	config_parse_fn *parse;              /* of a text, or of each of KEY_TEXTS */
	const struct config_choice *choices; /* KEY_CHOICE */
	const struct config_key *keys;       /* KEY_GROUP, KEY_LIST: what stands inside */
	config_each_fn *each; /* KEY_LIST: of structs of `size`, counted at `count` */
	bool texts;           /* KEY_LIST: a member may be a text, its name alone */
	size_t size, count;
};

/* Rows of a table; the file that has it defines AT(member) by offsetof(). */
#define ROW_TEXT(n, m, standard, p)                                                                \
	{                                                                                          \
		.name = n, .type = KEY_TEXT, .offset = AT(m), .fallback = standard, .parse = p     \
	}
#define ROW_NEEDED(n, m, p, why)                                                                   \
	{                                                                                          \
		.name = n, .type = KEY_TEXT, .offset = AT(m), .parse = p, .missing = why           \
	}
#define ROW_PARSED(n, standard, p)                                                                 \
	{                                                                                          \
		.name = n, .type = KEY_TEXT, .offset = NOWHERE, .fallback = standard, .parse = p   \
	}
#define ROW_TEXTS(n, m, lo, hi, p)                                                                 \
	{                                                                                          \
		.name = n, .type = KEY_TEXTS, .offset = AT(m), .least = lo, .most = hi, .parse = p \
	}
#define ROW_BOOL(n, m, standard)                                                                   \
	{                                                                                          \
		.name = n, .type = KEY_BOOL, .offset = AT(m), .fallback = standard                 \
	}
#define ROW_CHOICE(n, m, standard, words)                                                          \
	{                                                                                          \
		.name = n, .type = KEY_CHOICE, .offset = AT(m), .fallback = standard,              \
		.choices = words                                                                   \
	}
#define ROW_NUMBER(t, n, m, standard, lo, hi)                                                      \
	{                                                                                          \
		.name = n, .type = t, .offset = AT(m), .fallback = standard, .least = lo,          \
		.most = hi                                                                         \
	}
#define ROW_COUNT(n, m, standard, lo, hi)    ROW_NUMBER(KEY_COUNT, n, m, standard, lo, hi)
#define ROW_DURATION(n, m, standard, lo, hi) ROW_NUMBER(KEY_DURATION, n, m, standard, lo, hi)
#define ROW_SIZE(n, m, standard, lo, hi)     ROW_NUMBER(KEY_SIZE, n, m, standard, lo, hi)

extern const struct config_key config_top_keys[], config_domain_keys[], config_site_keys[],
    config_link_keys[], config_route_keys[];
extern const struct config_choice config_reply_forms[];
extern const struct config_choice config_reroutes[];

/* ---- config.c ---- */

struct config_place config_place_of(struct config_reader *r, const config_setting_t *s);
void config_fault(struct config_reader *r, struct config_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- config_key.c ---- */

/* Fills the struct at `into` from a group as the table says; NULL: with defaults alone. */
void config_read_group(struct config_reader *r, const config_setting_t *group,
                       const struct config_key *keys, void *into);
/* A text as a fault shows it: escaped, cut. */
void config_show(struct buf *out, const char *text);

/* ---- config_unknown.c ---- */

/* Tells of a setting that the table does not have, and of the one that was meant. */
void config_unknown(struct config_reader *r, const config_setting_t *s,
                    const struct config_key *keys);

/* ---- the structs ---- */

/* A member's name: its own in a { }, its `name` in a ( ); "" and a fault when it has none. */
const char *config_member_name(struct config_reader *r, const config_setting_t *member);
config_each_fn config_domain_read;
config_each_fn config_site_read;
config_each_fn config_link_read;
config_each_fn config_route_read;

/* ---- config_word.c: a parse function for each kind of text ---- */

config_parse_fn config_word_domain;    /* "host.example" */
config_parse_fn config_word_fqdn;      /* with a dot in it */
config_parse_fn config_word_site;      /* a UUCP name */
config_parse_fn config_word_label;     /* a name of ours, of a link, of a user */
config_parse_fn config_word_address;   /* a mailbox as `postmaster` has it */
config_parse_fn config_word_user;      /* likewise, or "*" */
config_parse_fn config_word_catch_all; /* an address, or "none" */
config_parse_fn config_word_path;      /* absolute */
config_parse_fn config_word_local;     /* "maildir:PATH" */
config_parse_fn config_word_resolver;  /* ADDRESS[@PORT] */
bool config_word_maildir(const char *path, struct buf *why);
/* "HOST", "HOST:PORT", "[V6]:PORT"; *port stays when none is given. */
bool config_word_host(struct config_reader *r, const char *text, const char **host, uint16_t *port,
                      struct buf *why);

/* ---- config_check.c ---- */

void config_check(struct config_reader *r);

#endif
