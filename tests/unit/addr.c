#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/addr/addr.h"

#define ROWS(t) (sizeof(t) / sizeof((t)[0]))

static void
expect(const char *what, struct span got, const char *want)
{
	if (!span_is(got, want))
		fail_msg("%s: wanted \"%s\", got \"%.*s\"", what, want, (int)got.n, got.p);
}

/* NULL for path: refused. */
static void
forms(void **state)
{
	static const struct {
		const char *text;
		enum addr_reading how;
		const char *path, *user;
		unsigned hops, flags;
	} rows[] = {
	    {"user", 0, "", "user", 0, 0},
	    {"a!b!user", 0, "a!b", "user", 2, 0},
	    {"user@dom.example", 0, "dom.example", "user", 1, ADDR_AT},
	    {"a!user@dom.example", 0, "dom.example!a", "user", 2, ADDR_AT},
	    {"a!user@dom.example", ADDR_BANG_FIRST, "a!dom.example", "user", 2, ADDR_AT},
	    {"a!b!user@c", ADDR_BANG_FIRST, "a!b!c", "user", 3, ADDR_AT},
	    {"user@dom.example", ADDR_BANG_FIRST, "dom.example", "user", 1, ADDR_AT},
	    {"@a,@b.example:user@c", 0, "c", "user", 1, ADDR_AT},
	    {"<@a:b!user>", 0, "b", "user", 1, 0},
	    {"@a:user", 0, "", "user", 0, 0},
	    {"@[IPv6:::1]:user@c", 0, "c", "user", 1, ADDR_AT},
	    {"user%host@gate", 0, "gate", "user%host", 1, ADDR_AT},
	    {"att.!user", 0, "att.", "user", 1, 0},
	    {"user@att.", 0, "att.", "user", 1, ADDR_AT},
	    {"user@alpha.UUCP", 0, "alpha.UUCP", "user", 1, ADDR_AT},
	    {"user@[192.0.2.1]", 0, "[192.0.2.1]", "user", 1, ADDR_AT | ADDR_LITERAL},
	    {"gate!/C=NL/ADMD=400NET/S=Beertema/", 0, "gate", "/C=NL/ADMD=400NET/S=Beertema/", 1,
	     0},
	    {"/I=P/S=Beertema/@gate.example", 0, "gate.example", "/I=P/S=Beertema/", 1, ADDR_AT},
	    {"\"/S=Van Dam/\"@gate.example", 0, "gate.example", "/S=Van Dam/", 1,
	     ADDR_AT | ADDR_QUOTED},
	    {"\"joe\"@a", 0, "a", "joe", 1, ADDR_AT},
	    {"\"j\\oe\"@a", 0, "a", "joe", 1, ADDR_AT},
	    {"\"a\\\"b\"@c", 0, "c", "a\"b", 1, ADDR_AT | ADDR_QUOTED},
	    {"x!\"a b\"@c", 0, "c!x", "a b", 2, ADDR_AT | ADDR_QUOTED},
	    {"\"a%b\"@c", 0, "c", "a%b", 1, ADDR_AT | ADDR_QUOTED},
	    {"\"a!b\"", 0, "", "a!b", 0, ADDR_QUOTED},
	    {"\"\"@c", 0, "c", "", 1, ADDR_AT | ADDR_QUOTED},
	    {"j\xc3\xb6rg@\xc3\xa9.example", 0, "\xc3\xa9.example", "j\xc3\xb6rg", 1,
	     ADDR_AT | ADDR_UTF8},
	    {"", 0, "", "", 0, ADDR_NULL},
	    {"<>", 0, "", "", 0, ADDR_NULL},
	    {"near!<>", 0, "", "", 0, ADDR_NULL},
	    {"a!b!<>", 0, "", "", 0, ADDR_NULL},
	    {"MAILER-DAEMON", 0, "", "MAILER-DAEMON", 0, ADDR_DAEMON},
	    {"site!mailer-daemon", 0, "site", "mailer-daemon", 1, ADDR_DAEMON},
	    {"a!x;y", ADDR_ANY_USER, "a", "x;y", 1, ADDR_QUOTED},
	    {"a!\"al", ADDR_ANY_USER, "a", "\"al", 1, ADDR_QUOTED},
	    {"a!joe(Joe)", ADDR_ANY_USER, "a", "joe(Joe)", 1, ADDR_QUOTED},
	    {"a!x;y", 0, NULL, "", 0, 0},
	    {"a!", ADDR_ANY_USER, NULL, "", 0, 0},
	    {"a!!u", ADDR_ANY_USER, NULL, "", 0, 0},
	    {"a@b@c", ADDR_ANY_USER, NULL, "", 0, 0},
	    {"!u", 0, NULL, "", 0, 0},
	    {"@a:", 0, NULL, "", 0, 0},
	    {"@a,:u@b", 0, NULL, "", 0, 0},
	    {"@a,@b,:u@c", 0, NULL, "", 0, 0},
	    {"@a@b:u@c", 0, NULL, "", 0, 0},
	    {"@[1.2.3.4:u@c", 0, NULL, "", 0, 0},
	    {"u@a!b", ADDR_BANG_FIRST, NULL, "", 0, 0},
	    {"u@[10.0.0]", 0, NULL, "", 0, 0},
	    {"u@[IPv6:10.0.0.1]", 0, NULL, "", 0, 0},
	    {"u@[]", 0, NULL, "", 0, 0},
	    {"u@UUCP", 0, NULL, "", 0, 0},
	    {"u@UUCP.", 0, NULL, "", 0, 0},
	    {"UUCP!u", 0, "UUCP", "u", 1, 0},
	    {"u\tv@a", ADDR_ANY_USER, NULL, "", 0, 0},
	    {"u\xc2\x9bv@a", 0, NULL, "", 0, 0},
	    {"u\xed\xa0\x80@a", 0, NULL, "", 0, 0},
	    {"u\xc3@a", 0, NULL, "", 0, 0},
	    {"<<u@a>>", 0, NULL, "", 0, 0},
	    {"<>!u", 0, NULL, "", 0, 0},
	};
	struct buf store = {0};
	struct addr a;
	const char *why;
	size_t i;
	int got;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		got = addr_parse(span_of(rows[i].text), rows[i].how, &store, &a, &why);
		if (got != (rows[i].path != NULL ? 0 : -1))
			fail_msg("%s: %d, %s", rows[i].text, got, why ? why : "read");
		if (got < 0) {
			assert_true(why != NULL && why[0] != '\0');
			continue;
		}
		expect(rows[i].text, a.path, rows[i].path);
		expect(rows[i].text, a.user, rows[i].user);
		assert_int_equal(a.hops, rows[i].hops);
		if (a.flags != rows[i].flags)
			fail_msg("%s: flags %x", rows[i].text, a.flags);
	}
	buf_free(&store);
}

