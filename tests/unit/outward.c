/*
 * What a UUCP neighbour is given, by its class: an address in the header, the
 * USER of the From_ line, the recipient.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/outward.h"

/*
 * For whom, who wrote it, the address; in the header for each class; the USER
 * of the From_ line for old and new, and for domain. NULL: as the one before.
 */
static const struct row {
	const char *to, *from, *address;
	const char *header[CLASSES];
	const char *user[2];
} rows[] = {
    /* a mailbox of ours, by all names we have */
    {"vax43", NULL, "fred", {"gw!fred", "fred@gw.example.com"}, {"fred", "gw.example.com!fred"}},
    {"vax43",
     NULL,
     "fred@gw.example.com",
     {"gw!fred", "fred@gw.example.com"},
     {"fred", "gw.example.com!fred"}},
    {"vax43",
     "alpha",
     "modern!fred",
     {"gw!fred", "fred@gw.example.com"},
     {"fred", "gw.example.com!fred"}},
    {"vax43",
     NULL,
     "fred@example.com",
     {"gw!example.com!fred", "fred@example.com"},
     {"example.com!fred"}},
    /* of the neighbour itself, with a domain and without */
    {"vax43",
     NULL,
     "vax43!ernie",
     {"vax43!ernie", "ernie@vax43.example.com"},
     {"vax43!ernie", "vax43.example.com!ernie"}},
    {"vax43",
     NULL,
     "ernie@vax43.example.com",
     {"vax43!ernie", "ernie@vax43.example.com"},
     {"vax43!ernie", "vax43.example.com!ernie"}},
    {"alpha",
     NULL,
     "alpha!bob",
     {"alpha!bob", NULL, "gw.example.com!alpha!bob"},
     {"alpha!bob", "gw.example.com!alpha!bob"}},
    /* behind the neighbour */
    {"vax43",
     NULL,
     "vax43!far!ernie",
     {"far!ernie", NULL, "vax43.example.com!far!ernie"},
     {"vax43!far!ernie", "vax43.example.com!far!ernie"}},
    {"alpha",
     NULL,
     "alpha!far!bob",
     {"far!bob"},
     {"alpha!far!bob", "gw.example.com!alpha!far!bob"}},
    {"vax43",
     NULL,
     "far!ernie@vax43.example.com",
     {"far!ernie", NULL, "vax43.example.com!far!ernie"},
     {"vax43!far!ernie", "vax43.example.com!far!ernie"}},
    /* behind it, by a name that means something else here */
    {"vax43",
     NULL,
     "vax43!alpha!x",
     {"vax43!alpha!x", NULL, "vax43.example.com!alpha!x"},
     {"vax43!alpha!x", "vax43.example.com!alpha!x"}},
    {"vax43",
     NULL,
     "vax43!cwi.example!x",
     {"vax43!cwi.example!x", NULL, "vax43.example.com!cwi.example!x"},
     {"vax43!cwi.example!x", "vax43.example.com!cwi.example!x"}},
    {"vax43",
     NULL,
     "vax43!gw!x",
     {"vax43!gw!x", NULL, "vax43.example.com!gw!x"},
     {"vax43!gw!x", "vax43.example.com!gw!x"}},
    /* another site, and behind it */
    {"vax43",
     "alpha",
     "bob",
     {"gw!alpha!bob", NULL, "gw.example.com!alpha!bob"},
     {"alpha!bob", "gw.example.com!alpha!bob"}},
    {"vax43",
     "alpha",
     "decvax!mcvax!piet",
     {"gw!alpha!decvax!mcvax!piet", NULL, "gw.example.com!alpha!decvax!mcvax!piet"},
     {"alpha!decvax!mcvax!piet", "gw.example.com!alpha!decvax!mcvax!piet"}},
    {"vax43",
     NULL,
     "bravo!x",
     {"gw!bravo!x", "x@bravo.example.net"},
     {"bravo!x", "bravo.example.net!x"}},
    {"vax43",
     NULL,
     "brv!far!x",
     {"gw!brv!far!x", NULL, "bravo.example.net!far!x"},
     {"brv!far!x", "bravo.example.net!far!x"}},
    {"vax43",
     NULL,
     "unknown!x",
     {"gw!unknown!x", NULL, "gw.example.com!unknown!x"},
     {"unknown!x", "gw.example.com!unknown!x"}},
    {"vax43",
     NULL,
     "bob@alpha.UUCP",
     {"gw!alpha!bob", NULL, "gw.example.com!alpha!bob"},
     {"alpha!bob", "gw.example.com!alpha!bob"}},
    /* a site by its name below our domain, as reply-form = "site" makes it */
    {"vax43",
     NULL,
     "bob@alpha.gw.example.com",
     {"gw!alpha!bob", NULL, "gw.example.com!alpha!bob"},
     {"alpha!bob", "gw.example.com!alpha!bob"}},
    /* domains */
    {"vax43",
     NULL,
     "piet@cwi.example",
     {"gw!cwi.example!piet", "piet@cwi.example"},
     {"cwi.example!piet"}},
    {"vax43",
     "alpha",
     "cwi.example!piet",
     {"gw!cwi.example!piet", "piet@cwi.example"},
     {"cwi.example!piet"}},
    {"vax43",
     NULL,
     "piet@cwi.example.",
     {"gw!cwi.example!piet", "piet@cwi.example"},
     {"cwi.example!piet"}},
    {"vax43",
     NULL,
     "piet@[192.0.2.9]",
     {"gw![192.0.2.9]!piet", "piet@[192.0.2.9]"},
     {"[192.0.2.9]!piet"}},
    {"vax43",
     NULL,
     "b!piet@cwi.example",
     {"gw!cwi.example!b!piet", NULL, "cwi.example!b!piet"},
     {"cwi.example!b!piet"}},
    {"vax43",
     "bravo",
     "b!piet@cwi.example",
     {"gw!bravo!b!cwi.example!piet", NULL, "bravo.example.net!b!cwi.example!piet"},
     {"bravo!b!cwi.example!piet", "bravo.example.net!b!cwi.example!piet"}},
    {"vax43",
     NULL,
     "@a.example,@b.example:u@c.example",
     {"gw!c.example!u", "u@c.example"},
     {"c.example!u"}},
    {"vax43",
     NULL,
     "u%far@gw.example.com",
     {"gw!far!u", NULL, "gw.example.com!far!u"},
     {"far!u", "gw.example.com!far!u"}},
    {"vax43",
     NULL,
     "u%far@cwi.example",
     {"gw!cwi.example!u%far", "u%far@cwi.example"},
     {"cwi.example!u%far"}},
    /* RFC 976 2.2: a domain without a dot */
    {"vax43",
     NULL,
     "piet@att",
     {"gw!att.!piet", NULL, "gw.example.com!att.!piet"},
     {"att.!piet", "gw.example.com!att.!piet"}},
    {"vax43",
     NULL,
     "att.!piet",
     {"gw!att.!piet", NULL, "gw.example.com!att.!piet"},
     {"att.!piet", "gw.example.com!att.!piet"}},
    {"vax43",
     NULL,
     "att!piet",
     {"gw!att!piet", NULL, "gw.example.com!att!piet"},
     {"att!piet", "gw.example.com!att!piet"}},
    /* nobody */
    {"vax43", NULL, "", {""}, {""}},
    {"vax43", "alpha", "alpha!<>", {""}, {""}},
    {"vax43",
     "alpha",
     "alpha!MAILER-DAEMON",
     {"gw!alpha!MAILER-DAEMON", NULL, "gw.example.com!alpha!MAILER-DAEMON"},
     {""}},
    /* what needs quotes may stand before an @ in a header, and nowhere else */
    {"vax43", NULL, "\"Joe Soap\"@cwi.example", {"-", "\"Joe Soap\"@cwi.example", NULL}, {"-"}},
    {"vax43", NULL, "alpha!\"Joe Soap\"", {"-"}, {"-"}},
    {"vax43", NULL, "j\303\270rgen@cwi.example", {"-"}, {"-"}},
    {"vax43", NULL, "a`id`@cwi.example", {"-", "a`id`@cwi.example"}, {"-"}},
    {"vax43",
     NULL,
     "o'brien@cwi.example",
     {"gw!cwi.example!o'brien", "o'brien@cwi.example"},
     {"cwi.example!o'brien"}},
};

