#include "bridge/schedule/record.h"

#include "bridge/base/clock.h"
#include "bridge/base/log.h"

#include <stdlib.h>
#include <string.h>

struct record {
	struct writer_job job; /* first */
	spool_id id;
	record_told *told; /* NULL: nobody waits */
	void *owner;
	int64_t now_s;
	size_t n;
	char *text; /* in the same block, behind the value: a name, or a line */
	char value[];
};

static int
fill_fact(struct writer_job *job, struct spool *s, struct spool_change *c)
{
	struct record *r = (struct record *)job;

	(void)s;
	spool_fact(c, r->text, (struct spool_bytes){r->value, r->n});
	return 0;
}

static int
fill_note(struct writer_job *job, struct spool *s, struct spool_change *c)
{
	struct record *r = (struct record *)job;

	(void)s;
	spool_note(c, r->id, r->now_s, r->text);
	return 0;
}

static void
on_done(struct writer_job *job, struct writer_result result)
{
	struct record *r = (struct record *)job;

	if (result.status != SPOOL_OK)
		log_line(LEVEL_ERROR, "cannot keep \"%s\": %s", r->text, result.error);
	if (r->told != NULL)
		r->told(r->owner, result);
	free(r);
}

static void
put(struct writer *w, struct record *r)
{
	r->job.done = on_done;
	r->now_s = clock_wall_s();
	writer_put(w, &r->job);
}

static struct record *
new_record(const char *text, struct spool_bytes value)
{
	struct record *r = calloc(1, sizeof *r + value.n + strlen(text) + 1);

	if (r == NULL)
		return NULL;
	r->n = value.n;
	if (value.n > 0)
		memcpy(r->value, value.p, value.n);
	r->text = r->value + value.n;
	memcpy(r->text, text, strlen(text) + 1);
	return r;
}

void
record_fact(struct writer *w, const char *name, struct spool_bytes value)
{
	struct record *r = new_record(name, value);

	if (r == NULL)
		return;
	r->job.fill = fill_fact;
	put(w, r);
}

int
record_fact_told(struct writer *w, const char *name, struct spool_bytes value, record_told *told,
                 void *owner)
{
	struct record *r = new_record(name, value);

	if (r == NULL)
		return -1;
	r->job.fill = fill_fact;
	r->job.prompt = true;
	r->told = told;
	r->owner = owner;
	put(w, r);
	return 0;
}

void
record_note(struct writer *w, spool_id id, const char *line)
{
	struct record *r = new_record(line, (struct spool_bytes){NULL, 0});

	if (r == NULL)
		return;
	r->id = id;
	r->job.fill = fill_note;
	put(w, r);
}
