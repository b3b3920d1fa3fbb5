#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/message/header.h"
#include "bridge/message/notice.h"
#include "tests/unit/gateway.h"

static const char letter[] = "From ernie Sat Nov 22 12:31:12 1986 remote from vax43\n"
                             "Received: by vax43 (5.52/1.36)\n"
                             "\tid AA00106; Sat, 22 Nov 86 12:31:12 PST\n"
                             "From: vax43!ernie (Ernie CoVax)\n"
                             "Message-Id: <8611222031.AA00106@vax43>\n"
                             "Subject: beyond\n"
                             "To: cwi.example!piet\n"
                             "\n"
                             "relay me\n";

static struct message_attrs attrs = {
    .origin = ORIGIN_UUCP,
    .site = SPAN("vax43"),
    .client = SPAN(""),
    .envid = SPAN("QQ+1"),
};

static struct verdict refused = {
    .outcome = OUTCOME_NEVER,
    .code = 550,
    .status = "5.1.1",
    .words = "no such user here",
};

static struct notice_recipient piet = {
    .recipient = "cwi.example!piet",
    .attrs = {.orcpt = SPAN("rfc822;piet@cwi.example")},
    .verdict = &refused,
    .remote = "mail.cwi.example",
    .last_s = 533075600,
    .until_s = 533507480,
};

