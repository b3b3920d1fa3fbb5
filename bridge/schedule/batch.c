#include "bridge/schedule/batch.h"

#include "bridge/base/clock.h"
#include "bridge/message/replies.h"
#include "bridge/schedule/maildir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES_MOST 512 /* of one destination in one look */
#define LOOK_LEAST   4

struct candidate {
	struct spool_choice choice;
	struct batch_ask *ask;
};

struct batch *
batch_new(struct spool *s, struct writer *w, struct leases *l, struct setup *setup)
{
	struct batch *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->spool = s;
	b->writer = w;
	b->leases = l;
	b->setup = setup_hold(setup);
	b->tail = &b->first;
	return b;
}

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	setup_release(b->setup);
	token_keep_free(&b->keep);
	free(b);
}

struct parcel *
batch_take(struct batch *b)
{
	struct parcel *p = b->first;

	if (p == NULL)
		return NULL;
	b->first = p->next;
	if (b->first == NULL)
		b->tail = &b->first;
	p->next = NULL;
	b->parcels--;
	return p;
}

/* ---- choosing ---- */

static void
note_trouble(struct batch *b)
{
	b->trouble = spool_status(b->spool);
	snprintf(b->words, sizeof b->words, "%s", spool_error(b->spool));
}

static size_t
room_of(const struct batch *b, const struct batch_ask *a)
{
	size_t room = BATCH_PARCELS / b->n;

	room = (room < LOOK_LEAST ? LOOK_LEAST : room) + a->leased;
	return room < CHOICES_MOST ? room : CHOICES_MOST;
}

/* Adds one destination's candidates; true when the list was cut short. */
static bool
look(struct batch *b, struct batch_ask *a, struct candidate *out, size_t *n)
{
	struct spool_choice choice[CHOICES_MOST], start = {0};
	size_t room = room_of(b, a), got = 0, i;
	int64_t upto_s = b->now_s;

	/* Once more, when all that is left is due only by a clock that was ahead. */
	for (a->next_due_s = upto_s;
	     got == 0 && retry_is_due(&b->setup->retry, a->next_due_s, b->now_s);
	     upto_s = a->next_due_s) {
		a->next_due_s = INT64_MAX;
		got = room;
		if (spool_choose(b->spool, a->dest, &start, upto_s, choice, &got, &a->next_due_s) !=
		    0) {
			note_trouble(b);
			return true;
		}
	}
	for (i = 0; i < got; i++)
		out[(*n)++] = (struct candidate){choice[i], a};
	return got == room;
}

static int
by_urgency(const void *va, const void *vb)
{
	const struct spool_choice *a = &((const struct candidate *)va)->choice;
	const struct spool_choice *b = &((const struct candidate *)vb)->choice;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->due_s != b->due_s)
		return a->due_s < b->due_s ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->rcpt < b->rcpt ? -1 : a->rcpt > b->rcpt;
}

/* ---- putting together ---- */

static struct parcel *
last_parcel(struct batch *b)
{
	return b->first == NULL
	           ? NULL
	           : (struct parcel *)((char *)b->tail - offsetof(struct parcel, next));
}

static struct parcel *
parcel_for(struct batch *b, spool_id id)
{
	struct parcel *p = last_parcel(b);

	if (p != NULL && p->m.id == id && p->n < BATCH_RECIPIENTS)
		return p;
	p = parcel_new(b->spool, b->setup, id);
	if (p == NULL)
		return NULL;
	*b->tail = p;
	b->tail = &p->next;
	b->parcels++;
	return p;
}

static void
take(struct batch *b, const struct candidate *c)
{
	const struct spool_choice *k = &c->choice;
	struct parcel *p;

	/* Under way already; or settled since the look, which only a look after the lease tells. */
	if (!lease_take(b->leases, k->id, k->rcpt))
		return;
	p = parcel_for(b, k->id);
	if (p == NULL || parcel_add(p, k->rcpt, c->ask->name, b->now_s) != 0)
		lease_return(b->leases, k->id, k->rcpt);
}

static size_t
weight(const struct parcel *p)
{
	return p->m.size <= BATCH_WHOLE_BYTES ? (size_t)p->m.size : 32768;
}

/* Takes candidates in order until the batch is full; how many were looked at. */
static size_t
gather(struct batch *b, const struct candidate *c, size_t n)
{
	size_t i, bytes = 0, parcels;

	for (i = 0; i < n && b->parcels < BATCH_PARCELS && bytes < BATCH_BYTES; i++) {
		parcels = b->parcels;
		take(b, &c[i]);
		if (b->parcels > parcels)
			bytes += weight(last_parcel(b));
	}
	return i;
}

static void
choose(struct batch *b)
{
	size_t i, n = 0, taken, room = 0;
	struct candidate *c;

	for (i = 0; i < b->n; i++)
		room += room_of(b, &b->ask[i]);
	c = calloc(room + 1, sizeof *c);
	if (c == NULL) {
		b->trouble = SPOOL_MEMORY;
		return;
	}
	for (i = 0; i < b->n; i++)
		b->ask[i].exhausted = !look(b, &b->ask[i], c, &n);
	qsort(c, n, sizeof *c, by_urgency);
	taken = gather(b, c, n);
	while (n-- > taken) {
		c[n].ask->exhausted = false;
		c[n].ask->head_rank = c[n].choice.rank;
	}
	free(c);
}

