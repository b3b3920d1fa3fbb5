/*
 * What `bangway check` finds beyond the configuration's own faults: each
 * finding has a place and words, and is an error or a warning.
 */
#ifndef OPERATOR_CHECK_H
#define OPERATOR_CHECK_H

#include "bridge/operator/operator.h"

struct finding {
	bool warning;
	char place[300]; /* "FILE:LINE", "" when it has none */
	char words[400];
};

struct findings {
	struct finding *v; /* owned */
	size_t n, errors;
};

void finding_add(struct findings *f, bool warning, struct config_place place, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void findings_take(struct findings *f, struct config_faults *faults); /* and frees the faults */
void findings_free(struct findings *f);

/* Do the routes make sense, and the files they need: each reached by something, everything
 * reached by one? */
void check_routes(const struct config *c, struct findings *f);
/* Is the spool there, closed to others, and does it open? Becomes its owner, opens con->spool. */
void check_spool(struct console *con, struct findings *f);
/* Can who we are now, the spool's owner, read the configuration itself? */
void check_readable(const struct console *con, struct findings *f);
/* Can maildirs be made where they shall be, by whom we are now? */
void check_maildirs(const struct config *c, struct findings *f);

#endif
