/*
 * Stocks a spool for tests, as told by lines on standard input; words are
 * parted by blanks, "-" is the empty sender or no site:
 *
 *	accept SENDER SITE FILE RECIPIENT...	prints the new id
 *	later ID N SECONDS CODE WORDS...	an attempt failed, due again then
 *	sent ID N
 *	quarantine SOURCE FILE REASON...	prints the new id
 *	name NUMBER				prints what that id is called
 *
 * stock SPOOL-DIRECTORY; makes the spool when there is none.
 */
#include "bridge/base/clock.h"
#include "bridge/base/event.h"
#include "bridge/message/attrs.h"
#include "spool/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct spool *spool;

static void
die(const char *what)
{
	fprintf(stderr, "stock: %s: %s\n", what, spool != NULL ? spool_error(spool) : "");
	exit(1);
}

static const char *
word(void)
{
	const char *w = strtok(NULL, " \n");

	if (w == NULL)
		die("a word is missing");
	return w;
}

static const char *
words(void)
{
	const char *w = strtok(NULL, "\n");

	return w != NULL ? w : "";
}

static struct spool_draft *
draft(const char *file, struct facts *facts)
{
	struct spool_draft *d = spool_draft_new(spool);
	FILE *f = fopen(file, "rb");
	char piece[4096];
	size_t n;

	if (d == NULL || f == NULL)
		die(file);
	facts_begin(facts);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0) {
		facts_add(facts, (struct span){piece, n});
		if (spool_draft_write(d, piece, n) != 0)
			die("write");
	}
	facts_end(facts);
	fclose(f);
	return d;
}

static void
commit(struct spool_change *c)
{
	if (spool_commit(c) != 0)
		die("commit");
	spool_change_free(c);
}

static void
say_id(spool_id id)
{
	char text[SPOOL_ID_TEXT];

	printf("%s\n", spool_id_text(id, text));
}

static void
recipients(struct spool_draft *d)
{
	char destination[300];
	const char *r, *at;

	while ((r = strtok(NULL, " \n")) != NULL) {
		at = strrchr(r, '@');
		snprintf(destination, sizeof destination, "domain:%.255s", at != NULL ? at + 1 : r);
		if (spool_draft_recipient(d, r, destination, 2, (struct spool_bytes){NULL, 0}) != 0)
			die(r);
	}
}

static void
do_accept(void)
{
	struct message_attrs a = {.origin = ORIGIN_UUCP};
	struct spool_change *c = spool_change_new(spool);
	const char *sender = word(), *site = word(), *file = word();
	struct buf attrs = {0}, line = {0};
	struct spool_draft *d = draft(file, &a.facts);
	char size[32];
	spool_id id;

	sender = strcmp(sender, "-") == 0 ? "" : sender;
	a.site = strcmp(site, "-") == 0 ? SPAN("") : span_of(site);
	message_attrs_encode(&a, &attrs);
	snprintf(size, sizeof size, "%llu", (unsigned long long)spool_draft_size(d));
	spool_draft_sender(d, sender);
	spool_draft_attributes(d, (struct spool_bytes){attrs.p, attrs.n});
	recipients(d);
	event_line(&line, EVENT_ACCEPTED, event_text("protocol", "rmail"),
	           event_span("site", a.site), event_text("sender", sender),
	           event_number("recipients", spool_draft_recipients(d)), event_text("size", size));
	spool_draft_note(d, buf_text(&line));
	if (spool_accept(c, d, clock_wall_s(), &id) != 0)
		die("accept");
	commit(c);
	say_id(id);
	buf_free(&attrs);
	buf_free(&line);
}

static void
settle(enum spool_outcome outcome)
{
	struct spool_change *c = spool_change_new(spool);
	struct spool_settlement st = {
	    .outcome = outcome, .now_s = clock_wall_s(), .attempted = true};
	struct spool_delivery d;
	struct buf line = {0};

	if (spool_id_parse(word(), &st.id) != 0)
		die("id");
	st.rcpt = (uint32_t)atoi(word());
	if (outcome == SPOOL_LATER) {
		st.due_s = st.now_s + atoi(word());
		st.words = words();
	}
	if (spool_delivery_get(spool, st.id, st.rcpt, &d) != 0)
		die("delivery");
	event_line(&line, outcome == SPOOL_SENT ? EVENT_SENT : EVENT_LATER,
	           event_text("to", d.recipient), event_text("words", st.words));
	spool_note(c, st.id, st.now_s, buf_text(&line));
	spool_settle(c, &st);
	commit(c);
	spool_delivery_free(&d);
	buf_free(&line);
}

static void
do_quarantine(void)
{
	struct spool_change *c = spool_change_new(spool);
	struct spool_quarantined why = {.source = word()};
	struct facts facts;
	struct spool_draft *d = draft(word(), &facts);
	spool_id id;

	why.reason = words();
	if (spool_quarantine(c, d, clock_wall_s(), &why, &id) != 0)
		die("quarantine");
	commit(c);
	say_id(id);
}

int
main(int argc, char **argv)
{
	struct spool_options o = {.lock_wait_ms = 5000, .journal_days = 30, .quarantine_days = 30};
	char line[8192], why[300];
	const char *verb;

	if (argc != 2)
		die("usage: stock DIRECTORY <script");
	o.directory = argv[1];
	spool_create(&o, why, sizeof why);
	if (spool_open(&spool, &o) != 0)
		die("open");
	while (fgets(line, sizeof line, stdin) != NULL) {
		if ((verb = strtok(line, " \n")) == NULL)
			continue;
		if (strcmp(verb, "accept") == 0)
			do_accept();
		else if (strcmp(verb, "later") == 0)
			settle(SPOOL_LATER);
		else if (strcmp(verb, "sent") == 0)
			settle(SPOOL_SENT);
		else if (strcmp(verb, "quarantine") == 0)
			do_quarantine();
		else if (strcmp(verb, "name") == 0)
			say_id(strtoull(word(), NULL, 10));
		else
			die(verb);
	}
	spool_close(spool);
	return 0;
}