static void
a_source_route_is_told_and_not_followed(void **state)
{
	struct buf store = {0};
	struct addr a;
	const char *why;

	(void)state;
	assert_int_equal(addr_parse(SPAN("<@a,@b.example:u@c>"), 0, &store, &a, &why), 0);
	expect("route", a.route, "a,@b.example");
	expect("path", a.path, "c");
	buf_free(&store);
}

static void
printing(void **state)
{
	static const struct {
		const char *text, *bang, *domain; /* NULL: there is no such form */
	} rows[] = {
	    {"user", "user", "user"},
	    {"a!user", "a!user", "user@a"},
	    {"user@dom.example", "dom.example!user", "user@dom.example"},
	    {"a!b!user", "a!b!user", "b!user@a"},
	    {"a!user@dom.example", "dom.example!a!user", "a!user@dom.example"},
	    {"user@dom.example.", "dom.example.!user", "user@dom.example"},
	    {"\"a b\"@c", "c!\"a b\"", "\"a b\"@c"},
	    {"\"a\\\\\\\"b\"@c", "c!\"a\\\\\\\"b\"", "\"a\\\\\\\"b\"@c"},
	    {"\"a%b\"@c", "c!\"a%b\"", "\"a%b\"@c"},
	    {"u%a@c", "c!u%a", "u%a@c"},
	    {"x!\"a b\"@c", "c!x!\"a b\"", NULL},
	    {"c![192.0.2.1]!u", "c![192.0.2.1]!u", NULL},
	    {"[192.0.2.1]!c!u", "[192.0.2.1]!c!u", "c!u@[192.0.2.1]"},
	    {"UUCP!u", "UUCP!u", NULL},
	    {"\"joe\"@c", "c!joe", "joe@c"},
	    {"\"\"@c", "c!\"\"", "\"\"@c"},
	    {"<>", "", ""},
	};
	struct buf store = {0}, out = {0};
	struct addr a;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		assert_int_equal(addr_parse(span_of(rows[i].text), 0, &store, &a, &why), 0);
		buf_clear(&out);
		addr_print_bang(&a, &out);
		expect(rows[i].text, buf_view(&out), rows[i].bang);
		buf_clear(&out);
		assert_int_equal(addr_print_domain(&a, &out), rows[i].domain != NULL ? 0 : -1);
		expect(rows[i].text, buf_view(&out), rows[i].domain ? rows[i].domain : "");
	}
	buf_free(&store);
	buf_free(&out);
}

