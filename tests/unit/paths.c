#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/route/paths.h"
#include "bridge/route/route.h"
#include "tests/unit/ask.h"
#include "tests/unit/expect.h"
#include "tests/unit/gateway.h"

static char directory[40];

static int
make_directory(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/bangway-paths.XXXXXX");
	return mkdtemp(directory) != NULL ? 0 : -1;
}

static int
remove_directory(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", directory);
	return system(command);
}

static const char *
file_write(const char *name, const char *text, size_t n, char path[80])
{
	FILE *f;

	snprintf(path, 80, "%s/%s", directory, name);
	assert_non_null(f = fopen(path, "w"));
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0644), 0);
	return path;
}

/* ---- lines ---- */

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
	    {"mcvax decvax:%s", "a route that has no ! before %s"},
	    {"mcvax !%s", "an empty host name"},
	    {"mcvax decvax!!%s", "an empty host name"},
	    {"mcvax %s@", "an empty host name"},
	    {"mcvax %s@a@", "an empty host name"},
	    {"mcvax %s!a", "a route that is not made of !, @ and %%"},
	    {"mcvax %s%a", "a route that is not made of !, @ and %%"},
	    {"mcvax a;rm!%s", "a host name with other characters than letters, digits and - _ ."},
	    {"mcvax a@b!%s", "a host name with other characters than letters, digits and - _ ."},
	    {"mcvax %d!%s", "a host name with other characters than letters, digits and - _ ."},
	    {"mcvax %s@a;b", "a host name with other characters than letters, digits and - _ ."},
	    {"mcvax -oProxy!%s", "a host name with a label that begins with -"},
	    {"a/b a!%s", "a host name with other characters than letters, digits and - _ ."},
	    {". a!%s", "an empty host name"},
	    {"..edu a!%s", "a host name with an empty label"},
	    {"m\xc3\xa9l a!%s", "octets that are not ASCII"},
	    {"mcvax a\x1b!%s", "a host name with other characters than letters, digits and - _ ."},
	    {"mcvax a!%s\x1b", "a route that is not made of !, @ and %%"},
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

/* ---- files ---- */

static struct route_table *
table_of(const struct config *c, struct config_faults *faults, int want)
{
	struct route_table *t = route_table_new(c);

	assert_non_null(t);
	assert_int_equal(route_table_read(t, ROUTE_FILES, faults), want);
	return t;
}

/* "FILE:LINE: [warning: ]WORDS", the directory left out. */
static void
fault_text(const struct config_fault *f, struct buf *out)
{
	buf_clear(out);
	buf_fmt(out, "%s:%d: %s%s", strrchr(f->place.file, '/') + 1, f->place.line,
	        f->warning ? "warning: " : "", f->words);
}

static void
what_is_wrong_with_a_file_is_told(void **state)
{
	static const struct {
		const char *name, *text;
		mode_t mode;
		int rc;
		const char *fault;
	} rows[] = {
	    {"good", "mcvax\tdecvax!mcvax!%s\n", 0644, 0, NULL},
	    {"empty", "", 0644, 0, NULL},
	    {"no-lf", "mcvax\tdecvax!mcvax!%s", 0644, 0, NULL},
	    {"missing", NULL, 0, -1,
	     "missing:0: `paths` names it, and it cannot be used: No such file or directory"},
	    {"open", "", 0646, -1,
	     "open:0: `paths` names it, and it cannot be used: it may be written by everybody: "
	     "chmod o-w it"},
	    {"slip", "# ours\nmcvax mcvax\nfar\tdecvax!far!%s\n", 0644, 0,
	     "slip:2: warning: left out: a route without %s"},
	    {"twice", "far\tdecvax!far!%s\nmcvax\tmcvax!%s\nfar\tfar!%s\n", 0644, 0,
	     "twice:3: warning: left out: far is there already, at line 1"},
	    {"twice-domain", "cwi.nl\tdecvax!%s\nCWI.NL\tmcvax!%s\n", 0644, 0,
	     "twice-domain:2: warning: left out: CWI.NL is there already, at line 1"},
	};
	struct buf got = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char path[80];
		struct config c = gateway;
		struct config_strings files = LIST(path);
		struct config_faults faults = {0};
		struct route_table *t;

		c.paths = files;
		snprintf(path, sizeof path, "%s/%s", directory, rows[i].name);
		if (rows[i].text != NULL) {
			file_write(rows[i].name, rows[i].text, strlen(rows[i].text), path);
			assert_int_equal(chmod(path, rows[i].mode), 0);
		}
		t = table_of(&c, &faults, rows[i].rc);
		assert_int_equal(faults.n, rows[i].fault != NULL);
		if (faults.n > 0) {
			fault_text(&faults.v[0], &got);
			expect(rows[i].name, buf_text(&got), rows[i].fault);
		}
		config_faults_free(&faults);
		route_table_free(t);
	}
	buf_free(&got);
}

