#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/addr/from_line.h"

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))
#define D       "Mon Jan  5 10:00:00 1987"
#define NONE    INT64_MIN

/* path NULL: a chain without a usable path. */
struct row {
	const char *letter, *path;
	unsigned lines;
	enum addr_reading how;
};

static void
check(const struct row *r)
{
	struct buf path = {0};
	struct from_chain c;
	int got = from_chain_read(span_of(r->letter), true, r->how, &path, &c);

	if (got != (r->path != NULL ? 0 : -1))
		fail_msg("%s: %d, %s", r->letter, got, c.why ? c.why : "");
	if (c.lines != r->lines)
		fail_msg("%s: %u lines", r->letter, c.lines);
	if (got < 0)
		assert_non_null(c.why);
	else if (!span_is(c.path, r->path))
		fail_msg("%s: wanted %s, got %.*s", r->letter, r->path, (int)c.path.n, c.path.p);
	buf_free(&path);
}

static void
chains(void **state)
{
	static const struct row rows[] = {
	    /* the newest hop on top, with and without > */
	    {"From u " D " remote from near\n>From v " D " remote from far\n\nbody\n", "near!far!v",
	     2, 0},
	    {"From u " D " remote from near\nFrom v " D " remote from far\n\nbody\n", "near!far!v",
	     2, 0},
	    {">From u " D " remote from near\n\nbody\n", "near!u", 1, 0},
	    /* sites stacked in the user field */
	    {"From a!b!u " D "\n\nbody\n", "a!b!u", 1, 0},
	    {"From a!b!u " D " remote from near\n\nbody\n", "near!a!b!u", 1, 0},
	    {"From a!x " D "\n>From u " D " remote from far\n\nbody\n", "a!far!u", 2, 0},
	    /* an upper line's path says again what the lower lines say */
	    {"From h3!bob " D " remote from near\n>From bob " D " remote from h3\n\nbody\n",
	     "near!h3!bob", 2, 0},
	    {"From h3!h4!bob " D " remote from near\n>From h4!bob " D
	     " remote from h3\n>From bob " D " remote from h4\n\nbody\n",
	     "near!h3!h4!bob", 3, 0},
	    /* dates of all kinds, or none */
	    {"From u Mon Jan 5 10:00 EST 1987 remote from near\n\nbody\n", "near!u", 1, 0},
	    {"From u Fri, 7 Jan 97 14:00:00 GMT remote from near\n\nbody\n", "near!u", 1, 0},
	    {"From u  " D " remote from near\n\nbody\n", "near!u", 1, 0},
	    {"From u\t" D "\tremote from near\n\nbody\n", "near!u", 1, 0},
	    {"From u remote from near\n>From v remote from far\n\nbody\n", "near!far!v", 2, 0},
	    {"From u\n\nbody\n", "u", 1, 0},
	    /* "remote from" inside other text */
	    {"From u 5 (not remote from here) Jan remote from near \t\n\nbody\n", "near!u", 1, 0},
	    {"From u remote from near remote from far\n\nbody\n", "near!u", 1, 0},
	    {"From \"a remote from b\"@d.example " D " remote from near\n\nbody\n",
	     "\"a remote from b\"@d.example", 1, 0},
	    {"From u " D " remote from near\r\n\r\nbody\r\n", "near!u", 1, 0},
	    {"From u " D " remote from near (far away)\n\nbody\n", "near!u", 1, 0},
	    /* the null path in every dress */
	    {"From <> " D " remote from near\n\nbody\n", "", 1, 0},
	    {"From  " D " remote from near\n\nbody\n", "", 1, 0},
	    {"From  remote from near\n\nbody\n", "", 1, 0},
	    {"From MAILER-DAEMON " D " remote from near\n\nbody\n", "", 1, 0},
	    {"From near!MAILER-DAEMON " D "\n\nbody\n", "", 1, 0},
	    {"From near!<> " D "\n\nbody\n", "", 1, 0},
	    {"From MAILER-DAEMON@d.example " D " remote from near\n\nbody\n", "", 1, 0},
	    {"From x " D " remote from near\n>From <> " D " remote from far\n\nbody\n", "", 2, 0},
	    {"From <a!u> " D " remote from near\n\nbody\n", "near!a!u", 1, 0},
	    /* user@domain is absolute, user@site is not */
	    {"From u@d.example " D " remote from near\n\nbody\n", "u@d.example", 1, 0},
	    {"From u@[192.0.2.1] " D " remote from near\n\nbody\n", "u@[192.0.2.1]", 1, 0},
	    {"From u@far " D " remote from near\n\nbody\n", "near!far!u", 1, 0},
	    {"From u@far.UUCP " D " remote from near\n\nbody\n", "near!far!u", 1, 0},
	    {"From u@near.UUCP " D " remote from near\n\nbody\n", "near!u", 1, 0},
	    {"From a!u@far " D " remote from near\n\nbody\n", "near!far!a!u", 1, 0},
	    {"From a!u@far " D " remote from near\n\nbody\n", "near!a!far!u", 1, ADDR_BANG_FIRST},
	    {"From a!u@d.example " D " remote from near\n\nbody\n", "a!u@d.example", 1, 0},
	    {"From a!u@d.example " D " remote from near\n\nbody\n", "u@d.example", 1,
	     ADDR_BANG_FIRST},
	    {"From \"u@x\" " D " remote from near\n\nbody\n", "near!\"u@x\"", 1, 0},
	    /* a source route is nobody's to take */
	    {"From @a:user@b " D " remote from near\n\nbody\n", "near!b!user", 1, 0},
	    {"From @a.example:user@b " D " remote from near\n\nbody\n", "near!b!user", 1, 0},
	    {"From @a,@b:user@c " D " remote from near\n\nbody\n", "near!c!user", 1, 0},
	    {"From @a:user@b.UUCP " D " remote from near\n\nbody\n", "near!b!user", 1, 0},
	    {"From @a:b!user " D " remote from near\n\nbody\n", "near!b!user", 1, 0},
	    {"From @a:user@b.example " D " remote from near\n\nbody\n", "@a:user@b.example", 1, 0},
	    {"From @[IPv6:::1]:user@b " D " remote from near\n\nbody\n", "near!b!user", 1, 0},
	    {"From @a:MAILER-DAEMON@b " D " remote from near\n\nbody\n", "", 1, 0},
	    /* System V's forwarding adds no hop and is no sender, unless there is no other */
	    {"From u " D " remote from near\n>From v " D " forwarded by w\n\nbody\n", "near!u", 2,
	     0},
	    {"From w " D " forwarded by w\n>From v " D " remote from far\n\nbody\n", "far!v", 2, 0},
	    {"From v " D " forwarded by w\n\nbody\n", "v", 1, 0},
	    /* no chain */
	    {"", "", 0, 0},
	    {"\nFrom u " D "\n", "", 0, 0},
	    {"From: u\n\nbody\n", "", 0, 0},
	    {">>From u " D "\n", "", 0, 0},
	    {"> From u " D "\n", "", 0, 0},
	    /* a chain that says nothing usable */
	    {"From \n\nbody\n", NULL, 1, 0},
	    {"From !u " D "\n", NULL, 1, 0},
	    {"From u! " D "\n", NULL, 1, 0},
	    {"From a!!u " D "\n", NULL, 1, 0},
	    {"From u\033[m " D " remote from near\n", NULL, 1, 0},
	    {"From \xe9 " D " remote from near\n", NULL, 1, 0},
	    {"From u " D " remote from \xc3\xa9\n", NULL, 1, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++)
		check(&rows[i]);
}

/* Four things that Debian's rmail (sendmail 8.17.1) gets wrong; tests/system/rmail.sh has them too.
 */
static void
debian_fault_1_a_hop_put_before_user_at_domain(void **state)
{
	(void)state;
	check(&(struct row){"From bob@dom.example " D " remote from near\n\nbody\n",
	                    "bob@dom.example", 1, 0}); /* there: near!bob@dom.example */
}

static void
debian_fault_2_a_hop_put_before_the_null_path(void **state)
{
	(void)state;
	check(&(struct row){"From <> " D " remote from near\n\nbody\n", "", 1,
	                    0}); /* there: near!<> */
}

static void
debian_fault_3_a_mailer_daemon_that_is_answered(void **state)
{
	(void)state;
	check(&(struct row){"From MAILER-DAEMON " D " remote from near\n\nbody\n", "", 1,
	                    0}); /* there: near!MAILER-DAEMON */
}

static void
debian_fault_4_text_of_the_letter_eaten_as_a_hop(void **state)
{
	static const char *const texts[] = {
	    ">From here I quote\n",         "From here on it is text\n",
	    ">From now: 5 letters\n",       ">From the man I am remote from\n",
	    "From Hooray! we won 3 to 0\n", ">From afar I am, remote from home\n",
	};
	struct buf letter = {0}, path = {0};
	struct from_chain c;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(texts); i++) {
		buf_clear(&letter);
		buf_str(&letter, "From bob " D " remote from near\n");
		buf_str(&letter, texts[i]);
		assert_int_equal(from_chain_read(buf_view(&letter), true, 0, &path, &c), 0);
		if (c.lines != 1 || !span_is(c.path, "near!bob")) /* there: near!here */
			fail_msg("%s: %u lines, %.*s", texts[i], c.lines, (int)c.path.n, c.path.p);
		assert_int_equal(c.bytes, letter.n - strlen(texts[i]));
	}
	buf_free(&letter);
	buf_free(&path);
}

