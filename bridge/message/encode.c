#include "bridge/message/encode.h"

#include <string.h>

#define LINE 76 /* RFC 2045 sections 6.7 (5) and 6.8 */

static const char hex[] = "0123456789ABCDEF";

void
encoder_begin(struct encoder *e, enum encoding as)
{
	memset(e, 0, sizeof *e);
	e->as = as;
}

/* ---- quoted-printable ---- */

static void
qp_put(struct encoder *e, const char *p, unsigned n, struct buf *out)
{
	/* a soft line break needs the last column itself */
	if (e->column + n > LINE - 1) {
		buf_str(out, "=\r\n");
		e->column = 0;
	}
	buf_add(out, p, n);
	e->column += n;
}

static void
qp_put_encoded(struct encoder *e, unsigned char c, struct buf *out)
{
	char text[3] = {'=', hex[c >> 4], hex[c & 15]};

	qp_put(e, text, 3, out);
}

static void
qp_release(struct encoder *e, struct buf *out)
{
	if (e->held != 0)
		qp_put(e, &e->held, 1, out);
	e->held = 0;
}

static void
qp_octet(struct encoder *e, unsigned char c, struct buf *out)
{
	char as_is = (char)c;

	qp_release(e, out);
	if (c == ' ' || c == '\t')
		e->held = as_is;
	else if (c < 0x20 || c > 0x7e || c == '=')
		qp_put_encoded(e, c, out);
	else
		qp_put(e, &as_is, 1, out);
}

static void
qp_line_end(struct encoder *e, struct buf *out)
{
	/* a blank at the end of a line is lost on the way unless it is encoded */
	if (e->held != 0)
		qp_put_encoded(e, (unsigned char)e->held, out);
	e->held = 0;
	buf_str(out, "\r\n");
	e->column = 0;
}

static void
repair_qp_octet(struct encoder *e, unsigned char c, struct buf *out)
{
	if (e->escape == 0 && e->column >= LINE * 10) {
		buf_str(out, "=\r\n");
		e->column = 0;
	}
	if (c == '\0' || c == '\r' || c > 0x7f) {
		buf_fmt(out, "=%02X", c);
		e->column += 3;
		return;
	}
	e->escape = c == '=' ? 2 : e->escape > 0 ? e->escape - 1 : 0;
	buf_ch(out, (char)c);
	e->column++;
}

/* ---- base64 ---- */

static void
base64_put(struct encoder *e, const char *p, unsigned n, struct buf *out)
{
	buf_add(out, p, n);
	e->column += n;
	if (e->column >= LINE) {
		buf_str(out, "\r\n");
		e->column = 0;
	}
}

static void
base64_group(struct encoder *e, struct buf *out)
{
	static const char set[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *g = e->group;
	char text[4] = {
	    set[g[0] >> 2],
	    set[(g[0] & 3) << 4 | g[1] >> 4],
	    e->grouped > 1 ? set[(g[1] & 15) << 2 | g[2] >> 6] : '=',
	    e->grouped > 2 ? set[g[2] & 63] : '=',
	};

	base64_put(e, text, sizeof text, out);
	e->grouped = 0;
	memset(e->group, 0, sizeof e->group);
}

static void
base64_octet(struct encoder *e, unsigned char c, struct buf *out)
{
	e->group[e->grouped++] = c;
	if (e->grouped == 3)
		base64_group(e, out);
}

static void
base64_release(struct encoder *e, struct buf *out)
{
	if (!e->line_end)
		return;
	e->line_end = false;
	base64_octet(e, '\r', out);
	base64_octet(e, '\n', out);
}

static void
base64_finish(struct encoder *e, struct buf *out)
{
	if (e->grouped > 0)
		base64_group(e, out);
	if (e->column > 0)
		buf_str(out, "\r\n");
	e->column = 0;
}

static void
repair_base64_octet(struct encoder *e, char c, struct buf *out)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    c == '+' || c == '/' || c == '=')
		base64_put(e, &c, 1, out);
}

/* ---- all of them ---- */

void
encoder_text(struct encoder *e, struct span text, struct buf *out)
{
	size_t i;

	if (e->as == ENCODE_NONE) {
		buf_span(out, text);
		e->column += (unsigned)text.n;
		return;
	}
	if (e->as == ENCODE_BASE64 && text.n > 0)
		base64_release(e, out);
	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (e->as == ENCODE_QP)
			qp_octet(e, c, out);
		else if (e->as == ENCODE_BASE64)
			base64_octet(e, c, out);
		else if (e->as == ENCODE_REPAIR_QP)
			repair_qp_octet(e, c, out);
		else
			repair_base64_octet(e, text.p[i], out);
	}
}

void
encoder_line_end(struct encoder *e, struct buf *out)
{
	switch (e->as) {
	case ENCODE_QP:
		qp_line_end(e, out);
		break;
	case ENCODE_BASE64:
		base64_release(e, out);
		e->line_end = true;
		break;
	case ENCODE_REPAIR_BASE64:
		if (e->column == 0)
			break;
		/* fallthrough */
	case ENCODE_NONE:
	case ENCODE_REPAIR_QP:
		buf_str(out, "\r\n");
		e->column = 0;
		e->escape = 0;
		break;
	}
}

void
encoder_end(struct encoder *e, struct buf *out)
{
	if (e->as == ENCODE_BASE64) {
		base64_release(e, out);
		base64_finish(e, out);
	} else if (e->column > 0 || e->held != 0) {
		/* a last line that had no end gets one: RFC 5321 4.1.1.4 */
		encoder_line_end(e, out);
	}
}

void
encoder_end_at_boundary(struct encoder *e, struct buf *out)
{
	e->line_end = false;
	encoder_end(e, out);
}