/* ---- making ready ---- */

struct source {
	struct parcel *p;
	size_t at;
};

static int
read_parcel(void *arg, void *p, size_t room, size_t *n, struct verdict *v)
{
	struct source *s = arg;

	if (!s->p->whole)
		return render_read(s->p->render, p, room, n, v);
	*n = s->p->octets.n - s->at < room ? s->p->octets.n - s->at : room;
	memcpy(p, buf_text(&s->p->octets) + s->at, *n);
	s->at += *n;
	return 0;
}

static void
store(struct batch *b, struct parcel *p)
{
	struct source source = {p, 0};
	struct maildir_letter m = {
	    .hostname = b->setup->config->hostname, .read = read_parcel, .arg = &source};
	size_t i;

	memcpy(m.uuid, p->m.uuid, sizeof m.uuid);
	for (i = 0; i < p->n; i++) {
		if (p->to[i].decided || p->to[i].redirect.n > 0)
			continue;
		source.at = 0;
		if (!p->whole)
			render_rewind(p->render);
		m.path = buf_text(&p->to[i].path);
		m.fixed = p->to[i].path_fixed;
		m.rcpt = p->to[i].d.rcpt;
		maildir_deliver(&m, &p->to[i].verdict);
		p->to[i].decided = true;
	}
}

static void
cannot_read(struct batch *b, struct parcel *p)
{
	struct verdict v;

	if (p->damaged)
		return;
	verdict_set(&v, OUTCOME_LATER, SCOPE_SESSION, 0, "4.3.0", "%s", spool_error(b->spool));
	parcel_decide(p, &v);
}

static void
put_off(struct parcel *p, enum scope scope, const char *status, const char *words)
{
	struct verdict v;

	verdict_set(&v, OUTCOME_LATER, scope, 0, status, "%s", words);
	parcel_decide(p, &v);
}

/* Looks whether its tokens are known, and has the new ones kept. */
static void
look_at_tokens(struct batch *b, struct parcel *p)
{
	struct buf why = {0};
	size_t before = b->keep.tokens.n;
	int rc = p->tokens.bad
	             ? -1
	             : replies_missing(b->spool, buf_view(&p->tokens), b->setup->config->reply_days,
	                               clock_wall_s(), &b->keep.tokens, &why);

	if (rc < 0)
		put_off(p, SCOPE_SESSION, "4.3.0", "the memory of answers could not be read");
	else if (rc > 0)
		put_off(p, SCOPE_MESSAGE, "4.3.5", buf_text(&why));
	p->waits = rc == 0 && b->keep.tokens.n > before;
	buf_free(&p->tokens);
	buf_free(&why);
}

static void
make_ready(struct batch *b, struct parcel *p)
{
	if (b->kind == BATCH_DECIDE)
		parcel_decide(p, &b->verdict);
	if (!parcel_is_open(p))
		return;
	if (parcel_open(p) != 0) {
		cannot_read(b, p);
		return;
	}
	parcel_render(p, &b->form, BATCH_WHOLE_BYTES);
	if (b->kind == BATCH_RENDER && parcel_make_message(p) != 0)
		put_off(p, SCOPE_SESSION, "4.3.0", "out of memory");
	if ((p->tokens.n > 0 || p->tokens.bad) && parcel_is_open(p))
		look_at_tokens(b, p);
}

/* Only what is decided by doing it is left. */
static void
store_all(struct batch *b)
{
	struct parcel *p;

	for (p = b->first; b->kind == BATCH_MAILDIR && p != NULL; p = p->next)
		if (!p->damaged && parcel_is_open(p))
			store(b, p);
}

static void
on_work(uv_work_t *work)
{
	struct batch *b = work->data;
	struct parcel *p;

	choose(b);
	for (p = b->first; p != NULL; p = p->next)
		make_ready(b, p);
	if (b->keep.tokens.n == 0)
		store_all(b);
}

/* ---- when it waited for its tokens ---- */

static void
on_store(uv_work_t *work)
{
	store_all(work->data);
}

static void
on_stored(uv_work_t *work, int status)
{
	struct batch *b = work->data;

	(void)status;
	b->done(b);
}

static void
on_kept(struct token_keep *k, struct writer_result result)
{
	struct batch *b = (struct batch *)((char *)k - offsetof(struct batch, keep));
	struct parcel *p;

	for (p = b->first; p != NULL; p = p->next)
		if (p->waits && result.status != SPOOL_OK)
			put_off(p, SCOPE_SESSION, "4.3.0", result.error);
	if (b->kind == BATCH_MAILDIR)
		uv_queue_work(b->work.loop, &b->work, on_store, on_stored);
	else
		b->done(b);
}

static void
on_worked(uv_work_t *work, int status)
{
	struct batch *b = work->data;

	(void)status;
	if (b->keep.tokens.n == 0) {
		b->done(b);
		return;
	}
	b->keep.done = on_kept;
	token_keep_start(&b->keep, b->writer);
}

void
batch_start(struct batch *b, uv_loop_t *loop)
{
	b->work.data = b;
	uv_queue_work(loop, &b->work, on_work, on_worked);
}
