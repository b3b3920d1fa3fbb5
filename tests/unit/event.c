#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/event.h"

#include <stdlib.h>

static void
keys_keep_the_lists_order(void **state)
{
	struct buf line = {0};

	(void)state;
	event_line(&line, EVENT_SENT, event_text("words", "2.0.0 ok"), event_number("code", 250),
	           event_text("to", "a!b@c"), event_text("link", NULL), event_text("as", ""));
	assert_string_equal(buf_text(&line), "sent to=a!b@c as= code=250 words=2.0.0\\x20ok");
	assert_true(event_line_valid(buf_view(&line)));
	buf_free(&line);
}

static void
outside_text_stays_one_value(void **state)
{
	struct span value;
	struct buf line = {0};
	char longest[3000];

	(void)state;
	event_line(&line, EVENT_NEVER, event_text("to", "x\r\nsent to=y code=1"),
	           event_span("words", SPAN("\x1b[2J\"=\\")));
	assert_string_equal(buf_text(&line), "never to=x\\x0d\\x0asent\\x20to\\x3dy\\x20code\\x3d1 "
	                                     "words=\\x1b[2J\\x22\\x3d\\\\");
	assert_true(event_line_valid(buf_view(&line)));
	assert_true(event_value(buf_view(&line), "words", &value));
	assert_true(span_is(value, "\\x1b[2J\\x22\\x3d\\\\"));
	assert_false(event_value(buf_view(&line), "code", &value));

	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	buf_clear(&line);
	event_line(&line, EVENT_DAMAGED, event_text("words", longest));
	assert_true(line.n < 1100);
	assert_string_equal(line.p + line.n - 4, "x...");
	buf_free(&line);
}

static void
a_key_of_no_list_is_kept(void **state)
{
	struct buf line = {0};

	(void)state;
	event_line(&line, EVENT_STOP, event_text("colour", "red"), event_text("reason", "SIGTERM"));
	assert_string_equal(buf_text(&line), "stop reason=SIGTERM colour=red");
	assert_false(event_line_valid(buf_view(&line)));
	buf_free(&line);
}

static void
lines_are_told_apart(void **state)
{
	static const struct {
		const char *line;
		bool valid;
	} rows[] = {
	    {"stop", true},
	    {"stop reason=x", true},
	    {"held to=a by=root", true},
	    {"held by=root", true},
	    {"held by=root to=a", false},
	    {"held to=a to=b", false},
	    {"held to=a=b", false},
	    {"held to", false},
	    {"held to=a ", true},
	    {"held  to=a", false},
	    {"held colour=red", false},
	    {"helt to=a", false},
	    {"", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(event_line_valid(span_of(rows[i].line)), rows[i].valid);
}

/* The list itself: names apart, keys of letters and hyphens, none twice in one event. */
static void
the_list_is_sound(void **state)
{
	struct span rest, other, key;
	size_t e, f, times;

	(void)state;
	for (e = 0; e < EVENT_COUNT; e++) {
		assert_true(event_meaning((enum event)e)[0] != '\0');
		assert_true(event_part((enum event)e)[0] != '\0');
		for (f = 0; f < e; f++)
			assert_string_not_equal(event_name((enum event)e),
			                        event_name((enum event)f));
		rest = span_of(event_keys((enum event)e));
		while (rest.n > 0) {
			key = span_cut(&rest, ' ');
			assert_true(key.n > 0);
			assert_int_equal(strspn(key.p, "abcdefghijklmnopqrstuvwxyz-") >= key.n, 1);
			other = span_of(event_keys((enum event)e));
			for (times = 0; other.n > 0;)
				times += span_eq(span_cut(&other, ' '), key);
			assert_int_equal(times, 1);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_keep_the_lists_order),
	    cmocka_unit_test(outside_text_stays_one_value),
	    cmocka_unit_test(a_key_of_no_list_is_kept),
	    cmocka_unit_test(lines_are_told_apart),
	    cmocka_unit_test(the_list_is_sound),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
