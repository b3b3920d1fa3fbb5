/*
 * addresses: how many addresses a second are read, routed and rewritten, on
 * one core. Those of tests/data (a line an input, escapes as they stand), and
 * as many made at random, one in four of them spoilt.
 *
 * Prints a line for each: what, of which, how many a second.
 */
#include "tests/unit/gateway.h"
#include "tests/unit/random_address.h"

#include "bridge/route/rewrite.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MOST    20000
#define SECONDS 0.5

struct sample {
	struct buf text;
	struct span v[MOST];
	size_t n;
};

static struct route_table *table;
static struct buf out, store;

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The places are counted first: the text moves while it grows. */
static void
sample_add(struct sample *s, struct span address)
{
	if (s->n == MOST || address.n > 1000)
		return;
	s->v[s->n++].n = address.n;
	buf_span(&s->text, address);
}

static void
sample_place(struct sample *s)
{
	const char *p = s->text.p;
	size_t i;

	for (i = 0; i < s->n; p += s->v[i++].n)
		s->v[i].p = p;
}

static void
sample_read(struct sample *s, const char *file, int column)
{
	FILE *f = fopen(file, "r");
	struct span rest, cell = SPAN("");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int i;

	if (f == NULL || getline(&line, &size, f) < 0) {
		perror(file);
		exit(66);
	}
	while ((n = getline(&line, &size, f)) > 0) {
		rest = (struct span){line, (size_t)n - 1};
		for (i = 0; i < column; i++)
			cell = span_cut(&rest, '\t');
		sample_add(s, cell);
	}
	free(line);
	fclose(f);
}

static void
sample_make(struct sample *s, uint64_t seed)
{
	struct buf address = {0};
	struct dice dice;

	dice_seed(&dice, seed);
	while (s->n < MOST) {
		random_address(&dice, &address);
		sample_add(s, buf_view(&address));
	}
	buf_free(&address);
}

static void
parse(struct span text)
{
	struct addr a;
	const char *why;

	addr_parse(text, ADDR_DOMAIN_FIRST, &store, &a, &why);
}

static void
route(struct span text)
{
	static struct route_answer a;
	static const struct route_ask ask = {.site = "vax43"};

	route_find(table, text, &ask, &a);
}

static void
rewrite(struct span text)
{
	static const struct route_ask ask = {.site = "vax43", .now_s = 1795000000};
	const struct rewrite w = {.table = table, .ask = &ask, .now_s = 1795000000};
	const char *why;

	buf_clear(&out);
	rewrite_address(&w, text, &out, &why);
}

static void
measure(const char *what, void (*work)(struct span text), const char *which, const struct sample *s)
{
	double begin = now_s(), took;
	size_t done = 0, i;

	do {
		for (i = 0; i < s->n; i++)
			work(s->v[i]);
		done += s->n;
		took = now_s() - begin;
	} while (took < SECONDS);
	printf("%s|%s|%.0f\n", what, which, (double)done / took);
}

int
main(void)
{
	static struct sample corpus, made;
	const struct route_memory memory = {.keyed = true, .key = {1, 9, 8, 7}};

	table = route_table_new(&gateway);
	if (table == NULL)
		return 75;
	route_table_remember(table, &memory);
	sample_read(&corpus, "tests/data/addresses/addresses.tsv", 4);
	sample_read(&corpus, "tests/data/addresses/more.tsv", 3);
	sample_make(&made, 1987);
	sample_place(&corpus);
	sample_place(&made);
	measure("read", parse, "those of tests/data", &corpus);
	measure("read", parse, "made at random", &made);
	measure("routed", route, "those of tests/data", &corpus);
	measure("routed", route, "made at random", &made);
	measure("rewritten for SMTP", rewrite, "those of tests/data", &corpus);
	measure("rewritten for SMTP", rewrite, "made at random", &made);
	route_table_free(table);
	return 0;
}