static void
not_every_slip_of_a_file_is_told(void **state)
{
	char path[80];
	struct config c = gateway;
	struct config_strings files = LIST(path);
	struct config_faults faults = {0};
	struct route_table *t;
	struct buf text = {0};
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		buf_fmt(&text, "host%d\n", i);
	file_write("slips", text.p, text.n, path);
	c.paths = files;
	t = table_of(&c, &faults, 0);
	assert_int_equal(faults.n, 11);
	fault_text(&faults.v[0], &text);
	expect("sum", buf_text(&text),
	       "slips:0: warning: 1000 lines are left out, of which the first 10 are told");
	buf_free(&text);
	config_faults_free(&faults);
	route_table_free(t);
}

static void
a_file_that_was_replaced_is_noticed(void **state)
{
	char path[80], other[80];
	struct config c = gateway;
	struct config_strings files = LIST(path);
	struct config_faults faults = {0};
	const struct route_file *read;
	struct route_file seen;
	struct route_table *t;

	(void)state;
	file_write("seen", "a\ta!%s\n", 7, path);
	c.paths = files;
	t = table_of(&c, &faults, 0);
	assert_int_equal(route_table_files(t, &read), 1);
	seen = read[0];
	assert_false(route_file_changed(&seen));
	file_write("other", "a\tb!%s\n", 7, other);
	assert_int_equal(rename(other, path), 0);
	assert_true(route_file_changed(&seen));
	assert_false(route_file_changed(&seen));
	assert_int_equal(unlink(path), 0);
	assert_true(route_file_changed(&seen));
	assert_false(route_file_changed(&seen));
	config_faults_free(&faults);
	route_table_free(t);
}

/* ---- the way ---- */

static const char first_file[] = "# made by bangway map\n"
                                 "ALPHA2\talpha!ALPHA2!%s\t300\n"
                                 "alpha2\tvax43!alpha2!%s\t300\n"
                                 "mcvax\talpha!mcvax!%s\t5200\n"
                                 "Seismo\tvax43!seismo!%s\t95\n"
                                 "vax43\tbravo!vax43!%s\t40\n"
                                 "bravo\tbravo!%s\t10\n"
                                 "alpha\tguest!alpha!%s\n"
                                 "mit-ai\tbravo!%s@mit-ai\t500\n"
                                 "inria\tgw!alpha!modern!bravo!inria!%s\n"
                                 "gw2\tmodern!%s\n"
                                 "lost\tdecvax!lost!%s\n"
                                 "named\trelay.example!named!%s\n"
                                 "cwi.nl\tmcvax!cwi!%s\t7000\n"
                                 ".nl\talpha!mcvax!%s\t5300\n"
                                 ".edu\tbravo!ucbvax!%s\t800\n"
                                 ".mil\tbravo!mil-gate!%s\n"
                                 ".cs.tue.nl\tbravo!%s\n"
                                 ".com\tvax43!%s\n";
static const char second_file[] = "mcvax\tbravo!mcvax!%s\n"
                                  "second\tbravo!second!%s\n";

/* The gateway with paths, and sites that are called by UUCP. */
static struct config_route uucp_routes[] = {
    {.place = {"gw.conf", 30}, .to = "site:*", .hop = HOP_UUCP},
    {.place = {"gw.conf", 31}, .to = "*", .hop = HOP_MX},
    {.place = {"gw.conf", 32},
     .to = ".army.mil",
     .hop = HOP_SMTP,
     .hosts = {{"192.0.2.7", 25}},
     .nhosts = 1},
    {.place = {"gw.conf", 33},
     .to = "site:vax43",
     .hop = HOP_SMTP,
     .hosts = {{"vax43-smtp.example.com", 25}},
     .nhosts = 1},
    {.place = {"gw.conf", 34},
     .to = "boss@cwi.nl",
     .hop = HOP_SMTP,
     .hosts = {{"direct.example", 25}},
     .nhosts = 1},
};

static char first_path[80], second_path[80];

