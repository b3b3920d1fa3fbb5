/*
 * Decompressing: what is whole, short, damaged, foreign or too much, for every
 * format, and that what came before a cut is there to its last octet.
 */
#include "bridge/intake/unpack.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FIFTY "tests/data/bsmtp/valid/smail-13-fifty-helo-quit.bsmtp"

static const struct config config = {
    .limit = {.batch_ratio = 200, .batch_bytes = 1 << 30, .decoder_bytes = 128 << 20}};

struct result {
	enum codec_format format;
	enum codec_end end;
	enum unpack_bound bound;
	struct buf out;
};

static struct buf
read_file(const char *name)
{
	static char block[65536];
	struct buf b = {0};
	FILE *f = fopen(name, "rb");
	size_t n;

	if (f == NULL)
		fail_msg("cannot open %s", name);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		buf_add(&b, block, n);
	fclose(f);
	return b;
}

static struct result
run(const struct config *c, struct span input)
{
	struct source s = {.fd = open("/tmp", O_TMPFILE | O_RDWR, 0600),
	                   .size = input.n,
	                   .block = malloc(SOURCE_BLOCK)};
	struct result r = {0};
	struct unpack u;
	struct span block;

	assert_true(s.fd > 2);
	assert_int_equal(write(s.fd, input.p, input.n), (ssize_t)input.n);
	assert_int_equal(unpack_open(&u, &s, c), 0);
	do {
		assert_int_equal(unpack_read(&u, &block), 0);
		buf_add(&r.out, block.p, block.n);
	} while (block.n > 0);
	r.format = u.format;
	r.end = u.end;
	r.bound = u.bound;
	unpack_close(&u);
	source_close(&s);
	return r;
}

static const struct {
	const char *suffix;
	enum codec_format format;
	enum codec_end whole, cut, flipped;
} formats[] = {
    {".Z", CODEC_COMPRESS, CODEC_UNCHECKED, CODEC_UNCHECKED, CODEC_UNCHECKED},
    {".gz", CODEC_GZIP, CODEC_WHOLE, CODEC_SHORT, CODEC_DAMAGED},
    {".bz2", CODEC_BZIP2, CODEC_WHOLE, CODEC_SHORT, CODEC_DAMAGED},
    {".xz", CODEC_XZ, CODEC_WHOLE, CODEC_SHORT, CODEC_DAMAGED},
    {".zst", CODEC_ZSTD, CODEC_WHOLE, CODEC_SHORT, CODEC_DAMAGED},
};
#define FORMATS (sizeof formats / sizeof formats[0])

static struct buf
packed(size_t i)
{
	char name[200];

	snprintf(name, sizeof name, FIFTY "%s", formats[i].suffix);
	return read_file(name);
}

static void
each_format_is_read_by_its_octets(void **state)
{
	struct buf plain = read_file(FIFTY);

	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		struct buf p = packed(i), banged = {0};
		struct result r = run(&config, buf_view(&p));

		assert_int_equal(r.format, formats[i].format);
		assert_int_equal(r.end, formats[i].whole);
		assert_true(span_eq(buf_view(&r.out), buf_view(&plain)));
		buf_free(&r.out);
		buf_str(&banged, "#! cunbatch\n");
		buf_span(&banged, buf_view(&p));
		r = run(&config, buf_view(&banged));
		assert_int_equal(r.end, formats[i].whole);
		assert_true(span_eq(buf_view(&r.out), buf_view(&plain)));
		buf_free(&r.out);
		buf_free(&p);
		buf_free(&banged);
	}
	buf_free(&plain);
}

static void
a_cut_stream_gives_what_it_has(void **state)
{
	struct buf plain = read_file(FIFTY);

	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		struct buf p = packed(i);

		for (size_t part = 1; part < 8; part++) {
			struct result r = run(&config, (struct span){p.p, p.n * part / 8});

			assert_int_equal(r.end, formats[i].cut);
			assert_true(r.out.n < plain.n);
			assert_memory_equal(buf_text(&r.out), plain.p, r.out.n);
			/* LZW and deflate give octets as they come, not in blocks. */
			if (formats[i].format <= CODEC_GZIP)
				assert_true(r.out.n > plain.n * part / 16);
			buf_free(&r.out);
		}
		buf_free(&p);
	}
	buf_free(&plain);
}

static void
a_wrong_checksum_is_seen(void **state)
{
	(void)state;
	for (size_t i = 1; i < FORMATS; i++) {
		/* The last octets: a checksum, or what is checked with one. */
		struct buf p = packed(i);
		struct result r;

		p.p[p.n - 6] ^= 0x40;
		r = run(&config, buf_view(&p));
		if (r.end != CODEC_DAMAGED && r.end != CODEC_FOREIGN)
			fail_msg("%s: %s", formats[i].suffix, codec_end_words(r.end));
		buf_free(&r.out);
		buf_free(&p);
	}
}

