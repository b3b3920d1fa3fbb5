/*
 * Decompressing, one layer, from a descriptor to a descriptor: what the child
 * of unpack.c does.
 */
#ifndef INTAKE_CODEC_H
#define INTAKE_CODEC_H

#include "bridge/base/buf.h"

#include <stdint.h>

/* By the first octets, never by a name. */
enum codec_format {
	CODEC_PLAIN,
	CODEC_COMPRESS,
	CODEC_GZIP,
	CODEC_BZIP2,
	CODEC_XZ,
	CODEC_ZSTD,
	CODEC_FREEZE, /* known by sight; no library reads it */
};

enum codec_end {
	CODEC_WHOLE,     /* and its checksums were right */
	CODEC_UNCHECKED, /* to its last octet; but .Z has neither length nor checksum */
	CODEC_SHORT,     /* the input ended inside the stream: what was given is good */
	CODEC_DAMAGED,   /* a checksum or the structure is wrong: trust nothing of it */
	CODEC_FOREIGN,   /* not what its first octets promise */
	CODEC_MEMORY,    /* needs more memory than it may have */
	CODEC_BROKEN,    /* the decoder itself failed: try later */
};

enum codec_format codec_sniff(struct span start);
const char *codec_name(enum codec_format f); /* "plain", "compress", ... */
const char *codec_end_words(enum codec_end e);

/* Not CODEC_PLAIN. `memory`: octets the decoder may use. */
enum codec_end codec_run(enum codec_format f, int in, int out, uint64_t memory);

#endif