static struct config
with_paths(void)
{
	static const char *names[] = {first_path, second_path};
	struct config c = gateway;

	file_write("first", first_file, sizeof first_file - 1, first_path);
	file_write("second", second_file, sizeof second_file - 1, second_path);
	c.paths = (struct config_strings){names, 2};
	c.routes = uucp_routes;
	c.nroutes = sizeof uucp_routes / sizeof uucp_routes[0];
	c.reroute = REROUTE_NONE;
	return c;
}

/* "HOP WHERE ADDRESS COST" */
static void
describe(const struct route_answer *a, struct buf *out)
{
	struct buf name = {0};

	buf_clear(out);
	route_hop_name(a, SPAN("?"), &name);
	buf_fmt(out, "%s %s", buf_text(&name),
	        a->hop == HOP_REJECT ? a->verdict.status : buf_text(&a->address));
	if (a->cost >= 0)
		buf_fmt(out, " %lld", (long long)a->cost);
	buf_free(&name);
}

/* The next hop by the destination alone is the recipient's. */
static void
expect_same_hop(const struct route_table *t, const char *asked, const struct route_answer *a)
{
	struct route_answer whole = {0};
	struct buf one = {0}, other = {0};

	assert_int_equal(route_of_destination(t, buf_view(&a->destination), &whole), 0);
	route_hop_name(a, SPAN("?"), &one);
	route_hop_name(&whole, SPAN("?"), &other);
	expect(asked, buf_text(&other), buf_text(&one));
	assert_int_equal(whole.cost, a->cost);
	assert_ptr_equal(whole.rule, a->rule);
	route_answer_free(&whole);
	buf_free(&one);
	buf_free(&other);
}

/* What `bangway map` writes is in lower case; neighbours' names need not be. */
static void
a_map_in_lower_case_names_the_same_sites(void **state)
{
	static struct config_site sites[] = {
	    {.name = "Vax43", .domain = "", .relay = true},
	    {.name = "Twin", .domain = "", .relay = true},
	    {.name = "TWIN", .domain = "", .relay = true},
	};
	static const char map[] = "vax43\tvax43!%s\nfar\tvax43!far!%s\ntwin\ttwin!%s\n";
	static const struct {
		const char *recipient, *destination, *answer;
	} rows[] = {
	    {"Vax43!u", "site:Vax43", "uucp:Vax43 u"},
	    {"vax43!u", "site:Vax43", "uucp:Vax43 u"},
	    {"u@VAX43", "site:Vax43", "uucp:Vax43 u"},
	    {"VAX43.UUCP!u", "site:Vax43", "uucp:Vax43 u"},
	    {"Vax43!far!u", "site:Vax43", "uucp:Vax43 far!u"},
	    {"far!u", "site:far", "uucp:Vax43 far!u"},
	    {"Twin!u", "site:Twin", "uucp:Twin u"},
	    {"TWIN!u", "site:TWIN", "uucp:TWIN u"},
	    {"twin!u", "site:twin", "reject 5.1.2"}, /* which of them? */
	};
	struct config c = with_paths();
	struct config_faults faults = {0};
	struct route_table *t;
	struct route_answer a = {0};
	struct buf got = {0};
	size_t i;

	(void)state;
	c.sites = sites;
	c.nsites = 3;
	c.nroutes = 2;
	c.paths.n = 1;
	file_write("first", map, sizeof map - 1, first_path);
	t = table_of(&c, &faults, 0);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(route_find(t, span_of(rows[i].recipient), ASK(NULL), &a), 0);
		describe(&a, &got);
		expect(rows[i].recipient, buf_text(&got), rows[i].answer);
		expect(rows[i].recipient, buf_text(&a.destination), rows[i].destination);
		expect_same_hop(t, rows[i].recipient, &a);
	}
	route_answer_free(&a);
	buf_free(&got);
	route_table_free(t);
}

