/*
 * What is to become durable together? A change gathers drafts and operations
 * in memory and copies all it is given. When the drafts would make a large
 * transaction they are staged, as a batch nobody sees.
 */
#include "spool/change_int.h"

#include <stdlib.h>
#include <string.h>

struct spool_change *
spool_change_new(struct spool *s)
{
	struct spool_change *c = calloc(1, sizeof *c);

	if (!c)
		spool_fail(s, SPOOL_MEMORY, "out of memory");
	else
		c->s = s;
	return c;
}

void
spool_change_free(struct spool_change *c)
{
	size_t i;

	if (!c)
		return;
	if (c->batch && !c->done)
		stage_drop_batch(c->s, c->batch);
	for (i = c->staged; i < c->ntakes; i++)
		spool_draft_free(c->takes[i].draft);
	for (i = 0; i < c->nops; i++) {
		free(c->ops[i].text);
		free((void *)(uintptr_t)c->ops[i].value.p);
	}
	free(c->takes);
	free(c->ops);
	free((void *)(uintptr_t)c->job.system);
	free(c);
}

bool
spool_change_is_large(const struct spool_change *c)
{
	return c->nops >= OPS_ENOUGH;
}

static int
fail(struct spool_change *c, enum spool_status st, const char *words)
{
	if (c->trouble.status == SPOOL_OK) {
		spool_fail(c->s, st, "%s", words);
		trouble_keep(&c->trouble, c->s);
	}
	return spool_fail_again(c->s, &c->trouble);
}

static int
is_stuck(struct spool_change *c)
{
	return c->trouble.status ? spool_fail_again(c->s, &c->trouble) : 0;
}

static void
see_time(struct spool_change *c, int64_t now_s)
{
	if (now_s > c->now_s)
		c->now_s = now_s;
}

static int
add_take(struct spool_change *c, struct spool_draft *d, spool_id *id)
{
	size_t room = c->takes_room ? 2 * c->takes_room : 8;
	struct take *grown;

	if (c->ntakes == c->takes_room) {
		if (!(grown = realloc(c->takes, room * sizeof *grown)))
			return fail(c, SPOOL_MEMORY, "out of memory");
		c->takes = grown;
		c->takes_room = room;
	}
	c->takes[c->ntakes++] = (struct take){d, id};
	return 0;
}

static int
take_draft(struct spool_change *c, struct spool_draft *d, int64_t now_s, spool_id *id)
{
	if (d->trouble.status) {
		spool_fail_again(c->s, &d->trouble);
		trouble_keep(&c->trouble, c->s);
	} else if (!d->quarantine && d->nrecipients == 0) {
		fail(c, SPOOL_NONE, "a message needs a recipient");
	}
	if (is_stuck(c) < 0 || add_take(c, d, id) < 0) {
		spool_draft_free(d);
		return spool_fail_again(c->s, &c->trouble);
	}
	d->now_s = now_s;
	see_time(c, now_s);
	draft_shrink(d);
	draft_digest(d);
	c->dirty += draft_dirty(d);
	if (c->dirty >= c->s->slice_bytes && stage_batch(c) < 0) {
		trouble_keep(&c->trouble, c->s);
		return -1;
	}
	return 0;
}

int
spool_accept(struct spool_change *c, struct spool_draft *d, int64_t now_s, spool_id *id)
{
	return take_draft(c, d, now_s, id);
}

