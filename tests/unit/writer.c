/*
 * The writer on a real spool: groups, a job that spoils its group, a full
 * spool, and the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bridge/schedule/writer.h"
#include "spool/change_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOBS 600

struct test {
	char directory[64];
	struct spool *spool;
	struct writer *writer;
	uv_loop_t loop;
	unsigned done, broken;
	size_t largest; /* operations of one change */
};

struct job {
	struct writer_job job; /* first */
	struct test *t;
	spool_id id;    /* settled; 0: a message is accepted */
	size_t size;    /* of it */
	unsigned notes; /* that many more lines of the journal */
	unsigned filled;
	enum spool_status status;
	bool reported;
};

static void
on_broken(void *owner, const char *words)
{
	struct test *t = owner;

	(void)words;
	t->broken++;
}

static void
begin(struct test *t, uint64_t limit_bytes)
{
	struct spool_options o = {.lock_wait_ms = 2000, .limit_bytes = limit_bytes};
	char why[200];

	memset(t, 0, sizeof *t);
	strcpy(t->directory, "/tmp/bangway-writer.XXXXXX");
	assert_non_null(mkdtemp(t->directory));
	o.directory = t->directory;
	assert_int_equal(spool_create(&o, why, sizeof why), 0);
	assert_int_equal(spool_open(&t->spool, &o), 0);
	assert_int_equal(uv_loop_init(&t->loop), 0);
	t->writer = writer_start(&t->loop, t->spool, on_broken, t);
	assert_non_null(t->writer);
}

static void
end(struct test *t)
{
	char command[100];

	writer_stop(t->writer);
	uv_run(&t->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&t->loop), 0);
	assert_int_equal(t->broken, 0);
	spool_close(t->spool);
	snprintf(command, sizeof command, "rm -rf %s", t->directory);
	assert_int_equal(system(command), 0);
}

static int
fill(struct writer_job *wj, struct spool *s, struct spool_change *c)
{
	struct job *j = (struct job *)wj;
	struct spool_settlement st = {.id = j->id, .outcome = SPOOL_SENT, .now_s = 1000};
	struct spool_draft *d;
	struct test *t = j->t;
	char *text;
	unsigned i;

	j->filled++;
	if (j->id != 0) {
		for (i = 0; i < j->notes; i++)
			spool_note(c, j->id, 1000, "a line");
		spool_settle(c, &st);
		if (c->nops > t->largest)
			t->largest = c->nops;
		return 0;
	}
	d = spool_draft_new(s);
	text = malloc(j->size);
	memset(text, 'x', j->size);
	spool_draft_write(d, text, j->size);
	free(text);
	spool_draft_sender(d, "a@b");
	spool_draft_recipient(d, "c@d", "domain:d", 2, (struct spool_bytes){NULL, 0});
	spool_accept(c, d, 1000, NULL);
	return 0;
}

static void
on_done(struct writer_job *wj, struct writer_result result)
{
	struct job *j = (struct job *)wj;

	assert_false(j->reported);
	j->reported = true;
	j->status = result.status;
	assert_int_equal(result.error[0] == '\0', result.status == SPOOL_OK);
	j->t->done++;
}

static void
put(struct test *t, struct job *j, spool_id id, size_t size)
{
	*j = (struct job){.job = {.fill = fill, .done = on_done}, .t = t, .id = id, .size = size};
	writer_put(t->writer, &j->job);
}

static void
await(struct test *t, unsigned done)
{
	while (t->done < done)
		uv_run(&t->loop, UV_RUN_ONCE);
	assert_int_equal(t->done, done);
}

static uint64_t
queued(struct test *t)
{
	struct spool_counts n;

	assert_int_equal(spool_counts(t->spool, &n), 0);
	return n.messages;
}

static void
groups(void **state)
{
	struct job *j = calloc(JOBS, sizeof *j);
	struct test t;
	spool_id id[JOBS];
	size_t n = JOBS, i;

	(void)state;
	begin(&t, 0);
	for (i = 0; i < JOBS; i++)
		put(&t, &j[i], 0, 100);
	await(&t, JOBS);
	assert_int_equal(queued(&t), JOBS);
	assert_int_equal(spool_list(t.spool, 0, id, &n), 0);
	assert_int_equal(n, JOBS);
	t.done = 0;
	for (i = 0; i < JOBS; i++)
		put(&t, &j[i], id[i], 0);
	await(&t, JOBS);
	assert_int_equal(queued(&t), 0);
	for (i = 0; i < JOBS; i++) {
		assert_int_equal(j[i].status, SPOOL_OK);
		assert_int_equal(j[i].filled, 1);
	}
	end(&t);
	free(j);
}