static void
a_host_that_no_rule_names_goes_by_its_path(void **state)
{
	static const struct {
		const char *recipient, *destination, *answer;
	} rows[] = {
	    {"mcvax!piet", "site:mcvax", "uucp:alpha mcvax!piet 5200"},
	    {"piet@mcvax.UUCP", "site:mcvax", "uucp:alpha mcvax!piet 5200"},
	    {"mcvax!b!piet", "site:mcvax", "uucp:alpha mcvax!b!piet 5200"},
	    {"mcvax!alpha!piet", "site:mcvax", "uucp:alpha piet 5200"},
	    {"gw!mcvax!piet", "site:mcvax", "uucp:alpha mcvax!piet 5200"},
	    {"second!u", "site:second", "uucp:bravo second!u"},
	    /* the case of a UUCP name, where it matters and where it cannot */
	    {"MCVAX!piet", "site:MCVAX", "uucp:alpha mcvax!piet 5200"},
	    {"seismo!rick", "site:seismo",
	     "smtp:vax43-smtp.example.com:25 seismo!rick@vax43.example.com 95"},
	    {"alpha2!u", "site:alpha2",
	     "smtp:vax43-smtp.example.com:25 alpha2!u@vax43.example.com 300"},
	    {"ALPHA2!u", "site:ALPHA2", "uucp:alpha ALPHA2!u 300"},
	    {"Alpha2!u", "site:Alpha2", "reject 5.1.2"},
	    /* domains and their gateways */
	    {"piet@cwi.nl", "domain:cwi.nl", "reject 5.1.2 7000"},
	    {"piet@CWI.NL", "domain:cwi.nl", "reject 5.1.2 7000"},
	    {"boss@cwi.nl", "user:boss@cwi.nl", "smtp:direct.example:25 boss@cwi.nl"},
	    {"jan@hio.nl", "domain:hio.nl", "uucp:alpha mcvax!hio.nl!jan 5300"},
	    {"x@win.cs.tue.nl", "domain:win.cs.tue.nl", "uucp:bravo win.cs.tue.nl!x"},
	    {"x@cs.tue.nl", "domain:cs.tue.nl", "uucp:bravo cs.tue.nl!x"},
	    {"hio.nl!b!jan", "domain:hio.nl", "uucp:alpha mcvax!hio.nl!b!jan 5300"},
	    {"u@Berkeley.EDU", "domain:berkeley.edu", "uucp:bravo ucbvax!Berkeley.EDU!u 800"},
	    {"u@sun.com", "domain:sun.com",
	     "smtp:vax43-smtp.example.com:25 sun.com!u@vax43.example.com"},
	    {"u@example.se", "domain:example.se", "mx:example.se u@example.se"},
	    {"u@[192.0.2.1]", "domain:[192.0.2.1]", "mx:[192.0.2.1] u@[192.0.2.1]"},
	    /* rules that name it go before */
	    {"x@hq.army.mil", "domain:hq.army.mil", "smtp:192.0.2.7:25 x@hq.army.mil"},
	    {"x@navy.mil", "domain:navy.mil", "uucp:bravo mil-gate!navy.mil!x"},
	    {"vax43!u", "site:vax43", "smtp:vax43-smtp.example.com:25 u@vax43.example.com"},
	    {"u@vax43.example.com", "site:vax43",
	     "smtp:vax43-smtp.example.com:25 u@vax43.example.com"},
	    /* neighbours by themselves, whatever the paths say */
	    {"bravo!u", "site:bravo", "uucp:bravo u"},
	    {"brv!u", "site:bravo", "uucp:bravo u"},
	    {"u@bravo.example.net", "site:bravo", "uucp:bravo u"},
	    {"alpha!u", "site:alpha", "uucp:alpha u"},
	    {"guest!u", "site:guest", "uucp:guest u"},
	    /* @ and own names in a path */
	    {"mit-ai!minsky", "site:mit-ai", "uucp:bravo mit-ai!minsky 500"},
	    {"inria!u", "site:inria", "uucp:bravo inria!u"},
	    {"gw2!u", "site:gw2", "reject 5.1.2"},
	    {"named!u", "site:named", "mx:relay.example named!u@relay.example"},
	    {"lost!u", "site:lost", "reject 5.1.2"},
	    {"nowhere!u", "site:nowhere", "reject 5.1.2"},
	    /* ours stays ours */
	    {"u@gw.example.com", "local:gw.example.com", "maildir u@gw.example.com"},
	    {"modern!u", "local:gw.example.com", "maildir u@gw.example.com"},
	};
	struct config c = with_paths();
	struct config_faults faults = {0};
	struct route_table *t = table_of(&c, &faults, 0);
	struct route_answer a = {0};
	struct buf got = {0}, destination = {0};
	size_t i;

	(void)state;
	assert_int_equal(faults.n, 0);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(route_find(t, span_of(rows[i].recipient), ASK(NULL), &a), 0);
		describe(&a, &got);
		expect(rows[i].recipient, buf_text(&got), rows[i].answer);
		expect(rows[i].recipient, buf_text(&a.destination), rows[i].destination);
		buf_clear(&destination);
		route_destination(t, span_of(rows[i].recipient), ASK(NULL), &destination);
		expect(rows[i].recipient, buf_text(&destination), rows[i].destination);
		expect_same_hop(t, rows[i].recipient, &a);
	}
	route_answer_free(&a);
	buf_free(&got);
	buf_free(&destination);
	route_table_free(t);
}

