/*
 * Where the spool stops: its limit, the disk's reserve, and the bounds of what
 * it remembers. Settling goes on where accepting has ended.
 */
#include "tests/unit/spool_test.h"

#include "spool/change_int.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char page[4001];

static void
fill_page(void)
{
	memset(page, 'x', sizeof page - 1);
}

static struct spool_draft *
long_letter(struct spool *s, unsigned pages)
{
	struct spool_draft *d = letter(s, "", "a", "d", 2);

	for (; pages > 0; pages--)
		spool_draft_write(d, page, 4000); /* a failure sticks */
	return d;
}

/* Accepts until it is refused; how many were taken. */
static unsigned
fill(struct spool *s, unsigned most)
{
	struct spool_change *c;
	unsigned n;
	int rc = 0;

	fill_page();
	for (n = 0; n < most && rc == 0; n++) {
		c = spool_change_new(s);
		spool_accept(c, letter(s, page, "a", "d", 2), 5, NULL);
		rc = spool_commit(c);
		spool_change_free(c);
	}
	if (rc == 0)
		return n;
	if (spool_status(s) != SPOOL_FULL)
		fail_msg("%s", spool_error(s));
	return n - 1;
}

static void
full_is_an_answer(void **state)
{
	struct place *p = *state;
	struct spool *s;
	unsigned taken;

	p->o.limit_bytes = 50000;
	s = opened(p);
	taken = fill(s, 100);
	assert_in_range(taken, 8, 12);
	assert_true(counted(s).bytes <= 50000);
	settled(s, 1, 0, SPOOL_SENT, 6);
	assert_int_equal(fill(s, 100), 1); /* what was settled is room again */
	spool_close(s);
}

static void
a_staged_message_meets_the_limit_early(void **state)
{
	struct place *p = *state;
	struct spool_draft *d;
	struct spool *s;
	int rc = 0, i;

	p->o.limit_bytes = 3 << 20;
	s = opened(p);
	d = letter(s, "", "a", "d", 2);
	fill_page();
	for (i = 0; i < 2000 && rc == 0; i++)
		rc = spool_draft_write(d, page, 4000);
	assert_int_equal(rc, -1);
	assert_int_equal(spool_status(s), SPOOL_FULL);
	assert_in_range(i, 500, 1100);
	spool_draft_free(d);
	assert_int_equal(faults(s), 0);
	assert_int_equal(fill(s, 5), 5);
	spool_close(s);
}

/* What accepting a letter of so many octets needs of the limit, to the octet. */
static uint64_t
charge_of(struct place *p, unsigned pages)
{
	struct spool *s;
	uint64_t bytes;

	p->o.limit_bytes = 0;
	s = opened(p);
	accepted(s, long_letter(s, pages), 5);
	bytes = counted(s).bytes;
	settled(s, counted(s).newest, 0, SPOOL_DELETED, 6);
	assert_int_equal(spool_sweep(s), 0); /* what is not freed yet counts */
	spool_close(s);
	return bytes;
}

static bool
is_taken(struct place *p, unsigned pages, unsigned letters, uint64_t limit_bytes)
{
	struct spool_change *c;
	struct spool *s;
	unsigned i;
	bool taken;

	p->o.limit_bytes = limit_bytes;
	s = opened(p);
	c = spool_change_new(s);
	for (i = 0; i < letters; i++)
		spool_accept(c, long_letter(s, pages), 5, NULL);
	taken = spool_commit(c) == 0;
	if (!taken)
		assert_int_equal(spool_status(s), SPOOL_FULL);
	spool_change_free(c);
	assert_int_equal(faults(s), 0);
	for (i = 0; taken && i < letters; i++)
		settled(s, counted(s).newest - i, 0, SPOOL_DELETED, 6);
	assert_int_equal(spool_sweep(s), 0);
	spool_close(s);
	return taken;
}

