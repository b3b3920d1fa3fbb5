#include "bridge/message/mime.h"

#include <string.h>

/* Blanks, line ends and (comments) before the next token. */
static void
skip_blanks(struct span *s)
{
	int depth = 0;

	while (s->n > 0) {
		char c = s->p[0];

		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth == 0 && strchr(" \t\r\n", c) == NULL)
			return;
		if (depth > 0 && c == '\\' && s->n > 1) {
			s->p++;
			s->n--;
		}
		s->p++;
		s->n--;
	}
}

static bool
is_token_octet(char c)
{
	return c > 0x20 && c < 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

static struct span
take_token(struct span *s)
{
	struct span t;

	skip_blanks(s);
	t = (struct span){s->p, 0};
	while (s->n > 0 && is_token_octet(s->p[0])) {
		s->p++;
		s->n--;
		t.n++;
	}
	return t;
}

static bool
take_char(struct span *s, char c)
{
	skip_blanks(s);
	if (s->n == 0 || s->p[0] != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

/* A parameter's value, unquoted, into out; one that does not fit is cut. */
static void
take_value(struct span *s, char *out, size_t size)
{
	struct span t;
	size_t n = 0;

	if (!take_char(s, '"')) {
		/* a boundary is often written with octets that a token may not have */
		skip_blanks(s);
		t = (struct span){s->p, 0};
		while (s->n > 0 && strchr("; \t\r\n", s->p[0]) == NULL) {
			s->p++;
			s->n--;
			t.n++;
		}
		n = t.n < size ? t.n : size - 1;
		memcpy(out, t.p, n);
		out[n] = '\0';
		return;
	}
	while (s->n > 0 && s->p[0] != '"') {
		if (s->p[0] == '\\' && s->n > 1) {
			s->p++;
			s->n--;
		}
		if (s->p[0] != '\n' && s->p[0] != '\r' && n + 1 < size)
			out[n++] = s->p[0];
		s->p++;
		s->n--;
	}
	out[n] = '\0';
	take_char(s, '"');
}

static void
read_boundary(struct span rest, struct mime *out)
{
	char value[MIME_BOUNDARY_MAX + 2];
	struct span name;

	while (take_char(&rest, ';')) {
		name = take_token(&rest);
		if (!take_char(&rest, '='))
			return;
		take_value(&rest, value, sizeof value);
		if (!span_is_nocase(name, "boundary"))
			continue;
		if (strlen(value) <= MIME_BOUNDARY_MAX)
			memcpy(out->boundary, value, strlen(value) + 1);
		return;
	}
}

static enum mime_kind
kind_of(struct span type, struct span subtype)
{
	if (span_is_nocase(type, "text"))
		return MIME_TEXT;
	/* RFC 1847: what is signed is signed octet for octet */
	if (span_is_nocase(type, "multipart"))
		return span_is_nocase(subtype, "signed") || span_is_nocase(subtype, "encrypted")
		           ? MIME_OPAQUE
		           : MIME_MULTIPART;
	if (!span_is_nocase(type, "message"))
		return MIME_OTHER;
	/* RFC 2046 5.2: no other message type may have an encoding */
	return span_is_nocase(subtype, "rfc822") ? MIME_MESSAGE : MIME_OPAQUE;
}

static void
read_type(struct span body, struct mime *out)
{
	struct span type = take_token(&body), subtype;

	if (type.n == 0 || !take_char(&body, '/'))
		return;
	subtype = take_token(&body);
	if (subtype.n == 0)
		return;
	out->typed = true;
	out->kind = kind_of(type, subtype);
	if (out->kind != MIME_MULTIPART)
		return;
	out->digest = span_is_nocase(subtype, "digest");
	read_boundary(body, out);
	/* without a boundary its parts cannot be told apart */
	if (out->boundary[0] == '\0')
		out->kind = MIME_OPAQUE;
}

static enum mime_encoding
read_encoding(struct span body)
{
	struct span word = take_token(&body);

	if (span_is_nocase(word, "quoted-printable"))
		return MIME_QP;
	if (span_is_nocase(word, "base64"))
		return MIME_BASE64;
	if (word.n == 0 || span_is_nocase(word, "7bit") || span_is_nocase(word, "8bit") ||
	    span_is_nocase(word, "binary"))
		return MIME_IDENTITY;
	return MIME_UNKNOWN;
}

void
mime_read(const struct header *h, bool digest, struct mime *out)
{
	const struct header_field *type = header_find(h, "Content-Type");
	const struct header_field *encoding = header_find(h, "Content-Transfer-Encoding");

	memset(out, 0, sizeof *out);
	out->kind = digest ? MIME_MESSAGE : MIME_TEXT;
	if (type != NULL)
		read_type(type->body, out);
	if (encoding != NULL)
		out->encoding = read_encoding(encoding->body);
	/* something composite in an encoding: against RFC 2045 6.4, and not to be looked into */
	if ((out->kind == MIME_MULTIPART || out->kind == MIME_MESSAGE) &&
	    out->encoding != MIME_IDENTITY)
		out->kind = MIME_OTHER;
}
