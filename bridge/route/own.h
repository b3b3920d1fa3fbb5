/*
 * Our own domains, each with what it says and what it leaves to the settings
 * at the top: for the files of this part alone.
 */
#ifndef ROUTE_OWN_H
#define ROUTE_OWN_H

#include "bridge/route/aliases.h"
#include "bridge/route/route.h"

struct own_users {
	const char **v; /* sorted without case */
	size_t n;
	bool any;                  /* everybody has a mailbox */
	struct config_place place; /* of the list: the domain's own, or the one at the top */
};

/* A setting's value, and where it was given. */
struct own_text {
	const char *text; /* "" none */
	struct config_place place;
};

/* Domains that name the same files share what is in them. */
struct own_aliases {
	struct own_aliases *next;
	struct config_strings files; /* borrowed from the config */
	const char *domain;          /* the first that names them */
	struct aliases aliases;
};

struct own_domain {
	const char *name; /* in the configuration's spelling */
	const struct own_users *users;
	struct own_aliases *aliases; /* NULL: none */
	struct own_text catch_all, postmaster, local;
};

/* Builds t->own from the configuration; no file is read. 0, or -1 without memory. */
int own_build(struct route_table *t);
/* Reads the files of aliases. 0, or -1 as route_table_read() says. */
int own_read(struct route_table *t, struct config_faults *faults);
void own_free(struct route_table *t);

/* The domain of ours of that name; for any other name of ours, our first one. Never NULL. */
const struct own_domain *own_find(const struct route_table *t, struct span name);
/* In the spelling of `users`; empty: no such mailbox is listed. */
struct span own_user(const struct own_domain *d, struct span name);

#endif
