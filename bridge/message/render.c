/*
 * A stored letter made into what one next hop gets (render.h).
 *
 * The header is made whole, in memory: it is bounded, and much of it depends
 * on all of it. The body is never in memory: it is read a piece at a time and
 * passes through one of three filters. LF becomes CR LF where the server can
 * carry what is there; seven.c makes it 7-bit where it cannot; a maildir gets
 * it as it is. In the second case the whole body is sent through the filter
 * once before anything leaves, to learn the exact size, and that there is a
 * sound form at all: no letter is found impossible halfway through its DATA.
 */
#include "bridge/message/render.h"
#include "bridge/message/edit.h"
#include "bridge/message/seven.h"

#include <stdlib.h>
#include <string.h>

#define PIECE       4096
#define HEADER_ROOM 262144 /* octets of a header, when the configuration says nothing */

struct render {
	struct render_job job;
	struct message_attrs attrs; /* the job's, to point to */
	struct facts facts;
	struct buf head;    /* owned: the header and its blank line, as they are sent */
	uint64_t body_at;   /* in the stored content */
	uint64_t body_size; /* as it is sent */
	bool encoded;       /* by seven.c */
	struct mime mime;
	struct seven seven; /* owned */
	struct buf remarks; /* owned */

	size_t head_taken;
	uint64_t read_at;
	bool ended;
	struct buf out; /* owned: filtered and not yet taken */
	size_t out_taken;
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

static const char *
charset_of(const struct render *r)
{
	if (!r->facts.eightbit)
		return "us-ascii";
	return r->facts.utf8 ? "utf-8" : "unknown-8bit";
}

/* ---- the body ---- */

static int
read_piece(struct render *r, char *p, size_t room, size_t *n)
{
	if (r->job.read(r->job.arg, r->read_at, p, room, n) < 0)
		return -1;
	r->read_at += *n;
	return 0;
}

static void
filter_plain(struct render *r, struct span piece)
{
	const char *lf;
	size_t n, at;

	while (piece.n > 0) {
		lf = memchr(piece.p, '\n', piece.n);
		n = lf != NULL ? (size_t)(lf - piece.p) : piece.n;
		at = r->out.n;
		buf_add(&r->out, piece.p, n);
		/* the facts said there is none; on the wire it could end a line */
		for (; at < r->out.n; at++)
			if (r->out.p[at] == '\r')
				r->out.p[at] = ' ';
		if (lf != NULL) {
			buf_str(&r->out, "\r\n");
			n++;
		}
		piece.p += n;
		piece.n -= n;
	}
}

static int
filter(struct render *r, struct span piece)
{
	if (r->encoded)
		return seven_feed(&r->seven, piece, &r->out);
	if (r->job.maildir)
		buf_span(&r->out, piece);
	else
		filter_plain(r, piece);
	return r->out.bad ? -1 : 0;
}

static int
filter_end(struct render *r)
{
	r->ended = true;
	if (r->encoded)
		return seven_end(&r->seven, &r->out);
	if (r->facts.unended && r->read_at > r->body_at)
		buf_str(&r->out, r->job.maildir ? "\n" : "\r\n");
	return r->out.bad ? -1 : 0;
}

/* The next piece of the body, filtered, into r->out. */
static int
pump(struct render *r, struct verdict *v)
{
	char piece[PIECE];
	size_t n;
	int rc;

	if (read_piece(r, piece, sizeof piece, &n) < 0)
		return not_readable(v);
	rc = n > 0 ? filter(r, (struct span){piece, n}) : filter_end(r);
	if (rc == 0)
		return 0;
	if (r->seven.fault == NULL)
		return no_memory(v);
	verdict_set(v, OUTCOME_NEVER, SCOPE_MESSAGE, 554, "5.6.3",
	            "the server cannot carry this letter: %s", r->seven.fault);
	return -1;
}

static void
clear_out(struct render *r)
{
	buf_clear(&r->out);
	r->out_taken = 0;
}

void
render_rewind(struct render *r)
{
	clear_out(r);
	r->head_taken = 0;
	r->read_at = r->body_at;
	r->ended = false;
	if (r->encoded)
		seven_begin(&r->seven, &r->mime, r->job.eightbit, charset_of(r));
}

/* Sends the body through its filter to nowhere. */
static int
measure_encoded(struct render *r, struct verdict *v)
{
	render_rewind(r);
	r->body_size = 0;
	while (!r->ended) {
		if (pump(r, v) < 0)
			return -1;
		r->body_size += r->out.n;
		clear_out(r);
	}
	return 0;
}

/* ---- the header ---- */

static int
load_start(struct render *r, struct buf *start)
{
	uint64_t bound = route_table_config(r->job.table)->limit.header_bytes;
	size_t want, n = 1;

	if (bound == 0)
		bound = HEADER_ROOM;
	want = (size_t)(r->job.size < bound ? r->job.size : bound);
	if (buf_room(start, want + 1) < 0)
		return -1;
	while (start->n < want && n > 0) {
		if (r->job.read(r->job.arg, start->n, start->p + start->n, want - start->n, &n) < 0)
			return -1;
		start->n += n;
	}
	start->p[start->n] = '\0';
	/* a header that ends with the letter, in the middle of a line */
	if (start->n == r->job.size && start->n > 0 && start->p[start->n - 1] != '\n')
		buf_ch(start, '\n');
	return start->bad ? -1 : 0;
}

static int
look(struct render *r)
{
	char piece[PIECE];
	size_t n = 1;

	if (r->attrs.facts.known) {
		r->facts = r->attrs.facts;
		return 0;
	}
	facts_begin(&r->facts);
	r->read_at = 0;
	while (n > 0) {
		if (read_piece(r, piece, sizeof piece, &n) < 0)
			return -1;
		facts_add(&r->facts, (struct span){piece, n});
	}
	facts_end(&r->facts);
	return 0;
}

/* Whether the body needs another form. A letter is read by its Content-Type even where
 * MIME-Version is missing: those who forgot it meant it. */
static void
choose_form(struct render *r, const struct header *h)
{
	mime_read(h, false, &r->mime);
	r->encoded = !r->job.maildir && (r->facts.nul || r->facts.bare_cr || r->facts.long_line ||
	                                 (r->facts.eightbit && !r->job.eightbit));
	/* too long lines alone are let through where nothing may be changed: most servers take
	 * them */
	if (r->mime.kind == MIME_OPAQUE && !r->facts.nul && !r->facts.bare_cr &&
	    (!r->facts.eightbit || r->job.eightbit))
		r->encoded = false;
}

/* Whether octets above 127 may be in the header: with an address that needs them, only where
 * SMTPUTF8 is spoken; otherwise where 8BITMIME is, since so it was always done. */
static bool
header_may_be_eightbit(const struct render *r)
{
	if (r->job.maildir || r->job.utf8)
		return true;
	return r->job.eightbit && !r->attrs.smtputf8;
}

static void
add_head(struct render *r, struct span text)
{
	const char *end = r->job.maildir ? "\n" : "\r\n";

	while (text.n > 0) {
		buf_span(&r->head, span_cut(&text, '\n'));
		buf_str(&r->head, end);
	}
	buf_str(&r->head, end);
}

static int
make_head(struct render *r, const struct header *h, const char *start, struct verdict *v)
{
	struct edit e = {
	    .job = &r->job,
	    .header = h,
	    .start = start,
	    .mime = r->encoded ? &r->mime : NULL,
	    .charset = charset_of(r),
	    .eightbit = header_may_be_eightbit(r),
	};
	struct buf text = {0};
	int rc = edit_header(&e, &text);

	add_head(r, buf_view(&text));
	buf_free(&text);
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
check_hops(const struct render *r, const struct header *h, struct verdict *v)
{
	unsigned most = route_table_config(r->job.table)->limit.hops;
	size_t hops = header_count(h, "Received");

	if (most == 0 || hops <= most)
		return 0;
	verdict_set(v, OUTCOME_NEVER, SCOPE_MESSAGE, 554, "5.4.6",
	            "the letter goes in a circle: it has passed %zu hosts, %u are allowed", hops,
	            most);
	return -1;
}

/* The size of the body where only its line ends change. */
static void
measure_plain(struct render *r, struct span start)
{
	uint64_t lines = r->facts.lines, size = r->job.size - r->body_at;
	size_t i;

	for (i = 0; i < start.n && i < r->body_at; i++)
		lines -= start.p[i] == '\n';
	r->body_size = size + (r->job.maildir ? 0 : lines);
	if (r->facts.unended && size > 0)
		r->body_size += r->job.maildir ? 1 : 2;
}

static int
prepare(struct render *r, struct verdict *v)
{
	struct header h = {0};
	struct buf start = {0};
	int rc = -1;

	if (load_start(r, &start) < 0 || look(r) < 0) {
		if (start.bad)
			no_memory(v);
		else
			not_readable(v);
		goto out;
	}
	if (header_parse(buf_view(&start), &h) < 0) {
		no_memory(v);
		goto out;
	}
	r->body_at = h.body_at < r->job.size ? h.body_at : r->job.size;
	choose_form(r, &h);
	if (check_hops(r, &h, v) < 0 || make_head(r, &h, buf_text(&start), v) < 0)
		goto out;
	if (r->encoded) {
		rc = measure_encoded(r, v);
	} else {
		measure_plain(r, buf_view(&start));
		rc = 0;
	}
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
	buf_free(&r->out);
	seven_free(&r->seven);
	free(r);
}

uint64_t
render_size(const struct render *r)
{
	return r->head.n + r->body_size;
}

bool
render_is_eightbit(const struct render *r)
{
	return r->facts.eightbit && !(r->encoded && !r->job.eightbit);
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

/* Moves the octets that fit from the start of `from`, of which *taken are gone already. */
static size_t
take(const struct buf *from, size_t *taken, void *p, size_t room)
{
	struct span rest = buf_view(from);
	size_t n = rest.n - *taken < room ? rest.n - *taken : room;

	if (n > 0)
		memcpy(p, rest.p + *taken, n);
	*taken += n;
	return n;
}

int
render_read(struct render *r, void *p, size_t room, size_t *n, struct verdict *v)
{
	*n = take(&r->head, &r->head_taken, p, room);
	if (*n > 0)
		return 0;
	while (r->out_taken == r->out.n && !r->ended) {
		clear_out(r);
		if (pump(r, v) < 0)
			return -1;
	}
	*n = take(&r->out, &r->out_taken, p, room);
	return 0;
}
