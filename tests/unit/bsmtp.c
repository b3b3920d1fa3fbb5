/*
 * The batch parser over the whole collection: each file gives the messages and
 * the kept pieces that tests/data/bsmtp/EXPECTED.tsv says, however its octets
 * are torn.
 */
#include "bridge/intake/bsmtp.h"
#include "bridge/intake/pieces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct summary {
	struct buf out;  /* finished */
	struct buf open; /* the transaction under way */
	struct pieces pieces;
	unsigned recipients;
	size_t text;
	uint32_t sum; /* of the text: torn or not, it must be the same */
};

static void
add_recipient(struct summary *s, const struct bsmtp_event *e)
{
	if (s->recipients++ < 4)
		buf_fmt(&s->open, "%s%s%.*s", s->recipients > 1 ? "," : "",
		        e->what == BSMTP_REFUSED ? "!" : "", e->text.n > 60 ? 60 : (int)e->text.n,
		        e->text.p);
}

static void
end_message(struct summary *s)
{
	if (s->recipients > 4)
		buf_fmt(&s->open, "+%u", s->recipients - 4);
	buf_fmt(&s->out, "%s%s[%zu %08x]", s->out.n ? " ; " : "", buf_text(&s->open), s->text,
	        s->sum);
}

static void
record(void *arg, const struct bsmtp_event *e)
{
	struct summary *s = arg;

	switch (e->what) {
	case BSMTP_MAIL:
		buf_clear(&s->open);
		buf_fmt(&s->open, "<%.*s>->", e->text.n > 60 ? 60 : (int)e->text.n, e->text.p);
		s->recipients = 0;
		s->text = 0;
		s->sum = 0;
		break;
	case BSMTP_RCPT:
	case BSMTP_REFUSED:
		add_recipient(s, e);
		break;
	case BSMTP_TEXT:
		for (size_t i = 0; i < e->text.n; i++)
			s->sum = s->sum * 31 + (unsigned char)e->text.p[i];
		s->text += e->text.n;
		break;
	case BSMTP_WHOLE:
		end_message(s);
		break;
	case BSMTP_KEEP:
		pieces_add(&s->pieces, e->from, e->to, aside_words(e->why));
		break;
	case BSMTP_DROP:
	case BSMTP_HELLO:
		break;
	}
}

/* Fed in steps of `step` octets; the caller frees the text. */
static char *
summarize(struct span batch, size_t step)
{
	struct summary s = {0};
	struct bsmtp b;

	bsmtp_begin(&b, record, &s);
	for (size_t at = 0; at < batch.n; at += step)
		bsmtp_feed(&b,
		           (struct span){batch.p + at, batch.n - at < step ? batch.n - at : step});
	bsmtp_end(&b);
	buf_ch(&s.out, '\t');
	for (size_t i = 0; i < s.pieces.n; i++)
		buf_fmt(&s.out, "%s%llu-%llu %s", i ? " ; " : "",
		        (unsigned long long)s.pieces.v[i].from,
		        (unsigned long long)s.pieces.v[i].to, s.pieces.v[i].why.words);
	bsmtp_free(&b);
	buf_free(&s.open);
	return s.out.p;
}

static char *
read_file(const char *name, size_t *n)
{
	char path[300], *p;
	FILE *f;
	long size;

	snprintf(path, sizeof path, "tests/data/bsmtp/%s", name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("cannot open %s", path);
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	p = malloc((size_t)size + 1);
	assert_non_null(p);
	*n = fread(p, 1, (size_t)size, f);
	fclose(f);
	return p;
}

static void
check_file(const char *name, const char *expected)
{
	static const size_t steps[] = {SIZE_MAX / 2, 1, 2, 3, 7, 64, 4096};
	struct span batch;
	size_t n;
	char *p = read_file(name, &n);

	batch = (struct span){p, n};
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		char *got = summarize(batch, steps[i]);

		if (strcmp(got, expected) != 0)
			fail_msg("%s in steps of %zu:\n got %s\nwant %s", name, steps[i], got,
			         expected);
		free(got);
	}
	free(p);
}

