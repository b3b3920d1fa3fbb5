/*
 * What is too large for one transaction: a message that is staged, a batch
 * that is promised, and what is left of either when its writer dies.
 */
#include "tests/unit/spool_test.h"

#include "spool/change_int.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static void
write_pattern(struct spool_draft *d, size_t n)
{
	char piece[4001];
	size_t at, part, i;

	for (at = 0; at < n; at += part) {
		part = n - at < sizeof piece ? n - at : sizeof piece;
		for (i = 0; i < part; i++)
			piece[i] = (char)((at + i) * 2654435761u >> 24);
		assert_int_equal(spool_draft_write(d, piece, part), 0);
	}
}

static void
check_pattern(struct spool *s, spool_id id, size_t n)
{
	char *got = content_of(s, id);
	size_t i;

	for (i = 0; i < n; i++)
		if (got[i] != (char)(i * 2654435761u >> 24))
			fail_msg("octet %zu of %zu differs", i, n);
	free(got);
}

/* Sizes on both sides of every bound: leaf, chunk, draft. */
static void
takes_any_size(void **state)
{
	static const size_t sizes[] = {
	    0,
	    1,
	    2018,
	    2019,
	    4080,
	    4081,
	    CHUNK_BYTES - 1,
	    CHUNK_BYTES,
	    CHUNK_BYTES + 1,
	    5 * CHUNK_BYTES,
	    DRAFT_BYTES - 1,
	    DRAFT_BYTES,
	    DRAFT_BYTES + 1,
	    3 * DRAFT_BYTES + 12345,
	};
	struct spool *s = opened(*state);
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct spool_draft *d = letter(s, "", "a", "d", 2);

		write_pattern(d, sizes[i]);
		assert_int_equal(spool_draft_size(d), sizes[i]);
		check_pattern(s, accepted(s, d, 5), sizes[i]);
	}
	assert_int_equal(faults(s), 0);
	for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		settled(s, i + 1, 0, SPOOL_SENT, 6);
	assert_int_equal(counted(s).bytes, 0);
	assert_int_equal(faults(s), 0); /* no content is left behind */
	spool_close(s);
}

static void
refuses_what_is_too_large(void **state)
{
	struct place *p = *state;
	struct spool_draft *d;
	struct spool *s;

	p->o.message_bytes = 10;
	s = opened(p);
	d = letter(s, "1234567890", "a", "d", 2);
	assert_int_equal(spool_draft_write(d, "x", 1), -1);
	assert_int_equal(spool_status(s), SPOOL_TOO_LARGE);
	spool_draft_free(d);
	spool_close(s);
}

static void
a_staged_draft_can_be_dropped(void **state)
{
	struct spool *s = opened(*state);
	struct spool_draft *d = letter(s, "", "a", "d", 2);

	write_pattern(d, 2 * DRAFT_BYTES);
	assert_int_equal(faults(s), 0); /* staged: seen by verify, by nobody else */
	assert_int_equal(counted(s).messages, 0);
	spool_draft_free(d);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
large_content_is_freed_in_slices(void **state)
{
	struct spool *s = opened(*state);
	struct spool_draft *d = letter(s, "", "a", "d", 2);
	size_t n = (size_t)(3 * FREE_CHUNKS) * CHUNK_BYTES / 2 + 5;
	uint64_t before;
	spool_id id;

	write_pattern(d, n);
	id = accepted(s, d, 5);
	settled(s, id, 0, SPOOL_SENT, 6);
	assert_int_equal(faults(s), 0); /* some of it is garbage now */
	assert_int_equal(spool_sweep(s), 0);
	assert_int_equal(faults(s), 0);
	before = counted(s).file_bytes;
	d = letter(s, "", "a", "d", 2);
	write_pattern(d, n);
	accepted(s, d, 7);
	assert_true(counted(s).file_bytes < before + before / 2); /* its pages were used again */
	spool_close(s);
}

static struct spool_change *
batch(struct spool *s, size_t n, spool_id *ids)
{
	struct spool_change *c = spool_change_new(s);
	char body[32];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(body, sizeof body, "letter %zu\n", i);
		struct spool_draft *d = letter(s, body, "a", "d", 2);

		spool_draft_note(d, "accepted");
		if (spool_accept(c, d, 5, ids ? &ids[i] : NULL) < 0)
			fail_msg("%s", spool_error(s));
	}
	return c;
}

/* Small slices make a promise of a small batch. */
static void
takes_a_batch(void **state)
{
	static const struct {
		uint64_t slice_bytes;
		size_t n;
	} rows[] = {{SLICE_BYTES, 300}, {40000, 10}, {40000, 300}, {3000, 300}, {100, 50}};
	struct spool *s = opened(*state);
	uint64_t messages = 0;
	spool_id ids[300];
	char body[32], *got;
	size_t r, i;

	for (r = 0; r < sizeof rows / sizeof rows[0]; r++) {
		s->slice_bytes = rows[r].slice_bytes;
		committed(s, batch(s, rows[r].n, ids));
		messages += rows[r].n;
		assert_int_equal(counted(s).messages, messages);
		for (i = 0; i < rows[r].n; i++) {
			snprintf(body, sizeof body, "letter %zu\n", i);
			got = content_of(s, ids[i]);
			assert_string_equal(got, body);
			free(got);
			assert_int_equal(ids[i], ids[0] + i);
			assert_int_equal(lines_of(s, ids[i]), 1);
		}
		assert_int_equal(faults(s), 0);
	}
	spool_close(s);
}

