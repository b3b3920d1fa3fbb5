/*
 * Time grows with the length: eight times the text takes eight times as long,
 * whatever octet it is made of, and memory stays where it was. Measured as a
 * ratio on the processor's own clock, so that a slow or busy machine makes no
 * difference; what grows with the square would take sixty-four times as long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/addr/addr.h"
#include "bridge/addr/fields.h"
#include "bridge/addr/from_line.h"

#include <stdio.h>
#include <time.h>

#ifdef __SANITIZE_ADDRESS__
#define SMALL (32 * 1024) /* slower, and no other */
#else
#define SMALL (128 * 1024)
#endif
#define TIMES    8
#define RATIO    24      /* between 8 and 64, with room for noise */
#define FLOOR_NS 3000000 /* and below this nothing is measured but noise */

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
read_address(struct span text, struct buf *store)
{
	struct addr a;
	const char *why;

	addr_parse(text, ADDR_DOMAIN_FIRST, store, &a, &why);
	addr_parse(text, ADDR_BANG_FIRST | ADDR_ANY_USER, store, &a, &why);
}

/* Addresses of the longest kind there is, one after the other. */
static void
read_addresses(struct span text, struct buf *store)
{
	size_t n;

	for (; text.n > 0; text.p += n, text.n -= n) {
		n = text.n < ADDR_TEXT_MAX ? text.n : ADDR_TEXT_MAX;
		read_address((struct span){text.p, n}, store);
	}
}

static void
read_field(struct span text, struct buf *store)
{
	struct field_address f;
	struct fields w;

	fields_begin(&w, text, ADDR_DOMAIN_FIRST);
	while (fields_next(&w, store, &f) > 0)
		;
}

static void
read_letter(struct span text, struct buf *store)
{
	struct from_chain c;

	from_chain_read(text, true, ADDR_DOMAIN_FIRST, store, &c);
}

static void
read_date(struct span text, struct buf *store)
{
	int64_t when_s;

	(void)store;
	from_date_read(text, &when_s);
}

static const struct {
	const char *name;
	void (*read)(struct span text, struct buf *store);
} readers[] = {
    {"an address", read_address}, {"many addresses", read_addresses},
    {"a field", read_field},      {"a letter", read_letter},
    {"a date", read_date},
};

static int64_t
taken_ns(size_t reader, struct span text, struct buf *store)
{
	int64_t begin = now_ns();

	readers[reader].read(text, store);
	return now_ns() - begin;
}

static void
grows_with(size_t reader, const char *pattern, struct span text, struct buf *store)
{
	struct span part = {text.p, text.n / TIMES};
	int64_t large = 0, small = 0;
	int i;

	for (i = 0; i < 5; i++) {
		large = taken_ns(reader, text, store);
		if (large < FLOOR_NS)
			break;
		small = taken_ns(reader, part, store);
		if (large < RATIO * small)
			break;
	}
	if (i == 5)
		fail_msg("%s of \"%s\": %zu octets in %lld us, %zu in %lld us",
		         readers[reader].name, pattern, part.n, (long long)small / 1000, text.n,
		         (long long)large / 1000);
	if (store->size > 16 * ADDR_TEXT_MAX)
		fail_msg("%s of \"%s\" takes %zu octets of memory", readers[reader].name, pattern,
		         store->size);
}

/* A pattern repeated, alone and after what makes each reader begin. */
static void
try_pattern(const char *begin, struct span pattern)
{
	struct buf text = {0}, store = {0}, shown = {0};
	size_t i;

	buf_str(&text, begin);
	while (text.n + pattern.n <= SMALL * TIMES)
		buf_span(&text, pattern);
	buf_escape(&shown, (struct span){text.p, strlen(begin) + pattern.n});
	for (i = 0; i < sizeof readers / sizeof readers[0]; i++)
		grows_with(i, buf_text(&shown), buf_view(&text), &store);
	buf_free(&text);
	buf_free(&store);
	buf_free(&shown);
}

static void
every_octet(void **state)
{
	char c;
	int i;

	(void)state;
	for (i = 0; i < 256; i++) {
		c = (char)i;
		try_pattern("", (struct span){&c, 1});
	}
}

static void
and_what_nests_or_repeats(void **state)
{
	static const char *const patterns[] = {
	    "a!",
	    "a!b ",
	    "a@b,",
	    "@a,",
	    "@a:",
	    "G:;,",
	    "(a) ",
	    "a@b (c) ",
	    "<a@b>,",
	    "<a@b> ",
	    "a@b <",
	    "\"a\" ",
	    "\\\"",
	    "()",
	    "((",
	    "[]",
	    "a.",
	    "a%",
	    "\r\n ",
	    "\n\t",
	    "\t ",
	    "a:",
	    "\xc3\xa9",
	    "\xe2\x82\xac",
	    "From ",
	    "From a ",
	    ">From ",
	    "\r",
	    "1:",
	    "Jan ",
	    "+1 ",
	    " remote from ",
	    "From a remote from b\n",
	    ">From a!b Mon Jan  5 10:00:00 1987\n",
	    "forwarded by ",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		try_pattern("", span_of(patterns[i]));
		try_pattern("From a ", span_of(patterns[i]));
		try_pattern("\"", span_of(patterns[i]));
		try_pattern("(", span_of(patterns[i]));
		try_pattern("<", span_of(patterns[i]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_octet),
	    cmocka_unit_test(and_what_nests_or_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
