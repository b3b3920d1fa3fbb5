/*
 * The small pure parts of intake: arguments as recipients, line ends, pieces,
 * parameters.
 */
#include "bridge/intake/arguments.h"
#include "bridge/intake/params.h"
#include "bridge/intake/pieces.h"
#include "bridge/intake/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
arguments_are_addresses(void **state)
{
	static const struct {
		const char *words[6];
		const char *expected; /* a '|' after each */
	} rows[] = {
	    {{"bob"}, "bob|"},
	    {{"bob", "echo!foxtrot!dan", "eve@example.com"},
	     "bob|echo!foxtrot!dan|eve@example.com|"},
	    {{"(a!b)"}, "a!b|"},
	    {{"-x@b", "-oQ/tmp", "-bs"}, "-x@b|-oQ/tmp|-bs|"},
	    {{"\"a", "b\"@c"}, "\"a b\"@c|"},
	    {{"\"a", "b", "c\"@d", "e"}, "\"a b c\"@d|e|"},
	    {{"\"a", "b", "c"}, "\"a|b|c|"},          /* a quote that is never closed */
	    {{"\"a\\\"", "b\"@c"}, "\"a\\\" b\"@c|"}, /* a quoted quote */
	    {{"x!\"a", "b\"@c"}, "x!\"a b\"@c|"},
	    {{"a;b", "\"q\"@x.y", "<bob@c.d>", "p|q"}, "a;b|\"q\"@x.y|<bob@c.d>|p|q|"},
	    {{"/C=US/ADMD=X/", "~x", ""}, "/C=US/ADMD=X/|~x||"},
	    {{NULL}, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *const *w = (char *const *)rows[i].words;
		struct buf store = {0}, got = {0};
		struct span s;

		while (arguments_next(&w, &store, &s)) {
			buf_span(&got, s);
			buf_ch(&got, '|');
		}
		assert_string_equal(buf_text(&got), rows[i].expected);
		buf_free(&store);
		buf_free(&got);
	}
}

static int
append(void *arg, struct span s)
{
	buf_span(arg, s);
	return 0;
}

static void
line_ends_become_canonical(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"a\r\nb\r\n", "a\nb\n"},
	    {"a\nb", "a\nb"},
	    {"a\rb\r\r\n", "a\rb\r\n"},
	    {"\r", "\r"},
	    {"\r\n", "\n"},
	    {"\r\r", "\r\r"},
	    {"", ""},
	    {"\n\r\n\r", "\n\n\r"},
	    {"x\r\n.\r\n", "x\n.\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t step = 1; step < 5; step++) {
			struct span s = span_of(rows[i].in);
			struct text t = {0};
			struct buf got = {0};

			for (size_t at = 0; at < s.n; at += step)
				text_canonical(
				    &t, (struct span){s.p + at, s.n - at < step ? s.n - at : step},
				    append, &got);
			text_end(&t, append, &got);
			assert_string_equal(buf_text(&got), rows[i].out);
			buf_free(&got);
		}
	}
}

static void
pieces_hold_one_another(void **state)
{
	struct pieces p = {0};

	(void)state;
	pieces_add(&p, 5, 5, aside_words("empty"));
	assert_int_equal(p.n, 0);
	pieces_add(&p, 0, 10, aside_words("first"));
	pieces_add(&p, 20, 30, aside_words("line in a transaction"));
	pieces_add(&p, 15, 40, aside_words("the transaction"));
	assert_int_equal(p.n, 2);
	assert_int_equal(p.v[1].from, 15);
	pieces_add(&p, 16, 18, aside_words("within"));
	assert_int_equal(p.n, 2);
	for (unsigned i = 0; i < PIECES_MAX; i++)
		pieces_add(&p, 100 + 10 * i, 105 + 10 * i, aside_words("many"));
	assert_int_equal(p.n, 1);
	assert_int_equal(p.v[0].from, 0);
	assert_true(p.v[0].to == UINT64_MAX);
	pieces_add(&p, 5000, 5001, aside_words("more"));
	assert_int_equal(p.n, 1);
}

static void
parameters_of_mail_are_kept(void **state)
{
	struct message_attrs a = {0};
	struct buf store = {0};

	(void)state;
	params_mail(SPAN("SIZE=100 BODY=8BITMIME smtputf8 RET=hdrs ENVID=QQ+2B314+3D FOO=bar"),
	            &store, &a);
	assert_true(a.smtputf8);
	assert_int_equal(a.ret, DSN_RET_HDRS);
	assert_true(span_is(a.envid, "QQ+314="));
	a = (struct message_attrs){0};
	params_mail(SPAN("RET=MAYBE ENVID=a+0Ab"), &store, &a);
	assert_int_equal(a.ret, DSN_RET_UNSAID);
	assert_int_equal(a.envid.n, 0);
	buf_free(&store);
}

static void
parameters_of_rcpt_are_kept(void **state)
{
	static const struct {
		const char *params;
		unsigned notify;
		const char *orcpt;
	} rows[] = {
	    {"NOTIFY=NEVER", DSN_NEVER, ""},
	    {"NOTIFY=success,DELAY ORCPT=rfc822;a+2Bb@c", DSN_SUCCESS | DSN_DELAY, "rfc822;a+b@c"},
	    {"NOTIFY=NEVER,FAILURE", 0, ""},
	    {"NOTIFY=", 0, ""},
	    {"ORCPT=no-type", 0, ""},
	    {"  NOTIFY=FAILURE   X", DSN_FAILURE, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct recipient_attrs a = {0};
		struct buf store = {0};

		params_rcpt(span_of(rows[i].params), &store, &a);
		assert_int_equal(a.notify, rows[i].notify);
		assert_true(span_eq(a.orcpt, span_of(rows[i].orcpt)));
		buf_free(&store);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(arguments_are_addresses),
	    cmocka_unit_test(line_ends_become_canonical),
	    cmocka_unit_test(pieces_hold_one_another),
	    cmocka_unit_test(parameters_of_mail_are_kept),
	    cmocka_unit_test(parameters_of_rcpt_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
