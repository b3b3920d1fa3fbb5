/*
 * What could have been chosen: every rule that fits is there, none that does
 * not, and the one that is called chosen is the one that the router took.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/route/route.h"
#include "tests/unit/ask.h"
#include "tests/unit/gateway.h"

static struct config_route many[] = {
    {.place = {"gw.conf", 20}, .to = "*", .hop = HOP_MX},
    {.place = {"gw.conf", 21}, .to = ".mil", .hop = HOP_REJECT, .words = "no"},
    {.place = {"gw.conf", 22}, .to = ".army.mil", .hop = HOP_MX},
    {.place = {"gw.conf", 23},
     .to = "hq.army.mil",
     .hop = HOP_SMTP,
     .hosts = {{"one.example", 25}, {"two.example", 26}},
     .nhosts = 2},
    {.place = {"gw.conf", 24}, .to = "HQ.army.mil", .hop = HOP_MX},
    {.place = {"gw.conf", 25}, .to = "boss@hq.army.mil", .hop = HOP_MX},
    {.place = {"gw.conf", 26}, .to = "site:*", .hop = HOP_UUCP},
    {.place = {"gw.conf", 27}, .to = "site:vax43", .hop = HOP_UUCP},
    {.place = {"gw.conf", 28}, .to = "example.com", .hop = HOP_MAILDIR, .path = "/m/%u"},
    {.place = {"gw.conf", 29}, .to = "*", .hop = HOP_UUCP},
};

static struct config crowd;

static int
setup(void **state)
{
	crowd = gateway;
	crowd.routes = many;
	crowd.nroutes = sizeof many / sizeof many[0];
	*state = route_table_new(&crowd);
	return *state != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	route_table_free(*state);
	return 0;
}

/* The candidates' lines in the order found, the chosen one with a star. */
static void
lines_of(const struct route_steps *s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s->ncandidates; i++)
		buf_fmt(out, "%s%d%s", i > 0 ? " " : "", s->candidates[i].place.line,
		        route_candidate_chosen(s, &s->candidates[i]) ? "*" : "");
}

static int
chosen_line(const struct route_steps *s)
{
	size_t i;

	for (i = 0; i < s->ncandidates; i++)
		if (route_candidate_chosen(s, &s->candidates[i]))
			return s->candidates[i].place.line;
	return 0;
}

static void
what_fits_is_considered(void **state)
{
	static const struct {
		const char *recipient, *lines;
	} rows[] = {
	    {"a@elsewhere.example", "20* 29"},
	    {"a@navy.mil", "20 21* 29"},
	    {"a@x.army.mil", "20 21 22* 29"},
	    {"a@hq.army.mil", "20 21 22 23* 24 29"},
	    {"boss@hq.army.mil", "20 21 22 23 24 25* 29"},
	    {"vax43!ernie", "20 26 27* 29"},
	    {"alpha!x", "20 26* 29"},
	    {"far!x", "20 26* 29"},
	    {"fred", "0*"},
	    {"fred@example.com", "28* 0"},
	    {"not an address", ""},
	};
	struct route_steps steps = {0};
	struct route_answer a = {.steps = &steps};
	struct buf lines = {0};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(route_find(*state, span_of(rows[i].recipient), ASK(NULL), &a), 0);
		buf_clear(&lines);
		lines_of(&steps, &lines);
		if (strcmp(buf_text(&lines), rows[i].lines) != 0)
			fail_msg("%s: got \"%s\", want \"%s\"", rows[i].recipient, buf_text(&lines),
			         rows[i].lines);
		assert_int_equal(chosen_line(&steps), a.rule != NULL ? a.rule->place.line : 0);
		route_steps_free(&steps);
	}
	buf_free(&lines);
	route_answer_free(&a);
}

