/*
 * Who lives here, and whom a name means: users, aliases, catch-all and
 * postmaster of several domains, and lists with owners.
 */
#include "bridge/route/route.h"
#include "tests/unit/ask.h"
#include "tests/unit/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char general[] =
    "staff: piet, ernie@vax43.example.com, decvax!mcvax!jim, nobody-here\n"
    "piet: \\piet, piet@home.example\n"
    "fred: staff\n"
    "twice: staff, piet, STAFF, piet@home.example\n"
    "a: b, x@a.example\n"
    "b: c\n"
    "c: a, x@c.example\n"
    "round: about\n"
    "about: round\n"
    "myself: myself\n"
    "tools: |/bin/vacation, /var/log/mail, x@a.example\n"
    "ship: jim, x@sea.example, crew, engine\n"
    "owner-ship: captain@home.example\n"
    "crew: y@sea.example\n"
    "engine: z@sea.example\n"
    "engine-owner: chief\n"
    "chief: chief@home.example\n"
    "Mixed: x@a.example, ship\n"
    "abuse: postmaster\n"
    "\"joe soap\": jim\n"
    "detail+sea: x@sea.example\n";

static const char museum[] = "staff: curator, guard\n"
                             "postmaster: guard\n"
                             "guard: guard@night.example\n";

static char directory[] = "/tmp/bangway-local-XXXXXX";
static char general_path[64], museum_path[64];
static const char *general_files[] = {general_path}, *museum_files[] = {museum_path};

static struct config_domain own[] = {
    {.place = {"c", 1}, .name = "gw.example.com", .catch_all = "", .postmaster = "", .local = ""},
    {.place = {"c", 2},
     .name = "museum.example",
     .users = LIST("curator", "Night-Watch"),
     .aliases = {museum_files, 1},
     .catch_all = "curator@museum.example",
     .postmaster = "postmaster@museum.example",
     .local = "maildir:/museum/%u"},
    {.place = {"c", 3},
     .name = "open.example",
     .users = LIST("*"),
     .catch_all = "none",
     .postmaster = "",
     .local = ""},
    {.place = {"c", 4},
     .name = "away.example",
     .users = {(const char *[]){NULL}, 0},
     .aliases = {(const char *[]){NULL}, 0},
     .catch_all = "archive@far.example",
     .postmaster = "",
     .local = ""},
};

static struct config_route routes[] = {
    {.place = {"c", 20}, .to = "*", .hop = HOP_MX},
    {.place = {"c", 21},
     .to = "robot@gw.example.com",
     .hop = HOP_SMTP,
     .hosts = {{"robot.example", 25}},
     .nhosts = 1},
    {.place = {"c", 22},
     .to = "site:*",
     .hop = HOP_SMTP,
     .hosts = {{"hub.example", 25}},
     .nhosts = 1},
};

static struct config here = {
    .files = LIST("c"),
    .hostname = "hub.example.com",
    .uucp_names = LIST("gw"),
    .domains = LIST("gw.example.com", "museum.example", "open.example", "away.example"),
    .own = own,
    .users = LIST("jim", "piet", "Night.Watch", "plus+sign"),
    .aliases = {general_files, 1},
    .local = "maildir:/var/mail/%u",
    .postmaster = "owner@example.org",
    .routes = routes,
    .nroutes = sizeof routes / sizeof routes[0],
};

static struct route_table *table;

