#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "bridge/intake/passages.h"
#include "tests/unit/gateway.h"

static void
received_fields_of_ours_are_known(void **state)
{
	static const struct {
		const char *header;
		unsigned passages;
	} rows[] = {
	    {"", 0},
	    {"Received: by gw.example.com (bangway); now\n", 1},
	    {"Received: from vax43 by gw.example.com (bangway) via UUCP with rmail\n\tid x; now\n"
	     "Received: by other.example.com (bangway); now\n"
	     "received: from [192.0.2.1] BY GW.Example.COM (bangway) with ESMTP; now\n",
	     2},
	    {"Received: from vax43\n\tby gw.example.com\n\t (bangway) via UUCP; now\n", 1},
	    {"Received: by gw.example.com (Postfix); now\n", 0},
	    {"Received: by gw.example.com; now\n", 0},
	    {"Received: from gw.example.com (bangway) by x; now\n", 0},
	    {"Received: by notgw.example.com (bangway); now\n", 0},
	    {"Received: by gw.example.com.evil.example (bangway); now\n", 0},
	    {"X-Received: by gw.example.com (bangway); now\n", 0},
	    {"Received: by gw.example.com (bangway) by gw.example.com (bangway); now\n", 1},
	    {"Received:\nReceived: by\nReceived: (bangway)\nReceived: by gw.example.com\n", 0},
	    {"Subject: x\n\nReceived: by gw.example.com (bangway); now\n", 0},
	};
	struct header h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		unsigned got;

		assert_int_equal(header_parse(span_of(rows[i].header), &h), 0);
		got = passages_of_header(&h, gateway.hostname);
		header_free(&h);
		if (got != rows[i].passages)
			fail_msg("%s: %u", rows[i].header, got);
	}
}

static void
names_of_ours_in_a_path_are_counted(void **state)
{
	static const struct {
		const char *path;
		unsigned passages;
	} rows[] = {
	    {"", 0},
	    {"vax43!far", 0},
	    {"gw", 1},
	    {"a!GW!b!gw.example.com!c", 2},
	    {"a!gw!gw.example.com!modern!b", 1}, /* one passage, said thrice */
	    {"gw!a!modern!b!gw.UUCP!c!example.com", 4},
	    {"localhost!a!localhost", 0},
	    {"gw2!notgw!gw.example.org", 0},
	};
	struct route_table *t = route_table_new(&gateway);
	size_t i;

	(void)state;
	assert_non_null(t);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (passages_of_path(t, span_of(rows[i].path)) != rows[i].passages)
			fail_msg("%s: %u", rows[i].path,
			         passages_of_path(t, span_of(rows[i].path)));
	route_table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(received_fields_of_ours_are_known),
	    cmocka_unit_test(names_of_ours_in_a_path_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
