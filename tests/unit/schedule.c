/*
 * Choosing and preparing: batches of a real spool, with the routes of a real
 * configuration. What is taken, in which order, put together how, and what
 * becomes of what cannot be sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/message/replies.h"
#include "bridge/schedule/schedule_int.h"
#include "tests/unit/ask.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define NOW 1000000

static struct {
	char directory[64];
	struct spool *spool;
	struct leases *leases;
	struct setup *setup;
	uv_loop_t loop;
} t;

static void
write_config(char path[128])
{
	FILE *f;

	snprintf(path, 128, "%s/bangway.conf", t.directory);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f,
	        "hostname = \"gw.example.com\"; uucp-name = \"gw\";\n"
	        "domains = [ \"gw.example.com\" ]; local = \"maildir:%s/mail-%%u\";\n"
	        "postmaster = \"pm@gw.example.com\"; spool = { directory = \"%s\"; };\n"
	        "routes = ( { to = \"no.example\"; next-hop = \"reject:not to them\"; },\n"
	        "           { to = \"*\"; next-hop = \"smtp:127.0.0.1:25\"; } );\n",
	        t.directory, t.directory);
	fclose(f);
}

static int
begin(void **state)
{
	struct spool_options o = {.lock_wait_ms = 2000, .directory = t.directory};
	struct config_faults faults = {0};
	struct buf words = {0};
	struct config *c = NULL;
	char why[200], path[128];

	(void)state;
	strcpy(t.directory, "/tmp/bangway-schedule.XXXXXX");
	assert_non_null(mkdtemp(t.directory));
	assert_int_equal(spool_create(&o, why, sizeof why), 0);
	assert_int_equal(spool_open(&t.spool, &o), 0);
	write_config(path);
	if (config_load(path, &c, &faults) != 0)
		fail_msg("%s", faults.v[0].words);
	t.setup = setup_new(c, &faults);
	config_faults_free(&faults);
	assert_int_equal(replies_make_key(t.spool, &words), 0);
	assert_int_equal(replies_attach(t.spool, t.setup->config, t.setup->table, &words), 0);
	t.leases = leases_new();
	assert_int_equal(uv_loop_init(&t.loop), 0);
	return 0;
}

static int
end(void **state)
{
	char command[100];

	(void)state;
	leases_free(t.leases);
	setup_release(t.setup);
	spool_close(t.spool);
	uv_loop_close(&t.loop);
	snprintf(command, sizeof command, "rm -rf %s", t.directory);
	return system(command);
}

/* Accepts one message for all of the recipients, blanks between; how it is called. */
static spool_id
post_from(const char *sender, const char *recipients, uint8_t rank, size_t size, const char *body)
{
	struct spool_draft *d = spool_draft_new(t.spool);
	struct spool_change *c = spool_change_new(t.spool);
	struct span rest = span_of(recipients), one;
	char text[256], rcpt[100];
	struct buf destination = {0};
	spool_id id = 0;
	size_t n;

	n = (size_t)snprintf(text, sizeof text,
	                     "From: a@b.example\nDate: Sun, 22 Nov 2026 12:00:00 +0000\n"
	                     "Message-ID: <1@b.example>\n\n%s\n",
	                     body);
	spool_draft_write(d, text, n);
	for (memset(text, 'x', 63), text[63] = '\n'; n < size; n += 64)
		spool_draft_write(d, text, 64);
	spool_draft_sender(d, sender);
	while (rest.n > 0) {
		one = span_cut(&rest, ' ');
		snprintf(rcpt, sizeof rcpt, "%.*s", (int)one.n, one.p);
		buf_clear(&destination);
		route_destination(t.setup->table, one, ASK(NULL), &destination);
		spool_draft_recipient(d, rcpt, buf_text(&destination), rank,
		                      (struct spool_bytes){NULL, 0});
	}
	buf_free(&destination);
	spool_accept(c, d, NOW, &id);
	assert_int_equal(spool_commit(c), 0);
	spool_change_free(c);
	return id;
}

static spool_id
post(const char *recipients, uint8_t rank, size_t size, const char *body)
{
	return post_from("a@b.example", recipients, rank, size, body);
}

static spool_dest
dest_of(const char *name)
{
	struct spool_destination d[64];
	size_t n = 64, i;

	assert_int_equal(spool_destinations(t.spool, 0, d, &n), 0);
	for (i = 0; i < n; i++)
		if (strcmp(d[i].name, name) == 0)
			return d[i].dest;
	fail_msg("no destination %s", name);
	return 0;
}