static void
the_collection_gives_what_is_expected(void **state)
{
	FILE *f = fopen("tests/data/bsmtp/EXPECTED.tsv", "r");
	static char line[65536];
	unsigned files = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		char *rest = strchr(line, '\t');

		if (line[0] == '#' || rest == NULL)
			continue;
		*rest++ = '\0';
		rest[strcspn(rest, "\n")] = '\0';
		check_file(line, rest);
		files++;
	}
	fclose(f);
	/* 21 valid plain ones and 80 malformed. */
	assert_int_equal(files, 101);
}

/* ---- what the collection does not have ---- */

static const struct {
	const char *what, *batch, *expected;
} rows[] = {
    {"no octet in a text ends it by the other line end",
     "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx\n.\ny\n.\r\nz\r\n.\r\n", "<a@b>->c@d"},
    {"two messages after QUIT, as an appended batch has them",
     "HELO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nx\n.\nQUIT\n"
     "HELO a\nMAIL FROM:<e@f>\nRCPT TO:<g@h>\nDATA\ny\n.\nQUIT\n",
     "<a@b>->c@d ; <e@f>->g@h"},
    {"QUIT without its line end", "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nx\n.\nQUIT", "<a@b>->c@d"},
    {"a path with > in quotes", "MAIL FROM:<\"a>b\"@c>\nRCPT TO:<c@d>\nDATA\n.\n",
     "<\"a>b\"@c>->c@d"},
    {"BDAT in two chunks", "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nBDAT 2\nx\nBDAT 2 LAST\ny\n",
     "<a@b>->c@d"},
    {"BDAT and DATA do not mix",
     "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nBDAT 2\nx\nDATA\ny\n.\n"
     "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n.\n",
     "<a@b>->c@d"},
    {"BDAT 0 LAST", "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nBDAT 0 LAST\nQUIT\n", "<a@b>->c@d"},
};

/* Leaves out the "[octets sum]" of each message. */
static void
without_sums(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (*s == '[')
			s = strchr(s, ']');
		else
			*to++ = *s;
	}
	*to = '\0';
}

static void
rows_give_what_is_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *got = summarize(span_of(rows[i].batch), 1);

		without_sums(got);
		got[strcspn(got, "\t")] = '\0';
		if (strcmp(got, rows[i].expected) != 0)
			fail_msg("%s:\n got %s\nwant %s", rows[i].what, got, rows[i].expected);
		free(got);
	}
}

/* Lengths that no server should take (FACTS G4: Exim 4.96 answers 250 to 2^32, 2^63 and 0x5). */
static void
chunk_lengths_are_numbers(void **state)
{
	static const char *const bad[] = {"4294967296000000000000", "0x5", "-1", "", "5 LAST x",
	                                  "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct buf batch = {0};
		char *got;

		buf_fmt(&batch, "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nBDAT %s\nhello\n", bad[i]);
		got = summarize(buf_view(&batch), 1);
		assert_true(got[0] == '\t');
		assert_non_null(strstr(got, "0-"));
		free(got);
		buf_free(&batch);
	}
}

static void
a_line_without_end_is_bounded(void **state)
{
	struct buf batch = {0};
	char *got;

	(void)state;
	buf_str(&batch, "MAIL FROM:<");
	for (int i = 0; i < 300000; i++)
		buf_ch(&batch, 'a');
	got = summarize(buf_view(&batch), 4096);
	assert_string_equal(got, "\t0-300011 lines that are no SMTP commands");
	free(got);
	buf_free(&batch);
}

static void
print_collection(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t n;
		char *p = read_file(argv[i], &n);
		char *got = summarize((struct span){p, n}, n + 1);

		printf("%s\t%s\n", argv[i], got);
		free(got);
		free(p);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_collection_gives_what_is_expected),
	    cmocka_unit_test(rows_give_what_is_expected),
	    cmocka_unit_test(chunk_lengths_are_numbers),
	    cmocka_unit_test(a_line_without_end_is_bounded),
	};

	/* With names of files: prints their rows, for EXPECTED.tsv. */
	if (argc > 1) {
		print_collection(argc, argv);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