static void
write_file(char path[64], const char *name, const char *text)
{
	FILE *f;

	snprintf(path, 64, "%s/%s", directory, name);
	assert_non_null(f = fopen(path, "w"));
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int
begin(void **state)
{
	struct config_faults faults = {0};

	(void)state;
	assert_non_null(mkdtemp(directory));
	write_file(general_path, "aliases", general);
	write_file(museum_path, "museum", museum);
	assert_non_null(table = route_table_new(&here));
	assert_int_equal(route_table_read(table, ROUTE_ALIASES, &faults), 0);
	assert_int_equal(faults.n, 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	route_table_free(table);
	unlink(general_path);
	unlink(museum_path);
	return rmdir(directory);
}

/* A mailbox's directory, an address with what is in front of its route, or why it is refused. */
static void
mailboxes_are_found(void **state)
{
	static const struct {
		const char *recipient, *found;
	} rows[] = {
	    {"jim@gw.example.com", "/var/mail/jim"},
	    {"JIM", "/var/mail/jim"},
	    {"gw!jim", "/var/mail/jim"},
	    {"jim@hub.example.com", "/var/mail/jim"},
	    {"night.watch@gw.example.com", "/var/mail/Night.Watch"},
	    {"jim+news@gw.example.com", "/var/mail/jim"},
	    {"plus+sign@gw.example.com", "/var/mail/plus+sign"},
	    {"plus+other@gw.example.com", "5.1.1"},
	    {"+jim@gw.example.com", "5.1.1"},
	    {"ernie@gw.example.com", "5.1.1"},
	    {"curator@gw.example.com", "5.1.1"},
	    {"curator@museum.example", "/museum/curator"},
	    {"NIGHT-watch@MUSEUM.example", "/museum/Night-Watch"},
	    {"jim@museum.example", "/museum/curator"},
	    {"anybody+else@museum.example", "/museum/curator"},
	    {"anybody@open.example", "/var/mail/anybody"},
	    {"Any+detail@open.example", "/var/mail/any"},
	    {"jim@away.example", "archive@far.example"},
	    {"postmaster@gw.example.com", "owner@example.org"},
	    {"PostMaster@open.example", "owner@example.org"},
	    {"mailer-daemon@away.example", "owner@example.org"},
	    {"postmaster@museum.example", "/museum/postmaster"},
	    {"robot@gw.example.com", "robot@gw.example.com"},
	    {"|/bin/sh@gw.example.com", "5.1.1"},
	    /* an alias was expanded before, or it is none of ours to keep a letter for */
	    {"piet@gw.example.com", "/var/mail/piet"},
	    {"staff@gw.example.com", "5.1.6"},
	    {"round@gw.example.com", "5.4.6"},
	    {"myself@gw.example.com", "5.1.1"},
	    {"staff@open.example", "5.1.6"},
	    {"piet@open.example", "/var/mail/piet"},
	};
	struct route_answer a = {0};
	const char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(route_find(table, span_of(rows[i].recipient), ASK(NULL), &a), 0);
		got = a.verdict.outcome == OUTCOME_NEVER ? a.verdict.status
		      : a.path.n > 0                     ? buf_text(&a.path)
		                                         : buf_text(&a.address);
		if (strcmp(got, rows[i].found) != 0)
			fail_msg("%s: %s %s", rows[i].recipient, got, a.verdict.words);
	}
	route_answer_free(&a);
}

/* By the list of its domain, with that list's line. */
static void
users_are_told_with_their_list(void **state)
{
	static const struct {
		const char *recipient, *words;
		int line;
	} rows[] = {
	    {"curator@museum.example", "curator is a user of ours", 2},
	    {"x@museum.example", "curator is a user of ours", 2},
	    {"jim@gw.example.com", "jim is a user of ours", 0},
	    {"ernie@gw.example.com", "ernie is none of the `users` of gw.example.com", 0},
	};
	struct route_steps steps = {0};
	struct route_answer a = {.steps = &steps};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(route_find(table, span_of(rows[i].recipient), ASK(NULL), &a), 0);
		for (j = 0; j < steps.n; j++)
			if (strcmp(steps.v[j].words, rows[i].words) == 0)
				break;
		if (j == steps.n)
			fail_msg("%s: not told: %s", rows[i].recipient, rows[i].words);
		assert_int_equal(steps.v[j].place.line, rows[i].line);
		route_steps_free(&steps);
	}
	route_answer_free(&a);
}

static void
show(const struct route_expansion *x, struct buf *out)
{
	size_t i;

	for (i = 0; i < x->n; i++) {
		buf_fmt(out, "%s%s", i > 0 ? " " : "", x->v[i].address);
		if (strcmp(x->v[i].destination, "refused:") == 0)
			buf_str(out, "=no");
		if (x->v[i].owner != NULL)
			buf_fmt(out, " by %s", x->v[i].owner);
	}
	buf_fmt(out, "%s%s", x->nobody ? " nobody" : "", x->circle != NULL ? " circle" : "");
}