static void
the_path_is_told_with_its_line(void **state)
{
	struct config c = with_paths();
	struct config_faults faults = {0};
	struct route_table *t = table_of(&c, &faults, 0);
	struct route_steps steps = {0};
	struct route_answer a = {.steps = &steps};
	char want[200];

	(void)state;
	assert_int_equal(route_find(t, SPAN("mcvax!piet"), ASK(NULL), &a), 0);
	assert_true(steps.n > 3);
	expect("step", steps.v[2].words, "mcvax is reached by the path alpha!mcvax!%s, cost 5200");
	expect("place", steps.v[2].place.file, first_path);
	assert_int_equal(steps.v[2].place.line, 4);
	assert_int_equal(steps.ncandidates, 5);
	expect("chosen", steps.candidates[2].words, "mcvax by the path alpha!mcvax!%s");
	assert_true(route_candidate_chosen(&steps, &steps.candidates[2]));
	assert_int_equal(steps.candidates[2].worth.fit, FIT_PATHS_HOST);
	expect("then", steps.candidates[3].words, "to = \"site:*\", uucp");
	assert_true(route_candidate_chosen(&steps, &steps.candidates[3]));
	assert_int_equal(route_find(t, SPAN("lost!u"), ASK(NULL), &a), 0);
	snprintf(
	    want, sizeof want,
	    "decvax is none of the neighbours of this host: a neighbour needs an entry in sites"
	    " = { ... } (the way to lost, by %s:12)",
	    first_path);
	expect("lost!u", a.verdict.words, want);
	route_steps_free(&steps);
	route_answer_free(&a);
	route_table_free(t);
}

/* Maps know uunet's way to some alpha; ours is the one we call ourselves. */
static void
a_site_goes_by_any_rule_before_its_path(void **state)
{
	static const struct {
		size_t first, n; /* of uucp_routes */
		const char *recipient, *answer, *why;
	} rows[] = {
	    {0, 2, "alpha!u", "uucp:alpha u", "a rule for sites goes before it"},
	    {0, 1, "alpha!mcvax!u", "uucp:alpha mcvax!u", "a rule for sites goes before it"},
	    {1, 1, "bravo!u", "mx:bravo.example.net u@bravo.example.net",
	     "a site goes by the paths only when no route takes it"},
	    {3, 1, "alpha!u", "reject 5.4.4", "no route takes the site, and the paths know it"},
	    {3, 1, "seismo!u", "smtp:vax43-smtp.example.com:25 seismo!u@vax43.example.com 95",
	     "the paths know the host"},
	};
	struct config c = with_paths();
	struct buf got = {0};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct route_steps steps = {0};
		struct route_answer a = {.steps = &steps};
		struct config_faults faults = {0};
		struct route_table *t;

		c.routes = uucp_routes + rows[i].first;
		c.nroutes = rows[i].n;
		t = table_of(&c, &faults, 0);
		assert_int_equal(route_find(t, span_of(rows[i].recipient), ASK(NULL), &a), 0);
		describe(&a, &got);
		expect(rows[i].recipient, buf_text(&got), rows[i].answer);
		for (k = 0; k < steps.ncandidates; k++)
			if (strstr(steps.candidates[k].words, " by the path ") != NULL)
				expect(rows[i].recipient,
				       route_candidate_why(&steps, &steps.candidates[k]),
				       rows[i].why);
		expect_same_hop(t, rows[i].recipient, &a);
		route_steps_free(&steps);
		route_answer_free(&a);
		route_table_free(t);
	}
	buf_free(&got);
}

static void
paths_that_lead_nowhere_are_counted(void **state)
{
	struct config c = with_paths();
	struct config_faults faults = {0};
	struct route_table *t = table_of(&c, &faults, 0);
	struct route_astray astray;

	(void)state;
	assert_int_equal(route_paths_astray(t, &astray), 0);
	assert_int_equal(astray.n, 2);
	assert_true(span_is(astray.host, "cwi.nl"));
	assert_int_equal(astray.place.line, 14);
	expect("why", astray.verdict.status, "5.1.2");
	route_table_free(t);
}

/* ---- rerouting ---- */

