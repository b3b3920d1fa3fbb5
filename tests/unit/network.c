#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/base/network.h"

static void
has(void **state)
{
	static const struct {
		const char *network, *address;
		bool in;
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.0", true},
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.0/24", "192.0.1.255", false},
	    {"192.0.2.0/24", "::ffff:192.0.2.7", true},
	    {"192.0.2.0/24", "::FFFF:c000:0207", true},
	    {"192.0.2.0/24", "::192.0.2.7", false},
	    {"192.0.2.0/24", "2001:db8::1", false},
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	    {"192.0.2.1/32", "192.0.2.1", true},
	    {"10.0.0.0/9", "10.127.255.255", true},
	    {"10.0.0.0/9", "10.128.0.0", false},
	    {"128.0.0.0/1", "203.0.113.9", true},
	    {"128.0.0.0/1", "127.0.0.1", false},
	    {"::ffff:192.0.2.0/120", "192.0.2.9", true},
	    {"::ffff:192.0.2.0/120", "::ffff:192.0.2.9", true},
	    {"::ffff:0:0/96", "203.0.113.9", true},
	    {"::/1", "203.0.113.9", false}, /* IPv6 alone */
	    {"::/1", "::ffff:203.0.113.9", false},
	    {"::/1", "::1", true},
	    {"2001:db8::/32", "2001:db8:ffff::1", true},
	    {"2001:db8::/32", "2001:db9::1", false},
	    {"2001:DB8::1", "2001:db8:0:0::1", true},
	    {"::1", "::1", true},
	    {"::1", "127.0.0.1", false},
	    {"fe80::/10", "fe80::1%eth0", true},
	    {"192.0.2.0/24", "", false},
	    {"192.0.2.0/24", "192.0.2", false},
	    {"192.0.2.0/24", "192.0.2.1.", false},
	    {"192.0.2.0/24", "0300.0.2.1", false},
	    {"192.0.2.0/24", "192.000.2.1", false},
	    {"192.0.2.0/24", "[192.0.2.1]", false},
	    {"192.0.2.0/24", " 192.0.2.1", false},
	    {"192.0.2.0/24", "client.example", false},
	};
	struct network n;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (network_parse(span_of(rows[i].network), &n, &why) < 0)
			fail_msg("%s: must be %s", rows[i].network, why);
		if (network_has(&n, span_of(rows[i].address)) != rows[i].in)
			fail_msg("%s in %s", rows[i].address, rows[i].network);
	}
}

static void
slips_are_seen(void **state)
{
	static const char *const rows[] = {"",
	                                   "/",
	                                   "/24",
	                                   "192.0.2.0/",
	                                   "192.0.2.0/33",
	                                   "192.0.2/24",
	                                   "192.0.2.1/24",
	                                   "192.0.2.0/-1",
	                                   "192.0.2.0/2a",
	                                   "192.0.2.0/24/24",
	                                   "0.0.0.0/0",
	                                   "::/0",
	                                   "2001:db8::1/32",
	                                   "::1/129",
	                                   "::1/0128",
	                                   "host/24",
	                                   "[::1]/128",
	                                   "192.0.2.0 /24",
	                                   "::ffff:0:0/95"};
	struct network n;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (network_parse(span_of(rows[i]), &n, &why) == 0)
			fail_msg("%s is taken", rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(has),
	    cmocka_unit_test(slips_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