static void
aliases_become_their_members(void **state)
{
	static const struct {
		const char *recipient, *from, *members;
	} rows[] = {
	    /* none */
	    {"jim@gw.example.com", NULL, "jim@gw.example.com"},
	    {"gw!jim", NULL, "gw!jim"},
	    {"x@elsewhere.example", NULL, "x@elsewhere.example"},
	    {"x@elsewhere.example", "stranger", "x@elsewhere.example=no"},
	    {"nobody-here", NULL, "nobody-here=no"},
	    {"jim+x", NULL, "jim+x"},
	    {"postmaster", NULL, "postmaster"},
	    /* some; whoever asks, members may be anywhere */
	    {"staff", "stranger",
	     "piet@gw.example.com piet@home.example ernie@vax43.example.com decvax!mcvax!jim "
	     "nobody-here@gw.example.com=no"},
	    {"Staff+detail@GW.example.com", NULL,
	     "piet@gw.example.com piet@home.example ernie@vax43.example.com decvax!mcvax!jim "
	     "nobody-here@gw.example.com=no"},
	    {"piet@hub.example.com", NULL, "piet@hub.example.com piet@home.example"},
	    {"fred", NULL,
	     "piet@gw.example.com piet@home.example ernie@vax43.example.com decvax!mcvax!jim "
	     "nobody-here@gw.example.com=no"},
	    {"twice", NULL,
	     "piet@gw.example.com piet@home.example ernie@vax43.example.com decvax!mcvax!jim "
	     "nobody-here@gw.example.com=no"},
	    {"piet@open.example", NULL, "piet@open.example piet@home.example"},
	    {"\"joe soap\"@gw.example.com", NULL, "jim@gw.example.com"},
	    {"detail+sea", NULL, "x@sea.example"},
	    {"detail+lake", NULL, "detail+lake=no"},
	    {"abuse", NULL, "postmaster@gw.example.com"},
	    {"tools", NULL,
	     "|/bin/vacation@gw.example.com=no /var/log/mail@gw.example.com=no x@a.example"},
	    /* of another domain */
	    {"staff@museum.example", NULL, "curator@museum.example guard@night.example"},
	    {"postmaster@museum.example", NULL, "guard@night.example"},
	    {"piet@museum.example", NULL, "piet@museum.example"},
	    {"staff@away.example", NULL, "staff@away.example"},
	    /* circles */
	    {"a", NULL, "x@c.example x@a.example circle"},
	    {"b", NULL, "x@a.example x@c.example circle"},
	    {"round", NULL, "round=no nobody circle"},
	    {"myself", NULL, "myself@gw.example.com=no"},
	    /* lists */
	    {"ship", NULL,
	     "jim@gw.example.com by owner-ship@gw.example.com x@sea.example by "
	     "owner-ship@gw.example.com y@sea.example by owner-ship@gw.example.com "
	     "z@sea.example by engine-owner@gw.example.com"},
	    {"engine@open.example", NULL, "z@sea.example by engine-owner@open.example"},
	    {"mixed", NULL,
	     "x@a.example jim@gw.example.com by owner-ship@gw.example.com x@sea.example by "
	     "owner-ship@gw.example.com y@sea.example by owner-ship@gw.example.com "
	     "z@sea.example by engine-owner@gw.example.com"},
	    {"owner-ship", NULL, "captain@home.example"},
	    {"engine-owner", NULL, "chief@home.example"},
	};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct route_expansion x = {0};

		buf_clear(&out);
		assert_int_equal(
		    route_expand(table, span_of(rows[i].recipient), ASK(rows[i].from), NULL, &x),
		    0);
		show(&x, &out);
		if (strcmp(buf_text(&out), rows[i].members) != 0)
			fail_msg("%s:\nis  %s\nnot %s", rows[i].recipient, buf_text(&out),
			         rows[i].members);
		route_expansion_free(&x);
	}
	buf_free(&out);
}

