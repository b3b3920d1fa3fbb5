/*
 * The walk over a MIME body, a line at a time.
 *
 * A boundary is a whole line that begins with "--", so the start of each line
 * is gathered until it can be told; what is longer than any boundary may be is
 * passed on in pieces. Boundaries of all multiparts around are looked for, the
 * innermost first: a part that is never closed ends with the one around it.
 */
#include "bridge/message/seven.h"
#include "bridge/message/facts.h"

#include <string.h>

#define LINE_START 1024  /* octets of a line that are gathered at most */
#define HEADER_MAX 65536 /* of a part */

static void
fault(struct seven *s, const char *why)
{
	if (s->fault == NULL)
		s->fault = why;
}

static bool
is_sendable(const struct seven *s, unsigned char c)
{
	return c != '\0' && c != '\r' && (c < 0x80 || s->eightbit);
}

/* Text beside the parts is shown to nobody: what may not be sent may change. */
static void
put_beside(struct seven *s, struct span text, struct buf *out)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		if (s->encoder.column >= FACTS_LINE_MAX) {
			encoder_line_end(&s->encoder, out);
			/* the blank keeps it from being taken for a boundary */
			encoder_text(&s->encoder, SPAN(" "), out);
		}
		buf_ch(out, is_sendable(s, (unsigned char)text.p[i]) ? text.p[i] : '?');
		s->encoder.column++;
	}
}

static void
put_text(struct seven *s, struct span text, struct buf *out)
{
	size_t i;

	if (s->state == SEVEN_BESIDE) {
		put_beside(s, text, out);
		return;
	}
	if (s->encoder.as == ENCODE_NONE)
		for (i = 0; i < text.n; i++)
			if (!is_sendable(s, (unsigned char)text.p[i]))
				fault(s,
				      s->state == SEVEN_OPAQUE
				          ? "a part that must not be changed (signed, or a partial"
				            " message) has octets the server cannot be sent"
				          : "a part in an unknown encoding has octets the server"
				            " cannot be sent");
	encoder_text(&s->encoder, text, out);
}

/* The state in which the body under such a header is read. */
static void
enter(struct seven *s, const struct mime *m)
{
	enum encoding as = ENCODE_NONE;

	s->state = SEVEN_BODY;
	switch (m->kind) {
	case MIME_MULTIPART:
		s->state = SEVEN_BESIDE;
		if (s->depth == SEVEN_DEPTH) {
			fault(s, "its parts are nested too deep to be made 7-bit");
			break;
		}
		memcpy(s->stack[s->depth].boundary, m->boundary, sizeof m->boundary);
		s->stack[s->depth++].digest = m->digest;
		break;
	case MIME_MESSAGE:
		s->state = SEVEN_HEADER;
		s->in_message = true;
		break;
	case MIME_OPAQUE:
		s->state = SEVEN_OPAQUE;
		break;
	case MIME_TEXT:
	case MIME_OTHER:
		if (m->encoding == MIME_QP)
			as = ENCODE_REPAIR_QP;
		else if (m->encoding == MIME_BASE64)
			as = ENCODE_REPAIR_BASE64;
		else if (m->encoding == MIME_IDENTITY)
			as = m->kind == MIME_TEXT ? ENCODE_QP : ENCODE_BASE64;
		break;
	}
	encoder_begin(&s->encoder, as);
}

/* Lines with LF as lines with CR LF. */
static void
put_lines(struct span text, struct buf *out)
{
	while (text.n > 0) {
		buf_span(out, span_cut(&text, '\n'));
		buf_str(out, "\r\n");
	}
}

/* A From_ line that came along into a letter within the letter: no field, and nobody's address. */
static void
put_chain(const struct seven *s, struct span chain, struct buf *out)
{
	size_t i, column = 0;

	for (i = 0; i < chain.n; i++) {
		if (column == FACTS_LINE_MAX && chain.p[i] != '\n') {
			buf_str(out, "\n ");
			column = 1;
		}
		buf_ch(out, is_sendable(s, (unsigned char)chain.p[i]) ? chain.p[i] : '?');
		column = chain.p[i] == '\n' ? 0 : column + 1;
	}
}

static void
put_fields(struct seven *s, const struct header *h, const struct mime *m, struct buf *out)
{
	struct buf made = {0};
	size_t i;

	put_chain(s, (struct span){s->header.p, h->chain_bytes}, &made);
	for (i = 0; i < h->n; i++) {
		if (seven_drops(m, h->v[i].name))
			continue;
		if (seven_field(h->v[i].all, h->v[i].name, h->v[i].body, s->eightbit, &made) < 0)
			fault(s, "an address in a message within it has octets above 127");
	}
	seven_fields(m, s->charset, false, &made);
	out->bad |= made.bad;
	put_lines(buf_view(&made), out);
	buf_free(&made);
}

