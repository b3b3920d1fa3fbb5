/*
 * Names that stand for others, in the form of /etc/aliases:
 *
 *	# who reads what
 *	postmaster:   piet
 *	staff:        piet, ernie@vax43.example.com,
 *	              decvax!mcvax!jim
 *	piet:         \piet, piet@home.example
 *	ship-list:    :include:/etc/bangway/ship.list
 *	owner-ship-list: piet
 *
 * A line that begins with a blank goes on with the one before; one whose first
 * character is # is none. Names have no regard to case, and may stand in
 * quotes. Pure: the files are the caller's to read, and so are included ones.
 */
#ifndef ROUTE_ALIASES_H
#define ROUTE_ALIASES_H

#include "bridge/base/buf.h"
#include "bridge/base/config.h"

#include <stdbool.h>
#include <stddef.h>

#define ALIAS_MEMBERS_MAX  16000 /* of one alias, included files and all */
#define ALIAS_INCLUDES_MAX 1000  /* files that one file asks for */
#define ALIAS_NESTING_MAX  8     /* of files that include files */

enum alias_kind {
	ALIAS_ADDRESS, /* anything that may be an alias again */
	ALIAS_MAILBOX, /* \name: the mailbox here, whatever alias has its name */
	ALIAS_PROGRAM, /* |command: never run */
	ALIAS_FILE,    /* /path: never written */
};

struct alias_member {
	enum alias_kind kind;
	const char *text; /* of a mailbox without the backslash; as written else, without quotes */
	struct config_place place;
};

struct alias {
	const char *name; /* as written, without quotes */
	struct config_place place;
	size_t first, n; /* of the members */
	bool mailbox;    /* some member is the mailbox of this name */
};

struct aliases {
	struct alias *v; /* owned; by name, once indexed */
	size_t n, size;
	struct alias_member *members; /* owned */
	size_t nmembers, members_size;
	struct arena arena; /* of the texts */
	bool bad;           /* memory failed */
};

/* Reads a file that is included, whole. 0, or -1 with a fault. */
typedef int alias_open_fn(void *arg, const char *path, struct config_place from, struct buf *text);

struct alias_source {
	const char *file; /* its name: lives as long as the aliases */
	alias_open_fn *open;
	void *arg;
	struct config_faults *faults; /* lines left out, as warnings */
};

/*
 * Adds what a file says; a line or a member that cannot be understood is left
 * out with a warning. 0, or -1: without memory, or an included file cannot be
 * read.
 */
int aliases_read(struct aliases *a, const struct alias_source *from, struct span text);

/*
 * Puts them in order, to be found; once, when all are read. Of two of the same
 * name the first counts, and the second is a warning. `ours` says whether
 * name@host is the name here.
 */
typedef bool alias_ours_fn(void *arg, struct span host);
int aliases_index(struct aliases *a, alias_ours_fn *ours, void *arg, struct config_faults *faults);

/* NULL: none of that name. */
const struct alias *aliases_find(const struct aliases *a, struct span name);
void aliases_free(struct aliases *a);

#endif
