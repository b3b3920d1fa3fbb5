/* The words of a command, the slips in them, and the table they are read by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/operator/args.h"
#include "bridge/operator/help.h"
#include "bridge/operator/near.h"

#include <stdlib.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define WORDS_MAX   8

static const struct command_option options[] = {
    {"limit", "N", "a number"},
    {"held", NULL, "a flag"},
    {NULL, NULL, NULL},
};
static const struct command command = {
    .name = "queue try",
    .words = "ID...",
    .least = 1,
    .most = 2,
    .options = options,
    .summary = "tries",
    .more = "",
};

static int
count(const char *const *words)
{
	int n = 0;

	while (words[n] != NULL)
		n++;
	return n;
}

static void
words_and_options_are_told_apart(void **state)
{
	static const struct {
		const char *in[WORDS_MAX];
		int words;
		const char *limit; /* NULL: not given */
		bool held, json;
		const char *why; /* NULL: it is right; else a part of what is said */
	} rows[] = {
	    {{"a"}, 1, NULL, false, false, NULL},
	    {{"a", "--limit", "5"}, 1, "5", false, false, NULL},
	    {{"--limit=5", "a", "--held"}, 1, "5", true, false, NULL},
	    {{"--limit=", "a"}, 1, "", false, false, NULL},
	    {{"--json", "a", "b"}, 2, NULL, false, true, NULL},
	    {{"a", "--", "--limit"}, 2, NULL, false, false, NULL},
	    {{"a", "-"}, 2, NULL, false, false, NULL},
	    {{NULL}, 0, NULL, false, false, "something is missing: bangway queue try ID..."},
	    {{"a", "b", "c"}, 0, NULL, false, false, "too many words"},
	    {{"a", "--limit"}, 0, NULL, false, false, "--limit wants N after it"},
	    {{"a", "--held=yes"}, 0, NULL, false, false, "--held takes no value"},
	    {{"a", "--limt", "5"},
	     0,
	     NULL,
	     false,
	     false,
	     "no option --limt; did you mean --limit?"},
	    {{"a", "--quite-another"}, 0, NULL, false, false, "`bangway queue try --help`"},
	    {{"a", "-C", "file"}, 0, NULL, false, false, "-C FILE stands before the command"},
	    {{"-x"}, 0, NULL, false, false, "stands after --"},
	    {{"a", "--limit-limit-limit-limit-limit-limit-limit-limit"},
	     0,
	     NULL,
	     false,
	     false,
	     "no option --limit-limit-limit-limit-limit-limit-limi; `bangway"},
	};
	struct args a;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		rc = args_read(&a, &command, count(rows[i].in), (char **)rows[i].in);
		assert_int_equal(rc, rows[i].why == NULL ? 0 : -1);
		if (rows[i].why != NULL) {
			assert_non_null(strstr(a.why, rows[i].why));
		} else {
			assert_int_equal(a.n, rows[i].words);
			assert_int_equal(args_given(&a, "held"), rows[i].held);
			assert_int_equal(a.json, rows[i].json);
			if (rows[i].limit == NULL)
				assert_null(args_value(&a, "limit"));
			else
				assert_string_equal(args_value(&a, "limit"), rows[i].limit);
		}
		args_free(&a);
	}
}

static void
numbers_are_whole_and_positive(void **state)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t value;
	} rows[] = {
	    {"1", 0, 1},
	    {"50", 0, 50},
	    {"0", -1, 7},
	    {"-1", -1, 7},
	    {"", -1, 7},
	    {"5x", -1, 7},
	    {" 5", -1, 7},
	    {"18446744073709551615", 0, UINT64_MAX},
	    {"18446744073709551616", -1, 7},
	};
	const char *in[] = {"a", "--limit", NULL};
	struct args a;
	uint64_t value;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		in[2] = rows[i].text;
		value = 7;
		assert_int_equal(args_read(&a, &command, 3, (char **)in), 0);
		assert_int_equal(args_number(&a, "limit", &value), rows[i].rc);
		assert_true(value == rows[i].value);
		args_free(&a);
	}
}

static void
slips_find_their_word(void **state)
{
	static const struct {
		const char *typed, *meant; /* NULL: none */
	} rows[] = {
	    {"queu", "queue"},
	    {"quue", "queue"},
	    {"qeuue", "queue"},
	    {"stat", "status"},
	    {"trcae", "trace"},
	    {"rout", "route"},
	    {"chekc", "check"},
	    {"banana", NULL},
	    {"x", NULL},
	    {"", NULL},
	    {"queue", "queue"},
	    {"delivery", NULL},
	    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
	};
	static const char *const words[] = {"queue", "status", "trace", "route", "check"};
	struct near n;
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		n = near_begin(span_of(rows[i].typed));
		for (j = 0; j < COUNT(words); j++)
			near_offer(&n, words[j]);
		if (rows[i].meant == NULL)
			assert_null(near_best(&n));
		else
			assert_string_equal(near_best(&n), rows[i].meant);
	}
}

/* What dispatch and help take for granted of the table. */
static void
the_table_is_sound(void **state)
{
	const struct command *c, *d;
	const struct command_option *o;
	char group[32];
	unsigned n;

	(void)state;
	for (c = operator_commands; c->name != NULL; c++) {
		assert_non_null(c->run);
		assert_true(c->summary[0] != '\0' && strlen(c->summary) <= 61);
		assert_true(c->summary[strlen(c->summary) - 1] != '.');
		assert_true((c->least == 0) == (c->words[0] == '\0' || c->words[0] == '['));
		for (o = c->options, n = 0; o != NULL && o->name != NULL; o++, n++)
			assert_true(o->meaning[0] != '\0');
		assert_true(n <= ARGS_OPTIONS);
		for (d = operator_commands; d < c; d++)
			assert_string_not_equal(c->name, d->name);
		if (strchr(c->name, ' ') == NULL)
			continue;
		/* a group's rows stand together, and the first needs no words */
		snprintf(group, sizeof group, "%.*s", (int)strcspn(c->name, " "), c->name);
		d = help_group(group);
		assert_int_equal(d->least, 0);
		for (; d < c; d++)
			assert_true(help_in_group(d, group));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_and_options_are_told_apart),
	    cmocka_unit_test(numbers_are_whole_and_positive),
	    cmocka_unit_test(slips_find_their_word),
	    cmocka_unit_test(the_table_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