/* What a member is refused for at acceptance it is refused for when its turn comes. */
static void
members_are_found_again(void **state)
{
	static const char *const names[] = {"staff", "tools", "ship", "twice", "myself", "a"};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct route_expansion x = {0};
		struct route_answer a = {0};

		assert_int_equal(route_expand(table, span_of(names[i]), ASK(NULL), NULL, &x), 0);
		for (k = 0; k < x.n; k++) {
			assert_int_equal(route_find(table, span_of(x.v[k].address), ASK(NULL), &a),
			                 0);
			assert_string_equal(buf_text(&a.destination), x.v[k].destination);
		}
		route_answer_free(&a);
		route_expansion_free(&x);
	}
}

/* Of the recipients of one letter each is there once, whichever way leads to him. */
static void
several_recipients_are_one_letter(void **state)
{
	static const struct {
		const char *recipient;
		size_t n, reached;
	} rows[] = {
	    {"gw!jim", 1, 1}, {"Jim@GW.example.com", 0, 1},      {"piet", 2, 2},
	    {"staff", 3, 4},  {"STAFF@gw.example.com", 0, 1},    {"x@sea.example", 1, 1},
	    {"ship", 2, 4},   {"ernie@vax43.example.com", 0, 1},
	};
	struct seen seen = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct route_expansion x = {0};

		assert_int_equal(
		    route_expand(table, span_of(rows[i].recipient), ASK(NULL), &seen, &x), 0);
		if (x.n != rows[i].n || x.reached != rows[i].reached || x.nobody)
			fail_msg("%s: %zu of %zu", rows[i].recipient, x.n, x.reached);
		route_expansion_free(&x);
	}
	seen_free(&seen);
}

static void
members_have_a_bound(void **state)
{
	struct route_expansion x = {.most = 2};

	(void)state;
	assert_int_equal(route_expand(table, SPAN("staff"), ASK(NULL), NULL, &x), 0);
	assert_true(x.too_many);
	assert_int_equal(x.n, 2);
	route_expansion_free(&x);
}

/* Deeper than anybody means: the deepest is cut, and nothing runs out of stack. */
static void
nesting_has_a_bound(void **state)
{
	char path[64];
	const char *files[] = {path};
	struct config c = here;
	struct config_faults faults = {0};
	struct route_expansion x = {0};
	struct route_table *t;
	struct buf text = {0};
	int i;

	(void)state;
	for (i = 0; i < 5000; i++)
		buf_fmt(&text, "n%d: n%d, x%d@deep.example\n", i, i + 1, i);
	write_file(path, "deep", buf_text(&text));
	c.own = NULL;
	c.aliases = (struct config_strings){files, 1};
	assert_non_null(t = route_table_new(&c));
	assert_int_equal(route_table_read(t, ROUTE_ALIASES, &faults), 0);
	assert_int_equal(route_expand(t, SPAN("n0"), ASK(NULL), NULL, &x), 0);
	assert_int_equal(x.n, 51);
	assert_string_equal(x.v[0].address, "n50@gw.example.com");
	assert_string_equal(x.v[0].destination, "refused:");
	assert_string_equal(x.circle, "n50 is behind more than 50 other aliases");
	route_expansion_free(&x);
	route_table_free(t);
	config_faults_free(&faults);
	buf_free(&text);
	unlink(path);
}