static void
each_hop_is_told(void **state)
{
	static const char text[] = "From uucp " D " remote from near\r\n"
	                           ">From b!bob  Sun Jan  4 09:00:00 1987 remote from far\n";
	struct span rest = SPAN(text);
	struct from_line l;

	(void)state;
	assert_true(from_chain_next(&rest, &l));
	assert_true(span_is(l.user, "uucp"));
	assert_true(span_is(l.date, D));
	assert_true(span_is(l.site, "near"));
	assert_true(from_chain_next(&rest, &l));
	assert_true(span_is(l.user, "b!bob"));
	assert_true(span_is(l.date, "Sun Jan  4 09:00:00 1987"));
	assert_true(span_is(l.site, "far"));
	assert_false(from_chain_next(&rest, &l));
}

static void
bounds(void **state)
{
	struct buf letter = {0}, path = {0};
	struct from_chain c;
	size_t i;

	(void)state;
	/* a line longer than any From_ line is data, and need not be had whole to know it */
	buf_str(&letter, "From ");
	for (i = 0; i < FROM_LINE_MAX; i++)
		buf_ch(&letter, 'x');
	assert_int_equal(from_chain_read(buf_view(&letter), false, 0, &path, &c), 0);
	assert_int_equal(c.lines, 0);
	/* nor does a chain go on for ever */
	buf_clear(&letter);
	while (letter.n < 2 * FROM_CHAIN_MAX)
		buf_str(&letter, "From u " D " remote from a\n");
	assert_int_equal(from_chain_read(buf_view(&letter), false, 0, &path, &c), -1);
	assert_string_equal(c.why, "a return path longer than 1000 octets");
	assert_true(c.bytes >= FROM_CHAIN_MAX && c.bytes < FROM_CHAIN_MAX + FROM_LINE_MAX);
	/* many lines without a site are no long path */
	buf_clear(&letter);
	while (letter.n < 2 * FROM_CHAIN_MAX)
		buf_str(&letter, "From u " D "\n");
	assert_int_equal(from_chain_read(buf_view(&letter), false, 0, &path, &c), 0);
	assert_true(span_is(c.path, "u"));
	buf_free(&letter);
	buf_free(&path);
}