static struct notice
notice_of(enum notice_kind kind, const struct notice_recipient *r, size_t n)
{
	return (struct notice){
	    .kind = kind,
	    .config = &gateway,
	    .uuid = {0xab, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	    .now_s = 533075700,
	    .sender = "vax43!ernie",
	    .sender_domain = "ernie@vax43.example.com",
	    .attrs = &attrs,
	    .id = 42,
	    .accepted_s = 533075480,
	    .recipients = r,
	    .nrecipients = n,
	    .start = SPAN(letter),
	    .whole = true,
	};
}

static void
expect(const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("\n--- got\n%s--- want\n%s", got, want);
}

static void
expect_line(const struct buf *text, const char *line)
{
	if (strstr(buf_text(text), line) == NULL)
		fail_msg("no \"%s\" in\n%s", line, buf_text(text));
}

static void
a_failure_reads_so(void **state)
{
	static const char want[] =
	    "From: Mail at gw.example.com <MAILER-DAEMON@gw.example.com>\n"
	    "To: ernie@vax43.example.com\n"
	    "Date: Sat, 22 Nov 1986 20:35:00 +0000\n"
	    "Message-ID: <ab0102030405060708090a0b0c0d0e0f@gw.example.com>\n"
	    "Auto-Submitted: auto-replied\n"
	    "Subject: Not delivered: cwi.example!piet\n"
	    "References: <8611222031.AA00106@vax43>\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"notice-ab0102030405060708090a0b0c0d0e0f\"\n"
	    "\n"
	    "--notice-ab0102030405060708090a0b0c0d0e0f\n"
	    "Content-Type: text/plain; charset=us-ascii\n"
	    "\n"
	    "Your letter could not be delivered to:\n"
	    "\n"
	    "    cwi.example!piet\n"
	    "\n"
	    "  The host mail.cwi.example said:\n"
	    "    550 no such user here\n"
	    "  There is no such mailbox there. Check the name, and send it again.\n"
	    "\n"
	    "Its subject: beyond\n"
	    "It came to gw.example.com on Sat, 22 Nov 1986 20:31:20 +0000\n"
	    "and is number 00-1AD in the books there.\n"
	    "\n"
	    "--notice-ab0102030405060708090a0b0c0d0e0f\n"
	    "Content-Type: message/delivery-status\n"
	    "\n"
	    "Original-Envelope-Id: QQ+1\n"
	    "Reporting-MTA: dns; gw.example.com\n"
	    "Received-From-MTA: x-uucp; vax43\n"
	    "Arrival-Date: Sat, 22 Nov 1986 20:31:20 +0000\n"
	    "\n"
	    "Original-Recipient: rfc822; piet@cwi.example\n"
	    "Final-Recipient: x-uucp; cwi.example!piet\n"
	    "Action: failed\n"
	    "Status: 5.1.1\n"
	    "Remote-MTA: dns; mail.cwi.example\n"
	    "Diagnostic-Code: smtp; 550 no such user here\n"
	    "Last-Attempt-Date: Sat, 22 Nov 1986 20:33:20 +0000\n"
	    "\n"
	    "--notice-ab0102030405060708090a0b0c0d0e0f\n"
	    "Content-Type: text/rfc822-headers\n"
	    "\n"
	    "Received: by vax43 (5.52/1.36)\n"
	    "\tid AA00106; Sat, 22 Nov 86 12:31:12 PST\n"
	    "From: vax43!ernie (Ernie CoVax)\n"
	    "Message-Id: <8611222031.AA00106@vax43>\n"
	    "Subject: beyond\n"
	    "To: cwi.example!piet\n"
	    "\n"
	    "--notice-ab0102030405060708090a0b0c0d0e0f--\n";
	struct notice n = notice_of(NOTICE_FAILED, &piet, 1);
	struct buf out = {0};

	(void)state;
	assert_int_equal(notice_write(&n, &out), 0);
	expect(buf_text(&out), want);
	buf_free(&out);
}

/* The sender is told of what he wrote, and never of an operator's commands and files. */
static void
an_alias_is_named_as_it_was_written(void **state)
{
	static const struct {
		const char *alias, *recipient, *named, *subject, *final;
	} rows[] = {
	    {"pipe@gw.example.com", "|/usr/bin/vacation@gw.example.com",
	     "\n    pipe@gw.example.com, which stands for a program or a file: none gets\n"
	     "    letters here\n",
	     "pipe@gw.example.com", "pipe@gw.example.com"},
	    {"pipe", "\"|/usr/bin/vacation fred\"@gw.example.com",
	     "\n    pipe, which stands for a program or a file: none gets letters here\n", "pipe",
	     "pipe@gw.example.com"},
	    {"log", "/var/log/mail@gw.example.com",
	     "\n    log, which stands for a program or a file: none gets letters here\n", "log",
	     "log@gw.example.com"},
	    {"staff", "piet@home.example", "\n    staff, which stands for piet@home.example\n",
	     "staff", "piet@home.example"},
	    {"Fred", "fred@gw.example.com", "\n    Fred\n", "Fred", "fred@gw.example.com"},
	};
	struct verdict no = {.outcome = OUTCOME_NEVER,
	                     .code = 550,
	                     .status = "5.1.1",
	                     .words = "no mailbox has that name"};
	struct notice_recipient r = {.verdict = &no, .remote = ""};
	struct notice n = notice_of(NOTICE_FAILED, &r, 1);
	char line[120];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out = {0};

		r.recipient = rows[i].recipient;
		r.attrs = (struct recipient_attrs){.alias = span_of(rows[i].alias)};
		assert_int_equal(notice_write(&n, &out), 0);
		expect_line(&out, rows[i].named);
		snprintf(line, sizeof line, "\nSubject: Not delivered: %s\n", rows[i].subject);
		expect_line(&out, line);
		snprintf(line, sizeof line, "\nFinal-Recipient: rfc822; %s\n", rows[i].final);
		expect_line(&out, line);
		expect_line(&out, "it is whom it stands for that is wrong there");
		assert_null(strstr(buf_text(&out), "vacation"));
		assert_null(strstr(buf_text(&out), "/var/log"));
		assert_null(strstr(buf_text(&out), "Check the name"));
		buf_free(&out);
	}
}

static void
a_delay_says_until_when(void **state)
{
	struct verdict busy = {
	    .outcome = OUTCOME_LATER, .code = 0, .status = "4.4.1", .words = "no connection"};
	struct notice_recipient r = piet;
	struct notice n = notice_of(NOTICE_DELAYED, &r, 1);
	struct buf out = {0};

	(void)state;
	r.verdict = &busy;
	r.remote = "";
	r.recipient = "fred";
	assert_int_equal(notice_write(&n, &out), 0);
	expect_line(&out, "\nYour letter is delayed. It has not yet been delivered to:\n");
	expect_line(&out, "\nYou need not send it again. It is kept at gw.example.com");
	expect_line(&out, "until about\nThu, 27 Nov 1986 20:31:20 +0000.\n");
	expect_line(
	    &out, "\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: x-bangway; no connection\n");
	expect_line(&out, "\nWill-Retry-Until: Thu, 27 Nov 1986 20:31:20 +0000\n");
	expect_line(&out, "\nSubject: Delayed: fred\n");
	expect_line(&out, "\nFinal-Recipient: rfc822; fred@gw.example.com\n");
	buf_free(&out);
}

