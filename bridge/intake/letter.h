/*
 * rmail's work: one letter on standard input, its recipients as arguments.
 */
#ifndef INTAKE_LETTER_H
#define INTAKE_LETTER_H

#include "bridge/base/exits.h"
#include "bridge/intake/intake.h"

/* arguments: without the program's name, NULL at the end. For keeper_run(). */
enum ending letter_accept(struct intake *in, char *const *arguments);

#endif
