/* Between from_line.c and from_chain.c alone. */
#ifndef ADDR_FROM_LINE_INT_H
#define ADDR_FROM_LINE_INT_H

#include "bridge/addr/addr_int.h"
#include "bridge/addr/from_line.h"

/* Reads one line, its end not included. False: it is no From_ line. Spans point into it. */
bool from_line_read(struct span line, bool first, struct from_line *out);

#endif
