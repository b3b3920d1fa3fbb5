/* Routes that make no sense: found, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/operator/check.h"
#include "bridge/operator/operator.h"

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

static char aliases[] = "/tmp/bangway-check-aliases.XXXXXX";

static const char names[] = "staff: ann, nobody-here\n"     /* 1 */
                            "bob: ann\n"                    /* 2 */
                            "eve: \\eve, x@a.example\n"     /* 3 */
                            "a: b, ann\n"                   /* 4 */
                            "b: a, ann\n"                   /* 5 */
                            "round: about\n"                /* 6 */
                            "about: round\n"                /* 7 */
                            "tools: ann, |/bin/vacation,\n" /* 8 */
                            "  /var/log/mail\n"             /* 9 */
                            "staff: eve\n"                  /* 10 */
                            "postmaster: ann\n"             /* 11 */
                            "me: \\me\n";                   /* 12 */

/* Each with the file's line, errors before "!" none. */
static void
aliases_that_lead_nowhere_are_found(void **state)
{
	static const struct {
		int line;
		bool warning;
		const char *words;
	} want[] = {
	    {10, true, "the alias staff is there already, in line 1"},
	    {1, true, "the alias staff has a member that cannot be reached, nobody-here"},
	    {2, true, "the alias bob takes all mail of the user of that name"},
	    {4, true, "a and b stand for each other"},
	    {6, true, "round and about stand for each other"},
	    {8, false, "the alias tools names the program |/bin/vacation"},
	    {9, false, "the alias tools names the file /var/log/mail"},
	    {11, true, "the alias postmaster is never asked"},
	    {12, true, "the alias me names the mailbox me, and gw.example.com has no such user"},
	};
	struct buf text = {0};
	struct findings f = {0};
	struct config *c;
	int fd = mkstemp(aliases), line;
	size_t i, j;

	(void)state;
	assert_int_equal(write(fd, names, sizeof names - 1), (ssize_t)sizeof names - 1);
	close(fd);
	buf_str(&text, HEAD LOCAL OWNER SITE "routes = ( { to = \"*\"; next-hop = \"mx\"; } );\n"
	                                     "users = [ \"ann\", \"bob\", \"eve\", \"owner\" ];\n");
	buf_fmt(&text, "aliases = \"%s\";\n", aliases);
	c = config_of(buf_text(&text));
	check_routes(c, &f);
	for (i = 0; i < COUNT(want); i++) {
		for (j = 0; j < f.n; j++) {
			line = f.v[j].place[0] != '\0' ? atoi(strrchr(f.v[j].place, ':') + 1) : 0;
			if (line == want[i].line && f.v[j].warning == want[i].warning &&
			    strstr(f.v[j].words, want[i].words) != NULL)
				break;
		}
		if (j == f.n)
			fail_msg("not found: %d %s", want[i].line, want[i].words);
	}
	assert_int_equal(f.n, COUNT(want));
	findings_free(&f);
	config_free(c);
	buf_free(&text);
	unlink(aliases);
}

static void
people_who_cannot_be_reached_are_found(void **state)
{
	static const struct {
		const char *text, *words;
		int line;
	} rows[] = {
	    {"postmaster = \"o@gw.example.com\"; users = [ \"o\" ];\n", "", 0},
	    {"postmaster = \"o@gw.example.com\"; users = [ \"x\" ];\n", "", 0}, /* is delivered */
	    {"postmaster = \"o@a.mil\";\n", "the postmaster o@a.mil of", 4},
	    {"postmaster = \"o@b.example\"; users = [ \"x\" ];\n"
	     "catch-all = \"y@gw.example.com\";\n",
	     "the catch-all y@gw.example.com of gw.example.com cannot be reached", 5},
	};
	struct buf text = {0};
	struct findings f = {0};
	struct config *c;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_clear(&text);
		buf_str(&text, HEAD);
		buf_str(&text, rows[i].text);
		buf_str(&text, LOCAL SITE "routes = ( { to = \"*\"; next-hop = \"mx\"; },"
		                          " { to = \".mil\"; next-hop = \"reject:no\"; } );\n");
		c = config_of(buf_text(&text));
		check_routes(c, &f);
		if (f.n != (rows[i].words[0] != '\0') ||
		    (f.n > 0 && (strstr(f.v[0].words, rows[i].words) == NULL || f.v[0].warning ||
		                 atoi(strrchr(f.v[0].place, ':') + 1) != rows[i].line)))
			fail_msg("row %zu: %zu: %s: %s", i, f.n, f.n > 0 ? f.v[0].place : "",
			         f.n > 0 ? f.v[0].words : "");
		findings_free(&f);
		config_free(c);
	}
	buf_free(&text);
}

/* What the daemon would refuse at its start: a key of 31 octets, with its line's end. */
static void
a_key_too_short_is_found(void **state)
{
	char key[] = "/tmp/bangway-check-key.XXXXXX", conf[] = "/tmp/bangway-check-conf.XXXXXX";
	struct console con = {.config_path = conf};
	struct buf text = {0};
	char *said = NULL;
	size_t n;
	int fd = mkstemp(key);

	(void)state;
	assert_int_equal(write(fd, "0123456789abcdef0123456789abcd\n", 31), 31);
	close(fd);
	buf_str(&text, HEAD LOCAL OWNER SITE "routes = ( { to = \"*\"; next-hop = \"mx\"; } );\n");
	buf_fmt(&text, "secret = \"%s\";\n", key);
	fd = mkstemp(conf);
	assert_int_equal(write(fd, text.p, text.n), (ssize_t)text.n);
	close(fd);
	con.out = con.err = open_memstream(&said, &n);
	assert_int_equal(operator_check(&con), ENDING_CONFIG);
	fclose(con.out);
	if (strstr(said, ": secret: /tmp/bangway-check-key.") == NULL ||
	    strstr(said, " must hold 32 to 4095 octets") == NULL)
		fail_msg("%s", said);
	config_free(con.config);
	free(said);
	buf_free(&text);
	unlink(key);
	unlink(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(senseless_routes_are_found),
	    cmocka_unit_test(aliases_that_lead_nowhere_are_found),
	    cmocka_unit_test(people_who_cannot_be_reached_are_found),
	    cmocka_unit_test(a_key_too_short_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