/* What was staged is not charged once more when it is accepted, alone or in a staged batch. */
static void
the_limit_is_sharp(void **state)
{
	static const struct {
		unsigned pages, letters;
	} rows[] = {{2, 1}, {262, 1}, {263, 1}, {800, 1}, {4700, 1}, {2, 1200}, {300, 6}};
	struct place *p = *state;
	uint64_t need;
	size_t i;

	fill_page();
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		need = rows[i].letters * charge_of(p, rows[i].pages);
		assert_true(is_taken(p, rows[i].pages, rows[i].letters, need));
		assert_false(is_taken(p, rows[i].pages, rows[i].letters, need - 1));
	}
}

/* A notice of what is settled comes in though the limit is reached; another letter does not. */
static void
a_notice_counts_as_settling(void **state)
{
	static const struct {
		const char *sender;
		bool settles;
		int rc;
	} rows[] = {{"", true, 0}, {"a@b", true, -1}, {"", false, -1}};
	struct place *p = *state;
	struct spool_change *c;
	struct spool_draft *d;
	struct spool *s;
	size_t i;

	p->o.limit_bytes = 50000;
	s = opened(p);
	fill(s, 100);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct spool_settlement st = {.id = i + 1, .outcome = SPOOL_NEVER, .now_s = 6};

		c = spool_change_new(s);
		d = letter(s, page, "piet@x", "d", 2);
		spool_draft_sender(d, rows[i].sender);
		if (rows[i].settles)
			spool_settle(c, &st);
		spool_accept(c, d, 6, NULL);
		assert_int_equal(spool_commit(c), rows[i].rc);
		if (rows[i].rc < 0)
			assert_int_equal(spool_status(s), SPOOL_FULL);
		spool_change_free(c);
	}
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

/*
 * A disk that fills up: here a limit on the size of files, which the kernel
 * answers with EFBIG as it would with ENOSPC. What may not be accepted any
 * more can all be settled, deliveries scattered over the whole queue.
 */
static void
settle_in_a_full_disk(struct place *p)
{
	struct rlimit most = {6 << 20, 6 << 20};
	struct spool *s;
	unsigned taken, i, at;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &most);
	s = opened(p);
	taken = fill(s, 5000);
	assert_in_range(taken, 200, 2000);
	assert_int_equal(faults(s), 0);
	for (i = 0; i < taken; i++) {
		at = i * 7 % taken + 1; /* 7 does not divide it: each once */
		settled(s, taken % 7 ? at : i + 1, 0, SPOOL_SENT, 6);
	}
	assert_int_equal(counted(s).messages, 0);
	assert_int_equal(faults(s), 0);
	assert_true(fill(s, 100) == 100); /* free pages inside the file are room, too */
	spool_close(s);
	_exit(0);
}

static void
settling_needs_no_room(void **state)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		settle_in_a_full_disk(*state);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
the_disk_must_keep_the_reserve(void **state)
{
	struct place *p = *state;
	struct spool *s;

	p->o.reserve_bytes = UINT64_C(1) << 60;
	s = opened(p);
	assert_int_equal(fill(s, 1), 0);
	assert_int_equal(counted(s).messages, 0);
	spool_close(s);
}

static void
note_system(struct spool *s, int64_t now_s, const char *line)
{
	struct spool_change *c = spool_change_new(s);

	spool_note(c, 0, now_s, line);
	committed(s, c);
}

