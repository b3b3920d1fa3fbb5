/*
 * The reverse direction as it is told: which form, by which setting, and where
 * a stranger's answer goes; and that what is told agrees with the verdict.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/addr_tsv.h"
#include "tests/unit/gateway.h"
#include "tests/unit/remember.h"

static struct config_setting_at settings[] = {{"reply-form", {"gw.conf", 5}}};
static struct config config; /* the gateway, in some reply form */

static int
setup(void **state)
{
	config = gateway;
	config.reply_days = 180;
	config.settings = settings;
	config.nsettings = 1;
	*state = route_table_new(&config);
	return *state != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	route_table_free(*state);
	return 0;
}

/* All of it in one line, each step with its line in the file. */
static void
told(const struct route_table *t, struct span address, const char *from, bool srs,
     struct route_answer *a, struct buf *sender, struct buf *out)
{
	const struct route_ask ask = {.site = from, .now_s = NOON};
	const struct rewrite w = {.table = t, .ask = &ask, .now_s = NOON, .srs = srs};
	const struct route_steps *s = a->steps;
	size_t i;

	assert_int_equal(rewrite_explain_answer(&w, address, sender, a), 0);
	for (i = 0; i < s->n; i++)
		buf_fmt(out, "%s [%d]; ", s->v[i].words, s->v[i].place.line);
}

static void
the_form_and_its_setting_are_told(void **state)
{
	static const struct {
		enum reply_form form;
		bool keyed, srs;
		const char *address, *from;
		const char *has[3]; /* in this order */
		const char *destination;
	} rows[] = {
	    {REPLY_FORM_TOKEN,
	     false,
	     false,
	     "decvax!mcvax!piet",
	     NULL,
	     {"is written decvax!mcvax!piet@gw.example.com [0]",
	      "the path itself, by way of us [5]",
	      "a stranger answers to decvax!mcvax!piet@gw.example.com [0]"},
	     "refused:"},
	    {REPLY_FORM_TOKEN,
	     true,
	     false,
	     "decvax!mcvax!piet",
	     NULL,
	     {"is written piet+", "for decvax!mcvax!piet [5]", "stands for decvax!mcvax!piet"},
	     "site:decvax"},
	    {REPLY_FORM_SITE,
	     true,
	     false,
	     "bob",
	     "alpha",
	     {"is written bob@alpha.gw.example.com [0]",
	      "the site alpha, by its name below our domain [5]", "alpha is the site alpha [11]"},
	     "site:alpha"},
	    {REPLY_FORM_PATH,
	     true,
	     false,
	     "decvax!mcvax!piet",
	     NULL,
	     {"is written decvax!mcvax!piet=", "the path itself, with a tag", "with a tag by"},
	     "site:decvax"},
	    {REPLY_FORM_TOKEN,
	     true,
	     true,
	     "piet@cwi.example",
	     NULL,
	     {"is written SRS0=", "its SRS form", "it stands for piet@cwi.example"},
	     "domain:cwi.example"},
	    {REPLY_FORM_TOKEN,
	     true,
	     false,
	     "piet@cwi.example",
	     NULL,
	     {"is written piet@cwi.example", "an answer goes to cwi.example, and not by way of us"},
	     ""},
	    {REPLY_FORM_TOKEN,
	     true,
	     false,
	     "ernie",
	     "vax43",
	     {"is written ernie@vax43.example.com", "a stranger answers to ernie@vax43.example.com",
	      "vax43.example.com is the site vax43"},
	     "site:vax43"},
	    {REPLY_FORM_TOKEN, true, false, "<>", NULL, {"no sender: nothing can answer it"}, ""},
	};
	size_t i, k;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct route_steps steps = {0};
		struct route_answer a = {.steps = &steps};
		struct buf sender = {0}, words = {0};
		const char *at;

		config.reply_form = rows[i].form;
		if (rows[i].keyed)
			remember(*state);
		told(*state, span_of(rows[i].address), rows[i].from, rows[i].srs, &a, &sender,
		     &words);
		for (k = 0, at = buf_text(&words); k < 3 && rows[i].has[k] != NULL; k++)
			if ((at = strstr(at, rows[i].has[k])) == NULL)
				fail_msg("%s: no \"%s\" in its place in: %s", rows[i].address,
				         rows[i].has[k], buf_text(&words));
		assert_string_equal(buf_text(&a.destination), rows[i].destination);
		route_answer_free(&a);
		route_steps_free(&steps);
		buf_free(&sender);
		buf_free(&words);
	}
}

/*
 * Where it is said that an answer comes home, and the answer goes by us, what
 * was told ends at whom it reaches; and the sender told is the one that is made.
 */
static void
agrees(const struct route_table *t, struct span address, const char *from)
{
	const struct route_ask ask = {.site = from, .now_s = NOON};
	const struct rewrite w = {.table = t, .ask = &ask, .now_s = NOON};
	struct route_steps steps = {0};
	struct route_answer a = {.steps = &steps};
	struct buf sender = {0}, made = {0}, words = {0}, reaches = {0};
	const char *why;

	told(t, address, from, false, &a, &sender, &words);
	assert_true(rewrite_sender(&w, address, &made, NULL, &why) >= 0);
	assert_string_equal(buf_text(&sender), buf_text(&made));
	if (rewrite_round_trip(&w, address, &reaches, &why) == 1 && a.stands_for.n > 0 &&
	    !span_eq(buf_view(&a.stands_for), buf_view(&reaches)))
		fail_msg("%.*s reaches %s, but %s is told", (int)address.n, address.p,
		         buf_text(&reaches), buf_text(&words));
	assert_int_equal(steps.lost, 0);
	route_answer_free(&a);
	route_steps_free(&steps);
	buf_free(&sender);
	buf_free(&made);
	buf_free(&words);
	buf_free(&reaches);
}

static void
what_is_told_agrees_with_the_verdict(void **state)
{
	static const char *const froms[] = {NULL, "vax43", "alpha", "guest", "stranger"};
	static const char *const tables[] = {"tests/data/addresses/addresses.tsv",
	                                     "tests/data/addresses/more.tsv"};
	struct span rest, cells[TSV_CELLS];
	struct buf text = {0};
	size_t i, k, n = 0;

	remember(*state);
	for (i = 0; i < 2; i++) {
		file_read(tables[i], &text);
		rest = buf_view(&text);
		for (tsv_next(&rest, cells); tsv_next(&rest, cells); n++)
			for (k = 0; k < sizeof froms / sizeof froms[0]; k++) {
				config.reply_form = (enum reply_form)(1 + (n + k) % 3);
				agrees(*state, cells[i == 0 ? 3 : 2], froms[k]);
			}
	}
	assert_true(n > 1000);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_form_and_its_setting_are_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_told_agrees_with_the_verdict, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
