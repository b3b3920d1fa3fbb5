/* A line of a paths file: a host, a route to it, perhaps a cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/route/paths.h"
#include "tests/unit/expect.h"

static void
a_line_is_a_host_a_route_and_perhaps_a_cost(void **state)
{
	static const struct {
		const char *line, *want; /* "HOST HOPS COST", or what is wrong */
	} rows[] = {
	    {"mcvax\tdecvax!mcvax!%s", "mcvax decvax!mcvax -1"},
	    {"5200\tmcvax\tdecvax!mcvax!%s", "mcvax decvax!mcvax 5200"},
	    {"mcvax\tdecvax!mcvax!%s\t5200", "mcvax decvax!mcvax 5200"},
	    {"  mcvax   decvax!mcvax!%s  # by the night", "mcvax decvax!mcvax -1"},
	    {"mcvax\tdecvax!mcvax!%s\r", "mcvax decvax!mcvax -1"},
	    {".edu\tucbvax!%s\t100", ".edu ucbvax 100"},
	    {"0\tihnp4\t%s", "ihnp4  0"},
	    {"3b2\t3b2!%s", "3b2 3b2 -1"},
	    {"7\t7!%s", "7 7 -1"},
	    {"5\t7\t7!%s", "7 7 5"},
	    {"mit-ai\t%s@mit-ai", "mit-ai mit-ai -1"},
	    {"mit-ai\tseismo!%s@mit-ai", "mit-ai seismo!mit-ai -1"},
	    {"x\ta!b!%s@c@d", "x a!b!d!c -1"},
	    {"csnet\t%s%%csnet@relay.example", "csnet relay.example!csnet -1"},
	    {"arpa\tseismo!%s%%arpa%%mid@gate", "arpa seismo!gate!mid!arpa -1"},
	    {"lit\t%s@[192.0.2.1]", "lit [192.0.2.1] -1"},
	    /* operators behind a host, as `bangway map` writes them for links that ask for them */
	    {"bn\tbn:%s", "bn bn -1"},
	    {"q\tq@%s", "q q -1"},
	    {"y\tx!y%%%s", "y x!y -1"},
	    {"z\tx:y@z%%%s", "z x!y!z -1"},
	    {"z\tx:y!%s@z", "z x!y!z -1"},
	    {"lit\t[IPv6:::1]!%s", "lit [IPv6:::1] -1"},
	    {"bn\t:%s", "an empty host name"},
	    {"bn\tbn::%s", "an empty host name"},
	    {"bn\t@a:%s", "an empty host name"},
	    {"smart-host\tsmart!%s", "smail's smart-host, which is a route to \"*\" here"},
	    {".uucp\t%s", ".uucp  -1"},
	    {".uucp\tcharlie!%s", "smail's .uucp, which is a route to \"site:*\" here"},
	    {"", ""},
	    {"   \t ", ""},
	    {"# mcvax decvax!mcvax!%s", ""},
	    {"# Z\xc3\xbcrich", ""},
	    {"cernvax\tmcvax!cernvax!%s # by Z\xfcrich", "cernvax mcvax!cernvax -1"},
	    {"mcvax m\xc3\xa9l!%s", "octets that are not ASCII"},
	    {"mcvax %s@m\xc3\xa9l", "octets that are not ASCII"},
	    {"mcvax", "a host and no route"},
	    {"mcvax decvax!mcvax", "a route without %s"},
	    {"5200 mcvax decvax!mcvax", "a route without %s"},
	    {"mcvax decvax!mcvax!%s cheap", "a cost that is not a whole number"},
	    {"-5 mcvax decvax!mcvax!%s", "a cost that is not a whole number"},
	    {"1234567890123456789 mcvax mcvax!%s", "a cost that is not a whole number"},
	    {"5 mcvax decvax!mcvax!%s 5", "more than a host, a route and a cost"},
	    {"mcvax decvax!%s!%s", "a route with %s twice"},
	    {"mcvax %s@%s", "a route with %s twice"},
	    {"mcvax decvax%s", "a route that has no ! before %s"},
	    {"mcvax !%s", "an empty host name"},
	    {"mcvax decvax!!%s", "an empty host name"},
	    {"mcvax %s@", "an empty host name"},
	    {"mcvax %s@a@", "an empty host name"},
	    {"mcvax %s!a", "a route that is not made of !, @ and %"},
	    {"mcvax %s%a", "a route that is not made of !, @ and %"},
	    {"mcvax a;rm!%s", "a host name with other characters than letters, digits and - _ ."},
	    {"mcvax %d!%s", "a host name with other characters than letters, digits and - _ ."},
	    {"mcvax %s@a;b", "a host name with other characters than letters, digits and - _ ."},
	    {"mcvax -oProxy!%s", "a host name with a label that begins with -"},
	    {"a/b a!%s", "a host name with other characters than letters, digits and - _ ."},
	    {". a!%s", "an empty host name"},
	    {"..edu a!%s", "a host name with an empty label"},
	    {"m\xc3\xa9l a!%s", "octets that are not ASCII"},
	    {"mcvax a\x1b!%s", "a host name with other characters than letters, digits and - _ ."},
	    {"mcvax a!%s\x1b", "a route that is not made of !, @ and %"},
	};
	struct buf got = {0};
	struct arena store = {0};
	struct path p;
	const char *why;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		buf_clear(&got);
		rc = paths_line(span_of(rows[i].line), &store, &p, &why);
		if (rc < 0)
			buf_str(&got, why);
		else if (rc > 0)
			buf_fmt(&got, "%.*s %.*s %lld", (int)p.host.n, p.host.p, (int)p.hops.n,
			        p.hops.p, (long long)p.cost);
		expect(rows[i].line, buf_text(&got), rows[i].want);
	}
	buf_free(&got);
	arena_free(&store);
}

static void
a_line_and_a_route_have_their_bounds(void **state)
{
	struct buf line = {0};
	struct arena store = {0};
	struct path p;
	const char *why;
	int i;

	(void)state;
	buf_str(&line, "far ");
	for (i = 0; i < 64; i++)
		buf_str(&line, "a!");
	buf_str(&line, "%s");
	assert_int_equal(paths_line(buf_view(&line), &store, &p, &why), 1);
	buf_clear(&line);
	buf_str(&line, "far ");
	for (i = 0; i < 65; i++)
		buf_str(&line, "a!");
	buf_str(&line, "%s");
	assert_int_equal(paths_line(buf_view(&line), &store, &p, &why), -1);
	expect("65 hops", why, "a route with more than 64 hops");
	for (i = 0; i < 4096; i++)
		buf_ch(&line, ' ');
	assert_int_equal(paths_line(buf_view(&line), &store, &p, &why), -1);
	expect("4 KiB", why, "a line longer than 4096 octets");
	buf_free(&line);
	arena_free(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_is_a_host_a_route_and_perhaps_a_cost),
	    cmocka_unit_test(a_line_and_a_route_have_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