/* Why an alias leads to nobody, and each circle once. */
static void
circles_and_slips_are_told_apart(void **state)
{
	static const char text[] = "bad: fred@@x\n"           /* 1 */
	                           "open: \"fred\n"           /* 2 */
	                           "worse: bad\n"             /* 3 */
	                           "loop2: loop1\n"           /* 4 */
	                           "loop1: loop2\n"           /* 5 */
	                           "to-loop: loop1\n"         /* 6 */
	                           "a: b\nb: c\nc: d\nd: e\n" /* 7-10 */
	                           "e: f\nf: a\n"             /* 11 */
	                           "x: loop1, y\n"            /* 13 */
	                           "y: X, jim@a.example\n"    /* 14 */
	                           "self: self+x\n";          /* 15 */
	static const struct {
		const char *recipient, *status, *words;
	} rows[] = {
	    {"bad@away.example", "5.3.5", "the alias bad leads to nobody: the entry of bad at "},
	    {"bad@away.example", "5.3.5", "/slips:1 has no usable member"},
	    {"open@away.example", "5.3.5", "/slips:2 has no usable member"},
	    {"worse@away.example", "5.3.5",
	     "the alias worse leads to nobody: the entry of bad at "},
	    {"loop1@away.example", "5.4.6",
	     "the alias loop1 leads to nobody: loop2 and loop1 stand for each other"},
	    {"loop2@away.example", "5.4.6", ": loop2 and loop1 stand for each other"},
	    {"to-loop@away.example", "5.4.6",
	     "the alias to-loop leads to nobody: loop2 and loop1 stand for each other"},
	    {"d@away.example", "5.4.6", ": a, b, c, d, e and 1 more stand for one another"},
	    {"self@away.example", "5.4.6", ": self stands for itself"},
	};
	static const struct {
		int line;
		const char *words;
	} circles[] = {
	    {4, "loop2 and loop1 stand for each other: this is cut, or it had no end"},
	    {7, "a, b, c, d, e and 1 more stand for one another: "},
	    {13, "x and y stand for each other: "},
	    {15, "self stands for itself: "},
	};
	static char path[64];
	static const char *files[] = {path};
	struct config c = *route_table_config(table);
	struct config_faults faults = {0};
	struct route_answer a = {0};
	struct route_table *t;
	size_t i, j;

	(void)state;
	write_file(path, "slips", text);
	c.own = NULL;
	c.aliases = (struct config_strings){files, 1};
	assert_non_null(t = route_table_new(&c));
	assert_int_equal(route_table_read(t, ROUTE_ALIASES, &faults), 0);
	config_faults_free(&faults);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(route_find(t, span_of(rows[i].recipient), ASK(NULL), &a), 0);
		if (strcmp(a.verdict.status, rows[i].status) != 0 ||
		    strstr(a.verdict.words, rows[i].words) == NULL)
			fail_msg("%s: %s %s", rows[i].recipient, a.verdict.status, a.verdict.words);
	}
	route_check_circles(t, &faults);
	assert_int_equal(faults.n, sizeof circles / sizeof circles[0]);
	for (i = 0; i < faults.n; i++) {
		for (j = 0; j < faults.n && faults.v[j].place.line != circles[i].line; j++)
			;
		assert_true(j < faults.n && faults.v[j].warning);
		assert_non_null(strstr(faults.v[j].words, circles[i].words));
	}
	route_answer_free(&a);
	route_table_free(t);
	config_faults_free(&faults);
	unlink(path);
}

static void
files_that_cannot_be_used_are_faults(void **state)
{
	static const char *const texts[] = {NULL, "l: :include:/nowhere/list\n"};
	char path[64];
	const char *files[] = {path};
	struct config c = here;
	size_t i;

	(void)state;
	c.own = NULL;
	c.aliases = (struct config_strings){files, 1};
	for (i = 0; i < 2; i++) {
		struct config_faults faults = {0};
		struct route_table *t = route_table_new(&c);

		write_file(path, "bad", texts[i] != NULL ? texts[i] : "");
		if (texts[i] == NULL)
			unlink(path);
		assert_non_null(t);
		assert_int_equal(route_table_read(t, ROUTE_ALIASES, &faults), -1);
		assert_non_null(config_faults_first(&faults));
		route_table_free(t);
		config_faults_free(&faults);
	}
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mailboxes_are_found),
	    cmocka_unit_test(users_are_told_with_their_list),
	    cmocka_unit_test(aliases_become_their_members),
	    cmocka_unit_test(members_are_found_again),
	    cmocka_unit_test(several_recipients_are_one_letter),
	    cmocka_unit_test(members_have_a_bound),
	    cmocka_unit_test(nesting_has_a_bound),
	    cmocka_unit_test(circles_and_slips_are_told_apart),
	    cmocka_unit_test(files_that_cannot_be_used_are_faults),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
