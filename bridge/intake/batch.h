/*
 * rsmtp's work: a batch of messages on standard input, plain or compressed.
 */
#ifndef INTAKE_BATCH_H
#define INTAKE_BATCH_H

#include "bridge/base/exits.h"
#include "bridge/intake/intake.h"

/* arguments: without the program's name, NULL at the end. For keeper_run(). */
enum ending batch_accept(struct intake *in, char *const *arguments);

#endif