static void
expiry_and_relay_have_their_status(void **state)
{
	struct verdict sent = {.outcome = OUTCOME_SENT, .code = 250, .status = "", .words = "ok"};
	struct notice_recipient r = piet;
	struct notice n = notice_of(NOTICE_FAILED, &r, 1);
	struct buf out = {0};

	(void)state;
	r.expired = true;
	assert_int_equal(notice_write(&n, &out), 0);
	expect_line(&out, "\nAction: failed\nStatus: 5.4.7\n");
	expect_line(&out, "It was tried for as long as letters are kept here.");
	buf_clear(&out);
	r.expired = false;
	r.verdict = &sent;
	n.kind = NOTICE_RELAYED;
	assert_int_equal(notice_write(&n, &out), 0);
	expect_line(&out, "\nYour letter is on its way. It was handed on for:\n");
	expect_line(&out, "\nAction: relayed\nStatus: 2.0.0\n");
	buf_free(&out);
}

static void
the_whole_letter_goes_back_when_asked(void **state)
{
	struct notice n = notice_of(NOTICE_FAILED, &piet, 1);
	struct message_attrs full = attrs;
	struct buf out = {0};

	(void)state;
	full.ret = DSN_RET_FULL;
	n.attrs = &full;
	assert_int_equal(notice_write(&n, &out), 0);
	expect_line(&out, "\nContent-Type: message/rfc822\n\nReceived: by vax43");
	expect_line(&out, "\nTo: cwi.example!piet\n\nrelay me\n\n--notice-");
	buf_clear(&out);
	n.whole = false;
	assert_int_equal(notice_write(&n, &out), 0);
	assert_null(strstr(buf_text(&out), "relay me"));
	buf_clear(&out);
	n.whole = n.of_stranger = true;
	assert_int_equal(notice_write(&n, &out), 0);
	assert_null(strstr(buf_text(&out), "relay me"));
	buf_free(&out);
}

/* A letter of /bin/mail has no header: it is known by its first words. */
static void
a_letter_without_a_header_is_known_by_its_start(void **state)
{
	struct notice n = notice_of(NOTICE_FAILED, &piet, 1);
	struct buf out = {0};

	(void)state;
	n.start = SPAN("From root Sat Nov 22 12:30:15 1986 remote from vax43\n\n"
	               "hello from 4.3BSD /bin/mail -d\n");
	assert_int_equal(notice_write(&n, &out), 0);
	expect_line(&out, "\nIt begins: hello from 4.3BSD /bin/mail -d\n");
	buf_free(&out);
}

static void
who_is_told(void **state)
{
	static const struct {
		const char *sender;
		enum notice_kind kind;
		unsigned notify;
		bool wanted;
	} rows[] = {
	    {"vax43!ernie", NOTICE_FAILED, 0, true},
	    {"ernie@a.example", NOTICE_FAILED, 0, true},
	    {"", NOTICE_FAILED, 0, false},
	    {"", NOTICE_FAILED, DSN_FAILURE, false},
	    {"<>", NOTICE_FAILED, 0, false},
	    {"vax43!<>", NOTICE_FAILED, 0, false},
	    {"MAILER-DAEMON", NOTICE_FAILED, 0, false},
	    {"vax43!MAILER-DAEMON", NOTICE_FAILED, 0, false},
	    {"mailer-daemon@a.example", NOTICE_DELAYED, 0, false},
	    {"a!b", NOTICE_DELAYED, 0, true},
	    {"a!b", NOTICE_RELAYED, 0, false},
	    {"a!b", NOTICE_FAILED, DSN_NEVER, false},
	    {"a!b", NOTICE_FAILED, DSN_SUCCESS | DSN_DELAY, false},
	    {"a!b", NOTICE_FAILED, DSN_FAILURE, true},
	    {"a!b", NOTICE_DELAYED, DSN_FAILURE, false},
	    {"a!b", NOTICE_DELAYED, DSN_DELAY, true},
	    {"a!b", NOTICE_RELAYED, DSN_SUCCESS, true},
	};
	struct recipient_attrs a = {.orcpt = SPAN("")};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		a.notify = rows[i].notify;
		if (notice_is_wanted(rows[i].sender, rows[i].kind, &a) != rows[i].wanted)
			fail_msg("row %zu: %s", i, rows[i].sender);
	}
}

