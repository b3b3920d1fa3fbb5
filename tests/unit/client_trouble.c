/* What a reply means, stage by stage: (stage, reply) -> (outcome, scope, status). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/smtp/trouble.h"

#include <stdio.h>

static const struct {
	enum stage at;
	const char *reply;
	enum outcome outcome;
	enum scope scope;
	const char *status;
} rows[] = {
    {STAGE_TEXT, "250 ok", OUTCOME_SENT, SCOPE_MESSAGE, ""},
    {STAGE_TEXT, "250 2.6.0 ok", OUTCOME_SENT, SCOPE_MESSAGE, "2.6.0"},
    {STAGE_TEXT, "354 more", OUTCOME_LATER, SCOPE_SESSION, "4.5.0"},
    {STAGE_TEXT, "451 4.3.0 disk", OUTCOME_LATER, SCOPE_MESSAGE, "4.3.0"},
    {STAGE_TEXT, "452 full", OUTCOME_LATER, SCOPE_MESSAGE, ""},
    {STAGE_TEXT, "552 5.3.4 large", OUTCOME_NEVER, SCOPE_MESSAGE, "5.3.4"},
    {STAGE_TEXT, "554 5.7.1 spam", OUTCOME_NEVER, SCOPE_MESSAGE, "5.7.1"},
    {STAGE_TEXT, "421 bye", OUTCOME_LATER, SCOPE_SESSION, "4.3.2"},
    /* a 5yz that says we are out of step, or not known, is not the letter's fault */
    {STAGE_TEXT, "503 order", OUTCOME_LATER, SCOPE_SESSION, "4.5.1"},
    {STAGE_MAIL, "503 5.5.1 sender already given", OUTCOME_LATER, SCOPE_SESSION, "4.5.1"},
    {STAGE_MAIL, "530 5.7.0 TLS first", OUTCOME_LATER, SCOPE_HOST, "4.7.0"},
    {STAGE_RCPT, "530 authenticate", OUTCOME_LATER, SCOPE_HOST, "4.7.0"},
    {STAGE_MAIL, "451 4.7.1 grey", OUTCOME_LATER, SCOPE_MESSAGE, "4.7.1"},
    {STAGE_MAIL, "550 5.1.8 sender", OUTCOME_NEVER, SCOPE_MESSAGE, "5.1.8"},
    {STAGE_MAIL, "552 5.3.4 large", OUTCOME_NEVER, SCOPE_MESSAGE, "5.3.4"},
    {STAGE_RCPT, "250 ok", OUTCOME_SENT, SCOPE_DELIVERY, ""},
    {STAGE_RCPT, "251 forwards", OUTCOME_SENT, SCOPE_DELIVERY, ""},
    {STAGE_RCPT, "252 will try", OUTCOME_SENT, SCOPE_DELIVERY, ""},
    {STAGE_RCPT, "354 what", OUTCOME_LATER, SCOPE_SESSION, "4.5.0"},
    {STAGE_RCPT, "450 4.2.1 busy", OUTCOME_LATER, SCOPE_DELIVERY, "4.2.1"},
    {STAGE_RCPT, "452 4.5.3 many", OUTCOME_LATER, SCOPE_DELIVERY, "4.5.3"},
    {STAGE_RCPT, "550 5.1.1 who", OUTCOME_NEVER, SCOPE_DELIVERY, "5.1.1"},
    {STAGE_RCPT, "551 elsewhere", OUTCOME_NEVER, SCOPE_DELIVERY, ""},
    /* RFC 5321 section 4.5.3.1.10, and what it does not mean */
    {STAGE_RCPT, "552 many", OUTCOME_LATER, SCOPE_DELIVERY, "4.5.3"},
    {STAGE_RCPT, "552 5.2.2 full", OUTCOME_LATER, SCOPE_DELIVERY, "4.2.2"},
    {STAGE_RCPT, "552 5.2.3 large", OUTCOME_NEVER, SCOPE_DELIVERY, "5.2.3"},
    {STAGE_RCPT, "552 5.3.4 large", OUTCOME_NEVER, SCOPE_DELIVERY, "5.3.4"},
    {STAGE_DATA, "554 5.5.1 nobody", OUTCOME_NEVER, SCOPE_MESSAGE, "5.5.1"},
    {STAGE_DATA, "250 done", OUTCOME_LATER, SCOPE_SESSION, "4.5.0"},
    /* before the first message: the server's or our business, never the letter's */
    {STAGE_GREETING, "554 no", OUTCOME_LATER, SCOPE_HOST, "4.3.2"},
    {STAGE_GREETING, "521 no mail here", OUTCOME_LATER, SCOPE_HOST, "4.3.2"},
    {STAGE_GREETING, "421 busy", OUTCOME_LATER, SCOPE_HOST, "4.3.2"},
    {STAGE_GREETING, "250 hm", OUTCOME_LATER, SCOPE_HOST, "4.5.0"},
    {STAGE_HELLO, "550 5.7.1 bad name", OUTCOME_LATER, SCOPE_HOST, "4.7.1"},
    {STAGE_TLS, "454 4.7.0 not now", OUTCOME_LATER, SCOPE_HOST, "4.7.0"},
    {STAGE_AUTH, "535 5.7.8 wrong", OUTCOME_LATER, SCOPE_HOST, "4.7.8"},
    {STAGE_AUTH, "454 4.7.0 not now", OUTCOME_LATER, SCOPE_HOST, "4.7.0"},
    {STAGE_AUTH, "534 5.7.9 weak", OUTCOME_LATER, SCOPE_HOST, "4.7.9"},
    {STAGE_BETWEEN, "500 RSET?", OUTCOME_LATER, SCOPE_SESSION, "4.5.0"},
};

static struct reply
parsed(const char *line, char *store, size_t size)
{
	struct reply r;
	const char *why;

	snprintf(store, size, "%s\r\n", line);
	assert_true(reply_parse(span_of(store), &r, &why) > 0);
	return r;
}

static void
replies(void **state)
{
	char store[100];
	struct verdict v;
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		r = parsed(rows[i].reply, store, sizeof store);
		trouble_verdict(rows[i].at, &r, &v);
		if (v.outcome != rows[i].outcome || v.scope != rows[i].scope)
			fail_msg("%s: %s %s", rows[i].reply, outcome_name(v.outcome),
			         scope_name(v.scope));
		assert_string_equal(v.status, rows[i].status);
		assert_int_equal(v.code, r.code);
		assert_non_null(strstr(v.words, rows[i].reply));
	}
}

static void
too_many(void **state)
{
	static const struct {
		const char *reply;
		bool many;
	} lines[] = {
	    {"452 4.5.3 many", true}, {"452 many", true},        {"552 many", true},
	    {"552 5.5.3 many", true}, {"452 4.2.2 full", false}, {"552 5.2.2 full", false},
	    {"451 4.5.3 x", false},   {"450 later", false},
	};
	char store[100];
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		r = parsed(lines[i].reply, store, sizeof store);
		assert_int_equal(trouble_too_many(&r), lines[i].many);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replies),
	    cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