static void
equal(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
	    {"a.example!u", "u@A.Example", true},
	    {"a.example!u", "u@a.example.", true},
	    {"a!u", "A!u", false}, /* UUCP names: case counts */
	    {"a!u", "u@a.UUCP", true},
	    {"a!u", "u@a", true},
	    {"a!u", "a!U", false},
	    {"a!b!u", "b!u@a", true},
	    {"a!b!u", "a!u@b", false},
	    {"\"u\"@a", "u@a", true},
	    {"\"u%b\"@a", "u%b@a", false},
	    {"<>", "", true},
	    {"<>", "\"\"", false},
	    {"@x:u@a", "u@a", true},
	};
	struct buf sa = {0}, sb = {0};
	struct addr a, b;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		assert_int_equal(addr_parse(span_of(rows[i].a), 0, &sa, &a, &why), 0);
		assert_int_equal(addr_parse(span_of(rows[i].b), 0, &sb, &b, &why), 0);
		if (addr_equal(&a, &b) != rows[i].same)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
	buf_free(&sa);
	buf_free(&sb);
}

static void
hops(void **state)
{
	struct buf store = {0};
	struct span rest, hop;
	struct addr a;
	const char *why;

	(void)state;
	assert_int_equal(addr_parse(SPAN("b.UUCP!u@a."), 0, &store, &a, &why), 0);
	rest = a.path;
	assert_true(addr_hop_next(&rest, &hop));
	expect("as written", hop, "a.");
	assert_true(addr_hop_next(&rest, &hop));
	expect("as written", hop, "b.UUCP");
	assert_false(addr_hop_next(&rest, &hop));
	expect("first", addr_first_hop(&a), "a");
	addr_drop_first(&a);
	assert_int_equal(a.hops, 1);
	expect("first", addr_first_hop(&a), "b");
	addr_drop_first(&a);
	addr_drop_first(&a);
	assert_int_equal(a.hops, 0);
	expect("none", addr_first_hop(&a), "");
	expect("user", a.user, "u");
	expect("pseudo-domain alone", addr_hop_name(SPAN("UUCP")), "UUCP");
	expect("pseudo-domain alone", addr_hop_name(SPAN(".UUCP")), ".UUCP");
	expect("in the middle", addr_hop_name(SPAN("a.uucp.example")), "a.uucp.example");
	buf_free(&store);
}

