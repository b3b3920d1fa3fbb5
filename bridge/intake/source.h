/*
 * Standard input, readable more than once. uuxqt gives a file; what comes
 * through a pipe is first copied to an unnamed file beside the spool, because
 * mail that turns out not to be understood is read again to be set aside.
 */
#ifndef INTAKE_SOURCE_H
#define INTAKE_SOURCE_H

#include "bridge/base/buf.h"

#include <stdint.h>
#include <sys/types.h>

#define SOURCE_BLOCK 65536

struct source {
	int fd;
	off_t start;   /* where standard input stood when we got it */
	uint64_t size; /* octets from there */
	char *block;   /* owned */
};

/* `most`: octets taken from a pipe. 0, or -1 with errno (EFBIG: more came). */
int source_open(struct source *s, const char *directory, uint64_t most);
/* The next octets, valid until the next call; n = 0 at the end. 0, or -1 with errno. */
int source_read(struct source *s, struct span *out);
int source_rewind(struct source *s);
void source_close(struct source *s);

#endif
