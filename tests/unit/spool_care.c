/*
 * Verify sees what is wrong, and a backup, a compacted and a restored spool
 * are whole.
 */
#include "tests/unit/spool_test.h"

#include "spool/change_int.h"

#include <fcntl.h>
#include <sys/stat.h>

static char large[200000];

static void
populate(struct spool *s)
{
	static const struct spool_quarantined why = {"odd", "vax"};
	struct spool_job job = {.system = "vax"};
	struct spool_change *c = spool_change_new(s);
	struct spool_draft *d;
	int i;

	memset(large, 'L', sizeof large - 1);
	for (i = 0; i < 40; i++) {
		d = letter(s, i % 10 ? "small\n" : large, "a", i % 3 ? "site:one" : "site:two", 2);
		spool_draft_recipient(d, "b", "site:three", 1, EMPTY);
		spool_draft_note(d, "accepted");
		spool_accept(c, d, i, NULL);
	}
	spool_job(c, &job, 5);
	spool_fact(c, "link", (struct spool_bytes){"up", 2});
	spool_note(c, 0, 5, "began");
	committed(s, c);
	c = spool_change_new(s);
	d = spool_draft_new(s);
	spool_draft_write(d, large, sizeof large - 1);
	spool_quarantine(c, d, 7, &why, NULL);
	spool_hold(c, 12, 0);
	spool_note(c, 3, 9, "sent");
	committed(s, c);
	settled(s, 3, SPOOL_ALL, SPOOL_SENT, 9);
	settled(s, 11, 0, SPOOL_NEVER, 9);
}

static void
same(struct spool *a, struct spool *b)
{
	struct spool_counts x = counted(a), y = counted(b);
	spool_id ids[100];
	size_t n = 100, i;
	char *p, *q;

	assert_int_equal(x.messages, y.messages);
	assert_int_equal(x.deliveries, y.deliveries);
	assert_int_equal(x.held, y.held);
	assert_int_equal(x.bytes, y.bytes);
	assert_int_equal(x.quarantined, y.quarantined);
	assert_int_equal(x.sent, y.sent);
	assert_int_equal(x.newest, y.newest);
	assert_int_equal(spool_list(a, 0, ids, &n), 0);
	for (i = 0; i < n; i++) {
		p = content_of(a, ids[i]);
		q = content_of(b, ids[i]);
		assert_string_equal(p, q);
		free(p);
		free(q);
		assert_int_equal(lines_of(a, ids[i]), lines_of(b, ids[i]));
	}
	assert_int_equal(lines_of(a, 3), lines_of(b, 3));
	assert_int_equal(lines_of(a, 0), lines_of(b, 0));
}

static struct place
place_of(struct place *p, const char *name)
{
	struct place other = *p;

	snprintf(other.spool, sizeof other.spool, "%s/%s", p->dir, name);
	return other;
}

static struct spool *
opened_at(struct place *p)
{
	p->o.directory = p->spool;
	return opened(p);
}

static void
backs_up_and_restores(void **state)
{
	struct place *p = *state, copy = place_of(p, "copy"), again = place_of(p, "again");
	struct spool *s = opened(p), *b;
	struct spool_change *c;
	struct spool_job job = {.system = "vax"};
	char why[300] = "", fact[2];
	size_t n;

	populate(s);
	if (spool_backup(s, copy.spool) < 0)
		fail_msg("%s", spool_error(s));
	b = opened_at(&copy);
	same(s, b);
	assert_int_equal(faults(b), 0);
	assert_int_equal(spool_fact_get(b, "link", fact, 2, &n), 0);
	c = spool_change_new(b);
	spool_job(c, &job, 6);
	refused(b, c, SPOOL_DUPLICATE);
	spool_close(b);
	assert_int_equal(spool_backup(s, copy.spool), -1); /* never over anything */
	assert_int_equal(spool_status(s), SPOOL_EXISTS);

	again.o.directory = again.spool; /* where nothing is, and where something is */
	if (spool_restore(&again.o, copy.spool, why, sizeof why) < 0 ||
	    spool_restore(&again.o, copy.spool, why, sizeof why) < 0)
		fail_msg("%s", why);
	b = opened_at(&again);
	same(s, b);
	assert_int_equal(faults(b), 0);
	assert_true(accepted(b, letter(b, "x\n", "a", "d", 2), 50) > counted(s).newest);
	spool_close(b);
	spool_close(s);
}