static void
loops(void **state)
{
	static const struct {
		const char *text, *cut;
	} rows[] = {
	    {"u", "u"},
	    {"a!b!c!u", "a!b!c!u"},
	    {"a!b!a!u", "a!u"},
	    {"a!a!a!u", "a!u"},
	    {"a!b!c!b!c!u", "a!b!c!u"},
	    {"a!b!c!a!d!u", "a!d!u"},
	    {"a!B!b!u", "a!B!b!u"},
	    {"a.example!b!A.EXAMPLE!u", "A.EXAMPLE!u"},
	    {"a.UUCP!b!a!u", "a!u"},
	};
	struct buf store = {0}, cut = {0}, out = {0};
	struct addr a, b, again;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		assert_int_equal(addr_parse(span_of(rows[i].text), 0, &store, &a, &why), 0);
		assert_int_equal(addr_cut_loops(&a, &cut, &b), 0);
		buf_clear(&out);
		addr_print_bang(&b, &out);
		expect(rows[i].text, buf_view(&out), rows[i].cut);
		assert_int_equal(addr_parse(buf_view(&out), 0, &store, &again, &why), 0);
		assert_int_equal(again.hops, b.hops);
	}
	buf_free(&store);
	buf_free(&cut);
	buf_free(&out);
}

static void
percent(void **state)
{
	static const struct {
		const char *text;
		int got;
		const char *bang;
	} rows[] = {
	    {"user%host", 1, "host!user"},
	    {"user%a%b", 1, "b!user%a"},
	    {"user", 0, ""},
	    {"\"user%host\"", 0, ""},
	    {"a!user%host", 0, ""}, /* '!' first: the % is a's business */
	    {"<>", 0, ""},
	    {"user%", -1, ""},
	    {"%host", -1, ""},
	    {"user%ho/st", -1, ""},
	};
	struct buf store = {0}, out = {0};
	struct addr a, b;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		assert_int_equal(addr_parse(span_of(rows[i].text), 0, &store, &a, &why), 0);
		if (addr_unfold_percent(&a, &b, &why) != rows[i].got)
			fail_msg("%s", rows[i].text);
		if (rows[i].got != 1)
			continue;
		buf_clear(&out);
		addr_print_bang(&b, &out);
		expect(rows[i].text, buf_view(&out), rows[i].bang);
	}
	buf_free(&store);
	buf_free(&out);
}

static void
what_no_door_lets_in(void **state)
{
	static const struct {
		const char *text;
		unsigned licence;
		bool refused;
	} rows[] = {
	    {"user", 0, false},
	    {"<>", 0, true},
	    {"<>", ADDR_MAY_BE_NULL, false},
	    {"MAILER-DAEMON", 0, false},
	    {"-oQ/tmp", 0, true},
	    {"-oQ/tmp@example.org", 0, true},
	    {"a!-oQ/tmp", 0, false},
	    {"a!-x@example.org", 0, false},
	    {"/etc/passwd", 0, true},
	    {"a!/etc/passwd", 0, false},
	    {"\"|/bin/sh\"", 0, true},
	    {"\":include:/etc/passwd\"", 0, true},
	    {"\"../x\"", 0, true},
	    {"\"x/../y\"", 0, true},
	    {"/C=NL/S=x/@gate.example", 0, false},
	    {"j\xc3\xb6rg@example.org", 0, true},
	    {"j\xc3\xb6rg@example.org", ADDR_MAY_BE_UTF8, false},
	};
	struct buf store = {0};
	struct addr a;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		assert_int_equal(addr_parse(span_of(rows[i].text), 0, &store, &a, &why), 0);
		why = addr_refused(&a, rows[i].licence);
		if ((why != NULL) != rows[i].refused)
			fail_msg("%s: %s", rows[i].text, why ? why : "let in");
	}
	buf_free(&store);
}