static void
hops_are_left_out_as_reroute_says(void **state)
{
	static const struct {
		enum reroute_policy policy;
		const char *recipient, *from, *destination;
	} rows[] = {
	    {REROUTE_NONE, "decvax!cwi.nl!piet", NULL, "site:decvax"},
	    {REROUTE_NONE, "decvax!mcvax!piet", NULL, "site:decvax"},
	    {REROUTE_LAST_DOMAIN, "decvax!cwi.nl!piet", NULL, "domain:cwi.nl"},
	    {REROUTE_LAST_DOMAIN, "decvax!a.example!b!c.example!d!piet", NULL, "domain:c.example"},
	    {REROUTE_LAST_DOMAIN, "decvax!a.example![192.0.2.1]!u", NULL, "domain:a.example"},
	    {REROUTE_LAST_DOMAIN, "decvax!mcvax.UUCP!piet", NULL, "site:decvax"},
	    {REROUTE_LAST_DOMAIN, "decvax!gw.example.com!fred", NULL, "site:decvax"},
	    {REROUTE_LAST_DOMAIN, "decvax!vax43.example.com!u", NULL, "site:vax43"},
	    {REROUTE_LAST_DOMAIN, "cwi.nl!decvax!piet", NULL, "domain:cwi.nl"},
	    {REROUTE_LAST_DOMAIN, "fred", NULL, "local:gw.example.com"},
	    {REROUTE_PATHS, "decvax!mcvax!piet", NULL, "site:mcvax"},
	    {REROUTE_PATHS, "decvax!mcvax!x!piet", NULL, "site:mcvax"},
	    {REROUTE_PATHS, "decvax!mcvax!x!vax43!y!piet", NULL, "site:vax43"},
	    {REROUTE_PATHS, "decvax!x.nl!piet", NULL, "site:decvax"},
	    {REROUTE_PATHS, "decvax!gw2!piet", NULL, "site:gw2"},
	    {REROUTE_PATHS, "decvax!modern!piet", NULL, "site:decvax"},
	    {REROUTE_PATHS, "mcvax!piet", NULL, "site:mcvax"},
	    /* a neighbour may be told otherwise; a stranger's path is taken as it stands */
	    {REROUTE_PATHS, "decvax!mcvax!piet", "alpha", "site:decvax"},
	    {REROUTE_PATHS, "decvax!mcvax!piet", "vax43", "site:mcvax"},
	    {REROUTE_NONE, "decvax!cwi.nl!piet", "bravo", "domain:cwi.nl"},
	    {REROUTE_PATHS, "decvax!vax43!u", "guest", "refused:"},
	    {REROUTE_PATHS, "decvax!vax43!u", "stranger", "refused:"},
	    {REROUTE_PATHS, "vax43!mcvax!u", "guest", "site:vax43"},
	    {REROUTE_LAST_DOMAIN, "decvax!vax43.example.com!u", "stranger", "refused:"},
	};
	struct config_site sites[sizeof gateway_sites / sizeof gateway_sites[0]];
	struct config c = with_paths();
	struct buf got = {0};
	size_t i;

	(void)state;
	memcpy(sites, gateway_sites, sizeof sites);
	sites[1].reroute = REROUTE_NONE;        /* alpha */
	sites[3].reroute = REROUTE_LAST_DOMAIN; /* bravo, which reads a!b@c as a!(b@c) */
	c.sites = sites;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct config_faults faults = {0};
		struct route_table *t;

		c.reroute = rows[i].policy;
		t = table_of(&c, &faults, 0);
		buf_clear(&got);
		route_destination(t, span_of(rows[i].recipient), ASK(rows[i].from), &got);
		expect(rows[i].recipient, buf_text(&got), rows[i].destination);
		route_table_free(t);
	}
	buf_free(&got);
}

static void
a_door_reads_paths_only_to_reroute(void **state)
{
	struct config_site sites[sizeof gateway_sites / sizeof gateway_sites[0]];
	struct config c = gateway;

	(void)state;
	memcpy(sites, gateway_sites, sizeof sites);
	c.sites = sites;
	assert_int_equal(route_files_to_accept(&c), ROUTE_ALIASES);
	c.reroute = REROUTE_LAST_DOMAIN;
	assert_int_equal(route_files_to_accept(&c), ROUTE_ALIASES);
	sites[2].reroute = REROUTE_PATHS;
	assert_int_equal(route_files_to_accept(&c), ROUTE_FILES);
	sites[2].reroute = REROUTE_UNSET;
	c.reroute = REROUTE_PATHS;
	assert_int_equal(route_files_to_accept(&c), ROUTE_FILES);
}

