/*
 * The daemon's end of the control socket (control.h): who may ask, what is
 * asked, and the answer. What it changes, it changes through the schedule and
 * the links, never behind their backs.
 */
#ifndef OPERATOR_CONTROL_SERVER_H
#define OPERATOR_CONTROL_SERVER_H

#include "bridge/base/buf.h"
#include "bridge/link/links.h"
#include "bridge/operator/daemon_reload.h"
#include "bridge/schedule/schedule.h"

#include <stdint.h>
#include <uv.h>

struct control_server;

struct control_world { /* borrowed for the server's life */
	uv_loop_t *loop;
	struct schedule *schedule;
	struct links *links;
	struct writer *writer;
	const char *config_path;
	int64_t started_s;
	int (*reload)(void *owner, reload_done *done, void *arg); /* as reload_start() */
	void *owner;
};

/* Listens at path, mode 0600; a socket that a dead daemon left there is replaced. NULL: why. */
struct control_server *control_server_new(const struct control_world *w, const char *path,
                                          char *why, size_t why_size);
/* Removes the socket and closes every connection; what is asked and unanswered stays so. */
void control_server_free(struct control_server *s); /* NULL is allowed */

#endif