static void
dates(void **state)
{
	static const struct {
		const char *text;
		int64_t when_s; /* NONE: no date */
	} rows[] = {
	    {"Mon Jan  5 10:00:00 1987", 536839200},
	    {"Mon Jan 5 10:00:00 1987", 536839200},
	    {"Mon Jan  5 10:00 1987", 536839200},
	    {"Mon Jan  5 10:00:00 EST 1987", 536857200},
	    {"Mon Jan  5 10:00:00 1987 EST", 536857200},
	    {"Mon Jan  5 10:00:00 1987 -0500", 536857200},
	    {"Mon Jan  5 10:00:00 MET DST 1987", 536832000},
	    {"Mon, 5 Jan 87 10:00:00 EST", 536857200},
	    {"5 Jan 87 10:00:00 GMT (Mon)", 536839200},
	    {"5-Jan-87 10:00:00", 536839200},
	    {"1987-01-05T10:00:00Z", 536839200},
	    {"1987-01-05 10:00:00.123 +01:00", 536835600},
	    {"Mon, 05 Jan 1987 10:00:00 +0100 (MET)", 536835600},
	    {"Mon, 5 Jan 1987 22:00:00 GMT+12:00", 536839200},
	    {"Jun 3 1986 5:02:43 MST", 518184163},
	    {"Sat Nov 22 12:31:12 1986", 533046672},
	    {"Sun Nov 22 02:08:41 2026", 1795313321},
	    {"Sun Nov 22 02:08:41 26", 1795313321},
	    {"Sun Nov 22 02:08:41 126", 1795313321},
	    {"Thu Jan  1 00:00:00 1970", 0},
	    {"Wed Dec 31 23:59:59 1969", -1},
	    {"Tue Jan 19 03:14:08 2038", 2147483648},
	    {"5 Jan 1987", 536803200},
	    {"Mon Jan  5 10:00:00 XYZT 1987", 536839200}, /* an unknown zone is UTC */
	    {"", NONE},
	    {"xx yy zz", NONE},
	    {"Mon Jan", NONE},
	    {"here I quote 5", NONE},
	    {"Mon Jan 32 10:00:00 1987", NONE},
	    {"Mon Jan 5 25:00:00 1987", NONE},
	    {"Mon Jan 5 10:61:00 1987", NONE},
	    {"Mon Jan 5 10:00:00:00 1987", NONE},
	    {"Mon Jan 5 : 1987", NONE},
	    {"Mon Jan 5 10: 1987", NONE},
	    {"99999999999 Jan 5", NONE},
	    {"1987-13-05", NONE},
	    {"1987-00-05", NONE},
	    {"1987-", NONE},
	    {"Mon Jan 5 10:00:00 1987 +", NONE},
	    {"Mon Jan 5 10:00:00 1987 +9999", NONE},
	    {"Mon Jan 5 10:00:00 1987 1988", NONE},
	};
	int64_t when_s;
	size_t i;
	int got;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		got = from_date_read(span_of(rows[i].text), &when_s);
		if (got != (rows[i].when_s == NONE ? -1 : 0))
			fail_msg("%s: %d", rows[i].text, got);
		if (got == 0 && when_s != rows[i].when_s)
			fail_msg("%s: %lld", rows[i].text, (long long)when_s);
	}
}