static void
the_journal_grows_old(void **state)
{
	struct spool *s = opened(*state);
	struct spool_draft *d;
	spool_id id[3];
	int i;

	for (i = 0; i < 3; i++) {
		d = letter(s, "x\n", "a", "d", 2);
		spool_draft_note(d, "accepted");
		id[i] = accepted(s, d, 0);
	}
	note_system(s, 0, "link up");
	settled(s, id[0], 0, SPOOL_SENT, 1 * DAY);
	settled(s, id[1], 0, SPOOL_SENT, 20 * DAY);
	note_system(s, 30 * DAY + 1, "link down"); /* 30 days and a second after the first */
	assert_int_equal(lines_of(s, 0), 1);
	assert_int_equal(lines_of(s, id[0]), 1);
	note_system(s, 32 * DAY, "link up");
	assert_int_equal(lines_of(s, id[0]), 0);
	assert_int_equal(lines_of(s, id[1]), 1);
	note_system(s, 400 * DAY, "link down");
	assert_int_equal(lines_of(s, id[1]), 0);
	assert_int_equal(lines_of(s, id[2]), 1); /* still queued: it stays */
	assert_int_equal(lines_of(s, 0), 1);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
the_journal_has_a_bound(void **state)
{
	struct place *p = *state;
	struct spool_draft *d;
	char line[1001];
	struct spool *s;
	struct txn t;
	spool_id id;
	int i;

	memset(line, 'l', 1000);
	line[1000] = '\0';
	p->o.journal_bytes = 20000;
	s = opened(p);
	for (i = 0; i < 60; i++) {
		d = letter(s, "x\n", "a", "d", 2);
		spool_draft_note(d, line);
		id = accepted(s, d, i);
		settled(s, id, 0, SPOOL_SENT, i);
	}
	assert_int_equal(txn_begin_write(&t, s), 0);
	assert_in_range(t.n.journal_bytes, 15000, 21100);
	txn_abort(&t);
	assert_int_equal(lines_of(s, 1), 0);
	assert_int_equal(lines_of(s, 60), 1);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

/* A line about what has gone already does not stay for ever. */
static void
late_lines_grow_old(void **state)
{
	struct spool *s = opened(*state);
	spool_id id = accepted(s, letter(s, "x\n", "a", "d", 2), 0);
	struct spool_change *c;

	settled(s, id, 0, SPOOL_SENT, 1);
	note_system(s, 100 * DAY, "x");
	c = spool_change_new(s);
	spool_note(c, id, 101 * DAY, "late");
	committed(s, c);
	assert_int_equal(lines_of(s, id), 1);
	note_system(s, 200 * DAY, "x");
	assert_int_equal(lines_of(s, id), 0);
	spool_close(s);
}

/* Trimming is a little at a time, beside each commit. */
static void
trimming_is_bounded(void **state)
{
	struct spool *s = opened(*state);
	int i;

	for (i = 0; i < 3 * TRIM_ITEMS; i++)
		note_system(s, 0, "x");
	note_system(s, 100 * DAY, "y");
	assert_int_equal(lines_of(s, 0), 2 * TRIM_ITEMS + 1);
	note_system(s, 100 * DAY, "y");
	note_system(s, 100 * DAY, "y");
	assert_int_equal(lines_of(s, 0), 3);
	spool_close(s);
}

static spool_id
set_aside(struct spool *s, int64_t now_s)
{
	static const struct spool_quarantined why = {"odd", "x"};
	struct spool_change *c = spool_change_new(s);
	struct spool_draft *d = spool_draft_new(s);
	spool_id id;

	fill_page();
	spool_draft_write(d, page, 4000);
	spool_draft_note(d, "set aside");
	spool_quarantine(c, d, now_s, &why, &id);
	committed(s, c);
	return id;
}

static void
quarantine_is_bounded(void **state)
{
	struct place *p = *state;
	struct spool *s;
	int i;

	p->o.quarantine_bytes = 40000;
	s = opened(p);
	for (i = 0; i < 20; i++)
		set_aside(s, i);
	assert_in_range(counted(s).quarantined, 7, 10);
	set_aside(s, 31 * DAY);
	note_system(s, 31 * DAY, "x");
	note_system(s, 31 * DAY, "x");
	assert_int_equal(counted(s).quarantined, 1);
	note_system(s, 100 * DAY, "x");
	assert_int_equal(counted(s).quarantined + counted(s).quarantine_bytes, 0);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static int
run_job(struct spool *s, int64_t mtime_s, int64_t now_s)
{
	struct spool_change *c = spool_change_new(s);
	struct spool_job job = {.system = "vax"};
	int rc;

	job.file.st_mtim.tv_sec = mtime_s;
	spool_job(c, &job, now_s);
	rc = spool_commit(c);
	spool_change_free(c);
	return rc;
}

/* Also where the clock was wrong, so that files seem older or newer than they are. */
static void
jobs_are_forgotten(void **state)
{
	static const int64_t mtimes[] = {1000 * DAY, 5, 90000 * DAY};
	struct spool *s = opened(*state);
	size_t i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(run_job(s, mtimes[i], 1000 * DAY), 0);
		assert_int_equal(run_job(s, mtimes[i], 1001 * DAY), -1);
		assert_int_equal(spool_status(s), SPOOL_DUPLICATE);
	}
	note_system(s, 1031 * DAY, "x");
	for (i = 0; i < 3; i++)
		assert_int_equal(run_job(s, mtimes[i], 1031 * DAY), 0);
	spool_close(s);
}

static void
recipients_have_a_bound(void **state)
{
	struct spool *s = opened(*state);
	struct spool_draft *d = letter(s, "x\n", "a", "d", 2);
	int i, rc = 0;

	for (i = 1; i <= RECIPIENTS_MAX && rc == 0; i++)
		rc =
		    spool_draft_recipient(d, "someone@example.org", "domain:example.org", 2, EMPTY);
	assert_int_equal(i, RECIPIENTS_MAX + 1);
	assert_int_equal(rc, -1);
	assert_int_equal(spool_status(s), SPOOL_TOO_LARGE);
	spool_draft_free(d);

	d = letter(s, "x\n", "a", "d", 2);
	for (i = 1; i < RECIPIENTS_MAX; i++)
		spool_draft_recipient(d, "someone@example.org", "domain:example.org", 2, EMPTY);
	settled(s, accepted(s, d, 5), SPOOL_ALL, SPOOL_SENT, 6);
	assert_int_equal(counted(s).sent, RECIPIENTS_MAX);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
idle_destinations_are_forgotten(void **state)
{
	struct spool *s = opened(*state);
	struct spool_destination d;
	struct spool_change *c = spool_change_new(s);
	char name[40];
	spool_dest last;
	int i;

	for (i = 0; i < DESTS_KEPT + 10; i++) {
		snprintf(name, sizeof name, "domain:%d.example", i);
		spool_accept(c, letter(s, "", "a", name, 2), 5, NULL);
	}
	committed(s, c);
	last = dest_of(s, DESTS_KEPT + 10, 0);
	for (i = 1; i <= 20; i++)
		settled(s, i, 0, SPOOL_SENT, 6);
	assert_int_equal(spool_destination_get(s, 1, &d), -1);
	assert_int_equal(spool_status(s), SPOOL_NONE);
	assert_int_equal(spool_destination_get(s, 15, &d), 0); /* within the bound again */
	assert_int_equal(spool_destination_get(s, last, &d), 0);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    spool_test(full_is_an_answer),       spool_test(a_staged_message_meets_the_limit_early),
	    spool_test(the_limit_is_sharp),      spool_test(a_notice_counts_as_settling),
	    spool_test(settling_needs_no_room),  spool_test(the_disk_must_keep_the_reserve),
	    spool_test(the_journal_grows_old),   spool_test(the_journal_has_a_bound),
	    spool_test(late_lines_grow_old),     spool_test(trimming_is_bounded),
	    spool_test(quarantine_is_bounded),   spool_test(jobs_are_forgotten),
	    spool_test(recipients_have_a_bound), spool_test(idle_destinations_are_forgotten),
	};

	return cmocka_run_group_tests_name("spool_bounds", tests, NULL, NULL);
}
