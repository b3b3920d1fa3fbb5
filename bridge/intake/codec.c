/*
 * The four formats with a checksum are read by their own libraries, not by
 * libarchive, although libarchive reads them all: measured with 3.6, it does
 * not compare a gzip's checksum with what it read, and of a stream that is
 * merely short it withholds up to 128 KiB that had been decoded, which are
 * whole messages here. Its LZW reader is used; compress(1) has no library.
 *
 * A file may hold several members one after the other (`cat a.gz b.gz`, or a
 * batch appended to a batch), and NULs behind the last (tapes, block
 * transfers). Anything else behind the last is damage.
 */
#include "bridge/intake/codec.h"

#include <archive.h>
#include <archive_entry.h>
#include <bzlib.h>
#include <errno.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define BLOCK 65536

struct io {
	int in, out;
	uint64_t memory;
	bool failed; /* reading or writing did */
	bool said;   /* something was written */

	const uint8_t *next; /* input at hand */
	size_t left;
	uint8_t *to; /* room for output */
	size_t room;
	uint8_t input[BLOCK], output[BLOCK];

	z_stream z;
	bz_stream bz;
	lzma_stream xz;
	ZSTD_DStream *zstd;
};

enum step { STEP_ON, STEP_END, STEP_BAD, STEP_MEMORY };

/* ---- descriptors ---- */

/* More input at hand: false at the end, and on failure. */
static bool
fill(struct io *io)
{
	ssize_t n;

	if (io->left > 0)
		return true;
	do
		n = read(io->in, io->input, BLOCK);
	while (n < 0 && errno == EINTR);
	io->failed |= n < 0;
	io->next = io->input;
	io->left = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static void
put(struct io *io, const uint8_t *p, size_t n)
{
	io->said |= n > 0;
	while (n > 0) {
		ssize_t put_n = write(io->out, p, n);

		if (put_n < 0 && errno == EINTR)
			continue;
		if (put_n <= 0) {
			io->failed = true;
			return;
		}
		p += put_n;
		n -= (size_t)put_n;
	}
}

/* ---- one library each: begin a member, take a step, end ---- */

static bool
gzip_begin(struct io *io)
{
	io->z = (z_stream){0};
	return inflateInit2(&io->z, 16 + 15) == Z_OK; /* 16: gzip only */
}

static enum step
gzip_step(struct io *io)
{
	int rc;

	io->z.next_in = (uint8_t *)io->next;
	io->z.avail_in = (unsigned)io->left;
	io->z.next_out = io->to;
	io->z.avail_out = (unsigned)io->room;
	rc = inflate(&io->z, Z_NO_FLUSH);
	io->next = io->z.next_in;
	io->left = io->z.avail_in;
	io->room = io->z.avail_out;
	if (rc == Z_OK || rc == Z_BUF_ERROR)
		return STEP_ON;
	return rc == Z_STREAM_END ? STEP_END : rc == Z_MEM_ERROR ? STEP_MEMORY : STEP_BAD;
}

static void
gzip_end(struct io *io)
{
	inflateEnd(&io->z);
}

static bool
bzip2_begin(struct io *io)
{
	io->bz = (bz_stream){0};
	return BZ2_bzDecompressInit(&io->bz, 0, 0) == BZ_OK;
}

static enum step
bzip2_step(struct io *io)
{
	int rc;

	io->bz.next_in = (char *)io->next;
	io->bz.avail_in = (unsigned)io->left;
	io->bz.next_out = (char *)io->to;
	io->bz.avail_out = (unsigned)io->room;
	rc = BZ2_bzDecompress(&io->bz);
	io->next = (uint8_t *)io->bz.next_in;
	io->left = io->bz.avail_in;
	io->room = io->bz.avail_out;
	if (rc == BZ_OK)
		return STEP_ON;
	return rc == BZ_STREAM_END ? STEP_END : rc == BZ_MEM_ERROR ? STEP_MEMORY : STEP_BAD;
}

static void
bzip2_end(struct io *io)
{
	BZ2_bzDecompressEnd(&io->bz);
}

static bool
xz_begin(struct io *io)
{
	io->xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&io->xz, io->memory, 0) == LZMA_OK;
}