static void
on_broken(void *owner, const char *words)
{
	(void)owner;
	fail_msg("%s", words);
}

static void
on_done(struct batch *b)
{
	*(bool *)b->owner = true;
}

static struct batch *
run(enum batch_kind kind, const char *const *names, unsigned leased)
{
	struct writer *writer = writer_start(&t.loop, t.spool, on_broken, NULL);
	struct batch *b = batch_new(t.spool, writer, t.leases, t.setup);
	bool done = false;

	b->kind = kind;
	b->form = (struct parcel_form){.maildir = kind == BATCH_MAILDIR, .eightbit = true};
	b->now_s = NOW + 10;
	verdict_set(&b->verdict, OUTCOME_NEVER, SCOPE_DELIVERY, 0, "5.1.10", "nobody takes mail");
	for (; *names != NULL; names++)
		b->ask[b->n++] =
		    (struct batch_ask){.dest = dest_of(*names), .name = *names, .leased = leased};
	b->done = on_done;
	b->owner = &done;
	batch_start(b, &t.loop);
	while (!done)
		uv_run(&t.loop, UV_RUN_ONCE);
	writer_stop(writer);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_true(done);
	assert_int_equal(b->trouble, SPOOL_OK);
	return b;
}

/* Gives the leases back, and settles everything as sent if told to. */
static void
finish(struct batch *b, bool sent)
{
	struct spool_change *c = spool_change_new(t.spool);
	struct spool_settlement st = {.outcome = SPOOL_SENT, .now_s = NOW};
	struct parcel *p;
	size_t i;

	while ((p = batch_take(b)) != NULL) {
		for (i = 0; i < p->n; i++) {
			st.id = p->m.id;
			st.rcpt = p->to[i].d.rcpt;
			if (sent)
				spool_settle(c, &st);
			lease_return(t.leases, st.id, st.rcpt);
		}
		parcel_free(p);
	}
	assert_int_equal(spool_commit(c), 0);
	spool_change_free(c);
	batch_free(b);
}

static const char *const both[] = {"domain:one.example", "domain:two.example", NULL};

static void
order_and_grouping(void **state)
{
	spool_id normal, shared, urgent;
	struct batch *b, *again;
	struct parcel *p;

	(void)state;
	normal = post("n@one.example", 2, 0, "normal");
	shared = post("x@one.example y@two.example z@one.example", 2, 0, "shared");
	urgent = post("u@two.example", 0, 0, "urgent");
	b = run(BATCH_RENDER, both, 0);
	assert_int_equal(b->parcels, 3);
	p = b->first;
	assert_int_equal(p->m.id, urgent); /* the rank, over all destinations */
	p = p->next;
	assert_int_equal(p->m.id, normal);
	p = p->next;
	assert_int_equal(p->m.id, shared);
	assert_int_equal(p->n, 3); /* of two destinations, in one transaction */
	assert_int_equal(p->cm.nrecipients, 3);
	assert_string_equal(p->cm.recipients[1].path, "y@two.example");
	assert_ptr_equal(parcel_addressee(p, 2), &p->to[2]);
	assert_string_equal(p->cm.reverse_path, "a@b.example");
	assert_true(p->whole);
	assert_non_null(strstr(buf_text(&p->octets), "\r\n\r\nshared\r\n"));
	assert_true(b->ask[0].exhausted && b->ask[1].exhausted);
	/* All of it is under way: a second look finds nothing, and says so. */
	again = run(BATCH_RENDER, both, 5);
	assert_int_equal(again->parcels, 0);
	assert_true(again->ask[0].exhausted);
	finish(again, false);
	finish(b, false);
	b = run(BATCH_RENDER, both, 0); /* given back: there again */
	assert_int_equal(b->parcels, 3);
	finish(b, true);
	assert_int_equal(leases_count(t.leases), 0);
}