static void
each_says_why(void **state)
{
	static const struct {
		const char *words, *why;
	} rows[] = {
	    {"to = \"*\", mx", "a rule for the host itself goes before"},
	    {"to = \".mil\", reject:no", "a rule for the host itself goes before"},
	    {"to = \".army.mil\", mx", "a rule for the host itself goes before"},
	    {"to = \"hq.army.mil\", smtp, host one.example port 25, then two.example port 26",
	     "names the host itself"},
	    {"to = \"HQ.army.mil\", mx", "the first of equals goes before"},
	    {"to = \"*\", uucp", "a rule for the host itself goes before"},
	};
	struct route_steps steps = {0};
	struct route_answer a = {.steps = &steps};
	size_t i;

	assert_int_equal(route_find(*state, SPAN("a@hq.army.mil"), ASK(NULL), &a), 0);
	assert_int_equal(steps.ncandidates, sizeof rows / sizeof rows[0]);
	for (i = 0; i < steps.ncandidates; i++) {
		assert_string_equal(steps.candidates[i].words, rows[i].words);
		assert_string_equal(route_candidate_why(&steps, &steps.candidates[i]), rows[i].why);
	}
	route_steps_free(&steps);
	route_answer_free(&a);
}

static void
worth_has_an_order(void **state)
{
	static const struct route_worth order[] = {
	    {FIT_NONE, 0}, {FIT_PATHS_SITE, 0}, {FIT_OTHERS, 0},    {FIT_SITES, 0},
	    {FIT_OURS, 0}, {FIT_PATHS_END, 4},  {FIT_PATHS_END, 9}, {FIT_PATHS_HOST, 0},
	    {FIT_END, 4},  {FIT_END, 9},        {FIT_HOST, 0},      {FIT_USER, 0},
	};
	size_t i, j, n = sizeof order / sizeof order[0];

	(void)state;
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			assert_int_equal(route_worth_more(order[i], order[j]), i > j);
}

/* A path leads on to another host: for that one there is a choice of its own. */
static void
each_choice_is_for_itself(void **state)
{
	const struct config_place here = {"gw.conf", 1};
	struct route_steps s = {0};

	(void)state;
	route_choice(&s, SPAN("far"));
	route_candidate(&s, here, (struct route_worth){FIT_OTHERS, 0}, "others");
	route_candidate(&s, here, (struct route_worth){FIT_PATHS_HOST, 0}, "path");
	route_step(&s, here, "by the path");
	route_choice(&s, SPAN("uunet"));
	route_candidate(&s, here, (struct route_worth){FIT_SITES, 0}, "sites");
	assert_false(route_candidate_chosen(&s, &s.candidates[0]));
	assert_true(route_candidate_chosen(&s, &s.candidates[1]));
	assert_true(route_candidate_chosen(&s, &s.candidates[2]));
	assert_int_equal(s.candidates[1].after, 0);
	assert_int_equal(s.candidates[2].after, 1);
	assert_string_equal(route_candidate_why(&s, &s.candidates[0]),
	                    "the paths know the host itself");
	assert_string_equal(route_choice_host(&s, 1), "far");
	assert_string_equal(route_choice_host(&s, 2), "uunet");
	assert_string_equal(route_choice_host(&s, 3), "");
	route_steps_free(&s);
}

/* More steps than are kept are counted. */
static void
no_step_is_lost_unseen(void **state)
{
	struct route_steps s = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ROUTE_STEPS + 7; i++)
		route_step(&s, (struct config_place){"gw.conf", 1}, "step %zu", i);
	assert_int_equal(s.n, ROUTE_STEPS);
	assert_int_equal(s.lost, 7);
	assert_string_equal(s.v[ROUTE_STEPS - 1].words, "step 999");
	route_steps_free(&s);
	assert_int_equal(s.n + s.lost, 0);
	route_step(NULL, (struct config_place){"", 0}, "to nobody");
	route_choice(NULL, SPAN("x"));
	route_candidate(NULL, (struct config_place){"", 0}, (struct route_worth){FIT_NONE, 0}, "x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_fits_is_considered, setup, teardown),
	    cmocka_unit_test_setup_teardown(each_says_why, setup, teardown),
	    cmocka_unit_test(worth_has_an_order),
	    cmocka_unit_test(each_choice_is_for_itself),
	    cmocka_unit_test(no_step_is_lost_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
