#include "bridge/schedule/token_keep.h"

#include "bridge/base/clock.h"
#include "bridge/message/replies.h"

#define AT_ONCE 512 /* tokens in one job: half of what makes a change large */

static int
fill(struct writer_job *job, struct spool *s, struct spool_change *c)
{
	struct token_keep *k = (struct token_keep *)job;
	struct span rest = buf_view(&k->tokens);

	(void)s;
	rest.p += k->through;
	rest.n -= k->through;
	replies_keep(c, &rest, AT_ONCE, k->now_s);
	k->taken = k->tokens.n - k->through - rest.n;
	return 0;
}

static void
on_written(struct writer_job *job, struct writer_result result)
{
	struct token_keep *k = (struct token_keep *)job;

	if (result.status == SPOOL_OK)
		k->through += k->taken;
	if (result.status == SPOOL_OK && k->through < k->tokens.n)
		writer_put(k->writer, &k->job);
	else
		k->done(k, result);
}

/* Somebody's wire waits for it. A spool that is busy is no reason to wait: the letter is put off.
 */
void
token_keep_start(struct token_keep *k, struct writer *w)
{
	k->writer = w;
	k->through = 0;
	k->now_s = clock_wall_s();
	k->job.fill = fill;
	k->job.done = on_written;
	k->job.must = false;
	k->job.prompt = true;
	writer_put(w, &k->job);
}

void
token_keep_free(struct token_keep *k)
{
	buf_free(&k->tokens);
}
