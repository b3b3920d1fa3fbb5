/*
 * What a killed rsmtp left: its batch was promised and acknowledged, and the
 * rest of it is made visible by whoever comes next (spool_sweep). That is us,
 * now and then, in the writer's thread. The ids of a promise were given before
 * those of later mail, so that only a look at all destinations finds it.
 */
#include "bridge/schedule/schedule_int.h"

#include <stdlib.h>

struct sweep {
	struct writer_job job; /* first */
	struct schedule *s;
};

/* What fails is tried by the next one; what is wrong with the spool the commit says as well. */
static int
fill(struct writer_job *job, struct spool *s, struct spool_change *c)
{
	(void)job;
	(void)c;
	spool_sweep(s);
	return 0;
}

static void
done(struct writer_job *job, struct writer_result result)
{
	struct sweep *w = (struct sweep *)job;

	(void)result;
	w->s->sweeping = false;
	look_start(w->s, true);
	free(w);
}

void
sweep_start(struct schedule *s)
{
	struct sweep *w = s->sweeping ? NULL : calloc(1, sizeof *w);

	if (w == NULL)
		return;
	w->s = s;
	w->job.fill = fill;
	w->job.done = done;
	s->sweeping = true;
	writer_put(s->parts.writer, &w->job);
}