static void
bounds(void **state)
{
	static const char *const one[] = {"domain:one.example", NULL};
	struct batch *b, *rest;
	size_t i, bytes = 0;
	struct parcel *p;

	(void)state;
	for (i = 0; i < 40; i++)
		post("n@one.example", 2, 10000, "ten thousand octets");
	post("big@one.example", 2, 200000, "a large one");
	b = run(BATCH_RENDER, one, 0);
	for (p = b->first; p != NULL; p = p->next)
		bytes += p->octets.n;
	assert_in_range(bytes, BATCH_BYTES / 2, BATCH_BYTES + 2 * BATCH_WHOLE_BYTES);
	assert_false(b->ask[0].exhausted);
	assert_int_equal(b->ask[0].head_rank, 2);
	rest = run(BATCH_RENDER, one, (unsigned)b->parcels);
	for (p = rest->first; p != NULL && p->next != NULL; p = p->next)
		assert_true(p->whole);
	finish(b, true);
	finish(rest, true);
	b = run(BATCH_RENDER, one, 0);
	for (p = b->first; p != NULL && p->next != NULL; p = p->next)
		;
	assert_non_null(p);
	assert_false(p->whole); /* streamed while it is sent */
	assert_non_null(p->render);
	assert_true(p->cm.size_bytes >= 200000);
	finish(b, true);
}

static void
many_recipients(void **state)
{
	static const char *const one[] = {"domain:one.example", NULL};
	struct buf to = {0};
	size_t i, n = 0;
	struct batch *b;
	struct parcel *p;

	(void)state;
	for (i = 0; i < 150; i++)
		buf_fmt(&to, "%su%zu@one.example", i > 0 ? " " : "", i);
	post(buf_text(&to), 2, 0, "to many");
	buf_free(&to);
	b = run(BATCH_RENDER, one, 200);
	for (p = b->first; p != NULL; p = p->next) {
		assert_true(p->n <= BATCH_RECIPIENTS);
		n += p->n;
	}
	assert_int_equal(n, 150);
	assert_int_equal(b->parcels, 2);
	finish(b, true);
}

/* A delivery that is not due stays, and the batch says when it will be. */
static void
not_yet(void **state)
{
	static const char *const one[] = {"domain:one.example", NULL};
	struct spool_settlement st = {
	    .outcome = SPOOL_LATER, .now_s = NOW, .due_s = NOW + 500, .attempted = true};
	struct spool_change *c = spool_change_new(t.spool);
	struct batch *b;

	(void)state;
	st.id = post("later@one.example", 2, 0, "later");
	spool_settle(c, &st);
	assert_int_equal(spool_commit(c), 0);
	spool_change_free(c);
	b = run(BATCH_RENDER, one, 0);
	assert_int_equal(b->parcels, 0);
	assert_true(b->ask[0].exhausted);
	assert_int_equal(b->ask[0].next_due_s, NOW + 500);
	finish(b, false);
	st.outcome = SPOOL_SENT;
	c = spool_change_new(t.spool);
	spool_settle(c, &st);
	assert_int_equal(spool_commit(c), 0);
	spool_change_free(c);
}

static void
verdicts_without_a_session(void **state)
{
	static const char *const refused[] = {"domain:no.example", NULL};
	static const char *const one[] = {"domain:one.example", NULL};
	struct batch *b;

	(void)state;
	post("x@no.example", 2, 0, "rejected by a rule");
	b = run(BATCH_DECIDE, refused, 0);
	assert_int_equal(b->first->to[0].verdict.outcome, OUTCOME_NEVER);
	assert_non_null(strstr(b->first->to[0].verdict.words, "not to them"));
	finish(b, true);
	post("x@one.example", 2, 0, "rejected by its next hop");
	b = run(BATCH_DECIDE, one, 0);
	assert_string_equal(b->first->to[0].verdict.status, "5.1.10");
	assert_false(parcel_is_open(b->first));
	finish(b, true);
}

/* The tables changed: a delivery whose destination is another today is redirected, not sent. */
static void
redirected(void **state)
{
	static const char *const old[] = {"domain:old.example", NULL};
	struct spool_draft *d = spool_draft_new(t.spool);
	struct spool_change *c = spool_change_new(t.spool);
	struct batch *b;

	(void)state;
	spool_draft_write(d, "\nx\n", 3);
	spool_draft_sender(d, "a@b.example");
	spool_draft_recipient(d, "x@one.example", "domain:old.example", 2,
	                      (struct spool_bytes){NULL, 0});
	spool_accept(c, d, NOW, NULL);
	assert_int_equal(spool_commit(c), 0);
	spool_change_free(c);
	b = run(BATCH_RENDER, old, 0);
	assert_int_equal(b->parcels, 1);
	assert_string_equal(buf_text(&b->first->to[0].redirect), "domain:one.example");
	assert_false(parcel_is_open(b->first));
	assert_false(b->first->to[0].decided);
	finish(b, true);
}