/* The header of a part is whole: out with it, in the form its body will have. */
static void
end_header(struct seven *s, struct buf *out)
{
	bool digest = !s->in_message && s->depth > 0 && s->stack[s->depth - 1].digest;
	struct header h;
	struct mime m;
	struct span rest;

	if (s->header.bad || header_parse(buf_view(&s->header), &h) < 0) {
		out->bad = true;
		return;
	}
	mime_read(&h, digest, &m);
	put_fields(s, &h, &m, out);
	rest = buf_view(&s->header);
	rest.p += h.body_at;
	rest.n -= h.body_at;
	buf_str(out, "\r\n");
	enter(s, &m);
	/* lines that were no fields: the body had begun without a blank line */
	while (rest.n > 0 && s->state != SEVEN_HEADER) {
		put_text(s, span_cut(&rest, '\n'), out);
		encoder_line_end(&s->encoder, out);
	}
	buf_drop(&s->header, rest.n > 0 ? h.body_at : s->header.n);
	header_free(&h);
	/* once more at most: what starts with no field is a text */
	if (s->header.n > 0)
		end_header(s, out);
}

static void
header_line(struct seven *s, struct span line, bool ended, struct buf *out)
{
	if (s->header.n + line.n > HEADER_MAX) {
		fault(s, "the header of a part of it is too long");
		return;
	}
	buf_span(&s->header, line);
	if (ended)
		buf_ch(&s->header, '\n');
	if (ended && !s->within && line.n == 0)
		end_header(s, out);
}

/* The level whose boundary this line is, or -1; *closing: the last one of its multipart. */
static int
find_boundary(const struct seven *s, struct span line, bool *closing)
{
	struct span rest;
	size_t n;
	int i;

	if (line.n < 3 || line.p[0] != '-' || line.p[1] != '-')
		return -1;
	for (i = (int)s->depth - 1; i >= 0; i--) {
		n = strlen(s->stack[i].boundary);
		if (line.n < n + 2 || memcmp(line.p + 2, s->stack[i].boundary, n) != 0)
			continue;
		rest = (struct span){line.p + 2 + n, line.n - 2 - n};
		*closing = rest.n >= 2 && rest.p[0] == '-' && rest.p[1] == '-';
		if (*closing) {
			rest.p += 2;
			rest.n -= 2;
		}
		if (span_trim(rest).n == 0)
			return i;
	}
	return -1;
}

static void
boundary(struct seven *s, int level, bool closing, struct buf *out)
{
	if (s->state == SEVEN_HEADER)
		end_header(s, out);
	else
		encoder_end_at_boundary(&s->encoder, out);
	buf_fmt(out, "--%s%s\r\n", s->stack[level].boundary, closing ? "--" : "");
	s->depth = (unsigned)level + (closing ? 0 : 1);
	s->state = closing ? SEVEN_BESIDE : SEVEN_HEADER;
	s->in_message = false;
	encoder_begin(&s->encoder, ENCODE_NONE);
	buf_clear(&s->header);
}

/* A line, or the piece of one that is too long to be a boundary. */
static void
take(struct seven *s, struct span line, bool ended, struct buf *out)
{
	bool closing;
	int level = s->within ? -1 : find_boundary(s, line, &closing);

	if (level >= 0) {
		boundary(s, level, closing, out);
		return;
	}
	if (s->state == SEVEN_HEADER) {
		header_line(s, line, ended, out);
	} else {
		put_text(s, line, out);
		if (ended)
			encoder_line_end(&s->encoder, out);
	}
	s->within = !ended;
}

void
seven_begin(struct seven *s, const struct mime *top, bool eightbit, const char *charset)
{
	s->eightbit = eightbit;
	s->charset = charset;
	s->depth = 0;
	s->within = s->in_message = false;
	s->fault = NULL;
	buf_clear(&s->line);
	buf_clear(&s->header);
	enter(s, top);
}

static int
status(const struct seven *s, const struct buf *out)
{
	return s->fault != NULL || s->line.bad || s->header.bad || out->bad ? -1 : 0;
}

int
seven_feed(struct seven *s, struct span piece, struct buf *out)
{
	const char *lf;
	size_t n;

	while (piece.n > 0) {
		lf = memchr(piece.p, '\n', piece.n);
		n = lf != NULL ? (size_t)(lf - piece.p) : piece.n;
		if (n > LINE_START - s->line.n) {
			n = LINE_START - s->line.n;
			lf = NULL;
		}
		buf_add(&s->line, piece.p, n);
		n += lf != NULL;
		piece.p += n;
		piece.n -= n;
		if (lf == NULL && s->line.n < LINE_START)
			break;
		take(s, buf_view(&s->line), lf != NULL, out);
		buf_clear(&s->line);
	}
	return status(s, out);
}

int
seven_end(struct seven *s, struct buf *out)
{
	if (s->line.n > 0)
		take(s, buf_view(&s->line), false, out);
	buf_clear(&s->line);
	if (s->state == SEVEN_HEADER)
		end_header(s, out);
	encoder_end(&s->encoder, out);
	return status(s, out);
}

void
seven_free(struct seven *s)
{
	buf_free(&s->line);
	buf_free(&s->header);
}
