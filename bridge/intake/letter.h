/*
 * rmail's work: one letter on standard input, its recipients as arguments.
 */
#ifndef INTAKE_LETTER_H
#define INTAKE_LETTER_H

#include "bridge/intake/intake.h"

intake_take letter_accept;

#endif
