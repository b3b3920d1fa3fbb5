/*
 * Going by paths: which route the host of a recipient gets, what is told of it,
 * and which hops `reroute` leaves out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/paths_file.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_host_that_no_rule_names_goes_by_its_path),
	    cmocka_unit_test(a_map_in_lower_case_names_the_same_sites),
	    cmocka_unit_test(the_path_is_told_with_its_line),
	    cmocka_unit_test(a_site_goes_by_any_rule_before_its_path),
	    cmocka_unit_test(paths_that_lead_nowhere_are_counted),
	    cmocka_unit_test(hops_are_left_out_as_reroute_says),
	    cmocka_unit_test(a_door_reads_paths_only_to_reroute),
	    cmocka_unit_test(rerouting_gives_a_stranger_nothing),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