static enum step
xz_step(struct io *io)
{
	lzma_ret rc;

	io->xz.next_in = io->next;
	io->xz.avail_in = io->left;
	io->xz.next_out = io->to;
	io->xz.avail_out = io->room;
	rc = lzma_code(&io->xz, LZMA_RUN);
	io->next = io->xz.next_in;
	io->left = io->xz.avail_in;
	io->room = io->xz.avail_out;
	if (rc == LZMA_OK || rc == LZMA_BUF_ERROR)
		return STEP_ON;
	if (rc == LZMA_MEM_ERROR || rc == LZMA_MEMLIMIT_ERROR)
		return STEP_MEMORY;
	return rc == LZMA_STREAM_END ? STEP_END : STEP_BAD;
}

static void
xz_end(struct io *io)
{
	lzma_end(&io->xz);
}

static bool
zstd_begin(struct io *io)
{
	unsigned log = 10;

	while (log < 30 && UINT64_C(2) << log <= io->memory)
		log++;
	io->zstd = ZSTD_createDStream();
	return io->zstd != NULL &&
	       !ZSTD_isError(ZSTD_DCtx_setParameter(io->zstd, ZSTD_d_windowLogMax, (int)log));
}

static enum step
zstd_step(struct io *io)
{
	ZSTD_inBuffer in = {io->next, io->left, 0};
	ZSTD_outBuffer out = {io->to, io->room, 0};
	size_t rc = ZSTD_decompressStream(io->zstd, &out, &in);

	io->next += in.pos;
	io->left -= in.pos;
	io->room -= out.pos;
	if (!ZSTD_isError(rc))
		return rc == 0 ? STEP_END : STEP_ON;
	switch (ZSTD_getErrorCode(rc)) {
	case ZSTD_error_memory_allocation:
	case ZSTD_error_frameParameter_windowTooLarge:
		return STEP_MEMORY;
	default:
		return STEP_BAD;
	}
}

static void
zstd_end(struct io *io)
{
	ZSTD_freeDStream(io->zstd);
}

static enum codec_end compress_run(struct io *io);

static const struct codec {
	const char *name;
	const char *magic;
	size_t magic_n;
	enum codec_end (*run)(struct io *io); /* instead of the three */
	bool (*begin)(struct io *io);
	enum step (*step)(struct io *io);
	void (*end)(struct io *io);
} codecs[] = {
    [CODEC_PLAIN] = {"plain", "", 0, NULL, NULL, NULL, NULL},
    [CODEC_COMPRESS] = {"compress", "\x1f\x9d", 2, compress_run, NULL, NULL, NULL},
    [CODEC_GZIP] = {"gzip", "\x1f\x8b", 2, NULL, gzip_begin, gzip_step, gzip_end},
    [CODEC_BZIP2] = {"bzip2", "BZh", 3, NULL, bzip2_begin, bzip2_step, bzip2_end},
    [CODEC_XZ] = {"xz",
                  "\xfd"
                  "7zXZ\0",
                  6, NULL, xz_begin, xz_step, xz_end},
    [CODEC_ZSTD] = {"zstd", "\x28\xb5\x2f\xfd", 4, NULL, zstd_begin, zstd_step, zstd_end},
    [CODEC_FREEZE] = {"freeze", "\x1f\x9f", 2, NULL, NULL, NULL, NULL},
};

/* ---- members ---- */

static enum codec_end
bad(const struct io *io)
{
	return io->said ? CODEC_DAMAGED : CODEC_FOREIGN;
}

/* One member, to its end. */
static enum codec_end
run_member(struct io *io, const struct codec *c)
{
	enum step s = STEP_ON;
	bool more = true;

	while (s == STEP_ON && !io->failed) {
		more = fill(io);
		io->to = io->output;
		io->room = BLOCK;
		s = c->step(io);
		put(io, io->output, BLOCK - io->room);
		/* Nothing came of nothing: the input has ended too soon. */
		if (s == STEP_ON && !more && io->room == BLOCK)
			return CODEC_SHORT;
	}
	if (io->failed)
		return CODEC_BROKEN;
	return s == STEP_END ? CODEC_WHOLE : s == STEP_MEMORY ? CODEC_MEMORY : bad(io);
}