/*
 * Property: a stranger is answered the same whatever `reroute` says, for paths
 * made of all that means something here.
 */
static void
rerouting_gives_a_stranger_nothing(void **state)
{
	static const char *const hops[] = {
	    "vax43",  "guest",        "decvax", "mcvax", "gw",
	    "cwi.nl", "evil.example", "alpha2", "brv",   "bravo.example.net"};
	static const enum reroute_policy policies[] = {REROUTE_LAST_DOMAIN, REROUTE_PATHS};
	struct config c = with_paths();
	struct config_faults faults = {0};
	struct route_table *plain = table_of(&c, &faults, 0), *t;
	struct buf path = {0}, want = {0}, got = {0};
	size_t i, policy, n = sizeof hops / sizeof hops[0];

	(void)state;
	for (policy = 0; policy < 2; policy++) {
		c.reroute = policies[policy];
		t = table_of(&c, &faults, 0);
		for (i = 0; i < n * n * n; i++) {
			buf_clear(&path);
			buf_clear(&want);
			buf_clear(&got);
			buf_fmt(&path, "%s!%s!%s!user", hops[i % n], hops[i / n % n],
			        hops[i / n / n]);
			route_destination(plain, buf_view(&path), ASK("guest"), &want);
			route_destination(t, buf_view(&path), ASK("guest"), &got);
			expect(buf_text(&path), buf_text(&got), buf_text(&want));
		}
		route_table_free(t);
	}
	route_table_free(plain);
	buf_free(&path);
	buf_free(&want);
	buf_free(&got);
}

/* ---- the real thing ---- */

struct corpus {
	char path[80];
	struct buf text;
	struct config_site *sites;
	struct config config;
};

static int
compare_sites(const void *a, const void *b)
{
	const struct config_site *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Every first hop of the file becomes a neighbour. */
static void
corpus_sites(struct corpus *k)
{
	struct span rest = buf_view(&k->text), line, hop;
	size_t n = 0, kept = 0, i;

	k->sites = calloc(20000, sizeof *k->sites);
	while (rest.n > 0) {
		line = span_cut(&rest, '\n');
		span_cut(&line, '\t');
		span_cut(&line, '\t');
		hop = span_cut(&line, '!');
		if (line.n > 0)
			k->sites[n++].name = strndup(hop.p, hop.n);
	}
	qsort(k->sites, n, sizeof *k->sites, compare_sites);
	for (i = 0; i < n; i++) {
		if (i > 0 && strcmp(k->sites[i].name, k->sites[kept - 1].name) == 0)
			free((char *)k->sites[i].name);
		else
			k->sites[kept++] = (struct config_site){
			    .name = k->sites[i].name, .domain = "", .relay = true};
	}
	k->config.sites = k->sites;
	k->config.nsites = kept;
}

static void
corpus_open(struct corpus *k, const char *host)
{
	static struct config_route routes[] = {{.to = "site:*", .hop = HOP_UUCP},
	                                       {.to = "*", .hop = HOP_UUCP}};
	char command[300];
	FILE *f;

	snprintf(k->path, sizeof k->path, "%s/%s", directory, host);
	snprintf(command, sizeof command,
	         "zcat tests/data/maps/paths-1987-12-%s.tsv.gz >'%s' && chmod 644 '%s'", host,
	         k->path, k->path);
	assert_int_equal(system(command), 0);
	assert_non_null(f = fopen(k->path, "r"));
	assert_int_equal(buf_room(&k->text, 1000000), 0);
	k->text.n = fread(k->text.p, 1, 1000000, f);
	fclose(f);
	k->config = (struct config){.hostname = "here.invalid", .local = "", .postmaster = ""};
	k->config.routes = routes;
	k->config.nroutes = 2;
	k->config.reroute = REROUTE_NONE;
	corpus_sites(k);
}

static void
corpus_close(struct corpus *k)
{
	size_t i;

	for (i = 0; i < k->config.nsites; i++)
		free((char *)k->sites[i].name);
	free(k->sites);
	buf_free(&k->text);
}

/* What is asked to use a line, and what its route makes of that; "" when it leads nowhere. */
static void
ask_line(struct span line, struct buf *asked, struct buf *want)
{
	struct span host, user;

	span_cut(&line, '\t');
	host = span_cut(&line, '\t');
	buf_clear(asked);
	buf_clear(want);
	if (host.p[0] == '.')
		buf_str(asked, "some-host");
	buf_fmt(asked, "%.*s!user", (int)host.n, host.p);
	user = host.p[0] == '.' ? buf_view(asked) : SPAN("user");
	if (!span_is(line, "%s"))
		buf_fmt(want, "%.*s%.*s", (int)(line.n - 2), line.p, (int)user.n, user.p);
}

static void
every_route_of_1987_is_gone_as_it_is_written(void **state)
{
	static const struct {
		const char *name;
		size_t ours; /* lines with the route %s: what that means the configuration says */
	} hosts[] = {{"ihnp4", 4}, {"mcvax", 7}, {"rutgers", 17}};
	size_t i, asked_n, as_ours;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct corpus k = {0};
		struct config_strings files = LIST(k.path), ours = LIST(hosts[i].name);
		struct config_faults faults = {0};
		struct route_answer a = {0};
		struct buf asked = {0}, want = {0}, got = {0};
		struct route_table *t;
		struct span rest;
		int64_t began;

		corpus_open(&k, hosts[i].name);
		k.config.paths = files;
		k.config.uucp_names = ours;
		t = route_table_new(&k.config);
		began = clock_mono_ms();
		assert_int_equal(route_table_read(t, ROUTE_PATHS, &faults), 0);
		print_message("# %s: read in %lld ms\n", hosts[i].name,
		              (long long)(clock_mono_ms() - began));
		assert_int_equal(faults.n, 0);
		rest = buf_view(&k.text);
		for (asked_n = as_ours = 0; rest.n > 0; asked_n++) {
			ask_line(span_cut(&rest, '\n'), &asked, &want);
			assert_int_equal(route_find(t, buf_view(&asked), ASK(NULL), &a), 0);
			buf_clear(&got);
			if (a.hop == HOP_UUCP)
				buf_fmt(&got, "%s!%s", a.site->name, buf_text(&a.address));
			if (want.n > 0)
				expect(buf_text(&asked), buf_text(&got), buf_text(&want));
			else
				as_ours++;
			expect_same_hop(t, buf_text(&asked), &a);
		}
		assert_int_equal(asked_n, 10840);
		assert_int_equal(as_ours, hosts[i].ours);
		route_answer_free(&a);
		route_table_free(t);
		buf_free(&asked);
		buf_free(&want);
		buf_free(&got);
		corpus_close(&k);
	}
}