static void
each_class_has_its_form(void **state)
{
	struct buf out = {0};
	const char *why, *want = NULL;
	size_t i;
	int c, rc;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (c = 0; c < CLASSES; c++) {
			struct config_site to = neighbour(rows[i].to, c);

			want = rows[i].header[c] != NULL ? rows[i].header[c] : want;
			buf_clear(&out);
			why = "";
			rc = rewrite_address(FOR(rows[i].from, &to), span_of(rows[i].address), &out,
			                     &why);
			assert_true(rc == 0 || (out.n == 0 && why[0] != '\0'));
			expect_of_class(rows[i].address, c, rc < 0 ? "-" : buf_text(&out), want);
		}
		for (c = 0; c < CLASSES; c++) {
			struct config_site to = neighbour(rows[i].to, c);
			const char *postmaster =
			    c == SITE_DOMAIN ? "gw.example.com!postmaster" : "postmaster";

			want = rows[i].user[c == SITE_DOMAIN && rows[i].user[1] != NULL];
			buf_clear(&out);
			rc = rewrite_sender(FOR(rows[i].from, &to), span_of(rows[i].address), &out,
			                    NULL, &why);
			assert_int_equal(rc, strcmp(want, "-") == 0);
			expect_of_class(rows[i].address, c, buf_text(&out),
			                rc == 1 ? postmaster : want);
		}
	}
	buf_free(&out);
}