static void
into_a_maildir(void **state)
{
	static const char *const local[] = {"local:gw.example.com", NULL};
	char path[128];
	struct batch *b;

	(void)state;
	post("fred@gw.example.com wilma@gw.example.com", 2, 0, "home");
	b = run(BATCH_MAILDIR, local, 0);
	assert_int_equal(b->parcels, 1);
	assert_int_equal(b->first->n, 2);
	assert_int_equal(b->first->to[0].verdict.outcome, OUTCOME_SENT);
	assert_int_equal(b->first->to[1].verdict.outcome, OUTCOME_SENT);
	snprintf(path, sizeof path, "%s/mail-wilma/new", t.directory);
	assert_int_equal(access(path, F_OK), 0);
	finish(b, true);
}

/* ---- tokens ---- */

#define WRITER "decvax!mcvax!piet"

/* What the token in a sender's address stands for in the spool. */
static const char *
remembered(const char *sender)
{
	static struct buf address;
	const struct route_ask stranger = {.site = "somebody", .now_s = NOW};

	buf_free(&address);
	route_destination(t.setup->table, span_of(sender), &stranger, &address);
	return buf_text(&address);
}

static int
count_one(void *arg, const struct reply_kept *k)
{
	(void)k;
	++*(size_t *)arg;
	return 0;
}

static size_t
tokens(void)
{
	size_t n = 0;

	assert_int_equal(replies_each(t.spool, "", count_one, &n), 0);
	return n;
}

/* A sender with a token leaves when the spool knows it, and the next one costs no commit. */
static void
tokens_are_kept_first(void **state)
{
	static const char *const one[] = {"domain:one.example", NULL};
	size_t before = tokens();
	struct batch *b;

	(void)state;
	post_from(WRITER, "n@one.example", 2, 0, "new");
	b = run(BATCH_RENDER, one, 0);
	assert_int_equal(b->parcels, 1);
	assert_true(parcel_is_open(b->first));
	assert_true(strncmp(b->first->cm.reverse_path, "piet+", 5) == 0);
	assert_true(b->keep.tokens.n > 0);
	assert_int_equal(tokens(), before + 1);
	assert_string_equal(remembered(b->first->cm.reverse_path), "site:decvax");
	finish(b, true);
	post_from(WRITER, "n@one.example", 2, 0, "known");
	b = run(BATCH_RENDER, one, 0);
	assert_true(parcel_is_open(b->first));
	assert_int_equal(b->keep.tokens.n, 0);
	assert_int_equal(tokens(), before + 1);
	finish(b, true);
}

/* With more of a header, from a neighbour that is not known. */
static void
post_head(const char *sender, const char *head)
{
	struct spool_draft *d = spool_draft_new(t.spool);
	struct spool_change *c = spool_change_new(t.spool);

	spool_draft_write(d, head, strlen(head));
	spool_draft_write(d, "\nx\n", 3);
	spool_draft_sender(d, sender);
	spool_draft_recipient(d, "x@one.example", "domain:one.example", 2,
	                      (struct spool_bytes){NULL, 0});
	spool_accept(c, d, NOW, NULL);
	assert_int_equal(spool_commit(c), 0);
	spool_change_free(c);
}

/* More than one job of the writer takes, and among them one that needs none. */
static void
many_tokens(void **state)
{
	static const char *const one[] = {"domain:one.example", NULL};
	size_t before = tokens(), i;
	struct buf text = {0};
	struct batch *b;

	(void)state;
	for (i = 0; i < 1500; i++)
		buf_fmt(&text, "%sa!b!u%zu", i == 0 ? "To: " : ",\n ", i);
	buf_str(&text, "\n");
	post_head(WRITER "2", buf_text(&text));
	post("n@one.example", 2, 0, "needs none");
	b = run(BATCH_RENDER, one, 0);
	assert_int_equal(b->parcels, 2);
	assert_true(parcel_is_open(b->first) && parcel_is_open(b->first->next));
	assert_true(b->first->waits && !b->first->next->waits);
	assert_int_equal(tokens(), before + 1501);
	finish(b, true);
	buf_free(&text);
}

