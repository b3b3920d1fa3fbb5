/*
 * A batch as octets, whether it came plain or compressed. What is compressed
 * is read by a child with little memory and no way to anywhere; the parent
 * bounds what comes out.
 */
#ifndef INTAKE_UNPACK_H
#define INTAKE_UNPACK_H

#include "bridge/base/config.h"
#include "bridge/intake/codec.h"
#include "bridge/intake/source.h"

#include <stdbool.h>
#include <sys/types.h>

enum unpack_bound { UNPACK_WITHIN, UNPACK_RATIO, UNPACK_SIZE };

struct unpack {
	enum codec_format format;
	enum codec_end end;      /* once the octets are over */
	enum unpack_bound bound; /* which one was passed: the octets end there */
	uint64_t octets;         /* given so far */

	struct source *source; /* borrowed */
	const struct config *config;
	pid_t child;
	int pipe;
	char *block; /* owned */
};

/* Starts at the source's beginning. 0, or -1 with errno: try later. */
int unpack_open(struct unpack *u, struct source *s, const struct config *c);
/* The next octets, valid until the next call; n = 0 at the end. 0, or -1 with errno. */
int unpack_read(struct unpack *u, struct span *out);
void unpack_close(struct unpack *u);

#endif
