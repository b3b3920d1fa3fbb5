/*
 * A stored letter made into what one next hop gets (render.h).
 *
 * The header is made whole, in memory: it is bounded, and much of it depends
 * on all of it. The body is never in memory: body.c reads it a piece at a time
 * through a filter. Where that encodes, the whole body is sent through it once
 * before anything leaves, to learn the exact size, and that there is a sound
 * form at all: no letter is found impossible halfway through its DATA.
 */
#include "bridge/message/render.h"
#include "bridge/message/body.h"
#include "bridge/message/edit.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_ROOM 262144 /* octets of a header, when the configuration says nothing */

struct render {
	struct render_job job;
	struct message_attrs attrs; /* the job's, to point to */
	struct buf head;            /* owned: the header and its blank line, as they are sent */
	size_t head_taken;
	struct body body;   /* owned */
	uint64_t body_size; /* as it is sent */
	struct buf remarks; /* owned */
};

static int
no_memory(struct verdict *v)
{
	verdict_set(v, OUTCOME_LATER, SCOPE_MESSAGE, 0, "4.3.0", "out of memory");
	return -1;
}

static int
not_readable(struct verdict *v)
{
	verdict_set(v, OUTCOME_LATER, SCOPE_MESSAGE, 0, "4.3.0",
	            "the stored message could not be read");
	return -1;
}

/* As much of the content as a header may take. */
static int
load_start(const struct render_job *job, struct buf *start)
{
	uint64_t bound = route_table_config(job->table)->limit.header_bytes;
	size_t want, n = 1;

	if (bound == 0)
		bound = HEADER_ROOM;
	want = (size_t)(job->size < bound ? job->size : bound);
	if (buf_room(start, want + 1) < 0)
		return -1;
	while (start->n < want && n > 0) {
		if (job->read(job->arg, start->n, start->p + start->n, want - start->n, &n) < 0)
			return -1;
		start->n += n;
	}
	start->p[start->n] = '\0';
	/* a header that ends with the letter, in the middle of a line */
	if (start->n == job->size && start->n > 0 && start->p[start->n - 1] != '\n')
		buf_ch(start, '\n');
	return start->bad ? -1 : 0;
}

/* The facts, from who stored the letter or else from all of its octets. */
static int
look(const struct render_job *job, struct facts *f)
{
	char piece[4096];
	uint64_t at = 0;
	size_t n = 1;

	*f = job->attrs->facts;
	if (f->known)
		return 0;
	for (facts_begin(f); n > 0; at += n) {
		if (job->read(job->arg, at, piece, sizeof piece, &n) < 0)
			return -1;
		facts_add(f, (struct span){piece, n});
	}
	facts_end(f);
	return 0;
}

/* Files and rmail carry all octets, and have LF line ends. */
static bool
keeps_octets(const struct render_job *job)
{
	return job->maildir || job->neighbour != NULL;
}

/*
 * Whether octets above 127 may be in the header: where SMTPUTF8 is spoken, and
 * where 8BITMIME is, since so it was always done; but not when the sender asked
 * for SMTPUTF8, and so meant what cannot be said without it.
 */
static bool
header_may_be_eightbit(const struct render *r)
{
	if (keeps_octets(&r->job) || r->job.utf8)
		return true;
	return r->job.eightbit && !r->attrs.smtputf8;
}

static void
add_head(struct render *r, struct span text)
{
	const char *end = keeps_octets(&r->job) ? "\n" : "\r\n";

	while (text.n > 0) {
		buf_span(&r->head, span_cut(&text, '\n'));
		buf_str(&r->head, end);
	}
	buf_str(&r->head, end);
}

static int
make_head(struct render *r, const struct header *h, const char *start, struct verdict *v)
{
	struct route_ask ask;
	struct buf store = {0};
	struct edit e = {
	    .job = &r->job,
	    .rewrite = {.table = r->job.table,
	                .ask = &ask,
	                .to = r->job.neighbour,
	                .now_s = r->job.now_s,
	                .tokens = r->job.tokens},
	    .header = h,
	    .start = start,
	    .mime = r->body.form == BODY_SEVEN ? &r->body.mime : NULL,
	    .charset = body_charset(&r->body.facts),
	    .eightbit = header_may_be_eightbit(r),
	};
	struct buf text = {0};
	int rc;

	message_attrs_ask(&r->attrs, r->job.accepted_s, &store, &ask);
	rc = store.bad ? -1 : edit_header(&e, &text);
	add_head(r, buf_view(&text));
	buf_free(&text);
	buf_free(&store);
	r->remarks = e.remarks;
	if (rc < 0 || r->head.bad)
		return no_memory(v);
	if (!e.stuck)
		return 0;
	verdict_set(v, OUTCOME_NEVER, SCOPE_MESSAGE, 550, "5.6.7",
	            "an address in the header has characters that this server cannot carry");
	return -1;
}

