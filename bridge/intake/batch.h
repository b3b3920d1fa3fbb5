/*
 * rsmtp's work: a batch of messages on standard input, plain or compressed.
 */
#ifndef INTAKE_BATCH_H
#define INTAKE_BATCH_H

#include "bridge/intake/intake.h"

intake_take batch_accept;

#endif
