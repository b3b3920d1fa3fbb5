#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/addr/fields.h"
#include "tests/unit/addr_tsv.h"

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))

/* "[place]=bang " of each address; "!" and the reason when the field cannot be read. */
static void
walk(struct span body, enum addr_reading how, struct buf *out)
{
	struct buf store = {0};
	struct field_address f;
	struct fields w;
	int got;

	buf_clear(out);
	fields_begin(&w, body, how);
	while ((got = fields_next(&w, &store, &f)) > 0) {
		assert_true(f.at + f.n <= body.n);
		buf_fmt(out, "%s%.*s=", out->n > 0 ? " " : "", (int)f.n, body.p + f.at);
		addr_print_bang(&f.addr, out);
	}
	if (got < 0) {
		assert_true(w.why[0] != '\0');
		buf_clear(out);
		buf_fmt(out, "! %s", w.why);
	}
	buf_free(&store);
}

static void
lists(void **state)
{
	static const struct {
		const char *body, *want; /* want "!": cannot be read */
	} rows[] = {
	    {"", ""},
	    {" \n\t", ""},
	    {"fred", "fred=fred"},
	    {"a!b!c", "a!b!c=a!b!c"},
	    {"a!b!c (Full Name)", "a!b!c=a!b!c"},
	    {"Full Name <a!b!c>", "a!b!c=a!b!c"},
	    {"\"Full, Name\" <a!b!c>", "a!b!c=a!b!c"},
	    {"Louis J. Giliberto <l@d.example>", "l@d.example=d.example!l"},
	    {"=?utf-8?q?J=C3=B6rg?= <j@d.example>", "j@d.example=d.example!j"},
	    {"J\xf6rg <j@d.example>", "j@d.example=d.example!j"},
	    {"joe@d.example <joe@d.example>", "joe@d.example=d.example!joe"},
	    {"joe@d.example <a!joe>", "a!joe=a!joe"},
	    {"\"joe@d\" <joe>", "joe=joe"},
	    {"joe@<d.example>", "!"},
	    {"joe@ <d.example>", "!"},
	    {"joe@<joe@d.example>", "!"},
	    {"joe@d.example <joe>", "!"},
	    {"fred@a.example, hal@b.example",
	     "fred@a.example=a.example!fred hal@b.example=b.example!hal"},
	    {"mwc!john, mwc!fred", "mwc!john=mwc!john mwc!fred=mwc!fred"},
	    {"a@b,\n\tc@d,\r\n e@f\n", "a@b=b!a c@d=d!c e@f=f!e"},
	    {",, a@b, ,c@d,", "a@b=b!a c@d=d!c"},
	    {"a!b c!d e@f", "a!b=a!b c!d=c!d e@f=f!e"},
	    {"a!b (B) c!d,e!f", "a!b=a!b c!d=c!d e!f=e!f"},
	    {"mwc!bob digest", "!"},
	    {"two words", "!"},
	    {"joe @ d.example (x)", "joe @ d.example=d.example!joe"},
	    {"joe(home)@(at) d.(dot)example", "joe(home)@(at) d.(dot)example=d.example!joe"},
	    {"<joe\n @d.example>", "joe\n @d.example=d.example!joe"},
	    {"< joe@d.example >", "joe@d.example=d.example!joe"},
	    {"<@a,@b:joe@d.example>", "@a,@b:joe@d.example=d.example!joe"},
	    {"@a,@b:joe@d.example, x@y", "@a,@b:joe@d.example=d.example!joe x@y=y!x"},
	    {"<@a, @b : joe@d.example>", "@a, @b : joe@d.example=d.example!joe"},
	    {"<>", "="},
	    {"< >", "="},
	    {"(nested (comment (deep)) \\) here) a@b", "a@b=b!a"},
	    {"dave@racer.enet.dec.com ()", "dave@racer.enet.dec.com=racer.enet.dec.com!dave"},
	    {"\"quoted user\"@d.example", "\"quoted user\"@d.example=d.example!\"quoted user\""},
	    {"\"a,b\"@d.example, c@d", "\"a,b\"@d.example=d.example!\"a,b\" c@d=d!c"},
	    {"joe@[192.0.2.1]", "joe@[192.0.2.1]=[192.0.2.1]!joe"},
	    {"undisclosed-recipients:;", ""},
	    {"My Friends: a@b, \"C\" <c!d>;", "a@b=b!a c!d=c!d"},
	    {"A: a@b;, B: ; c@d", "a@b=b!a c@d=d!c"},
	    {"COHERENT%IRISHVMA.BITNET@uga.cc.uga.edu",
	     "COHERENT%IRISHVMA.BITNET@uga.cc.uga.edu=uga.cc.uga.edu!COHERENT%IRISHVMA.BITNET"},
	    {"mtxinu!uunet.UU.NET!jmm%eci386@Sun.COM",
	     "mtxinu!uunet.UU.NET!jmm%eci386@Sun.COM=Sun.COM!mtxinu!uunet.UU.NET!jmm%eci386"},
	    {"a@b (open", "!"},
	    {"\"open <a@b>", "!"},
	    {"<a@b", "!"},
	    {"a@b>", "!"},
	    {"a@b)", "!"},
	    {"<a@b> tail", "!"},
	    {"<a b@c>", "!"},
	    {"<a@b, c@d>", "!"},
	    {"x@[open", "!"},
	    {"x@[ (] , y@z", "!"},
	    {"x@[ \"] , y@z", "!"},
	    {"G: a@b", "!"},
	    {"G: H: a@b;;", "!"},
	    {"a@b; c@d", "!"},
	    {"VAX::USER", "!"},
	    {":;", "!"},
	    {"a@b@c", "!"},
	    {"dino@example.com@modern.uucp", "!"},
	    {"a@b, c@@d", "!"},
	    {"@a <x@y>", "!"},
	    {"a..b@c", "!"},
	    {"user at host", "!"},
	    {"a\\", "!"},
	};
	struct buf got = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		walk(span_of(rows[i].body), ADDR_DOMAIN_FIRST, &got);
		if (rows[i].want[0] == '!' ? buf_text(&got)[0] != '!'
		                           : strcmp(buf_text(&got), rows[i].want) != 0)
			fail_msg("%s: wanted %s, got %s", rows[i].body, rows[i].want,
			         buf_text(&got));
	}
	walk(SPAN("a!b@c.example"), ADDR_BANG_FIRST, &got);
	assert_string_equal(buf_text(&got), "a!b@c.example=a!c.example!b");
	buf_free(&got);
}

