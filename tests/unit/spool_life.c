/*
 * The life of a delivery: accepted, chosen, settled, held, redirected, and
 * what the journal and the counters say of it.
 */
#include "tests/unit/spool_test.h"

static void
accepts(void **state)
{
	struct spool *s = opened(*state);
	struct spool_draft *d = letter(s, "Subject: x\n\nhello\n", "mcvax!jaap", "site:mcvax", 2);
	struct spool_message m;
	struct spool_delivery r;
	char *body;
	spool_id id;

	spool_draft_attributes(d, (struct spool_bytes){"proto=uucp", 10});
	spool_draft_recipient(d, "b@x", "domain:x", 1, (struct spool_bytes){"\0n", 2});
	spool_draft_note(d, "accepted from=decvax");
	assert_int_equal(spool_draft_recipients(d), 2);
	assert_int_equal(spool_draft_size(d), 18);
	id = accepted(s, d, 1000);

	assert_int_equal(spool_message_get(s, id, &m), 0);
	assert_string_equal(m.sender, "decvax!piet");
	assert_int_equal(m.size, 18);
	assert_int_equal(m.accepted_s, 1000);
	assert_int_equal(m.recipients, 2);
	assert_int_equal(m.pending, 2);
	assert_memory_equal(m.attributes.p, "proto=uucp", 10);
	spool_message_free(&m);

	assert_int_equal(spool_delivery_get(s, id, 1, &r), 0);
	assert_string_equal(r.recipient, "b@x");
	assert_string_equal(r.words, "");
	assert_int_equal(r.rank, 1);
	assert_int_equal(r.due_s, 1000);
	assert_int_equal(r.attributes.n, 2);
	spool_delivery_free(&r);
	assert_int_equal(spool_delivery_get(s, id, 2, &r), -1);
	assert_int_equal(spool_status(s), SPOOL_NONE);

	body = content_of(s, id);
	assert_string_equal(body, "Subject: x\n\nhello\n");
	free(body);
	assert_int_equal(lines_of(s, id), 1);
	assert_int_equal(counted(s).accepted, 1);
	assert_int_equal(counted(s).deliveries, 2);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
survives_reopening(void **state)
{
	struct spool *s = opened(*state);
	spool_id id = accepted(s, letter(s, "x\n", "a", "d", 2), 5), other;

	spool_close(s);
	s = opened(*state);
	other = accepted(s, letter(s, "", "a", "d", 2), 6);
	assert_true(other > id);
	free(content_of(s, id));
	free(content_of(s, other)); /* an empty letter is one too */
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
settles(void **state)
{
	static const struct {
		enum spool_outcome outcome;
		unsigned sent, never, deleted;
	} rows[] = {
	    {SPOOL_SENT, 1, 0, 0},
	    {SPOOL_NEVER, 0, 1, 0},
	    {SPOOL_DELETED, 0, 0, 1},
	};
	struct spool *s = opened(*state);
	struct spool_counts before, n;
	struct spool_message m;
	struct spool_draft *d;
	spool_id id;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		d = letter(s, "x\n", "a", "d", 2);
		spool_draft_recipient(d, "b", "d", 2, EMPTY);
		id = accepted(s, d, 5);
		before = counted(s);
		settled(s, id, 0, rows[i].outcome, 6);
		assert_int_equal(spool_message_get(s, id, &m), 0);
		assert_int_equal(m.pending, 1);
		spool_message_free(&m);
		assert_int_equal(faults(s), 0);
		settled(s, id, SPOOL_ALL, rows[i].outcome, 7);
		assert_int_equal(spool_message_get(s, id, &m), -1);
		assert_int_equal(spool_status(s), SPOOL_NONE);
		n = counted(s);
		assert_int_equal(n.sent - before.sent, 2 * rows[i].sent);
		assert_int_equal(n.never - before.never, 2 * rows[i].never);
		assert_int_equal(n.deleted - before.deleted, 2 * rows[i].deleted);
		assert_int_equal(n.messages + n.deliveries + n.bytes, 0);
	}
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
waits_again(void **state)
{
	struct spool *s = opened(*state);
	spool_id id = accepted(s, letter(s, "x\n", "a", "d", 2), 5);
	struct spool_settlement st = {.id = id,
	                              .outcome = SPOOL_LATER,
	                              .now_s = 100,
	                              .due_s = 400,
	                              .chance_s = 95,
	                              .attempted = true,
	                              .words = "450 4.2.0 try again"};
	struct spool_change *c = spool_change_new(s);
	struct spool_delivery d;

	spool_settle(c, &st);
	committed(s, c);
	assert_int_equal(spool_delivery_get(s, id, 0, &d), 0);
	assert_int_equal(d.due_s, 400);
	assert_int_equal(d.chance_s, 95);
	assert_int_equal(d.attempts, 1);
	assert_int_equal(d.last_s, 100);
	assert_string_equal(d.words, "450 4.2.0 try again");
	spool_delivery_free(&d);

	c = spool_change_new(s);
	st.attempted = false;
	st.warned = true;
	st.words = NULL;
	spool_settle(c, &st);
	committed(s, c);
	assert_int_equal(spool_delivery_get(s, id, 0, &d), 0);
	assert_int_equal(d.attempts, 1);
	assert_true(d.warned);
	assert_string_equal(d.words, "450 4.2.0 try again");
	spool_delivery_free(&d);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
an_unknown_id_refuses_all(void **state)
{
	struct spool *s = opened(*state);
	spool_id id = accepted(s, letter(s, "x\n", "a", "d", 2), 5);
	struct spool_settlement st = {.id = id, .outcome = SPOOL_SENT};
	struct spool_change *c = spool_change_new(s);

	spool_settle(c, &st);
	st.id = id + 7;
	spool_settle(c, &st);
	refused(s, c, SPOOL_NONE);
	assert_int_equal(counted(s).messages, 1);
	spool_close(s);
}

static void
chooses_in_order(void **state)
{
	static const struct {
		const char *dest;
		uint8_t rank;
		int64_t now_s;
	} rows[] = {{"d", 2, 30}, {"d", 2, 10}, {"other", 0, 1},
	            {"d", 0, 50}, {"d", 1, 90}, {"d", 2, 20}};
	static const spool_id order[] = {4, 2, 6, 1};
	struct spool *s = opened(*state);
	struct spool_choice got[8], after = {0};
	int64_t next_s;
	spool_dest dest;
	size_t i, n = 8;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		accepted(s, letter(s, "x\n", "a", rows[i].dest, rows[i].rank), rows[i].now_s);
	dest = dest_of(s, 1, 0);
	assert_int_equal(spool_choose(s, dest, NULL, 60, got, &n, &next_s), 0);
	assert_int_equal(n, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(got[i].id, order[i]);
	assert_int_equal(next_s, 90);

	for (i = 0; i < 4; i++, after = got[0]) { /* one at a time */
		n = 1;
		assert_int_equal(spool_choose(s, dest, &after, 60, got, &n, &next_s), 0);
		assert_int_equal(n, 1);
		assert_int_equal(got[0].id, order[i]);
	}
	n = 1;
	assert_int_equal(spool_choose(s, dest, &after, 60, got, &n, &next_s), 0);
	assert_int_equal(n, 0);
	n = 8;
	assert_int_equal(spool_choose(s, dest, NULL, 5, got, &n, &next_s), 0);
	assert_int_equal(n, 0);
	assert_int_equal(next_s, 10);
	n = 8;
	assert_int_equal(spool_choose(s, dest + 1, NULL, INT64_MAX, got, &n, &next_s), 0);
	assert_int_equal(n, 1);
	assert_true(next_s == INT64_MAX);
	spool_close(s);
}

static void
holds_and_releases(void **state)
{
	struct spool *s = opened(*state);
	struct spool_draft *d = letter(s, "x\n", "a", "d", 2);
	struct spool_choice got[4];
	struct spool_destination dests[4];
	struct spool_change *c;
	spool_dest dest;
	int64_t next_s;
	spool_id id;
	size_t n = 4;

	spool_draft_recipient(d, "b", "d", 2, EMPTY);
	id = accepted(s, d, 5);
	dest = dest_of(s, id, 0);
	c = spool_change_new(s);
	spool_hold(c, id, SPOOL_ALL);
	spool_hold(c, id, 1); /* twice is once */
	committed(s, c);
	assert_int_equal(counted(s).held, 2);
	assert_int_equal(spool_choose(s, dest, NULL, 1000, got, &n, &next_s), 0);
	assert_int_equal(n, 0);
	assert_true(next_s == INT64_MAX);
	n = 4;
	assert_int_equal(spool_destinations(s, 0, dests, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(faults(s), 0);

	c = spool_change_new(s);
	spool_release(c, id, 1, 77);
	committed(s, c);
	n = 4;
	assert_int_equal(spool_choose(s, dest, NULL, 1000, got, &n, &next_s), 0);
	assert_int_equal(n, 1);
	assert_int_equal(got[0].due_s, 77);
	assert_int_equal(counted(s).held, 1);

	c = spool_change_new(s);
	spool_retry(c, id, 1, 66);
	committed(s, c);
	n = 4;
	assert_int_equal(spool_choose(s, dest, NULL, 70, got, &n, &next_s), 0);
	assert_int_equal(n, 1);
	settled(s, id, SPOOL_ALL, SPOOL_DELETED, 80); /* held ones too */
	assert_int_equal(counted(s).held, 0);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
redirects(void **state)
{
	struct spool *s = opened(*state);
	spool_id id = accepted(s, letter(s, "x\n", "a", "domain:old", 2), 5);
	struct spool_change *c = spool_change_new(s);
	struct spool_destination d[2];
	size_t n = 2;

	spool_redirect(c, id, 0, "domain:new", 1);
	committed(s, c);
	assert_int_equal(spool_destinations(s, 0, d, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(d[0].name, "domain:new");
	assert_int_equal(spool_destination_get(s, dest_of(s, id, 0), &d[1]), 0);
	assert_string_equal(d[1].name, "domain:new");
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
long_destinations_differ(void **state)
{
	struct spool *s = opened(*state);
	struct spool_destination d[3];
	char a[1001], b[1001];
	size_t n = 3;

	memset(a, 'x', 1000);
	a[1000] = '\0';
	memcpy(b, a, sizeof b);
	b[999] = 'y';
	accepted(s, letter(s, "x\n", "a", a, 2), 5);
	accepted(s, letter(s, "x\n", "a", b, 2), 5);
	accepted(s, letter(s, "x\n", "a", a, 2), 5);
	assert_int_equal(spool_destinations(s, 0, d, &n), 0);
	assert_int_equal(n, 2);
	assert_string_not_equal(d[0].name, d[1].name);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
lists_both_ways(void **state)
{
	struct spool *s = opened(*state);
	spool_id ids[4];
	size_t n, i;

	for (i = 0; i < 6; i++) {
		struct spool_draft *d = letter(s, "x\n", "a", "d", 2);

		spool_draft_recipient(d, "b", "d", 2, EMPTY);
		accepted(s, d, 5);
	}
	settled(s, 3, SPOOL_ALL, SPOOL_SENT, 6);
	n = 4;
	assert_int_equal(spool_list(s, 1, ids, &n), 0);
	assert_int_equal(n, 4);
	assert_true(ids[0] == 2 && ids[1] == 4 && ids[2] == 5 && ids[3] == 6);
	n = 4;
	assert_int_equal(spool_list_newest(s, UINT64_MAX, ids, &n), 0);
	assert_int_equal(n, 4);
	assert_true(ids[0] == 6 && ids[1] == 5 && ids[2] == 4 && ids[3] == 2);
	n = 4;
	assert_int_equal(spool_list_newest(s, 2, ids, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(ids[0], 1);
	n = 4;
	assert_int_equal(spool_list(s, 6, ids, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(counted(s).newest, 6);
	spool_close(s);
}

static void
lists_deliveries_in_pages(void **state)
{
	struct spool *s = opened(*state);
	struct spool_draft *d = letter(s, "x\n", "a", "d", 2);
	struct spool_delivery got[3];
	char name[20];
	size_t n, i;
	spool_id id;

	for (i = 1; i < 7; i++) {
		snprintf(name, sizeof name, "r%zu", i);
		spool_draft_recipient(d, name, "d", 2, EMPTY);
	}
	id = accepted(s, d, 5);
	n = 3;
	assert_int_equal(spool_deliveries(s, id, 5, got, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(got[1].recipient, "r6");
	for (i = 0; i < n; i++)
		spool_delivery_free(&got[i]);
	n = 3;
	assert_int_equal(spool_deliveries(s, id + 1, 0, got, &n), -1);
	assert_int_equal(spool_status(s), SPOOL_NONE);
	spool_close(s);
}

static int
stop_at_two(void *arg, spool_id id, int64_t at_s, const char *line, size_t n)
{
	(void)id;
	(void)at_s;
	(void)line;
	(void)n;
	return ++*(int *)arg == 2;
}

static void
keeps_a_journal(void **state)
{
	struct spool *s = opened(*state);
	spool_id id = accepted(s, letter(s, "x\n", "a", "d", 2), 5);
	struct spool_change *c;
	char line[2000];
	int i, n = 0;

	memset(line, 'l', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	c = spool_change_new(s);
	for (i = 0; i < 100; i++)
		spool_note(c, id, i, line); /* more than one slice of reading */
	spool_note(c, 0, 7, "link up");
	committed(s, c);
	settled(s, id, 0, SPOOL_SENT, 8);
	assert_int_equal(lines_of(s, id), 100);
	assert_int_equal(lines_of(s, 0), 1);
	assert_int_equal(spool_journal(s, id, stop_at_two, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

/* Whose lines are there, the newest first: each once, gone or not, the system's own left out. */
static void
lists_whom_it_wrote_of(void **state)
{
	struct spool *s = opened(*state);
	struct spool_change *c = spool_change_new(s);
	spool_id id[3], got[2];
	size_t i, n = 2;

	for (i = 0; i < 3; i++) {
		id[i] = accepted(s, letter(s, "x\n", "a", "d", 2), 5);
		spool_note(c, id[i], 6, "one");
		spool_note(c, id[i], 7, "two");
	}
	spool_note(c, 0, 7, "link up");
	committed(s, c);
	settled(s, id[1], 0, SPOOL_SENT, 8);
	assert_int_equal(spool_journalled(s, UINT64_MAX, got, &n), 0);
	assert_int_equal(n, 2);
	assert_true(got[0] == id[2] && got[1] == id[1]);
	assert_int_equal(spool_journalled(s, got[1], got, &n), 0);
	assert_int_equal(n, 1);
	assert_true(got[0] == id[0]);
	assert_int_equal(spool_journalled(s, got[0], got, &n), 0);
	assert_int_equal(n, 0);
	spool_close(s);
}

static void
remembers_facts(void **state)
{
	struct spool *s = opened(*state);
	struct spool_change *c = spool_change_new(s);
	char got[8];
	size_t n;

	spool_fact(c, "link vsat", (struct spool_bytes){"up since 12", 11});
	committed(s, c);
	assert_int_equal(spool_fact_get(s, "link vsat", got, sizeof got, &n), 0);
	assert_int_equal(n, 11);
	assert_memory_equal(got, "up since", 8);
	c = spool_change_new(s);
	spool_fact(c, "link vsat", EMPTY);
	committed(s, c);
	assert_int_equal(spool_fact_get(s, "link vsat", got, sizeof got, &n), -1);
	assert_int_equal(spool_status(s), SPOOL_NONE);
	spool_close(s);
}

struct listed {
	char text[400];
	size_t n, most;
};

static int
list_fact(void *arg, const char *name, struct spool_bytes value)
{
	struct listed *l = arg;
	size_t at = strlen(l->text);

	if (at < 200)
		snprintf(l->text + at, sizeof l->text - at, "%s=%.*s ", name, (int)value.n,
		         (const char *)value.p);
	return ++l->n == l->most;
}

static void
lists_facts(void **state)
{
	static const struct {
		const char *prefix, *after;
		size_t most;
		const char *text;
	} rows[] = {
	    {"", "", 0, "a=1 link/a=2 link/b=3 link0=4 zoo=5 "},
	    {"link/", "", 0, "link/a=2 link/b=3 "},
	    {"link/", "link/a", 0, "link/b=3 "},
	    {"link/", "link/aa", 0, "link/b=3 "},
	    {"link/", "link/b", 0, ""},
	    {"link/", "a", 0, "link/a=2 link/b=3 "},
	    {"link/", "zoo", 0, ""},
	    {"link", "link", 0, "link/a=2 link/b=3 link0=4 "},
	    {"zoo", "", 0, "zoo=5 "},
	    {"zoo", "zoo", 0, ""},
	    {"none", "", 0, ""},
	    {"", "a", 2, "link/a=2 link/b=3 "},
	};
	static const char *const facts[] = {"zoo", "5",     "link/b", "3",      "a",
	                                    "1",   "link0", "4",      "link/a", "2"};
	struct spool *s = opened(*state);
	struct spool_change *c = spool_change_new(s);
	char long_name[500] = {0};
	struct listed l;
	size_t i;

	for (i = 0; i < 10; i += 2)
		spool_fact(c, facts[i], (struct spool_bytes){facts[i + 1], 1});
	committed(s, c);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		l = (struct listed){.most = rows[i].most};
		assert_int_equal(spool_facts(s, rows[i].prefix, rows[i].after, list_fact, &l), 0);
		assert_string_equal(l.text, rows[i].text);
	}
	memset(long_name, 'x', sizeof long_name - 1);
	assert_int_equal(spool_facts(s, long_name, "", list_fact, &l), -1);
	assert_int_equal(spool_status(s), SPOOL_TOO_LARGE);
	spool_close(s);
}

/* More than one slice, each taken when the one before has been told: what is told may change. */
static int
remove_fact(void *arg, const char *name, struct spool_bytes value)
{
	struct spool *s = arg;
	struct spool_change *c;

	if (value.n != 1000 || name[6] != '7')
		return value.n != 1000;
	c = spool_change_new(s);
	spool_fact(c, name, EMPTY);
	committed(s, c);
	return 0;
}

static void
lists_many_facts(void **state)
{
	struct spool *s = opened(*state);
	struct spool_change *c = spool_change_new(s);
	struct listed l = {.most = 0};
	char name[20], value[1000] = {0};
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "reply/%03d", i);
		spool_fact(c, name, (struct spool_bytes){value, sizeof value});
	}
	committed(s, c);
	assert_int_equal(spool_facts(s, "reply/", "", list_fact, &l), 0);
	assert_int_equal(l.n, 1000);
	assert_int_equal(spool_facts(s, "reply/", "", remove_fact, s), 0);
	l.n = 0;
	assert_int_equal(spool_facts(s, "reply/", "", list_fact, &l), 0);
	assert_int_equal(l.n, 900);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

/* The identity of a job is its file's: each difference makes another job. */
static void
knows_jobs_again(void **state)
{
	static const struct {
		const char *system;
		uint64_t inode;
		long mtime_s, mtime_ns;
		long size;
		uint8_t digest;
		enum spool_status st;
	} rows[] = {
	    {"vax", 1, 100, 5, 10, 1, SPOOL_OK},        {"vax", 1, 100, 5, 10, 1, SPOOL_DUPLICATE},
	    {"vaxa", 1, 100, 5, 10, 1, SPOOL_OK},       {"vax", 2, 100, 5, 10, 1, SPOOL_OK},
	    {"vax", 1, 101, 5, 10, 1, SPOOL_OK},        {"vax", 1, 100, 6, 10, 1, SPOOL_OK},
	    {"vax", 1, 100, 5, 11, 1, SPOOL_OK},        {"vax", 1, 100, 5, 10, 2, SPOOL_OK},
	    {"vax", 1, 100, 5, 10, 1, SPOOL_DUPLICATE},
	};
	struct spool *s = opened(*state);
	unsigned accepts = 0;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct spool_change *c = spool_change_new(s);
		struct spool_job job = {.system = rows[i].system, .digest = {rows[i].digest}};

		job.file.st_ino = rows[i].inode;
		job.file.st_size = rows[i].size;
		job.file.st_mtim = (struct timespec){rows[i].mtime_s, rows[i].mtime_ns};
		spool_accept(c, letter(s, "same\n", "a", "d", 2), 100, NULL);
		spool_job(c, &job, 100);
		if (rows[i].st == SPOOL_OK)
			committed(s, c), accepts++;
		else
			refused(s, c, rows[i].st);
		assert_int_equal(counted(s).messages, accepts);
	}
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
sets_aside(void **state)
{
	static const struct spool_quarantined why = {"no From_ line\nat all", "decvax"};
	struct spool *s = opened(*state);
	struct spool_draft *d = spool_draft_new(s);
	struct spool_change *c = spool_change_new(s);
	struct spool_quarantine_item item[2];
	size_t n = 2;
	spool_id id;
	char *body;

	spool_draft_write(d, "\0\1garbage", 9);
	assert_int_equal(spool_quarantine(c, d, 50, &why, &id), 0);
	committed(s, c);
	assert_int_equal(spool_quarantine_list(s, 0, item, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(item[0].id, id);
	assert_int_equal(item[0].size, 9);
	assert_string_equal(item[0].reason, "no From_ line at all");
	assert_string_equal(item[0].source, "decvax");
	body = content_of(s, id);
	assert_memory_equal(body, "\0\1garbage", 9);
	free(body);
	assert_int_equal(counted(s).quarantined, 1);
	assert_int_equal(counted(s).messages, 0);
	assert_int_equal(faults(s), 0);

	c = spool_change_new(s);
	spool_quarantine_drop(c, id);
	committed(s, c);
	assert_int_equal(counted(s).quarantined + counted(s).quarantine_bytes, 0);
	c = spool_change_new(s);
	spool_quarantine_drop(c, id);
	refused(s, c, SPOOL_NONE);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
the_first_error_sticks(void **state)
{
	struct spool *s = opened(*state);
	struct spool_change *c = spool_change_new(s);
	struct spool_draft *d = spool_draft_new(s);
	char *large = malloc(70001);

	assert_int_equal(spool_accept(c, d, 5, NULL), -1); /* nobody to send it to */
	assert_int_equal(spool_note(c, 0, 5, "x"), -1);
	refused(s, c, SPOOL_NONE);

	memset(large, 'x', 70000);
	large[70000] = '\0';
	c = spool_change_new(s);
	assert_int_equal(spool_note(c, 0, 5, large), -1);
	refused(s, c, SPOOL_TOO_LARGE);
	d = spool_draft_new(s);
	assert_int_equal(spool_draft_recipient(d, large, "d", 2, EMPTY), -1);
	assert_int_equal(spool_draft_write(d, "x", 1), -1);
	c = spool_change_new(s);
	spool_accept(c, d, 5, NULL);
	refused(s, c, SPOOL_TOO_LARGE);
	c = spool_change_new(s);
	committed(s, c); /* nothing gathered is nothing to do */
	free(large);
	spool_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    spool_test(accepts),
	    spool_test(survives_reopening),
	    spool_test(settles),
	    spool_test(waits_again),
	    spool_test(an_unknown_id_refuses_all),
	    spool_test(chooses_in_order),
	    spool_test(holds_and_releases),
	    spool_test(redirects),
	    spool_test(long_destinations_differ),
	    spool_test(lists_both_ways),
	    spool_test(lists_deliveries_in_pages),
	    spool_test(keeps_a_journal),
	    spool_test(lists_whom_it_wrote_of),
	    spool_test(remembers_facts),
	    spool_test(lists_facts),
	    spool_test(lists_many_facts),
	    spool_test(knows_jobs_again),
	    spool_test(sets_aside),
	    spool_test(the_first_error_sticks),
	};

	return cmocka_run_group_tests_name("spool_life", tests, NULL, NULL);
}
