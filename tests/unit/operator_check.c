/* Routes that make no sense: found, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/operator/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#define HEAD                                                                                       \
	"hostname = \"gw.example.com\";\nuucp-name = \"gw\";\n"                                    \
	"domains = [ \"gw.example.com\" ];\n"
#define OWNER "postmaster = \"owner@gw.example.com\";\n"
#define SITE  "sites = { vax = { domain = \"vax.example.com\"; }; };\n"
#define LOCAL "local = \"maildir:/var/mail/%u\";\n"

static struct config *
config_of(const char *text)
{
	char path[] = "/tmp/bangway-check-test.XXXXXX";
	struct config_faults faults = {0};
	struct config *c = NULL;
	int fd = mkstemp(path);
	size_t i;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	if (config_load(path, &c, &faults) != 0)
		for (i = 0; i < faults.n; i++)
			print_message("%s\n", faults.v[i].words);
	unlink(path);
	config_faults_free(&faults);
	assert_non_null(c);
	return c;
}

static void
senseless_routes_are_found(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		int line; /* of the first finding, 0: it has none */
		const char *words;
	} rows[] = {
	    {HEAD LOCAL OWNER SITE "routes = ( { to = \"*\"; next-hop = \"mx\"; } );", 0, 0, ""},
	    {HEAD LOCAL OWNER "routes = ( { to = \"*\"; next-hop = \"mx\"; } );", 1, 0,
	     "no sites: a UUCP neighbour may send to us, but not through us"},
	    {HEAD LOCAL OWNER SITE "routes = ( { to = \"*\"; next-hop = \"mx\"; },\n"
	                           "  { to = \"site:vax\"; next-hop = \"smtp:10.0.0.1\"; },\n"
	                           "  { to = \"vax.example.com\"; next-hop = \"mx\"; } );",
	     1, 9, "the route to \"vax.example.com\" is never used"},
	    {HEAD LOCAL OWNER SITE "routes = ( { to = \"*\"; next-hop = \"mx\"; },\n"
	                           "  { to = \".example\"; next-hop = \"smtp:10.0.0.1\"; },\n"
	                           "  { to = \"a.example\"; next-hop = \"smtp:10.0.0.2\"; },\n"
	                           "  { to = \"site:*\"; next-hop = \"smtp:10.0.0.3\"; },\n"
	                           "  { to = \"joe@b.example\"; next-hop = \"smtp:10.0.0.2\"; } );",
	     0, 0, ""},
	    {HEAD LOCAL OWNER SITE "routes = ( { to = \"a.example\"; next-hop = \"mx\"; },\n"
	                           "  { to = \"site:*\"; next-hop = \"smtp:10.0.0.3\"; } );",
	     1, 0, "no route has to = \"*\""},
	    {HEAD LOCAL OWNER SITE "links = { sea = { up-when = \"manual\"; }; };\n"
	                           "routes = ( { to = \"*\"; next-hop = \"mx\"; } );",
	     1, 7, "the link \"sea\" is in no route's links"},
	};
	struct findings f = {0};
	struct config *c;
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		c = config_of(rows[i].text);
		check_routes(c, &f);
		for (j = 0; j < f.n; j++)
			print_message("row %zu: %s: %s\n", i, f.v[j].place, f.v[j].words);
		assert_int_equal(f.n, rows[i].n);
		assert_int_equal(f.errors, 0);
		if (f.n > 0) {
			assert_non_null(strstr(f.v[0].words, rows[i].words));
			assert_int_equal(
			    f.v[0].place[0] != '\0' ? atoi(strrchr(f.v[0].place, ':') + 1) : 0,
			    rows[i].line);
		}
		findings_free(&f);
		config_free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(senseless_routes_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