static int
check_hops(const struct render_job *job, const struct header *h, struct verdict *v)
{
	unsigned most = route_table_config(job->table)->limit.hops;
	size_t hops = header_count(h, "Received");

	if (most == 0 || hops <= most)
		return 0;
	verdict_set(v, OUTCOME_NEVER, SCOPE_MESSAGE, 554, "5.4.6",
	            "the letter goes in a circle: it has passed %zu hosts, %u are allowed", hops,
	            most);
	return -1;
}

/*
 * Where the body starts and which form it gets. A letter is read by its
 * Content-Type even where MIME-Version is missing: those who forgot it meant it.
 */
static void
prepare_body(struct render *r, const struct header *h)
{
	struct body *b = &r->body;

	b->read = r->job.read;
	b->arg = r->job.arg;
	b->size = r->job.size;
	b->start = h->body_at < b->size ? h->body_at : b->size;
	b->eightbit = r->job.eightbit;
	mime_read(h, false, &b->mime);
	b->form =
	    keeps_octets(&r->job) ? BODY_AS_IS : body_choose(&b->facts, &b->mime, b->eightbit);
}

static uint64_t
lines_of_body(const struct render *r, struct span start)
{
	uint64_t lines = r->body.facts.lines;
	size_t i;

	for (i = 0; i < start.n && i < r->body.start; i++)
		lines -= start.p[i] == '\n';
	return lines;
}

static int
prepare(struct render *r, struct verdict *v)
{
	struct header h = {0};
	struct buf start = {0};
	int rc = -1;

	if (load_start(&r->job, &start) < 0 || look(&r->job, &r->body.facts) < 0) {
		rc = start.bad ? no_memory(v) : not_readable(v);
		goto out;
	}
	if (header_parse(buf_view(&start), &h) < 0) {
		rc = no_memory(v);
		goto out;
	}
	prepare_body(r, &h);
	if (check_hops(&r->job, &h, v) < 0 || make_head(r, &h, buf_text(&start), v) < 0)
		goto out;
	rc = body_measure(&r->body, lines_of_body(r, buf_view(&start)), &r->body_size, v);
out:
	header_free(&h);
	buf_free(&start);
	return rc;
}

int
render_new(struct render **out, const struct render_job *job, struct verdict *v)
{
	struct render *r = calloc(1, sizeof *r);

	*out = NULL;
	if (r == NULL)
		return no_memory(v);
	r->job = *job;
	r->attrs = *job->attrs;
	r->job.attrs = &r->attrs;
	if (prepare(r, v) < 0) {
		render_free(r);
		return -1;
	}
	render_rewind(r);
	*out = r;
	return 0;
}

void
render_free(struct render *r)
{
	if (r == NULL)
		return;
	buf_free(&r->head);
	buf_free(&r->remarks);
	body_free(&r->body);
	free(r);
}

void
render_rewind(struct render *r)
{
	r->head_taken = 0;
	body_rewind(&r->body);
}

uint64_t
render_size(const struct render *r)
{
	return r->head.n + r->body_size;
}

bool
render_is_eightbit(const struct render *r)
{
	return r->body.facts.eightbit && (r->body.form != BODY_SEVEN || r->job.eightbit);
}

bool
render_needs_utf8(const struct render *r)
{
	return r->attrs.smtputf8 && r->job.utf8;
}

const char *
render_remarks(const struct render *r)
{
	return buf_text(&r->remarks);
}

int
render_read(struct render *r, void *p, size_t room, size_t *n, struct verdict *v)
{
	*n = r->head.n - r->head_taken < room ? r->head.n - r->head_taken : room;
	if (r->head_taken == r->head.n)
		return body_read(&r->body, p, room, n, v);
	memcpy(p, r->head.p + r->head_taken, *n);
	r->head_taken += *n;
	return 0;
}
