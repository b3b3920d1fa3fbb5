#include "bridge/message/header.h"
#include "bridge/addr/from_line.h"

#include <stdlib.h>
#include <string.h>

/* The octets of a From_ chain in front of the letter. */
static size_t
chain_bytes(struct span start)
{
	struct from_chain chain = {0};
	struct buf path = {0};
	size_t n;

	from_chain_read(start, true, ADDR_DOMAIN_FIRST, &path, &chain);
	n = chain.bytes < start.n ? chain.bytes : start.n;
	buf_free(&path);
	return n;
}

static bool
is_name_octet(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != ':';
}

/* The length of the name that a field starts with, 0 when the line is none (RFC 5322 4.5). */
static size_t
name_length(struct span line)
{
	size_t n = 0, colon;

	while (n < line.n && is_name_octet((unsigned char)line.p[n]))
		n++;
	colon = n;
	while (colon < line.n && (line.p[colon] == ' ' || line.p[colon] == '\t'))
		colon++;
	return n > 0 && colon < line.n && line.p[colon] == ':' ? n : 0;
}

/* The octets of the field at the start of rest: its line and the folded ones. 0: not whole. */
static size_t
field_length(struct span rest)
{
	size_t at = 0;
	const char *lf;

	do {
		lf = memchr(rest.p + at, '\n', rest.n - at);
		if (lf == NULL)
			return 0;
		at = (size_t)(lf - rest.p) + 1;
	} while (at < rest.n && (rest.p[at] == ' ' || rest.p[at] == '\t'));
	return at;
}

static int
append(struct header *h, struct span all, size_t name)
{
	struct header_field *v;
	size_t colon = name, room;

	if (h->n == h->room) {
		room = h->room * 2 + 16;
		if ((v = realloc(h->v, room * sizeof *v)) == NULL)
			return -1;
		h->v = v;
		h->room = room;
	}
	while (all.p[colon] != ':')
		colon++;
	h->v[h->n].all = all;
	h->v[h->n].name = (struct span){all.p, name};
	h->v[h->n].body = (struct span){all.p + colon + 1, all.n - colon - 2};
	h->n++;
	return 0;
}

int
header_parse(struct span start, struct header *h)
{
	struct span rest = start;
	size_t n, name;

	memset(h, 0, sizeof *h);
	h->chain_bytes = chain_bytes(start);
	rest.p += h->chain_bytes;
	rest.n -= h->chain_bytes;
	while (rest.n > 0 && rest.p[0] != '\n' && (name = name_length(rest)) > 0) {
		if ((n = field_length(rest)) == 0) {
			h->cut = true;
			break;
		}
		if (append(h, (struct span){rest.p, n}, name) < 0)
			return -1;
		rest.p += n;
		rest.n -= n;
	}
	h->body_at = start.n - rest.n;
	if (rest.n > 0 && rest.p[0] == '\n') {
		h->blank = true;
		h->body_at++;
	}
	return 0;
}

void
header_free(struct header *h)
{
	free(h->v);
	memset(h, 0, sizeof *h);
}

const struct header_field *
header_find(const struct header *h, const char *name)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (span_is_nocase(h->v[i].name, name))
			return &h->v[i];
	return NULL;
}

size_t
header_count(const struct header *h, const char *name)
{
	size_t i, n = 0;

	for (i = 0; i < h->n; i++)
		n += span_is_nocase(h->v[i].name, name);
	return n;
}

void
header_unfold(struct span body, struct buf *out)
{
	size_t i;

	body = span_trim(body);
	for (i = 0; i < body.n; i++)
		if (body.p[i] != '\n' && body.p[i] != '\r')
			buf_ch(out, body.p[i]);
}