/* One line, within what a list shows. */
static char *
one_line(const char *text, size_t most)
{
	char *copy = strndup(text, most);
	char *at;

	for (at = copy; at && *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	return copy;
}

int
spool_quarantine(struct spool_change *c, struct spool_draft *d, int64_t now_s,
                 const struct spool_quarantined *why, spool_id *id)
{
	d->quarantine = 1;
	d->reason = one_line(why->reason, 299);
	d->source = one_line(why->source, SPOOL_SOURCE - 1);
	if (!d->reason || !d->source)
		draft_fail(d, SPOOL_MEMORY, "out of memory");
	return take_draft(c, d, now_s, id);
}

int
spool_job(struct spool_change *c, const struct spool_job *job, int64_t now_s)
{
	char *system;

	if (is_stuck(c) < 0)
		return -1;
	if (!(system = strdup(job->system)))
		return fail(c, SPOOL_MEMORY, "out of memory");
	free((void *)(uintptr_t)c->job.system);
	c->job = *job;
	c->job.system = system;
	c->has_job = true;
	see_time(c, now_s);
	return 0;
}

static int
add_op(struct spool_change *c, struct op op)
{
	size_t room = c->ops_room ? 2 * c->ops_room : 8;
	struct op *grown;

	if (is_stuck(c) < 0)
		goto fail;
	if (c->nops == c->ops_room) {
		if (!(grown = realloc(c->ops, room * sizeof *grown))) {
			fail(c, SPOOL_MEMORY, "out of memory");
			goto fail;
		}
		c->ops = grown;
		c->ops_room = room;
	}
	c->ops[c->nops++] = op;
	see_time(c, op.st.now_s);
	return 0;
fail:
	free(op.text);
	free((void *)(uintptr_t)op.value.p);
	return -1;
}

/* With a text of its own, which has a bound. */
static int
add_op_text(struct spool_change *c, struct op op, const char *text)
{
	if (is_stuck(c) < 0)
		return -1;
	if (strlen(text) > TEXT_BYTES)
		return fail(c, SPOOL_TOO_LARGE, "a line or a reply is too long");
	if (!(op.text = strdup(text)))
		return fail(c, SPOOL_MEMORY, "out of memory");
	return add_op(c, op);
}

int
spool_settle(struct spool_change *c, const struct spool_settlement *st)
{
	struct op op = {.kind = OP_SETTLE, .st = *st};

	op.st.words = NULL;
	c->settles = true;
	if (st->words && st->outcome == SPOOL_LATER)
		return add_op_text(c, op, st->words);
	return add_op(c, op);
}

int
spool_hold(struct spool_change *c, spool_id id, uint32_t rcpt)
{
	return add_op(c, (struct op){.kind = OP_HOLD, .st = {.id = id, .rcpt = rcpt}});
}

int
spool_release(struct spool_change *c, spool_id id, uint32_t rcpt, int64_t now_s)
{
	return add_op(
	    c, (struct op){.kind = OP_RELEASE, .st = {.id = id, .rcpt = rcpt, .now_s = now_s}});
}

int
spool_retry(struct spool_change *c, spool_id id, uint32_t rcpt, int64_t now_s)
{
	return add_op(
	    c, (struct op){.kind = OP_RETRY, .st = {.id = id, .rcpt = rcpt, .now_s = now_s}});
}

int
spool_redirect(struct spool_change *c, spool_id id, uint32_t rcpt, const char *destination,
               uint8_t rank)
{
	struct op op = {.kind = OP_REDIRECT, .rank = rank, .st = {.id = id, .rcpt = rcpt}};

	return add_op_text(c, op, destination);
}

int
spool_note(struct spool_change *c, spool_id id, int64_t now_s, const char *line)
{
	struct op op = {.kind = OP_NOTE, .st = {.id = id, .now_s = now_s}};

	return add_op_text(c, op, line);
}

int
spool_fact(struct spool_change *c, const char *name, struct spool_bytes value)
{
	struct op op = {.kind = OP_FACT};

	if (is_stuck(c) < 0)
		return -1;
	if (!name[0] || strlen(name) >= FACT_NAME_BYTES || value.n > FACT_BYTES)
		return fail(c, SPOOL_TOO_LARGE,
		            "a fact's name or value is too long, or it has none");
	if (bytes_copy(&op.value, value) < 0)
		return fail(c, SPOOL_MEMORY, "out of memory");
	if (!(op.text = strdup(name))) {
		free((void *)(uintptr_t)op.value.p);
		return fail(c, SPOOL_MEMORY, "out of memory");
	}
	return add_op(c, op);
}

int
spool_damaged(struct spool_change *c, spool_id id, int64_t now_s)
{
	c->settles = true;
	return add_op(c, (struct op){.kind = OP_DAMAGED, .st = {.id = id, .now_s = now_s}});
}

int
spool_quarantine_drop(struct spool_change *c, spool_id id)
{
	return add_op(c, (struct op){.kind = OP_QUARANTINE_DROP, .st = {.id = id}});
}
