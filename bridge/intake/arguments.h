/*
 * rmail's arguments as recipients. Every argument is an address, none is an
 * option: they are a remote machine's words.
 */
#ifndef INTAKE_ARGUMENTS_H
#define INTAKE_ARGUMENTS_H

#include "bridge/base/buf.h"

/*
 * The next recipient: start with *words = the arguments, NULL at the end. True
 * while there was one; *out is in *store or in an argument.
 */
bool arguments_next(char *const **words, struct buf *store, struct span *out);

#endif
