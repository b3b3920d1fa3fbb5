/*
 * Was this job accepted before? uuxqt runs a job again when it was killed
 * between our commit and its own bookkeeping. A job is known by its file, not
 * by its content alone: system, inode, times and size of standard input, with
 * a digest over arguments and content. Letters of the 1980s have no Date and
 * no Message-ID, and two equal ones are two letters.
 *
 * The memory is ordered by the files' times, which are about the times of
 * acceptance; trimming looks at both ends, since a clock that was wrong for a
 * while files its jobs far ahead or behind.
 */
#include "spool/apply.h"

enum { TRIM_JOBS = 8 };

int
job_remember(struct txn *t, const struct spool_job *job, int64_t now_s)
{
	struct key k = key_job(job);
	struct spool_bytes v;
	struct pack at = {0};
	int found = txn_get(t, DB_JOB, k, &v);

	if (found < 0)
		return -1;
	if (found > 0)
		return txn_fail(t, SPOOL_DUPLICATE, "this job was accepted before");
	pack_u64(&at, (uint64_t)now_s);
	return txn_put_pack(t, DB_JOB, k, &at);
}

/* Removes the first, or the last, if it is old: 1 removed, 0 not. */
static int
trim_end(struct txn *t, bool last, int64_t before_s)
{
	struct unpack u;
	struct walk w;
	int found;

	if (walk_begin(&w, t, DB_JOB) < 0)
		return -1;
	found = last ? walk_last(&w) : walk_from(&w, (struct key){.n = 0});
	if (found > 0) {
		u = unpack_of(w.val);
		found = (int64_t)unpack_u64(&u) < before_s;
	}
	if (found > 0 && walk_del(&w) < 0)
		found = -1;
	walk_end(&w);
	return found;
}

int
job_trim(struct txn *t, int64_t now_s)
{
	int64_t before_s = now_s - (int64_t)t->s->o.job_days * 86400;
	int i, last, removed;

	if (t->s->o.job_days == 0)
		return 0;
	for (last = 0; last < 2; last++) {
		removed = 1;
		for (i = 0; i < TRIM_JOBS && removed > 0; i++)
			removed = trim_end(t, last, before_s);
		if (removed < 0)
			return -1;
	}
	return 0;
}