static void
a_large_batch_in_bounded_slices(void **state)
{
	struct spool *s = opened(*state);

	committed(s, batch(s, 9000, NULL)); /* more than one slice by itself */
	assert_int_equal(counted(s).messages, 9000);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
a_batch_given_up_leaves_nothing(void **state)
{
	struct spool *s = opened(*state);
	struct spool_change *c;

	s->slice_bytes = 3000;
	c = batch(s, 300, NULL);
	assert_true(c->batch != 0);
	assert_int_equal(faults(s), 0);
	spool_change_free(c);
	assert_int_equal(counted(s).messages, 0);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
a_known_job_drops_its_batch(void **state)
{
	struct spool *s = opened(*state);
	struct spool_job job = {.system = "vax"};
	struct spool_change *c;

	s->slice_bytes = 3000;
	c = batch(s, 100, NULL);
	spool_job(c, &job, 5);
	committed(s, c);
	c = batch(s, 100, NULL);
	spool_job(c, &job, 5);
	refused(s, c, SPOOL_DUPLICATE);
	assert_int_equal(counted(s).messages, 100);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

/* Runs f in a child that then dies of SIGKILL. */
static void
in_a_child_that_dies(struct place *p, void (*f)(struct spool *s))
{
	pid_t pid = fork();
	struct spool *s;
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (spool_open(&s, &p->o) < 0)
			_exit(1);
		f(s);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
stage_both(struct spool *s)
{
	struct spool_draft *d = letter(s, "", "a", "d", 2);

	write_pattern(d, 3 * DRAFT_BYTES);
	s->slice_bytes = 3000;
	batch(s, 200, NULL);
}

static void
the_dead_are_swept(void **state)
{
	struct spool *s;
	struct spool_draft *mine;

	in_a_child_that_dies(*state, stage_both);
	s = opened(*state);
	mine = letter(s, "", "a", "d", 2);
	write_pattern(mine, 2 * DRAFT_BYTES); /* what the living stage must stay */
	assert_int_equal(spool_sweep(s), 0);
	assert_int_equal(faults(s), 0);
	check_pattern(s, accepted(s, mine, 5), 2 * DRAFT_BYTES);
	assert_int_equal(counted(s).messages, 1);
	assert_int_equal(faults(s), 0);
	settled(s, 1, 0, SPOOL_SENT, 6);
	assert_int_equal(spool_sweep(s), 0);
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static void
promise_and_die(struct spool *s)
{
	struct spool_change *c;
	spool_id first;
	struct txn txn;

	s->slice_bytes = 3000;
	c = batch(s, 200, NULL);
	if (stage_batch(c) < 0 || txn_begin_write(&txn, s) < 0 ||
	    promise_make(&txn, c->batch, (uint32_t)c->ntakes, &first) < 0 || txn_commit(&txn) < 0)
		_exit(2);
	if (txn_begin_write(&txn, s) < 0)
		_exit(3); /* it dies inside a transaction, holding the lock */
}

static void
a_promise_is_kept_by_the_next(void **state)
{
	struct spool *s;
	size_t i;

	in_a_child_that_dies(*state, promise_and_die);
	s = opened(*state);
	assert_int_equal(counted(s).messages, 0);
	s->slice_bytes = 3000;
	assert_true(accepted(s, letter(s, "later\n", "a", "d", 2), 5) == 201);
	assert_in_range(counted(s).messages, 2, 100); /* it helped, a slice */
	assert_int_equal(faults(s), 0);
	assert_int_equal(spool_sweep(s), 0);
	assert_int_equal(counted(s).messages, 201);
	for (i = 1; i <= 200; i++)
		free(content_of(s, i));
	assert_int_equal(faults(s), 0);
	spool_close(s);
}

static uint64_t
anonymous_peak_bytes(void)
{
	unsigned long kb = 0, n;
	char line[200];
	FILE *f = fopen("/proc/self/smaps_rollup", "r");

	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "Anonymous: %lu kB", &n) == 1)
			kb = n;
	fclose(f);
	return (uint64_t)kb * 1024;
}

#ifdef __SANITIZE_ADDRESS__
enum { ALLOWED_BYTES = 1 << 30 }; /* freed memory is kept back there */
#else
enum { ALLOWED_BYTES = 12 << 20 };
#endif

/* Taking in 64 MiB must not cost more memory than taking in 4. */
static void
memory_is_bounded(void **state)
{
	struct spool *s = opened(*state);
	uint64_t start = anonymous_peak_bytes(), now;
	struct spool_draft *d = letter(s, "", "a", "d", 2);
	char *piece = calloc(1, 1 << 16);
	size_t i;

	for (i = 0; i < 1024; i++) {
		assert_int_equal(spool_draft_write(d, piece, 1 << 16), 0);
		if (i % 64 != 63)
			continue;
		now = anonymous_peak_bytes();
		assert_true(now < start + ALLOWED_BYTES);
	}
	free(piece);
	accepted(s, d, 5);
	spool_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    spool_test(takes_any_size),
	    spool_test(refuses_what_is_too_large),
	    spool_test(a_staged_draft_can_be_dropped),
	    spool_test(large_content_is_freed_in_slices),
	    spool_test(takes_a_batch),
	    spool_test(a_large_batch_in_bounded_slices),
	    spool_test(a_batch_given_up_leaves_nothing),
	    spool_test(a_known_job_drops_its_batch),
	    spool_test(the_dead_are_swept),
	    spool_test(a_promise_is_kept_by_the_next),
	    spool_test(memory_is_bounded),
	};

	return cmocka_run_group_tests_name("spool_large", tests, NULL, NULL);
}