static void
members_follow_members(void **state)
{
	(void)state;
	for (size_t i = 1; i < FORMATS; i++) {
		struct buf p = packed(i), two = {0};
		struct result r;
		size_t one;

		buf_span(&two, buf_view(&p));
		buf_span(&two, buf_view(&p));
		r = run(&config, buf_view(&two));
		assert_int_equal(r.end, CODEC_WHOLE);
		one = r.out.n / 2;
		assert_memory_equal(r.out.p, r.out.p + one, one);
		buf_free(&r.out);
		buf_clear(&two);
		buf_span(&two, buf_view(&p));
		buf_add(&two, "\0\0\0\0\0\0\0\0", 8);
		r = run(&config, buf_view(&two));
		assert_int_equal(r.end, CODEC_WHOLE);
		assert_int_equal(r.out.n, one);
		buf_free(&r.out);
		buf_str(&two, "junk");
		r = run(&config, buf_view(&two));
		assert_int_not_equal(r.end, CODEC_WHOLE);
		assert_int_not_equal(r.end, CODEC_UNCHECKED);
		buf_free(&r.out);
		buf_free(&p);
		buf_free(&two);
	}
}

static void
first_octets_may_lie(void **state)
{
	static const struct {
		struct span input;
		enum codec_format format;
		enum codec_end end;
	} rows[] = {
	    {{"\x1f\x8b\x08\0HELO alpha\n", 15}, CODEC_GZIP, CODEC_FOREIGN},
	    {{"\x1f\x9f"
	      "frozen",
	      8},
	     CODEC_FREEZE,
	     CODEC_FOREIGN},
	    {{"BZh9 it is not", 14}, CODEC_BZIP2, CODEC_FOREIGN},
	    {{"\x1f\x9d\x90\xff\xff\xff\xff", 7}, CODEC_COMPRESS, CODEC_FOREIGN},
	    {{"\xfd"
	      "7zXZ\0 not",
	      10},
	     CODEC_XZ,
	     CODEC_SHORT},
	    {{"\x28\xb5\x2f\xfd\x20\x05\x07\0\0\0\0", 11}, CODEC_ZSTD, CODEC_FOREIGN},
	    {{"HELO\n", 5}, CODEC_PLAIN, CODEC_WHOLE},
	    {{"", 0}, CODEC_PLAIN, CODEC_WHOLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct result r = run(&config, rows[i].input);

		if (r.format != rows[i].format || r.end != rows[i].end)
			fail_msg("row %zu: %s, %s", i, codec_name(r.format),
			         codec_end_words(r.end));
		buf_free(&r.out);
	}
}

static struct buf
piped(const char *command)
{
	struct buf b = {0};
	char block[4096];
	size_t n;
	FILE *f = popen(command, "r");

	assert_non_null(f);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		buf_add(&b, block, n);
	assert_int_equal(pclose(f), 0);
	return b;
}

static void
bombs_are_bounded(void **state)
{
	struct config small = config;
	struct buf b = piped("head -c 60000000 /dev/zero | gzip -9");
	struct result r = run(&config, buf_view(&b));

	(void)state;
	assert_int_equal(r.bound, UNPACK_RATIO);
	assert_true(r.out.n < b.n * 200 + (2 << 20));
	buf_free(&r.out);
	small.limit.batch_ratio = 1000000;
	small.limit.batch_bytes = 5000000;
	r = run(&small, buf_view(&b));
	assert_int_equal(r.bound, UNPACK_SIZE);
	assert_true(r.out.n <= 5000000);
	buf_free(&r.out);
	buf_free(&b);
}

/* A dictionary of 192 MiB asked for by a file of a few hundred octets. */
static void
memory_is_bounded(void **state)
{
	static const char *const commands[] = {
	    "head -c 200000000 /dev/zero | xz -T1 --lzma2=preset=0,dict=192MiB",
	    "head -c 300000000 /dev/zero | zstd -q --long=28 -c",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct config roomy = config;
		struct buf b = piped(commands[i]);
		struct result r;

		roomy.limit.batch_ratio = 1000000;
		r = run(&roomy, buf_view(&b));
		assert_int_equal(r.end, CODEC_MEMORY);
		buf_free(&r.out);
		buf_free(&b);
	}
}

/* One layer: what comes out is not looked into. */
static void
one_layer_is_taken_off(void **state)
{
	struct buf b = piped("echo QUIT | gzip | gzip");
	struct result r = run(&config, buf_view(&b));

	(void)state;
	assert_int_equal(r.end, CODEC_WHOLE);
	assert_memory_equal(r.out.p, "\x1f\x8b", 2);
	buf_free(&r.out);
	buf_free(&b);
	b = piped("compress -cf " FIFTY " | compress -cf");
	r = run(&config, buf_view(&b));
	assert_int_equal(r.end, CODEC_FOREIGN);
	buf_free(&r.out);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_format_is_read_by_its_octets),
	    cmocka_unit_test(a_cut_stream_gives_what_it_has),
	    cmocka_unit_test(a_wrong_checksum_is_seen),
	    cmocka_unit_test(members_follow_members),
	    cmocka_unit_test(first_octets_may_lie),
	    cmocka_unit_test(bombs_are_bounded),
	    cmocka_unit_test(memory_is_bounded),
	    cmocka_unit_test(one_layer_is_taken_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