static void
one_new_line(void **state)
{
	struct buf out = {0}, path = {0};
	struct from_chain c;

	(void)state;
	assert_int_equal(from_line_write(&out, SPAN("far!bob"), 536839200, SPAN("gw")), 0);
	assert_string_equal(buf_text(&out),
	                    "From far!bob Mon Jan  5 10:00:00 1987 remote from gw\n");
	assert_int_equal(from_chain_read(buf_view(&out), true, 0, &path, &c), 0);
	assert_true(span_is(c.path, "gw!far!bob"));
	buf_clear(&out);
	assert_int_equal(from_line_write(&out, SPAN("bob"), 536839200, SPAN("")), 0);
	assert_string_equal(buf_text(&out), "From bob Mon Jan  5 10:00:00 1987\n");
	buf_clear(&out);
	assert_int_equal(from_line_write(&out, SPAN(""), 536839200, SPAN("gw")), 0);
	assert_string_equal(buf_text(&out),
	                    "From MAILER-DAEMON Mon Jan  5 10:00:00 1987 remote from gw\n");
	assert_int_equal(from_chain_read(buf_view(&out), true, 0, &path, &c), 0);
	assert_true(span_is(c.path, ""));
	buf_clear(&out);
	assert_int_equal(from_line_write(&out, SPAN("\"a b\""), 0, SPAN("gw")), -1);
	assert_int_equal(from_line_write(&out, SPAN("a\nFrom"), 0, SPAN("gw")), -1);
	assert_int_equal(from_line_write(&out, SPAN("a"), 0, SPAN("gw\n")), -1);
	assert_int_equal(out.n, 0);
	buf_free(&out);
	buf_free(&path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chains),
	    cmocka_unit_test(debian_fault_1_a_hop_put_before_user_at_domain),
	    cmocka_unit_test(debian_fault_2_a_hop_put_before_the_null_path),
	    cmocka_unit_test(debian_fault_3_a_mailer_daemon_that_is_answered),
	    cmocka_unit_test(debian_fault_4_text_of_the_letter_eaten_as_a_hop),
	    cmocka_unit_test(each_hop_is_told),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(dates),
	    cmocka_unit_test(one_new_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
