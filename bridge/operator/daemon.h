/*
 * bangwayd put together: the spool and its writer, the links, the schedule, the
 * control socket, signals, the wake-up, and the supervisor.
 */
#ifndef OPERATOR_DAEMON_H
#define OPERATOR_DAEMON_H

#include "bridge/base/config.h"
#include "bridge/base/exits.h"

/* Runs until told to stop. Takes the configuration read from path. The log says why it ends. */
enum ending daemon_run(const char *path, struct config *config);

#endif