static void
mailboxes_without_quotes(void **state)
{
	static const struct {
		const char *user, *atom;
	} rows[] = {
	    {"Joe Soap", "Joe_Soap"},
	    {"smith, ned", "smith#m#_ned"},
	    {"j_soap", "j#u#soap"},
	    {"a(b):c\\d#e=f/g", "a#l#b#r##c#c#b#d#h#e#e#f#s#g"},
	    {"a!b@c%d", "a#033#b#064#c#037#d"},
	    {"a.b", "a#046#b"},
	    {"\"", "#034#"},
	};
	static const char *const undecodable[] = {"",      "a.b",   "#",     "#x#", "#1#", "#97#",
	                                          "#097#", "#128#", "#999#", "a%b", "#u",  "#032#"};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(rows); i++) {
		buf_clear(&out);
		assert_int_equal(addr_encode_1137(span_of(rows[i].user), &out), 0);
		expect(rows[i].user, buf_view(&out), rows[i].atom);
		buf_clear(&out);
		assert_int_equal(addr_decode_1137(span_of(rows[i].atom), &out), 0);
		expect(rows[i].atom, buf_view(&out), rows[i].user);
	}
	buf_clear(&out);
	for (i = 0; i < ROWS(undecodable); i++)
		if (addr_decode_1137(span_of(undecodable[i]), &out) != -1 || out.n != 0)
			fail_msg("%s", undecodable[i]);
	assert_int_equal(addr_encode_1137(SPAN("j\xc3\xb6rg"), &out), -1);
	assert_int_equal(addr_encode_1137(SPAN(""), &out), -1);
	assert_int_equal(out.n, 0);
	buf_free(&out);
}

static void
parentheses_of_uux(void **state)
{
	(void)state;
	expect("(a!b)", addr_unwrap(SPAN("(a!b)")), "a!b");
	expect("a!b", addr_unwrap(SPAN("a!b")), "a!b");
	expect("()", addr_unwrap(SPAN("()")), "");
	expect("(", addr_unwrap(SPAN("(")), "(");
	expect("(a", addr_unwrap(SPAN("(a")), "(a");
}

/* Whatever is sent, an answer and its words: no octet is looked at twice, none is copied. */
static void
a_megabyte(void **state)
{
	static const char *const patterns[] = {"!", "@", "\"", "\\", "a!",
	                                       "%", "<", "[",  ".",  "@a,"};
	struct buf text = {0}, store = {0};
	struct addr a;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS(patterns); i++) {
		buf_clear(&text);
		while (text.n < 1 << 20)
			buf_str(&text, patterns[i]);
		assert_int_equal(addr_parse(buf_view(&text), 0, &store, &a, &why), -1);
		assert_string_equal(why, "too long for an address");
		text.n = ADDR_TEXT_MAX;
		assert_int_equal(addr_parse(buf_view(&text), 0, &store, &a, &why),
		                 patterns[i][0] == '%' ? 0 : -1);
	}
	assert_true(store.size < 4 * ADDR_TEXT_MAX);
	buf_free(&text);
	buf_free(&store);
}

static void
bounds(void **state)
{
	struct buf text = {0}, store = {0};
	struct addr a;
	const char *why;
	int i;

	(void)state;
	for (i = 0; i < ADDR_HOPS_MAX; i++)
		buf_str(&text, "h!");
	buf_str(&text, "u");
	assert_int_equal(addr_parse(buf_view(&text), 0, &store, &a, &why), 0);
	assert_int_equal(a.hops, ADDR_HOPS_MAX);
	assert_non_null(addr_refused(&a, 0));
	assert_null(addr_refused(&a, ADDR_MAY_BE_LONG));
	buf_str(&text, "@g");
	assert_int_equal(addr_parse(buf_view(&text), 0, &store, &a, &why), -1);
	assert_string_equal(why, "too many hops");
	buf_free(&text);
	buf_free(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forms),
	    cmocka_unit_test(a_source_route_is_told_and_not_followed),
	    cmocka_unit_test(printing),
	    cmocka_unit_test(equal),
	    cmocka_unit_test(hops),
	    cmocka_unit_test(loops),
	    cmocka_unit_test(percent),
	    cmocka_unit_test(what_no_door_lets_in),
	    cmocka_unit_test(mailboxes_without_quotes),
	    cmocka_unit_test(parentheses_of_uux),
	    cmocka_unit_test(a_megabyte),
	    cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
