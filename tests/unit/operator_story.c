/* Lines of the journal, told to a person and to a program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/event.h"
#include "bridge/operator/hops.h"
#include "bridge/operator/show.h"
#include "bridge/operator/story.h"

#include <stdlib.h>

#define AT_S INT64_C(1795349254) /* 2026-11-22T12:07:34Z */

static void
a_chain_is_told_hop_by_hop(void **state)
{
	static const char chain[] = "From uucp Mon Jan  5 10:00:00 1987 remote from near\n"
	                            ">From w Mon Jan  5 09:30:00 1987 forwarded by w\n"
	                            ">From a\033[2J!bob some day remote from far\n";
	struct buf out = {0};
	json_t *j = hops_json(span_of(chain));
	char *text = json_dumps(j, JSON_COMPACT);

	(void)state;
	hops_text(span_of(chain), &out);
	assert_string_equal(buf_text(&out), "hop          near, 1987-01-05T10:00:00Z, from uucp\n"
	                                    "hop          far, some day, from a\\x1b[2J!bob\n");
	assert_string_equal(text, "[{\"site\":\"near\",\"user\":\"uucp\",\"time\":"
	                          "\"1987-01-05T10:00:00Z\",\"date\":\"Mon Jan  5 10:00:00 1987\"},"
	                          "{\"site\":\"far\",\"user\":\"a\\\\x1b[2J!bob\",\"time\":null,"
	                          "\"date\":\"some day\"}]");
	free(text);
	json_decref(j);
	buf_free(&out);
}

static void
lines_are_told(void **state)
{
	static const struct {
		const char *line, *out;
	} rows[] = {
	    {"held to=a@b by=radio", "2026-11-22T12:07:34Z  held  to a@b  by radio\n"},
	    {"later to=a@b due=1795349254 attempts=1",
	     "2026-11-22T12:07:34Z  later  to a@b  due 2026-11-22T12:07:34Z  attempts 1\n"},
	    {"later due=soon", "2026-11-22T12:07:34Z  later  due soon\n"},
	    {"start", "2026-11-22T12:07:34Z  start\n"},
	    /* blanks come back, what could harm a terminal does not */
	    {"later to=a@b words=451\\x20try\\x20\\x1b[2J\\x20on\\\\x20",
	     "2026-11-22T12:07:34Z  later  to a@b  words 451 try \\x1b[2J on\\\\x20\n"},
	    {"a line of another making", "2026-11-22T12:07:34Z  a  line  of  another  making\n"},
	    {"held to= by=x", "2026-11-22T12:07:34Z  held  by x\n"},
	    {"later to=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@bbbbbbbbbbbbbbbbb words=cut\\x20here",
	     "2026-11-22T12:07:34Z  later  to aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@bbbbbbbbbbbbbbbbb\n"
	     "                        words cut here\n"},
	};
	struct buf b = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_clear(&b);
		story_line(AT_S, span_of(rows[i].line), 80, &b);
		assert_string_equal(buf_text(&b), rows[i].out);
	}
	buf_free(&b);
}

static void
long_lines_are_folded_to_the_width(void **state)
{
	struct buf line = {0}, out = {0};
	struct span rest, one;

	(void)state;
	event_line(&line, EVENT_LATER, event_text("to", "decvax!mcvax!piet"),
	           event_text("as", "decvax!mcvax!piet@gw.example.com"),
	           event_text("next-hop", "smtp:smtp.shore.example:465"),
	           event_text("words", "451 4.7.1 greylisted, come again in a quarter of an hour, "
	                               "and mind the gap between the words"));
	story_line(AT_S, buf_view(&line), 80, &out);
	for (rest = buf_view(&out); rest.n > 0;) {
		one = span_cut(&rest, '\n');
		assert_true(show_columns(one) <= 80);
	}
	assert_non_null(strstr(buf_text(&out), "mind"));
	buf_free(&line);
	buf_free(&out);
}

static void
programs_get_the_pairs(void **state)
{
	json_t *j = story_json(AT_S, SPAN("later to=a@b words=451\\x20try\\x3d"));

	(void)state;
	assert_string_equal(json_string_value(json_object_get(j, "event")), "later");
	assert_string_equal(json_string_value(json_object_get(j, "time")), "2026-11-22T12:07:34Z");
	assert_string_equal(json_string_value(json_object_get(j, "to")), "a@b");
	assert_string_equal(json_string_value(json_object_get(j, "words")), "451 try=");
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_told),
	    cmocka_unit_test(a_chain_is_told_hop_by_hop),
	    cmocka_unit_test(long_lines_are_folded_to_the_width),
	    cmocka_unit_test(programs_get_the_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