/* The recipient, its form for each class; "5.x" a refusal. */
static const struct {
	const char *address, *form[CLASSES];
} recipients[] = {
    {"vax43!ernie", {"ernie"}},
    {"ernie@vax43.example.com", {"ernie"}},
    {"gw!vax43!far!ernie", {"far!ernie"}},
    {"vax43!u%far", {"u%far"}},
    {"vax43!cwi.example!piet", {"cwi.example!piet", "piet@cwi.example"}},
    {"cwi.example!piet@vax43.example.com", {"cwi.example!piet", "piet@cwi.example"}},
    {"vax43!cwi.example.!piet", {"cwi.example.!piet", "piet@cwi.example"}},
    {"vax43!cwi.example!b!piet", {"cwi.example!b!piet"}},
    {"vax43!b!cwi.example!piet", {"b!cwi.example!piet"}},
    {"vax43!o'brien", {"o'brien"}},
    {"vax43!-x", {"vax43!-x"}},
    {"vax43!far!-x", {"far!-x"}},
    {"vax43!cwi.example!-oQ/tmp", {"cwi.example!-oQ/tmp"}},
    {"vax43!~uucp", {"vax43!~uucp"}},
    {"vax43!cwi.example!~/x", {"cwi.example!~/x"}},
    {"vax43!cwi.example!x~y", {"cwi.example!x~y", "x~y@cwi.example"}},
    {"\"Joe Soap\"@vax43.example.com", {"5.1.3"}},
    {"\"a!b\"@vax43.example.com", {"5.1.3"}},
    {"vax43!a`id`", {"5.1.3"}},
    {"j\303\270rgen@vax43.example.com", {"5.6.7"}},
    {"vax43!b\303\274cher.example!x", {"5.6.7"}},
};

static void
each_class_has_its_recipient(void **state)
{
	const char *status, *why, *want = NULL;
	struct buf out = {0};
	struct resolved r;
	size_t i;
	int c, code;

	(void)state;
	for (i = 0; i < sizeof recipients / sizeof recipients[0]; i++)
		for (c = 0; c < CLASSES; c++) {
			struct config_site to = neighbour("vax43", c);

			want = recipients[i].form[c] != NULL ? recipients[i].form[c] : want;
			assert_int_equal(
			    resolve(table, span_of(recipients[i].address), ASK(NULL), NULL, &r), 0);
			assert_int_equal(r.kind, RESOLVED_SITE);
			buf_clear(&out);
			code = outward_recipient(&to, &r.addr, &out, &status, &why);
			assert_true(code == 0 || (code == 553 && out.n == 0));
			expect_of_class(recipients[i].address, c,
			                code != 0 ? status : buf_text(&out), want);
			resolved_free(&r);
		}
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_class_has_its_form),
	    cmocka_unit_test(each_class_has_its_recipient),
	};

	return cmocka_run_group_tests(tests, gateway_open, gateway_close);
}