/* Jobs that bring much are not all put into one transaction; one of them spoils its part alone. */
static void
large_jobs(void **state)
{
	struct job *j = calloc(100, sizeof *j);
	struct test t;
	spool_id id[100];
	size_t n = 100, i;

	(void)state;
	begin(&t, 0);
	for (i = 0; i < 100; i++)
		put(&t, &j[i], 0, 100);
	await(&t, 100);
	assert_int_equal(spool_list(t.spool, 0, id, &n), 0);
	t.done = 0;
	for (i = 0; i < 100; i++) {
		j[i] = (struct job){
		    .job = {.fill = fill, .done = on_done}, .t = &t, .id = id[i], .notes = 99};
		if (i == 77)
			j[i].id = 999999;
	}
	for (i = 0; i < 100; i++)
		writer_put(t.writer, &j[i].job);
	await(&t, 100);
	for (i = 0; i < 100; i++) {
		assert_int_equal(j[i].status, i == 77 ? SPOOL_NONE : SPOOL_OK);
		assert_in_range(j[i].filled, 1, 2);
	}
	assert_int_equal(queued(&t), 1);
	assert_in_range(t.largest, 1024, 1123);
	end(&t);
	free(j);
}

/* A delivery that is not there fails alone, whatever its company. */
static void
spoiled_group(void **state)
{
	struct test t;
	struct job j[5];
	spool_id id[4];
	size_t n = 4, i;

	(void)state;
	begin(&t, 0);
	for (i = 0; i < 4; i++)
		put(&t, &j[i], 0, 100);
	await(&t, 4);
	assert_int_equal(spool_list(t.spool, 0, id, &n), 0);
	t.done = 0;
	for (i = 0; i < 4; i++)
		put(&t, &j[i], id[i], 0);
	put(&t, &j[4], 999999, 0);
	await(&t, 5);
	for (i = 0; i < 4; i++)
		assert_int_equal(j[i].status, SPOOL_OK);
	assert_int_equal(j[4].status, SPOOL_NONE);
	assert_int_equal(queued(&t), 0);
	end(&t);
}

/* What must happen waits for space; what need not is told; what frees space goes on. */
static void
full_spool(void **state)
{
	struct test t;
	struct job first, must, may, settle;
	spool_id id;
	size_t n = 1;

	(void)state;
	begin(&t, 100u << 10);
	put(&t, &first, 0, 60u << 10);
	await(&t, 1);
	assert_int_equal(first.status, SPOOL_OK);
	must = (struct job){
	    .job = {.fill = fill, .done = on_done, .must = true}, .t = &t, .size = 60u << 10};
	writer_put(t.writer, &must.job);
	put(&t, &may, 0, 60u << 10);
	await(&t, 2);
	assert_true(may.reported);
	assert_int_equal(may.status, SPOOL_FULL);
	assert_false(must.reported);
	assert_int_equal(spool_list(t.spool, 0, &id, &n), 0);
	put(&t, &settle, id, 0);
	await(&t, 4);
	assert_int_equal(settle.status, SPOOL_OK);
	assert_int_equal(must.status, SPOOL_OK);
	assert_true(must.filled > 1);
	assert_int_equal(queued(&t), 1);
	end(&t);
}

/* What is in hand when it is stopped is done and reported. */
static void
stopped(void **state)
{
	struct job *j = calloc(JOBS, sizeof *j), must;
	struct test t;
	size_t i;

	(void)state;
	begin(&t, 4u << 20);
	for (i = 0; i < JOBS; i++)
		put(&t, &j[i], 0, 10);
	must = (struct job){
	    .job = {.fill = fill, .done = on_done, .must = true}, .t = &t, .size = 30u << 20};
	writer_put(t.writer, &must.job);
	writer_stop(t.writer);
	t.writer = NULL;
	assert_int_equal(t.done, JOBS + 1);
	for (i = 0; i < JOBS; i++)
		assert_int_equal(j[i].status, SPOOL_OK);
	assert_int_not_equal(must.status,
	                     SPOOL_OK); /* no space: told, so that nothing is lost quietly */
	assert_int_equal(queued(&t), JOBS);
	end(&t);
	free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(groups),        cmocka_unit_test(large_jobs),
	    cmocka_unit_test(spoiled_group), cmocka_unit_test(full_spool),
	    cmocka_unit_test(stopped),
	};

	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
