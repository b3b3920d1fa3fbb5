#include "bridge/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
span_is(struct span a, const char *text)
{
	return span_eq(a, span_of(text));
}

bool
span_eq_nocase(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

bool
span_is_nocase(struct span a, const char *text)
{
	return span_eq_nocase(a, span_of(text));
}

int
span_order_nocase(struct span a, const char *text)
{
	size_t n = strlen(text);
	int d = strncasecmp(a.p, text, a.n < n ? a.n : n);

	return d != 0 ? d : a.n < n ? -1 : a.n > n;
}

bool
span_starts_nocase(struct span a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && strncasecmp(a.p, prefix, n) == 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span
span_trim(struct span a)
{
	while (a.n > 0 && is_blank(a.p[0])) {
		a.p++;
		a.n--;
	}
	while (a.n > 0 && is_blank(a.p[a.n - 1]))
		a.n--;
	return a;
}

struct span
span_cut(struct span *rest, char at)
{
	struct span head = *rest;
	const char *hit = rest->n > 0 ? memchr(rest->p, at, rest->n) : NULL;

	if (hit == NULL) {
		rest->p += rest->n;
		rest->n = 0;
		return head;
	}
	head.n = (size_t)(hit - head.p);
	rest->p = hit + 1;
	rest->n -= head.n + 1;
	return head;
}

size_t
span_utf8(struct span a)
{
	const unsigned char *s = (const unsigned char *)a.p;
	size_t want, i;

	if (a.n == 0 || s[0] > 0xf4 || (s[0] >= 0x80 && s[0] < 0xc2))
		return 0;
	want = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (a.n < want)
		return 0;
	for (i = 1; i < want; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* longer than needed, a surrogate, past U+10FFFF; C1 controls act on terminals */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f) ||
	    (s[0] == 0xc2 && s[1] < 0xa0))
		return 0;
	return want;
}

void
buf_free(struct buf *b)
{
	free(b->p);
	memset(b, 0, sizeof *b);
}

void
buf_clear(struct buf *b)
{
	b->n = 0;
	b->bad = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

int
buf_room(struct buf *b, size_t n)
{
	size_t want, size;
	char *p;

	if (b->bad)
		return -1;
	if (n > SIZE_MAX / 2 - b->n || (b->max != 0 && b->n + n > b->max)) {
		b->bad = true;
		return -1;
	}
	want = b->n + n + 1;
	if (want <= b->size)
		return 0;
	size = b->size + b->size / 2 + 64;
	if (size < want)
		size = want;
	if ((p = realloc(b->p, size)) == NULL) {
		b->bad = true;
		return -1;
	}
	b->p = p;
	b->size = size;
	return 0;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (buf_room(b, n) < 0)
		return;
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
buf_span(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_ch(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0) {
		b->bad = true;
		return;
	}
	if (buf_room(b, (size_t)n) < 0)
		return;
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n > b->n)
		n = b->n;
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->n - n + 1);
	b->n -= n;
}

const char *
buf_text(const struct buf *b)
{
	return b->p != NULL ? b->p : "";
}

/*
 * Characters that are not seen, and that turn round or hide the text about
 * them: with U+202E in it an address reads as another one.
 */
static bool
is_deceptive(const unsigned char *u, size_t n)
{
	static const struct {
		unsigned long first, last;
	} ranges[] = {
	    {0x061c, 0x061c}, {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},
	    {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
	};
	unsigned long c = n == 0 ? 0 : u[0] & (0xffu >> (n + 1));
	size_t i;

	if (n < 2)
		return false;
	for (i = 1; i < n; i++)
		c = c << 6 | (u[i] & 0x3f);
	for (i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static void
escape_octets(struct buf *b, const unsigned char *u, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_fmt(b, "\\x%02x", u[i]);
}

/* `also`: what else is not shown as it is. */
static void
escape(struct buf *b, struct span s, const char *also)
{
	const unsigned char *u = (const unsigned char *)s.p;
	size_t i = 0, n;

	while (i < s.n) {
		n = span_utf8((struct span){s.p + i, s.n - i});
		if (u[i] == '\\')
			buf_str(b, "\\\\");
		else if (n == 0 || u[i] < 0x20 || u[i] == 0x7f || strchr(also, u[i]) != NULL)
			escape_octets(b, u + i, 1);
		else if (is_deceptive(u + i, n))
			escape_octets(b, u + i, n);
		else
			buf_add(b, u + i, n);
		i += n > 0 ? n : 1;
	}
}

void
buf_escape(struct buf *b, struct span s)
{
	escape(b, s, "");
}

void
buf_escape_value(struct buf *b, struct span s)
{
	escape(b, s, " \"'=");
}