/* A header that could fill the memory makes so many and no more; its sender still has one. */
static void
too_many_tokens(void **state)
{
	static const char *const one[] = {"domain:one.example", NULL};
	size_t before = tokens(), i;
	struct buf text = {0};
	struct batch *b;

	(void)state;
	for (i = 0; i < 10000; i++)
		buf_fmt(&text, "%sc!d!u%zu", i == 0 ? "To: " : ",\n ", i);
	buf_str(&text, "\n");
	post_head(WRITER "3", buf_text(&text));
	b = run(BATCH_RENDER, one, 0);
	assert_true(parcel_is_open(b->first));
	assert_true(strncmp(b->first->cm.reverse_path, "piet3+", 6) == 0);
	assert_in_range(tokens() - before, 2500, 4000);
	assert_string_equal(remembered(b->first->cm.reverse_path), "site:decvax");
	finish(b, true);
	buf_free(&text);
}

/* The spool cannot be written just now: whose token is new waits, the others go. */
static void
what_cannot_be_kept_waits(void **state)
{
	static const char *const one[] = {"domain:one.example", NULL};
	static const char *const local[] = {"local:gw.example.com", NULL};
	size_t before = tokens();
	char path[128];
	struct batch *b, *home;
	int fd;

	(void)state;
	post_from("decvax!mcvax!other", "n@one.example", 2, 0, "new");
	post("n@one.example", 2, 0, "needs none");
	post_from("decvax!mcvax!third", "barney@gw.example.com", 2, 0, "home");
	snprintf(path, sizeof path, "%s/lock", t.directory);
	fd = open(path, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	b = run(BATCH_RENDER, one, 0);
	home = run(BATCH_MAILDIR, local, 0);
	close(fd);
	assert_int_equal(b->parcels, 2);
	assert_false(parcel_is_open(b->first));
	assert_int_equal(b->first->to[0].verdict.outcome, OUTCOME_LATER);
	assert_int_equal(b->first->to[0].verdict.scope, SCOPE_SESSION); /* costs it nothing */
	assert_true(hop_is_stuck(b->first));
	assert_true(parcel_is_open(b->first->next));
	assert_int_equal(home->first->to[0].verdict.outcome, OUTCOME_LATER);
	snprintf(path, sizeof path, "%s/mail-barney/new", t.directory);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(tokens(), before);
	finish(b, false);
	finish(home, false);
	b = run(BATCH_RENDER, one, 0);
	home = run(BATCH_MAILDIR, local, 0);
	assert_true(parcel_is_open(b->first));
	assert_int_equal(home->first->to[0].verdict.outcome, OUTCOME_SENT);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(tokens(), before + 2);
	finish(b, true);
	finish(home, true);
}

/* However they come and go: the most urgent is first, among equals who came first. */
static void
ready_in_order(void **state)
{
	enum { MANY = 500 };
	struct schedule s = {0};
	struct hop h = {.s = &s};
	struct destination *v = calloc(MANY, sizeof *v), *d;
	unsigned seed = 1, i, left, rank = 0;
	uint64_t turn = 0;

	(void)state;
	for (i = 0; i < MANY; i++) {
		v[i] = (struct destination){.hop = &h, .head_rank = (uint8_t)(i * 7 % 5)};
		ready_add(&v[i]);
	}
	for (i = 0; i < 4 * MANY; i++) { /* any of them leaves, comes back as another */
		seed = seed * 1103515245 + 12345;
		d = &v[(seed >> 8) % MANY];
		if (d->ready) {
			ready_remove(d);
			d->head_rank = (uint8_t)(seed >> 24) % 5;
		} else {
			ready_add(d);
		}
	}
	for (left = h.ready; left > 0; left--) {
		d = h.first;
		assert_non_null(d);
		assert_true(d->ready);
		assert_true(d->head_rank > rank || (d->head_rank == rank && d->turn > turn));
		rank = d->head_rank;
		turn = d->turn;
		ready_remove(d);
	}
	assert_null(h.first);
	assert_int_equal(h.ready, 0);
	free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ready_in_order),
	    cmocka_unit_test(order_and_grouping),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(many_recipients),
	    cmocka_unit_test(not_yet),
	    cmocka_unit_test(verdicts_without_a_session),
	    cmocka_unit_test(redirected),
	    cmocka_unit_test(into_a_maildir),
	    cmocka_unit_test(tokens_are_kept_first),
	    cmocka_unit_test(many_tokens),
	    cmocka_unit_test(too_many_tokens),
	    cmocka_unit_test(what_cannot_be_kept_waits),
	};

	return cmocka_run_group_tests_name("schedule", tests, begin, end);
}