/* As many hosts as the largest known set of maps had, and not in order. */
static void
thirty_three_thousand_routes_are_read_at_once(void **state)
{
	char path[80];
	struct config c = gateway;
	struct config_strings files = LIST(path);
	struct config_faults faults = {0};
	struct route_table *t;
	struct buf text = {0};
	int64_t began, took;
	unsigned i;

	(void)state;
	for (i = 0; i < 33375; i++)
		buf_fmt(&text, "host%u\talpha!mtune!rutgers!uunet!hop%u!host%u!%%s\n",
		        i * 7919 % 33375, i % 97, i * 7919 % 33375);
	file_write("many", text.p, text.n, path);
	c.paths = files;
	began = clock_mono_ms();
	t = table_of(&c, &faults, 0);
	took = clock_mono_ms() - began;
	print_message("# 33,375 unsorted routes: %lld ms\n", (long long)took);
	assert_int_equal(faults.n, 0);
	assert_true(took < 2000);
	buf_free(&text);
	route_table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_is_a_host_a_route_and_perhaps_a_cost),
	    cmocka_unit_test(a_line_and_a_route_have_their_bounds),
	    cmocka_unit_test(what_is_wrong_with_a_file_is_told),
	    cmocka_unit_test(not_every_slip_of_a_file_is_told),
	    cmocka_unit_test(a_file_that_was_replaced_is_noticed),
	    cmocka_unit_test(a_host_that_no_rule_names_goes_by_its_path),
	    cmocka_unit_test(a_map_in_lower_case_names_the_same_sites),
	    cmocka_unit_test(the_path_is_told_with_its_line),
	    cmocka_unit_test(a_site_goes_by_any_rule_before_its_path),
	    cmocka_unit_test(paths_that_lead_nowhere_are_counted),
	    cmocka_unit_test(hops_are_left_out_as_reroute_says),
	    cmocka_unit_test(a_door_reads_paths_only_to_reroute),
	    cmocka_unit_test(rerouting_gives_a_stranger_nothing),
	    cmocka_unit_test(every_route_of_1987_is_gone_as_it_is_written),
	    cmocka_unit_test(thirty_three_thousand_routes_are_read_at_once),
	};

	return cmocka_run_group_tests_name("paths", tests, make_directory, remove_directory);
}