/*
 * Whatever is in a reply, an address or the letter: no control octet but LF and
 * TAB, in the first two parts none of our boundaries, no empty line or field
 * of somebody else's, and lines that every program can read.
 */
static void
nothing_from_outside_acts(void **state)
{
	static const char evil[] = "x\r\n\r\n--notice-ab0102030405060708090a0b0c0d0e0f\n"
	                           "Action: delivered\n\033[2J\x9b"
	                           "31m\xc3\xa9\xff";
	struct verdict v = {.outcome = OUTCOME_NEVER, .code = 550, .status = "5.7.1"};
	struct notice_recipient r[2] = {piet, piet};
	struct notice n = notice_of(NOTICE_FAILED, r, 2);
	struct message_attrs a = attrs;
	struct buf out = {0}, text = {0};
	struct header h;
	struct span rest, line;
	char many[3000];
	size_t i;

	(void)state;
	memset(many, 'w', sizeof many);
	many[sizeof many - 1] = '\0';
	snprintf(v.words, sizeof v.words, "%s", evil);
	r[0].verdict = r[1].verdict = &v;
	r[0].recipient = evil;
	r[1].recipient = many;
	r[0].remote = evil;
	r[0].attrs.orcpt = span_of(evil);
	a.envid = a.site = span_of(evil);
	n.attrs = &a;
	buf_fmt(&text, "Subject: %s\n %s\n\nbody\n", many, "\033[1m\xe9");
	n.start = buf_view(&text);
	assert_int_equal(notice_write(&n, &out), 0);
	assert_int_equal(header_parse(buf_view(&out), &h), 0);
	assert_int_equal(h.n, 9);
	header_free(&h);
	*strstr(out.p, "text/rfc822-headers") = '\0';
	rest = span_of(out.p);
	for (i = 0; i < rest.n; i++)
		assert_true(rest.p[i] == '\n' || rest.p[i] == '\t' ||
		            (unsigned char)rest.p[i] >= 0x20);
	assert_null(strstr(out.p, "\nAction: delivered"));
	for (i = 0; rest.n > 0; i += span_starts_nocase(line, "--notice-")) {
		line = span_cut(&rest, '\n');
		assert_true(line.n < 998);
	}
	assert_int_equal(i, 3);
	buf_free(&out);
	buf_free(&text);
}

static void
the_postmaster_is_told_what_was_set_aside(void **state)
{
	struct notice_quarantined q = {
	    .config = &gateway,
	    .now_s = 533075700,
	    .items = 1,
	    .size = 1234,
	    .reasons = SPAN("the From_ line has no path\n"),
	    .source = "rmail from vax43 (user daemon)",
	    .start = SPAN("From \x01\x02 garbage\nmore\n"),
	};
	struct buf out = {0};

	(void)state;
	assert_int_equal(notice_quarantined_write(&q, &out), 0);
	expect_line(&out, "\nTo: owner@example.org\n");
	expect_line(&out, "\nSubject: Mail set aside: the From_ line has no path\n");
	expect_line(&out, "\n    rmail from vax43 (user daemon)\n");
	expect_line(&out, "\n    1986-11-22T20:35:00Z\n");
	expect_line(&out, "\n    1234 bytes (1.2 kB)\n");
	expect_line(&out, "\n    bangway quarantine list\n");
	expect_line(&out, "\n    From \\x01\\x02 garbage\n    more\n");
	buf_clear(&out);
	q.items = 3;
	q.reasons = SPAN("no recipient\nit is cut\n");
	assert_int_equal(notice_quarantined_write(&q, &out), 0);
	expect_line(&out, "\nSubject: Mail set aside: no recipient\n");
	expect_line(&out, "\n    no recipient\n    it is cut\n");
	expect_line(&out, "\n    1234 bytes (1.2 kB) in 3 pieces\n");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_failure_reads_so),
	    cmocka_unit_test(an_alias_is_named_as_it_was_written),
	    cmocka_unit_test(a_delay_says_until_when),
	    cmocka_unit_test(expiry_and_relay_have_their_status),
	    cmocka_unit_test(the_whole_letter_goes_back_when_asked),
	    cmocka_unit_test(a_letter_without_a_header_is_known_by_its_start),
	    cmocka_unit_test(who_is_told),
	    cmocka_unit_test(nothing_from_outside_acts),
	    cmocka_unit_test(the_postmaster_is_told_what_was_set_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
