/*
 * The files that the tables were made from, watched. They are replaced by
 * other programs, a map's paths each night, and nobody should have to tell us:
 * the kernel tells of their directories, since a file that is replaced by
 * rename is another one each time. Where it does not, while a file is missing,
 * and when there was no memory to begin, we look once a minute.
 */
#ifndef OPERATOR_DAEMON_WATCH_H
#define OPERATOR_DAEMON_WATCH_H

#include "bridge/route/route.h"

#include <uv.h>

struct watch;

/* One of them is another one than was read, and has been so for half a second. */
typedef void watch_changed(void *owner, const char *name);

/* NULL: out of memory. */
struct watch *watch_new(uv_loop_t *loop, watch_changed *changed, void *owner);
/*
 * From now on the files of that table, which is in force and is borrowed until
 * the next one; those before are forgotten.
 */
void watch_use(struct watch *w, const struct route_table *t);
void watch_free(struct watch *w); /* NULL is allowed; the loop must run to the end of it */

#endif
