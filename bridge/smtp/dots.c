#include "bridge/smtp/dots.h"

/* Octets without LF: a CR among them stands alone. */
static void
dots_text(struct span text, struct buf *out)
{
	size_t at = out->n, i;

	buf_span(out, text);
	if (text.n == 0 || out->bad || memchr(text.p, '\r', text.n) == NULL)
		return;
	for (i = at; i < out->n; i++)
		if (out->p[i] == '\r')
			out->p[i] = ' ';
}

/* The CR held back turns out to be what `next` makes of it. */
static void
dots_held_cr(struct dots *d, char next, struct buf *out)
{
	d->cr = false;
	if (next == '\n')
		return; /* its line end is written with the LF */
	buf_ch(out, ' ');
	d->in_line = true;
}

/* One line, or the part of one that the piece ends with. */
static void
dots_line(struct dots *d, struct span line, bool whole, struct buf *out)
{
	bool cr = line.n > 0 && line.p[line.n - 1] == '\r';

	if (!d->in_line && line.n > 0 && line.p[0] == '.')
		buf_ch(out, '.');
	dots_text((struct span){line.p, line.n - cr}, out);
	if (whole) {
		buf_add(out, "\r\n", 2);
		d->in_line = false;
		return;
	}
	d->cr = cr;
	if (line.n > cr)
		d->in_line = true;
}

void
dots_add(struct dots *d, struct span piece, struct buf *out)
{
	const char *lf;
	size_t n;

	if (d->cr && piece.n > 0)
		dots_held_cr(d, piece.p[0], out);
	while (piece.n > 0) {
		lf = memchr(piece.p, '\n', piece.n);
		n = lf != NULL ? (size_t)(lf - piece.p) : piece.n;
		dots_line(d, (struct span){piece.p, n}, lf != NULL, out);
		n += lf != NULL;
		piece.p += n;
		piece.n -= n;
	}
}

void
dots_end(struct dots *d, struct buf *out)
{
	if (d->in_line || d->cr)
		buf_add(out, "\r\n", 2);
	buf_add(out, ".\r\n", 3);
	*d = (struct dots){0};
}
