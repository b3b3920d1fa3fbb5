#include "bridge/message/body.h"

#include <string.h>

#define PIECE 4096

const char *
body_charset(const struct facts *f)
{
	if (!f->eightbit)
		return "us-ascii";
	return f->utf8 ? "utf-8" : "unknown-8bit";
}

enum body_form
body_choose(const struct facts *f, const struct mime *m, bool eightbit)
{
	bool octets = f->nul || f->bare_cr || (f->eightbit && !eightbit);

	/* where nothing may be changed, lines that are only too long are let through: most
	 * servers take them */
	if (octets || (f->long_line && m->kind != MIME_OPAQUE))
		return BODY_SEVEN;
	return BODY_CRLF;
}

static void
filter_crlf(struct buf *out, struct span piece)
{
	const char *lf;
	size_t n, at;

	while (piece.n > 0) {
		lf = memchr(piece.p, '\n', piece.n);
		n = lf != NULL ? (size_t)(lf - piece.p) : piece.n;
		at = out->n;
		buf_add(out, piece.p, n);
		/* the facts said there is none; on the wire it could end a line */
		for (; at < out->n; at++)
			if (out->p[at] == '\r')
				out->p[at] = ' ';
		if (lf != NULL) {
			buf_str(out, "\r\n");
			n++;
		}
		piece.p += n;
		piece.n -= n;
	}
}

static int
filter(struct body *b, struct span piece)
{
	switch (b->form) {
	case BODY_AS_IS:
		buf_span(&b->out, piece);
		break;
	case BODY_CRLF:
		filter_crlf(&b->out, piece);
		break;
	case BODY_SEVEN:
		return seven_feed(&b->seven, piece, &b->out);
	}
	return b->out.bad ? -1 : 0;
}

static int
filter_end(struct body *b)
{
	b->ended = true;
	if (b->form == BODY_SEVEN)
		return seven_end(&b->seven, &b->out);
	if (b->facts.unended && b->read_at > b->start)
		buf_str(&b->out, b->form == BODY_AS_IS ? "\n" : "\r\n");
	return b->out.bad ? -1 : 0;
}

/* The next piece, filtered, in place of what is in b->out. */
static int
pump(struct body *b, struct verdict *v)
{
	char piece[PIECE];
	size_t n;
	int rc;

	buf_clear(&b->out);
	b->taken = 0;
	if (b->read(b->arg, b->read_at, piece, sizeof piece, &n) < 0) {
		verdict_set(v, OUTCOME_LATER, SCOPE_MESSAGE, 0, "4.3.0",
		            "the stored message could not be read");
		return -1;
	}
	b->read_at += n;
	rc = n > 0 ? filter(b, (struct span){piece, n}) : filter_end(b);
	if (rc == 0)
		return 0;
	if (b->seven.fault != NULL)
		verdict_set(v, OUTCOME_NEVER, SCOPE_MESSAGE, 554, "5.6.3",
		            "the server cannot carry this letter: %s", b->seven.fault);
	else
		verdict_set(v, OUTCOME_LATER, SCOPE_MESSAGE, 0, "4.3.0", "out of memory");
	return -1;
}

void
body_rewind(struct body *b)
{
	buf_clear(&b->out);
	b->taken = 0;
	b->read_at = b->start;
	b->ended = false;
	if (b->form == BODY_SEVEN)
		seven_begin(&b->seven, &b->mime, b->eightbit, body_charset(&b->facts));
}

int
body_read(struct body *b, void *p, size_t room, size_t *n, struct verdict *v)
{
	while (b->taken == b->out.n && !b->ended)
		if (pump(b, v) < 0)
			return -1;
	*n = b->out.n - b->taken < room ? b->out.n - b->taken : room;
	if (*n > 0)
		memcpy(p, b->out.p + b->taken, *n);
	b->taken += *n;
	return 0;
}

int
body_measure(struct body *b, uint64_t lines, uint64_t *size, struct verdict *v)
{
	uint64_t stored = b->size - b->start;

	if (b->form == BODY_SEVEN) {
		body_rewind(b);
		for (*size = 0; !b->ended; *size += b->out.n)
			if (pump(b, v) < 0)
				return -1;
		return 0;
	}
	*size = stored + (b->form == BODY_CRLF ? lines : 0);
	if (b->facts.unended && stored > 0)
		*size += b->form == BODY_CRLF ? 2 : 1;
	return 0;
}

void
body_free(struct body *b)
{
	buf_free(&b->out);
	seven_free(&b->seven);
}