/* Whether another member may follow; NULs are passed over. */
static bool
another(struct io *io)
{
	while (fill(io)) {
		if (*io->next != 0)
			return true;
		io->next++;
		io->left--;
	}
	return false;
}

static enum codec_end
run_members(struct io *io, const struct codec *c)
{
	enum codec_end e;

	do {
		if (!c->begin(io))
			return CODEC_MEMORY;
		e = run_member(io, c);
		c->end(io);
	} while (e == CODEC_WHOLE && another(io));
	return io->failed ? CODEC_BROKEN : e;
}

/* ---- compress(1) ---- */

static ssize_t
archive_input(struct archive *a, void *arg, const void **p)
{
	struct io *io = arg;
	size_t n;

	(void)a;
	io->left = 0;
	fill(io);
	n = io->left;
	*p = io->input;
	return io->failed ? -1 : (ssize_t)n;
}

static enum codec_end
compress_copy(struct io *io, struct archive *a)
{
	struct archive_entry *entry;
	ssize_t n;
	int rc = archive_read_next_header(a, &entry);

	/* The filter and the plain file below it: libarchive unwraps a .Z within a .Z. */
	if (rc != ARCHIVE_OK || archive_filter_count(a) > 2)
		return CODEC_FOREIGN;
	while ((n = archive_read_data(a, io->output, BLOCK)) > 0 && !io->failed)
		put(io, io->output, (size_t)n);
	/* Nothing at all came of it: then it was none. */
	return n == 0 && io->said ? CODEC_UNCHECKED : bad(io);
}

static enum codec_end
compress_run(struct io *io)
{
	struct archive *a = archive_read_new();
	enum codec_end e = CODEC_FOREIGN;

	if (a == NULL)
		return CODEC_MEMORY;
	if (archive_read_support_filter_compress(a) != ARCHIVE_OK ||
	    archive_read_support_format_raw(a) != ARCHIVE_OK)
		e = CODEC_MEMORY;
	else if (archive_read_open(a, io, NULL, archive_input, NULL) == ARCHIVE_OK)
		e = compress_copy(io, a);
	archive_read_free(a);
	return io->failed ? CODEC_BROKEN : e;
}

/* ---- */

enum codec_end
codec_run(enum codec_format f, int in, int out, uint64_t memory)
{
	static struct io io; /* not on the stack, nor counted as the decoder's own */

	io = (struct io){.in = in, .out = out, .memory = memory};
	if (codecs[f].run != NULL)
		return codecs[f].run(&io);
	return codecs[f].step != NULL ? run_members(&io, &codecs[f]) : CODEC_FOREIGN;
}

enum codec_format
codec_sniff(struct span start)
{
	for (size_t f = CODEC_COMPRESS; f < sizeof codecs / sizeof codecs[0]; f++)
		if (start.n >= codecs[f].magic_n &&
		    memcmp(start.p, codecs[f].magic, codecs[f].magic_n) == 0)
			return (enum codec_format)f;
	return CODEC_PLAIN;
}

const char *
codec_name(enum codec_format f)
{
	return codecs[f].name;
}

const char *
codec_end_words(enum codec_end e)
{
	static const char *const words[] = {
	    [CODEC_WHOLE] = "whole",
	    [CODEC_UNCHECKED] = "read to its end, which nothing can check",
	    [CODEC_SHORT] = "the compressed batch is cut short",
	    [CODEC_DAMAGED] = "the compressed batch is damaged: its checksum or form is wrong",
	    [CODEC_FOREIGN] = "the batch cannot be decompressed: not what its first octets say",
	    [CODEC_MEMORY] = "the batch needs more memory than limits.decoder-memory to decompress",
	    [CODEC_BROKEN] = "the decompressor failed",
	};

	return words[e];
}
