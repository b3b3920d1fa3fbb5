/*
 * Want of memory is an answer of its own: with each allocation failing in turn,
 * a recipient, a sender and an alias either have the answer that they have with
 * all of them, or -1. Never is a mailbox said not to be there, a tag not to be
 * ours or a member left out, because nobody could look.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/route/table.h"
#include "tests/unit/gateway_table.h"

/* ---- memory that fails ---- */

static long fails_in = -1; /* allocations before the one that fails; -1: none does */

static bool
fails_now(void)
{
	return fails_in >= 0 && fails_in-- == 0;
}

/* In front of libc's, or of a sanitizer's. */
void *
realloc(void *p, size_t n)
{
	static void *(*next)(void *, size_t);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "realloc");
	return fails_now() ? NULL : next(p, n);
}

void *
calloc(size_t n, size_t size)
{
	static void *(*next)(size_t, size_t);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "calloc");
	return fails_now() ? NULL : next(n, size);
}

/* What is asked. Appends the whole answer; -1 without memory. */
typedef int ask_fn(const char *of, struct buf *out);

/* 1: the answer came without that allocation being asked for. */
static int
with_one_failing(ask_fn *ask, const char *of, long which, const char *want)
{
	struct buf got = {0};
	int rc, over;

	assert_int_equal(buf_room(&got, 4096), 0);
	fails_in = which;
	rc = ask(of, &got);
	over = fails_in >= 0;
	fails_in = -1;
	if (rc == 0 && strcmp(buf_text(&got), want) != 0)
		fail_msg("%s, without allocation %ld: got \"%s\", want \"%s\"", of, which,
		         buf_text(&got), want);
	if (rc < 0 && over)
		fail_msg("%s: no memory, with all of it", of);
	buf_free(&got);
	return over;
}

static void
each_allocation_fails(ask_fn *ask, const char *of)
{
	struct buf want = {0};
	long i;

	assert_int_equal(ask(of, &want), 0);
	for (i = 0; with_one_failing(ask, of, i, buf_text(&want)) == 0; i++)
		assert_in_range(i, 0, 10000);
	buf_free(&want);
}

/* ---- recipients ---- */

static const struct route_ask stranger = {.client = "198.51.100.7", .now_s = NOON};

static int
find(const char *recipient, struct buf *out)
{
	struct route_answer a = {0};
	int rc = route_find(table, span_of(recipient), &stranger, &a);

	if (rc == 0)
		buf_fmt(out, "%s %s %s %s %s %s", buf_text(&a.destination), a.verdict.status,
		        a.verdict.words, buf_text(&a.address), buf_text(&a.path),
		        buf_text(&a.stands_for));
	route_answer_free(&a);
	return rc;
}

static void
recipients_are_not_refused_for_memory(void **state)
{
	static const char *const recipients[] = {
	    "fred@gw.example.com",      "Postmaster@example.com",      "\"a b\"@gw.example.com",
	    "ernie@vax43.example.com",  "far!ernie@vax43.example.com", "alpha!vax43!alpha!u@gw",
	    "boss@cwi.example",         "u%x.edu@vax43.example.com",   "bob@alpha.gw.example.com",
	    "fred%alpha@gw.example.com"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof recipients / sizeof recipients[0]; i++)
		each_allocation_fails(find, recipients[i]);
}

/* ---- senders, and the answers to them ---- */

static bool with_srs;

static int
send(const char *sender, struct buf *out)
{
	const struct route_ask ask = {.site = "vax43", .now_s = NOON};
	const struct rewrite w = {
	    .table = table, .ask = &ask, .now_s = NOON, .srs = with_srs, .tokens = &remembered};
	const char *why;
	int rc;

	buf_clear(&remembered);
	rc = rewrite_sender(&w, span_of(sender), out, NULL, &why);
	return rc < 0 || remembered.bad ? -1 : 0;
}

static void
forms_are_made_and_read(void **state)
{
	static const char *const senders[] = {"far!x.edu!u",
	                                      "piet@cwi.example",
	                                      "u%x.edu@vax43.example.com",
	                                      "alpha!bob",
	                                      "alpha!\"a b\"",
	                                      "cwi.example!b!piet",
	                                      "vax43!ernie",
	                                      "SRS0=HHH=TT=a.example=u@b.example"};
	struct buf made = {0};
	size_t i;
	int form;

	(void)state;
	for (form = REPLY_FORM_TOKEN; form <= REPLY_FORM_PATH; form++)
		for (i = 0; i < sizeof senders / sizeof senders[0]; i++) {
			gateway.reply_form = form;
			with_srs = form == REPLY_FORM_TOKEN;
			each_allocation_fails(send, senders[i]);
			buf_clear(&made);
			assert_int_equal(send(senders[i], &made), 0);
			each_allocation_fails(find, buf_text(&made));
		}
	buf_free(&made);
}

/* ---- aliases ---- */

static int
read_aliases(const char *text, struct buf *out)
{
	struct config_faults faults = {0};
	const struct alias_source from = {.file = "aliases", .faults = &faults};
	struct aliases a = {0};
	int rc = aliases_read(&a, &from, span_of(text));
	size_t i;

	for (i = 0; rc == 0 && i < a.nmembers; i++)
		buf_fmt(out, "%d %s\n", (int)a.members[i].kind, a.members[i].text);
	aliases_free(&a);
	config_faults_free(&faults);
	return rc;
}

static void
no_member_is_left_out(void **state)
{
	(void)state;
	each_allocation_fails(
	    read_aliases,
	    "staff: piet, \"Joe Soap\" <joe@cwi.example>, ernie@vax43.example.com\n"
	    "\"big list\": decvax!mcvax!jim, \"\\\\piet\", \\fred, a b, (x) y@z.example\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(recipients_are_not_refused_for_memory),
	    cmocka_unit_test(forms_are_made_and_read),
	    cmocka_unit_test(no_member_is_left_out),
	};

	gateway.reply_days = 180;
	return cmocka_run_group_tests(tests, gateway_open_keyed, gateway_close);
}