static void
a_cut_backup_is_not_restored(void **state)
{
	struct place *p = *state, copy = place_of(p, "copy");
	struct spool *s = opened(p);
	char path[200], why[300] = "";

	populate(s);
	assert_int_equal(spool_backup(s, copy.spool), 0);
	spool_close(s);
	snprintf(path, sizeof path, "%s/incomplete", copy.spool);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	assert_int_equal(spool_restore(&p->o, copy.spool, why, sizeof why), -1);
	assert_non_null(strstr(why, "cut short"));
	s = opened(p);
	assert_int_equal(counted(s).messages, 39);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
compacts(void **state)
{
	struct place *p = *state, copy = place_of(p, "copy");
	struct spool *s = opened(p), *b;
	char why[300] = "";
	uint64_t before;
	int i;

	populate(s);
	for (i = 0; i < 30; i++)
		accepted(s, letter(s, large, "a", "d", 2), 5);
	for (i = 0; i < 30; i++)
		settled(s, 42 + i, 0, SPOOL_SENT, 6);
	before = counted(s).file_bytes;
	assert_int_equal(spool_backup(s, copy.spool), 0);
	spool_close(s);
	if (spool_compact(&p->o, why, sizeof why) < 0)
		fail_msg("%s", why);
	s = opened(p);
	b = opened_at(&copy);
	assert_true(counted(s).file_bytes < before / 2);
	same(s, b);
	assert_int_equal(faults(s), 0);
	accepted(s, letter(s, "x\n", "a", "d", 2), 5);
	assert_int_equal(faults(s), 0);
	spool_close(b);
	spool_close(s);
}

static void
flip(struct place *p, const char *bytes)
{
	char path[200], *map;
	size_t n, at, found = 0;
	struct stat st;
	FILE *f;

	snprintf(path, sizeof path, "%s/data.mdb", p->spool);
	assert_int_equal(stat(path, &st), 0);
	f = fopen(path, "r+");
	map = malloc((size_t)st.st_size);
	n = fread(map, 1, (size_t)st.st_size, f);
	for (at = 0; at + strlen(bytes) <= n; at++) {
		if (memcmp(map + at, bytes, strlen(bytes)) != 0)
			continue;
		fseek(f, (long)at, SEEK_SET);
		fputc('#', f);
		found++;
	}
	assert_true(found > 0);
	free(map);
	fclose(f);
}

/* A message found damaged is not sent, but kept aside. */
static void
damaged_content_is_set_aside(void **state)
{
	struct spool *s = opened(*state);
	struct spool_quarantine_item item;
	struct spool_content *content;
	struct spool_change *c;
	uint64_t size;
	size_t n = 1;
	spool_id id;
	char *body;

	accepted(s, letter(s, "whole\n", "a", "d", 2), 5);
	id = accepted(s, letter(s, "this will be hurt\n", "mcvax!jaap", "d", 2), 5);
	spool_close(s);
	flip(*state, "this will be hurt");
	s = opened(*state);
	assert_int_equal(spool_content_open(s, id, &content, &size), -1);
	assert_int_equal(spool_status(s), SPOOL_DAMAGED);
	assert_null(content);
	assert_int_equal(faults(s), 1);
	c = spool_change_new(s);
	spool_damaged(c, id, 50);
	spool_note(c, id, 50, "damaged");
	committed(s, c);
	assert_int_equal(spool_quarantine_list(s, 0, &item, &n), 0);
	assert_int_equal(item.id, id);
	assert_string_equal(item.source, "from <decvax!piet> for mcvax!jaap");
	body = content_of(s, id); /* what is left of it can still be looked at */
	assert_string_equal(body, "#his will be hurt\n");
	free(body);
	assert_int_equal(counted(s).messages, 1);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

/* Settling, and setting aside, go on over a record that is missing or cannot be read. */
static void
faults_do_not_stop_settling(void **state)
{
	struct spool *s = opened(*state);
	spool_id id = accepted(s, letter(s, "x\n", "a", "d", 2), 5);
	struct spool_draft *two = letter(s, "y\n", "a", "d", 2);
	spool_id hurt;
	struct spool_choice left[4];
	struct spool_change *c;
	int64_t next_due_s;
	size_t n = 4;
	struct txn t;

	spool_draft_recipient(two, "b", "d", 2, EMPTY);
	hurt = accepted(s, two, 5);
	c = spool_change_new(s);
	spool_hold(c, hurt, 1);
	committed(s, c);
	assert_int_equal(txn_begin_write(&t, s), 0);
	assert_int_equal(txn_del(&t, DB_DUE, key_due(dest_of(s, id, 0), 2, 5, id, 0)), 1);
	txn_put(&t, DB_MAIL, key_delivery(hurt, 0), bytes_of("short"));
	txn_put(&t, DB_MAIL, key_delivery(hurt, 1), bytes_of("short"));
	assert_int_equal(txn_commit(&t), 0);
	c = spool_change_new(s);
	spool_retry(c, id, 0, 7); /* mends it */
	spool_damaged(c, hurt, 8);
	committed(s, c);
	assert_int_equal(counted(s).messages, 1);
	assert_int_equal(counted(s).deliveries, 1);
	assert_int_equal(counted(s).held, 0);
	assert_int_equal(counted(s).quarantined, 1);
	assert_int_equal(faults(s), 0);
	assert_int_equal(spool_choose(s, dest_of(s, id, 0), NULL, 9, left, &n, &next_due_s), 0);
	assert_int_equal(n, 1);
	settled(s, id, 0, SPOOL_SENT, 9);
	assert_int_equal(counted(s).deliveries, 0);
	spool_close(s);
}

/* What verify must see, each made by a hand that knows the records. */
static void
verify_sees(void **state)
{
	static const struct {
		const char *what;
		enum db db;
		bool remove;
	} rows[] = {
	    {"a delivery out of the order", DB_DUE, true},
	    {"a message without content", DB_CONTENT, true},
	    {"a destination without a name", DB_DEST, true},
	    {"a message lost", DB_MAIL, true},
	    {"a line of the journal lost", DB_JOURNAL, true},
	    {"a record that cannot be read", DB_MAIL, false},
	    {"an item that cannot be read", DB_QUARANTINE, false},
	    {"a remembered job that cannot be read", DB_JOB, false},
	    {"content of nothing", DB_CONTENT, false},
	};
	struct place *p = *state;
	struct spool *s = opened(p);
	char file[200], kept[200], command[500];
	size_t i;

	populate(s);
	assert_int_equal(faults(s), 0);
	spool_close(s);
	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	snprintf(kept, sizeof kept, "%s/kept", p->dir);
	snprintf(command, sizeof command, "cp %s %s", file, kept);
	assert_int_equal(system(command), 0);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct txn t;
		struct walk w;
		struct key k;

		snprintf(command, sizeof command, "cp %s %s", kept, file);
		assert_int_equal(system(command), 0);
		s = opened(p);
		assert_int_equal(txn_begin_write(&t, s), 0);
		assert_int_equal(walk_begin(&w, &t, rows[i].db), 0);
		assert_int_equal(walk_from(&w, (struct key){.n = 0}), 1);
		k = walk_key(&w);
		walk_end(&w);
		if (rows[i].remove)
			txn_del(&t, rows[i].db, k);
		else if (rows[i].db == DB_CONTENT)
			txn_put(&t, DB_CONTENT, key_content(99999, 0), bytes_of("stray"));
		else
			txn_put(&t, rows[i].db, k, bytes_of("short"));
		assert_int_equal(txn_commit(&t), 0);
		if (faults(s) == 0)
			fail_msg("verify did not see %s", rows[i].what);
		spool_close(s);
		spool_suspect(p->spool); /* a fault in a record stops no other mail */
		spool_close(opened(p));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    spool_test(backs_up_and_restores),
	    spool_test(a_cut_backup_is_not_restored),
	    spool_test(compacts),
	    spool_test(damaged_content_is_set_aside),
	    spool_test(faults_do_not_stop_settling),
	    spool_test(verify_sees),
	};

	return cmocka_run_group_tests_name("spool_care", tests, NULL, NULL);
}