static bool
is_address_field(struct span name)
{
	static const char *const names[] = {
	    "From", "To", "Cc", "Sender", "Reply-To", "Return-Path", "Apparently-To", "Errors-To"};
	size_t i;

	for (i = 0; i < ROWS(names); i++)
		if (span_is_nocase(span_trim(name), names[i]))
			return true;
	return false;
}

/* A rewriter that changes nothing gives every octet back. */
static int
unharmed(struct span id, struct span body, int *addresses)
{
	struct buf out = {0}, store = {0};
	struct field_address f;
	struct fields w;
	size_t done = 0;
	int got;

	fields_begin(&w, body, ADDR_DOMAIN_FIRST);
	while ((got = fields_next(&w, &store, &f)) > 0) {
		assert_true(f.at >= done);
		buf_add(&out, body.p + done, f.at - done);
		buf_add(&out, body.p + f.at, f.n);
		done = f.at + f.n;
		(*addresses)++;
	}
	buf_add(&out, body.p + done, body.n - done);
	assert_true(span_eq(buf_view(&out), body));
	if (got < 0)
		print_message("%.*s: %.*s: %s\n", (int)id.n, id.p, (int)(body.n < 80 ? body.n : 80),
		              body.p, w.why);
	buf_free(&out);
	buf_free(&store);
	return got;
}

/* Fields of 1981-1995 that no one could read as a list of addresses: prose and a misprint. */
static const struct {
	const char *id, *why;
} unreadable[] = {
    {"h0083", "To: mwc!bob digest"},
    {"h0193", "To: ... Subject: and the letter, all on one line"},
};

static void
letters_of_their_time(void **state)
{
	struct buf file = {0};
	struct span rest, c[TSV_CELLS], block, line, name;
	int addresses = 0, refused = 0;
	size_t i;

	(void)state;
	file_read("tests/data/headers/headers.tsv", &file);
	rest = buf_view(&file);
	tsv_next(&rest, c);
	while (tsv_next(&rest, c)) {
		for (block = c[6]; tsv_field_next(&block, &name, &line);) {
			if (!is_address_field(name) || unharmed(c[0], line, &addresses) == 0)
				continue;
			for (i = 0; i < ROWS(unreadable); i++)
				if (span_is(c[0], unreadable[i].id))
					break;
			refused += i == ROWS(unreadable);
		}
	}
	assert_int_equal(refused, 0);
	assert_true(addresses > 200);
	buf_free(&file);
}

/* However long the field, each octet is looked at a fixed number of times. */
static void
a_megabyte(void **state)
{
	static const char *const patterns[] = {"a!b ",     "a@b,",  "(",   "<",      "\"", "a ",
	                                       "a@b (c) ", "G:;,",  "@a,", "(a) ",   ",",  "[",
	                                       "\\",       "a@b <", ".",   "<a@b>,", "a:"};
	struct buf body = {0}, store = {0};
	struct field_address f;
	struct fields w;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(patterns); i++) {
		buf_clear(&body);
		while (body.n < 1 << 20)
			buf_str(&body, patterns[i]);
		fields_begin(&w, buf_view(&body), ADDR_DOMAIN_FIRST);
		while (fields_next(&w, &store, &f) > 0)
			;
	}
	assert_true(store.size < 8 * ADDR_TEXT_MAX);
	buf_free(&body);
	buf_free(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists),
	    cmocka_unit_test(letters_of_their_time),
	    cmocka_unit_test(a_megabyte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
